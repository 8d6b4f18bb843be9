/*
 * tsv.h - the stream between the programs, man/cmon-tsv.5: a header, rows,
 * escapes.
 *
 *	struct tsv t;
 *	tsv_open(&t, &in);
 *	for (;;)
 *		switch (tsv_next(&t)) {
 *		case TSV_HEADER:
 *			host = tsv_col(&t, STR("host"));	-1: no such column
 *			break;
 *		case TSV_ROW:
 *			use(tsv_field(&t, host));
 *			break;
 *		case TSV_BAD:
 *			die("%s", t.why);
 *		case TSV_END:
 *			return;
 *		}
 *
 * A header may come again anywhere, with other columns: each one is reported,
 * and the program binds its columns anew.  The first line must be a header.
 *
 * A program that needs few of many columns says so where it binds them, and
 * rows are then taken apart up to the last of these; how many fields they have
 * is checked all the same:
 *
 *	tsv_want(&t, url);
 *
 * Fields come as they stand in the stream, escaped.  That form is what one
 * groups by, compares and writes out again; tsv_unescape() is for those who
 * leave TSV.
 *
 * Ownership: fields are BORROWED until the next tsv_next(); names until the
 * next TSV_HEADER.
 * Errors: TSV_BAD, with the place and the reason in `why`.  An input without
 * any header, or whose last line has no newline, is bad: the program before
 * us in the pipe has failed.
 */
#ifndef TSV_H
#define TSV_H

#include "base.h"
#include "buf.h"
#include "in.h"
#include "out.h"

#define TSV_COLS	1024	/* columns of a stream */
#define TSV_WHY_MAX	512	/* bytes of a reason */

enum tsv_what { TSV_END, TSV_HEADER, TSV_ROW, TSV_BAD };

struct tsv {
	struct in *in;			/* BORROWED */
	size_t n;			/* columns */
	struct str name[TSV_COLS];	/* as in the header */
	int time;			/* the column "time" */
	char why[TSV_WHY_MAX];		/* after TSV_BAD */

	/* private from here */
	struct buf names;		/* OWNED: the header's bytes */
	struct str line;		/* the row */
	size_t want;			/* fields to find; from 0 */
	uint32_t end[TSV_COLS + 1];	/* where field i ends in line */
	bool bound;			/* a header was seen */
};

void	tsv_open(struct tsv *t, struct in *in);
enum tsv_what tsv_next(struct tsv *t) MUST_USE;
int	tsv_col(const struct tsv *t, struct str name);
void	tsv_close(struct tsv *t);

/*
 * Columns behind col, -1 being none, and behind "time", will not be asked of
 * tsv_field() before the next TSV_HEADER, after which all are there again.
 */
void	tsv_want(struct tsv *t, int col);

static inline struct str
tsv_field(const struct tsv *t, int col)
{
	uint32_t beg = col ? t->end[col - 1] + 1 : 0;

	return (struct str){ t->line.p + beg, t->end[col] - beg };
}

/* The whole row as it stands. */
static inline struct str
tsv_line(const struct tsv *t)
{
	return t->line;
}

/* "path:line: ..." as the start of a program's own complaint about a row. */
#define TSV_AT(t)	(t)->in->path, (unsigned long long)(t)->in->lineno

/*
 * Escaping.  tsv_put() writes s at to, which has TSV_ROOM(s.n) bytes, and
 * returns the end: valid UTF-8 without C0, C1 or DEL passes, tab newline
 * carriage return backslash become \t \n \r \\, any other byte \xHH.
 * tsv_unescape() is its inverse, appending to b; false: no valid escape.
 */
#define TSV_ROOM(n)	(4 * (n) + 16)

char	*tsv_put(char *to, struct str s);
bool	tsv_unescape(struct buf *b, struct str field) MUST_USE;
bool	tsv_is_escaped(struct str s);	/* s is what tsv_put() could have written */

/*
 * A row out: fields in order, then tsv_end_row().
 *
 *	struct tsv_row r = { &out, 0 };
 *	tsv_text(&r, agent); tsv_int(&r, 200); tsv_end_row(&r);
 */
struct tsv_row {
	struct out *out;	/* BORROWED */
	size_t n;		/* fields so far */
};

void	tsv_text(struct tsv_row *r, struct str raw);		/* escapes */
void	tsv_as_is(struct tsv_row *r, struct str field);		/* is escaped already */
void	tsv_int(struct tsv_row *r, int64_t v);
void	tsv_fixed(struct tsv_row *r, int64_t v, int scale);	/* v * 10^-scale */
void	tsv_time(struct tsv_row *r, int64_t us);
void	tsv_end_row(struct tsv_row *r);

static inline void
tsv_empty(struct tsv_row *r)
{
	tsv_as_is(r, (struct str){ NULL, 0 });
}

#endif
