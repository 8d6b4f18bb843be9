/*
 * placecol.h - what can be said of a key in an experiment: the columns that
 * cmon-cohort adds.
 *
 *	struct placecol c;
 *	char room[NUM_MAX];
 *
 *	if (!placecol_of(&c, STR("ttl_s")))
 *		...				nobody knows such a column
 *	text = placecol_text(&c, e, &placed, true, room);
 *
 * Ownership: the name is BORROWED; texts point into the experiment or room.
 * Errors: false, as said.
 */
#ifndef PLACECOL_H
#define PLACECOL_H

#include "base.h"
#include "num.h"
#include "place.h"

struct placecol {
	struct str name;

	/* private from here */
	unsigned what;
};

/*
 * experiment, cohort, ttl_s, ttl, bucket, hash, or a column of the experiments
 * file.
 */
MUST_USE bool placecol_of(struct placecol *c, struct str name);

/* As in the stream.  Where the hash is not known, its columns are empty. */
struct str placecol_text(const struct placecol *c, const struct experiment *e,
    const struct placed *at, bool hashed, char room[NUM_MAX]);

#endif
