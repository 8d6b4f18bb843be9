/*
 * pair.h - a control and a treatment: the keys of both by one metric, and what is
 * known of each cohort by itself, before any method compares them.
 *
 *	struct pair p;
 *	pair_open(&p, &tab, metric, 0, 1, crossover);
 *	why = pair_wrong(&p);
 *	if (!why)
 *		why = pair_flat(&p);
 *	...trial_compare(&p.c.as, &p.t.as, alpha, &r)
 *	pair_close(&p);
 *
 * In a crossover all keys are in both: their time now is treatment, that before
 * is control.
 *
 * Ownership: the pair owns its keys.
 * Errors: the reason in words, or NULL.
 */
#ifndef PAIR_H
#define PAIR_H

#include "armtab.h"
#include "base.h"
#include "ratio.h"
#include "verdict.h"

struct pair {
	bool crossover;
	struct ratio_key *keys;		/* OWNED: control's, then treatment's; crossover: all */
	size_t n_c, n_t;		/* crossover: n_c is 0 */
	struct ratio_arm c, t;
	const char *why_c, *why_t;	/* what of these is not defined, or NULL */
};

/* The table is sorted. */
void	pair_open(struct pair *p, const struct armtab *tab, size_t metric, int c, int t, bool crossover);
void	pair_close(struct pair *p);

/* Both cohorts anew, after the keys were given other totals. */
void	pair_sum(struct pair *p);

/* The heaviest key's share of both cohorts. */
double	pair_top(const struct pair *p);

/* Keys, totals and estimates into the verdict; the metric is scale y / n. */
void	pair_tell(const struct pair *p, double scale, struct verdict *v);

/* Why they cannot be compared at all; and why not where neither has any variance. */
MUST_USE const char *pair_wrong(const struct pair *p);
MUST_USE const char *pair_flat(const struct pair *p);

/* All keys of both cohorts have one value: nothing happened in either. */
bool	pair_same(const struct pair *p);

#endif
