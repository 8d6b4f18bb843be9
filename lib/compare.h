/*
 * compare.h - two cohorts of an experiment by one metric: which method holds
 * for such keys, and what it finds.
 *
 *	struct compare_how how = { .alpha = 0.05, .seed = 1 };
 *	struct compare_arm c = { .arm = 0 }, t = { .arm = 1 };
 *	why = compare(&how, &armtab, metric, m, &c, &t, &verdict);
 *
 * Ratios go by ratio.h, with CUPED where there is a past, paired by key where
 * the experiment is a crossover; quantiles by trial.h, and where values come in
 * steps by quantile.h.  Their t distribution needs COMPARE_KEYS effective keys in
 * each, none with over COMPARE_TOP of the weight of both; elsewhere, and where one
 * cohort has no variance, p and interval are those of perm.h.  Of a quantile it is
 * the share of values at or below the quantile of both cohorts together that is
 * permuted, and its t says what chance gives to the quantiles' own: from that one
 * are p and interval, so that they agree.
 *
 * Ownership: none; the verdict's method is a literal.
 * Errors: the reason in words; whatever is defined is set, and the verdict's basis
 * says whether that is enough for a guardrail.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "armtab.h"
#include "base.h"
#include "metric.h"
#include "verdict.h"

#define COMPARE_KEYS	1000		/* effective, for a t distribution */
#define COMPARE_TOP	0.01		/* share of the heaviest key, likewise */
#define COMPARE_ROUNDS	9999		/* of a permutation */
#define COMPARE_MANY	200000		/* keys, from which on */
#define COMPARE_FEWER	999		/* rounds are enough of a wait */

enum compare_method {
	COMPARE_AUTO, COMPARE_DELTA, COMPARE_CUPED, COMPARE_CROSSOVER, COMPARE_PERM,
	COMPARE_WELCH, COMPARE_NEWCOMBE, COMPARE_REQUEST_Z,
	COMPARE_METHODS
};

extern const char *const compare_method_name[COMPARE_METHODS];

struct compare_how {
	enum compare_method method;
	bool crossover;			/* times are treatment and control */
	double alpha;
	uint32_t rounds;		/* 0: by the number of keys */
	uint64_t seed;
};

struct compare_arm {
	int arm;			/* of the armtab; in a crossover all keys are both */
	struct stats_moments moments;	/* of a mean's values, for Welch's t */
};

/* The table is sorted. */
MUST_USE const char *compare(const struct compare_how *how, const struct armtab *tab, size_t metric,
    const struct metric *m, const struct compare_arm *c, const struct compare_arm *t,
    struct verdict *v);

#endif
