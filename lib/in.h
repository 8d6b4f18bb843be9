/*
 * in.h - lines in, from standard input or from files, as slices.
 *
 * One `struct in` walks all its inputs in order, as cat(1) would join them,
 * and knows where it is, so that a message can say "access.log:17".
 *
 *	struct in in;
 *	struct str line;
 *
 *	in_open(&in, argv + first, IN_LOG_LINE_MAX);
 *	while (in_line(&in, &line))
 *		use(line);
 *	in_close(&in);
 *
 * A byte order mark at the start of an input is no part of the first line;
 * nor is a carriage return before the newline.
 *
 * Ownership: the reader owns the bytes.  A line is BORROWED, and is good
 * only until the next call; IN_SLACK bytes behind it may be read, not used.
 *
 * Errors: an input that cannot be opened or read ends the program with
 * EXIT_TROUBLE: half the input would be a wrong number.  A line over the
 * limit is dropped in constant memory and counted.
 */
#ifndef IN_H
#define IN_H

#include <string.h>

#include "base.h"
#include "scan.h"

#define IN_LOG_LINE_MAX	(64 * 1024)	/* bytes: a log's line, by default */
#define IN_TSV_LINE_MAX	(1024 * 1024)	/* bytes: a row of the stream */
#define IN_BLOCK	(256 * 1024)	/* bytes asked of read(2) */
#define IN_SLACK	64		/* bytes readable behind a line */

struct in {
	const char *path;	/* current input, "-" for stdin: for messages */
	uint64_t lineno;	/* of the line last returned, from 1, per input */
	uint64_t lines;		/* all inputs, the dropped ones too */
	uint64_t dropped;	/* lines over the limit, all inputs */
	uint64_t bytes;		/* read so far, all inputs */
	unsigned input;		/* number of the current input, from 1 */
	bool unended;		/* the line last returned had no newline */
	bool bom;		/* the current input began with a byte order mark */

	/*
	 * Called, where set, before a read that would wait: for programs
	 * that must not sit on rows while the input pauses.
	 */
	void (*idle)(void *ctx);
	void *idle_ctx;

	/* private from here */
	char *const *next;	/* NULL-terminated, BORROWED from argv */
	int fd;			/* -1 between inputs */
	char *buf;		/* OWNED, cap bytes and IN_SLACK */
	size_t cap, beg, end;	/* unread bytes are buf[beg..end) */
	size_t seen;		/* buf[beg..seen) holds no newline */
	size_t max;		/* bytes of the longest line wanted */
	bool skip;		/* inside a line being dropped */
	bool eof;		/* of the current input */
};

/* paths as in argv after options; an empty list means stdin, as does "-". */
void	in_open(struct in *in, char *const *paths, size_t line_max);

/*
 * The next line, without its newline.  False at the end of all inputs.  A
 * last line that lacks its newline is returned too, with `unended` set.
 */
static inline bool in_line(struct in *in, struct str *line) MUST_USE;
bool	in_line_slow(struct in *in, struct str *line) MUST_USE;

/* The same; *count is how often c, which is no newline, stands in it. */
static inline bool in_line_counted(struct in *in, struct str *line, char c, size_t *count) MUST_USE;

/*
 * What comes next, without taking it: up to want bytes, less at the end of an
 * input that has less, nothing at the end of all; inputs without a byte are
 * passed by.  Does not wait for more than one line when `idle` is set.
 */
struct str in_peek(struct in *in, size_t want) MUST_USE;

/* Whether a carriage return was taken off the line just returned. */
static inline bool
in_had_cr(struct str line)
{
	return line.p[line.n] == '\r';
}

/*
 * The next bytes as they come, for forms whose rows may span lines; not to
 * be mixed with in_line().  False at the end of each input: then in_next().
 */
bool	in_block(struct in *in, struct str *block) MUST_USE;

/* Opens the next input, if none is open; false: no more. */
bool	in_next(struct in *in) MUST_USE;

/* What people call the current input, where no line of it is meant. */
const char *in_name(const struct in *in);

/* The path of one of the inputs so far, from 1: for messages. */
const char *in_path(const struct in *in, unsigned input);

void	in_close(struct in *in);

/* The line up to nl, a newline in the buffer or NULL, if it is an ordinary one. */
static inline bool
in_take(struct in *in, struct str *line, const char *nl)
{
	const char *p = in->buf + in->beg;

	if (UNLIKELY(!nl || in->skip || (size_t)(nl - p) > in->max))
		return false;
	line->p = p;
	line->n = (size_t)(nl - p);
	if (line->n && nl[-1] == '\r')
		line->n--;
	in->beg = in->seen = (size_t)(nl + 1 - in->buf);
	in->lineno++;
	in->lines++;
	return true;
}

static inline bool
in_line(struct in *in, struct str *line)
{
	const char *nl = in->seen < in->end ?
	    memchr(in->buf + in->seen, '\n', in->end - in->seen) : NULL;

	return in_take(in, line, nl) || in_line_slow(in, line);
}

static inline bool
in_line_counted(struct in *in, struct str *line, char c, size_t *count)
{
	const char *end = in->buf + in->end, *nl = scan_line(in->buf + in->beg, end, c, count);

	if (LIKELY(in_take(in, line, nl < end ? nl : NULL)))
		return true;
	if (!in_line_slow(in, line))
		return false;
	(void)scan_line(line->p, line->p + line->n, c, count);
	return true;
}

#endif
