/*
 * change.h - one TTL set to another in the TTLs in force (ttlfile.h): in the
 * row of an endpoint or, of the empty one, in all of them.
 *
 *	struct change c = { STR("title"), 300, 600, STR("10m") };
 *	if (!change_fits(&c, &ttls, why) || !change_set(&c, &ttls, &text, false, why))
 *		die("ttl.tsv:%s", why);
 *	...write text, render ttls
 *
 * Ownership: texts are BORROWED, and stay so in the rows that were set.
 * Errors: false, and the reason in why, which begins with the line if there is one.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "base.h"
#include "edit.h"
#include "ttlfile.h"

#define CHANGE_WHY_MAX	1024	/* bytes of a reason */
#define CHANGE_ANY	(-1)	/* whatever the TTL is now, if it is the same in all rows */

struct change {
	struct str endpoint;	/* escaped; empty: all rows */
	int64_t from_s, to_s;
	struct str to;		/* as it is to be written */
};

/* There are such rows, and all have from_s, which is not to_s.  Sets CHANGE_ANY to what it is. */
MUST_USE bool change_fits(struct change *c, const struct ttlfile *f, char why[CHANGE_WHY_MAX]);

/* The first of them; NULL: there is none. */
const struct ttlfile_row *change_row(const struct change *c, const struct ttlfile *f);

/*
 * In the text and in the rows; those that have to_s already stay.  One that has
 * neither is somebody else's, unless it is forced.
 */
MUST_USE bool change_set(const struct change *c, struct ttlfile *f, struct edit *text, bool force,
    char why[CHANGE_WHY_MAX]);

size_t	change_count(const struct change *c, const struct ttlfile *f);

/* Two changes have a row in common. */
bool	change_meets(const struct change *a, const struct change *b);

#endif
