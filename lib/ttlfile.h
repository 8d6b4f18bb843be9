/*
 * ttlfile.h - the TTLs in force, the table of cmon-promote(1): an endpoint and
 * its TTL a row, and the empty endpoint for all others.
 *
 *	struct ttlfile f;
 *	if (!ttlfile_read(&f, "ttl.tsv", say))
 *		...			every mistake was said: it is damaged
 *	r = ttlfile_row(&f, STR("title"));
 *	if (r)
 *		use(r->ttl_s);
 *	ttlfile_free(&f);
 *
 * Ownership: the file owns its text and that of its rows.
 * Errors: false, after say() was told every mistake as "path:line: ...".  It
 * can then still be freed, and has its text, as far as that could be read.
 */
#ifndef TTLFILE_H
#define TTLFILE_H

#include "base.h"
#include "mem.h"
#include "table.h"

#define TTLFILE_ROWS	10000
#define TTLFILE_MAX	(8 * 1024 * 1024)	/* bytes */

struct ttlfile_row {
	struct str endpoint;	/* escaped; empty: all others */
	struct str ttl;		/* as written */
	int64_t ttl_s;
	uint64_t line;
};

struct ttlfile {
	struct ttlfile_row *row; /* OWNED, in the order of the file */
	size_t n;
	char *text;		/* OWNED: the whole file; NULL: it could not be read */
	size_t bytes;

	/* private from here */
	size_t cap;
	struct arena words;	/* OWNED */
};

MUST_USE bool ttlfile_read(struct ttlfile *f, const char *path, table_say *say);
void	ttlfile_free(struct ttlfile *f);

/* The row of exactly this endpoint, escaped; or NULL. */
const struct ttlfile_row *ttlfile_row(const struct ttlfile *f, struct str endpoint);

#endif
