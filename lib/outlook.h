/*
 * outlook.h - what an experiment could find, from rows of the time before it:
 * the keys that it would deal to cohorts, and the rows of its plan.
 *
 *	struct outlook o;
 *	outlook_open(&o, &metrics, use, uses, &random_key, &how);
 *	outlook_experiment(&o, &experiments, e);	or all keys take part
 *	...
 *	case TSV_HEADER:
 *		if (!outlook_bind(&o, &tsv))
 *			die("%s", o.why);
 *	case TSV_ROW:			each that metric_set_read() has taken
 *		if (!outlook_add(&o, &tsv, &row))
 *			die("%s", o.why);
 *	...
 *	outlook_write(&o, &out, now_us);
 *	outlook_close(&o);
 *
 * Rows of odd periods are compared with those of even ones (plan.h).  Of an
 * experiment only rows before its start count, whose cohorts all had one TTL,
 * and only keys that it would deal: none that is pinned or not exposed.
 *
 * Ownership: metrics, uses and experiments are BORROWED.
 * Errors: false, and in why the place and the reason; the caller keeps
 * outlook_bytes() within its budget.
 */
#ifndef OUTLOOK_H
#define OUTLOOK_H

#include "armtab.h"
#include "base.h"
#include "buf.h"
#include "experiment.h"
#include "metric.h"
#include "out.h"
#include "place.h"
#include "study.h"
#include "tsv.h"

#define OUTLOOK_KEYS	400	/* effective ones, from which on a plan holds */

struct outlook_how {
	double alpha, power;
	double effect;			/* to be found, in the metric's unit */
	int64_t period_us;		/* of a crossover */
	bool exact;			/* numbers to their last bit */
};

struct outlook {
	char why[TSV_WHY_MAX];

	/* private from here */
	struct outlook_how how;
	const struct metric_set *set;	/* BORROWED */
	const struct study_use *use;	/* BORROWED */
	size_t uses;
	struct armtab pool;		/* OWNED: odd periods are now, even ones before */
	int64_t first_us;		/* of the rows; INT64_MAX: there are none */
	struct places places;		/* OWNED */
	const struct experiment *e;	/* BORROWED; NULL: all keys take part */
	int experiment, endpoint;	/* columns; -1: none */
	struct buf raw;			/* OWNED: a key whose escapes are undone */
};

void	outlook_open(struct outlook *o, const struct metric_set *set, const struct study_use *use,
	    size_t uses, const struct hash_key *key, const struct outlook_how *how);
void	outlook_close(struct outlook *o);

/* e is one of x: only its rows and its keys take part, in cohorts of its weights. */
void	outlook_experiment(struct outlook *o, struct experiments *x, const struct experiment *e);

MUST_USE bool outlook_bind(struct outlook *o, const struct tsv *t);
MUST_USE bool outlook_add(struct outlook *o, const struct tsv *t, const struct metric_row *row);
size_t	outlook_bytes(const struct outlook *o);

/* The header, and for each use a row for each way; now_us is the end of the rows. */
void	outlook_write(struct outlook *o, struct out *out, int64_t now_us);

#endif
