/*
 * table.h - tables that people write by hand: rules, silences, prices.
 *
 *	static const char *const names[] = { "id", "condition", NULL };
 *	enum { ID, CONDITION };
 *	struct table t;
 *
 *	table_open(&t, path, names, say);
 *	while (table_next(&t))
 *		if (table_field(&t, ID).n == 0)
 *			table_wrong(&t, ID, "a rule needs an id");
 *	ok = table_close(&t);
 *
 * The first line names the columns, in any order; of those in names some may
 * be left out.  Blank lines and lines that start with '#' are skipped.  Fields
 * are separated by one tab and escaped as in the stream (tsv.h); empty ones at
 * the end of a row may be left out, since editors cut them off.
 *
 * Every mistake is said, as "rules.tsv:7: column \"for\": ...", and the rest
 * is read on, so that one run shows them all.
 *
 * Ownership: fields are BORROWED until the next table_next(); path, names and
 * say must outlive the table.
 * Errors: rows that are wrong in themselves are said and skipped;
 * table_close() is false if anything was said through table_wrong().  A file
 * that cannot be read ends the program (in.h).
 */
#ifndef TABLE_H
#define TABLE_H

#include "base.h"
#include "in.h"
#include "mem.h"

#define TABLE_COLS	64		/* columns of a table */
#define TABLE_LINE_MAX	(64 * 1024)	/* bytes of a row */
#define TABLE_SAY_MAX	1024		/* bytes of a complaint; a longer one is cut */

/* Takes one complaint, a line without its newline. */
typedef void table_say(const char *text);

struct table {
	uint64_t line;			/* of the row at hand */
	const char *path;		/* BORROWED */
	bool others;			/* set it after opening: columns that are not in names
					 * are the operator's own, and no mistake */

	/* private from here */
	struct in in;
	char *paths[2];
	const char *const *names;	/* BORROWED, NULL-terminated */
	table_say *say;			/* BORROWED */
	int col[TABLE_COLS];		/* of names[i] in the file, or -1 */
	size_t n;			/* columns of the file, 0: no header yet */
	struct str field[TABLE_COLS];	/* of the row at hand */
	size_t fields;
	bool wrong;
};

void	table_open(struct table *t, const char *path, const char *const *names, table_say *say);
bool	table_next(struct table *t) MUST_USE;
bool	table_close(struct table *t);

/* Whether the file has the column names[i]; known once a row was read. */
static inline bool
table_has(const struct table *t, size_t i)
{
	return t->n > 0 && t->col[i] >= 0;
}

/* The field under names[i]; empty where the file has no such column. */
struct str table_field(const struct table *t, size_t i);

/* The same as rows of a stream have it: a byte is escaped where it must be, in one spelling. */
struct str table_label(const struct table *t, size_t i, struct arena *a);

/* Says what is wrong with that field, or with the row where i is TABLE_ROW. */
#define TABLE_ROW	SIZE_MAX
void	table_wrong(struct table *t, size_t i, const char *fmt, ...) PRINTF(3, 4);

#endif
