/*
 * out.h - bytes out, to standard output or into a file that is replaced as a
 * whole or not at all.
 *
 *	struct out o;
 *	out_open(&o, path);		NULL or "-" is standard output
 *	out_add(&o, STR("hello\n"));
 *	return out_close(&o);		EXIT_OK
 *
 * A file is written under a temporary name beside it, fsynced, renamed over
 * the old one, and the folder fsynced, all in out_close().  A program that
 * ends before that, however it ends, leaves the old file as it was.  The new
 * one has the mode of the old one, and its owner and group as far as the system
 * lets us.
 *
 * A stream that was cut is recognised: until out_close() the last byte that
 * has left is never a newline, so a reader whose input ends in a newline has
 * the whole, whoever was killed in between.  tsv.h refuses what does not.
 *
 * Ownership: the path is kept, not copied.
 * Errors: a write that fails ends the program with EXIT_TROUBLE; a closed
 * pipe ends it as SIGPIPE would, also where that signal is ignored.
 */
#ifndef OUT_H
#define OUT_H

#include <string.h>

#include "base.h"

#define OUT_BLOCK	(64 * 1024)	/* bytes a write(2) */

struct out {
	const char *path;	/* for messages */
	uint64_t bytes;		/* written so far */

	/* private from here */
	int fd;
	char *buf;		/* OWNED */
	size_t n, cap;
	char *real;		/* OWNED: the file to replace, links resolved */
	char *temp;		/* OWNED: its temporary name, NULL: none */
};

void	out_open(struct out *o, const char *path);
/* The same; a file gets these permission bits whatever the umask. */
void	out_open_mode(struct out *o, const char *path, unsigned mode);

/*
 * The same, for a file that nobody else writes, since the caller holds its lock:
 * the temporary name is always PATH.new.  So what a kill left behind is never
 * more than one file, and goes with the next run, whereas elsewhere nobody can
 * know whether such a file is still being written.
 */
void	out_open_locked(struct out *o, const char *path);

/*
 * Room for n bytes, to be written by the caller and then counted with
 * out_used(): the way for loops that make their bytes in place.
 */
static inline char *out_room(struct out *o, size_t n);
static inline void out_used(struct out *o, const char *end);
void	out_make_room(struct out *o, size_t n);

static inline void
out_add(struct out *o, struct str s)
{
	char *to = out_room(o, s.n);

	if (s.n)
		memcpy(to, s.p, s.n);
	out_used(o, to + s.n);
}

static inline void
out_byte(struct out *o, char c)
{
	char *to = out_room(o, 1);

	*to = c;
	out_used(o, to + 1);
}

/*
 * Text for people: what str_cut_shown() refuses becomes U+FFFD; newlines stay,
 * since whoever made the text put them there.
 */
void	out_shown(struct out *o, struct str s);

/*
 * Everything out now, the last newline too: for a reader who waits for rows
 * (follow mode).  Gives up telling a cut stream from a whole one.
 */
void	out_flush(struct out *o);

/*
 * Everything out and on the disk, and not yet in place: where several files
 * are replaced, what may fail has then failed before the first of them is.
 */
void	out_sync(struct out *o);

int	out_close(struct out *o);	/* EXIT_OK, or does not return */
void	out_abandon(struct out *o);	/* the file stays as it was */

static inline char *
out_room(struct out *o, size_t n)
{
	if (UNLIKELY(o->cap - o->n < n))
		out_make_room(o, n);
	return o->buf + o->n;
}

static inline void
out_used(struct out *o, const char *end)
{
	o->n = (size_t)(end - o->buf);
	if (UNLIKELY(o->n > OUT_BLOCK))
		out_make_room(o, 0);
}

#endif
