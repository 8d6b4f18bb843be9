/*
 * enact.h - decisions carried out: the TTLs in force, the forms that caches
 * read, the status of experiments.
 *
 *	struct enact e = { .config = "ttl.tsv", .path = real, .ttls = &ttls, ... };
 *	if (!enact_stage(&e, d, n, false, why))
 *		die("%s", why);
 *	...write down that it has begun
 *	enact_commit(&e);
 *	...and that it is done
 *	enact_close(&e);
 *
 * enact_stage() does all that may fail, and changes no file; enact_commit()
 * puts them in their places, one after another: PATH.1, PATH, the forms, the
 * experiments.  Killed in between, the same decisions, staged again as resumed,
 * finish the rest.
 *
 * Ownership: all is BORROWED.  Errors: false, and the reason in why; what
 * cannot be written ends the program (out.h).
 */
#ifndef ENACT_H
#define ENACT_H

#include "base.h"
#include "batch.h"
#include "decisions.h"
#include "experiment.h"
#include "forms.h"
#include "mem.h"
#include "ttlfile.h"

#define ENACT_WHY_MAX	2048	/* bytes of a reason */

struct enact {
	const char *config;		/* the TTLs as they were named, for reasons */
	const char *path;		/* the same, links resolved */
	struct ttlfile *ttls;		/* rows that are set change in it */
	bool sound;			/* ttls were read without a mistake */
	const struct ttlfile *defaults;	/* for a rollback */
	const struct forms *forms;
	const char *experiments;	/* for promotions: the file, */
	struct experiments *x;		/* and what is in it */
	int64_t now_us;
	bool force;			/* over a TTL that somebody else wrote */

	struct batch batch;		/* may be dry */

	/* private from here */
	struct arena text;
};

MUST_USE bool enact_stage(struct enact *e, const struct decision *d, size_t n, bool resumed,
    char why[ENACT_WHY_MAX]);
void	enact_commit(struct enact *e);
void	enact_close(struct enact *e);

#endif
