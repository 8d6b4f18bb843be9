/*
 * edit.h - fields replaced in a table that people write (table.h), and every
 * other byte of it kept.
 *
 *	struct edit e;
 *	edit_open(&e, text);
 *	if (!edit_set(&e, 7, STR("ttl"), STR("5m"), STR("10m")))
 *		...			line 7 does not say ttl 5m
 *	out_add(&out, buf_str(&e.text));
 *	edit_close(&e);
 *
 * Ownership: the edit owns its text, a copy.
 * Errors: false, and the text as it was.
 */
#ifndef EDIT_H
#define EDIT_H

#include "base.h"
#include "buf.h"

#define EDIT_MAX	(64 * 1024 * 1024)	/* bytes of a table */

struct edit {
	struct buf text;	/* OWNED */
};

void	edit_open(struct edit *e, struct str text);
void	edit_close(struct edit *e);

/*
 * The field of that line, counted from 1, under the header's column; both
 * values are escaped, and blanks around the old one stay.
 */
MUST_USE bool edit_set(struct edit *e, uint64_t line, struct str column, struct str was, struct str is);

#endif
