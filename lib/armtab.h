/*
 * armtab.h - the keys of an experiment, each with its cohort and its totals.
 *
 *	struct armtab t;
 *	armtab_init(&t, &random_key, 2, 2);		// 2 metrics, 2 times
 *	uint32_t k = armtab_key(&t, key, arm);
 *	if (!armtab_window(&t, k, start_us, end_us))
 *		...the window was counted already
 *	armtab_total(&t, k, ARMTAB_NOW)[metric].y += 1;
 *	...
 *	armtab_sort(&t);
 *	n = armtab_gather(&t, arm, metric, keys);	// for ratio.h
 *
 * A key has two times at most: now and before the start, or in a crossover
 * under treatment and under control.  A key in two cohorts has moved, and is
 * in none of the arms gathered; nor is one that was never active.
 *
 *	key:	until | arm, active, moved | y n (metric 0, now) | y n (metric 1, now) ...
 *
 * The order of keys is that of their published hash, whatever order they came
 * in.
 *
 * Ownership: the table copies keys.  armtab_total() is good until the next
 * armtab_key().
 * Errors: none are returned but as said; the caller keeps armtab_bytes() within
 * its budget.
 */
#ifndef ARMTAB_H
#define ARMTAB_H

#include "base.h"
#include "map.h"
#include "ratio.h"

enum armtab_time { ARMTAB_NOW, ARMTAB_BEFORE };

#define ARMTAB_ALL	(-1)		/* in place of an arm */

/* A value that a quantile is of. */
struct armtab_value {
	double v;
	uint32_t key;
	bool before;
};

struct armtab {
	struct map keys;
	uint64_t moved;			/* keys */

	/* private from here */
	size_t metrics, times;
	struct armtab_key *key;		/* OWNED, by number */
	size_t key_cap;
	struct ratio_total *total;	/* OWNED */
	size_t total_cap;
	uint32_t *order;		/* OWNED, once sorted */
	struct armtab_values {
		struct armtab_value *v;	/* OWNED */
		size_t n, cap;
	} *values;			/* OWNED, by metric */
};

/* times: 1, or 2 where there is an ARMTAB_BEFORE. */
void	armtab_init(struct armtab *t, const struct hash_key *key, size_t metrics, size_t times);
void	armtab_free(struct armtab *t);
size_t	armtab_bytes(const struct armtab *t);	/* held, and still to be held when judged */

uint32_t armtab_key(struct armtab *t, struct str key, int arm);

/* Windows of a key come in order; false: it overlaps one before. */
MUST_USE bool armtab_window(struct armtab *t, uint32_t key, int64_t start_us, int64_t end_us);

/* The key has requests in the time that is judged. */
void	armtab_active(struct armtab *t, uint32_t key);

/* Its totals of one time, by metric. */
struct ratio_total *armtab_total(struct armtab *t, uint32_t key, enum armtab_time time);

void	armtab_value(struct armtab *t, size_t metric, uint32_t key, enum armtab_time time, double v);

void	armtab_sort(struct armtab *t);

/* Keys of the arm, and their totals in order; keys has room for that many. */
size_t	armtab_count(const struct armtab *t, int arm);
size_t	armtab_gather(const struct armtab *t, int arm, size_t metric, struct ratio_key *keys);

/*
 * The values of the arm's keys at one time, in no order, into values, which has
 * room for all of the metric's.  armtab_below() adds to keys (as gathered) how
 * many values each has (n) and how many of those are at most q (y).
 */
size_t	armtab_all_values(const struct armtab *t, size_t metric);
size_t	armtab_values(const struct armtab *t, int arm, size_t metric, enum armtab_time time,
    double *values);
void	armtab_below(const struct armtab *t, int arm, size_t metric, enum armtab_time time,
    double q, struct ratio_key *keys);

#endif
