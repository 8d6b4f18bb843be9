/*
 * keyrow.h - a row of the stream as an event of keys.h: which columns have the
 * URL, the host and the method, and what stands behind their escapes.
 *
 *	struct keyrow r;
 *	keyrow_open(&r, "url", "vhost", "method");
 *	case TSV_HEADER:
 *		if (!keyrow_bind(&r, &t, &keys))
 *			die("%s", r.why);
 *	case TSV_ROW:
 *		if (!keyrow_read(&r, &t))
 *			die("%s", r.why);
 *		keys_take(&keys, &r.event);
 *	keyrow_close(&r);
 *
 * Ownership: names of columns are BORROWED; the event is the reader's, and
 * good until the next row.
 * Errors: false, and the place and the reason in `why`: a column that is not
 * there, or a field with a bad escape.
 */
#ifndef KEYROW_H
#define KEYROW_H

#include "base.h"
#include "buf.h"
#include "keys.h"
#include "tsv.h"

enum keyrow_column { KEYROW_URL, KEYROW_VHOST, KEYROW_METHOD, KEYROW_COLUMNS };

struct keyrow {
	struct keys_event event;
	bool as_is;			/* its URL is the field, which has no escape */
	int col[KEYROW_COLUMNS];	/* of the stream, or -1: not looked at */
	char why[TSV_WHY_MAX];

	/* private from here */
	const char *name[KEYROW_COLUMNS];	/* BORROWED */
	struct buf raw[KEYROW_COLUMNS];
};

void	keyrow_open(struct keyrow *r, const char *url, const char *vhost, const char *method);

/* The URL's column, and those that some rule asks for; keys NULL: none at all. */
bool	keyrow_bind(struct keyrow *r, const struct tsv *t, const struct keys *keys) MUST_USE;

/* The column too, where the stream has it. */
void	keyrow_may_have(struct keyrow *r, const struct tsv *t, enum keyrow_column column);

/* The last of these columns, or -1. */
int	keyrow_last(const struct keyrow *r);

bool	keyrow_read(struct keyrow *r, const struct tsv *t) MUST_USE;

/* The same of a URL that stands in no row. */
void	keyrow_of(struct keyrow *r, struct str url, struct str method);

void	keyrow_close(struct keyrow *r);

#endif
