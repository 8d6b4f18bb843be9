/*
 * plan.h - what an experiment on these keys could find, before it is made.
 *
 *	struct plan_how how = { .alpha = 0.05, .power = 0.8, .effect = 0.01, .days = 14,
 *		.split = PLAN_HALVES };
 *	struct plan p;
 *	why = plan_make(keys, n, &how, &p);	// keys: now odd periods, before even ones
 *	p.way[PLAN_CUPED].days			// infinite: never
 *
 * The variance of a ratio over keys is V(D) = B + W / D after D days: B is what
 * keys differ by for good, which no day takes away, W what they do from day to
 * day.  Both come from two halves of the input, whose covariance is B.  Of two
 * cohorts with the shares s and t of the keys, S = 1 / s + 1 / t, and as many days
 * of pre-period as the input has, the difference has
 *
 *	delta		S (B + W / D)
 *	cuped		S (B + W / D - B^2 / (B + W / days))
 *	crossover	4 W / D
 *
 * Ownership: none.  Errors: the reason in words, and NaN.
 */
#ifndef PLAN_H
#define PLAN_H

#include "base.h"
#include "ratio.h"

#define PLAN_HALVES	4	/* S of two halves */

enum plan_way { PLAN_DELTA, PLAN_CUPED, PLAN_CROSSOVER, PLAN_WAYS };

extern const char *const plan_way_name[PLAN_WAYS];

struct plan_how {
	double alpha, power;
	double effect;			/* to be found, as a difference of ratios */
	double days;			/* that the keys' totals span */
	double split;			/* S above */
};

struct plan {
	struct ratio_arm all;		/* both halves */
	double stays, varies;		/* B and W, in days; NaN: one half has nothing */
	struct plan_one {
		double se;		/* of a difference, after how.days */
		double least;		/* effect that is found with how.power */
		double power;		/* to find how.effect */
		double days;		/* to find it with how.power; infinite: never */
	} way[PLAN_WAYS];
};

MUST_USE const char *plan_make(const struct ratio_key *keys, size_t n, const struct plan_how *how,
    struct plan *p);

#endif
