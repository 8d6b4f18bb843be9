/*
 * ratio.h - hits over requests, cost over requests: a ratio of two totals where
 * keys, not requests, were assigned to the arms.
 *
 *	struct ratio_key *c, *t;			// a row a key
 *	struct ratio_arm ac, at;
 *	why = ratio_arm(c, n_c, &ac);			// "no variance", ...
 *	why = trial_compare(&ac.as, &at.as, 0.05, &r);	// delta method
 *	why = ratio_cuped(c, n_c, t, n_t, 0.05, &cuped);	// sharper, by the past
 *
 * The variance of sum y / sum n comes from the residuals y - R n of whole keys:
 * Deng, Knoblich, Lu, "Applying the delta method in metric analytics", KDD 2018.
 * It leans on many keys of like weight: n_eff and top say whether there are. By
 * simulation t intervals hold from n_eff 200 and top 1 % on; below, only perm.h
 * does.
 *
 * A key without requests counts as a key.  One key, no request or no variance is
 * a reason, not a zero; what rounding leaves of equal ratios is no variance.
 * The order of keys may change the last two or three digits.
 *
 * Ownership: none.
 * Errors: the reason in words, and NaN for what is undefined.
 */
#ifndef RATIO_H
#define RATIO_H

#include "base.h"
#include "trial.h"

struct ratio_total {
	double y, n;
};

struct ratio_key {
	struct ratio_total now;		/* the period judged */
	struct ratio_total before;	/* the time before it; crossover: see below */
};

struct ratio_arm {
	struct trial_arm as;		/* est = y / n */
	size_t keys;
	double y, n;			/* totals */
	double n_eff;			/* (sum n)^2 / sum n^2: keys of equal weight */
	double top;			/* the largest key's share of n */
	double deff;			/* variance over that of n independent requests; */
					/* NaN unless 0 < y < n */
};

/* Of now.  All but as.var, as.df and deff are set wherever they are defined. */
MUST_USE const char *ratio_arm(const struct ratio_key *keys, size_t k, struct ratio_arm *arm);

/* The same from sums over keys, where rows by key are gone. */
struct ratio_sums {
	uint64_t keys;
	double y, n, yy, nn, yn;
};

/*
 * The residuals' squares are then a difference of large sums: to 1e-9 where the
 * sums are exact (whole numbers to 2^53), or a reason where too few digits are
 * left.  top is not set.
 */
MUST_USE const char *ratio_arm_sums(const struct ratio_sums *sums, struct ratio_arm *arm);

/*
 * CUPED: Deng, Xu, Kohavi, Walker, WSDM 2013.  Each arm's ratio less theta times
 * how far its ratio was off in the time before; theta is common to both arms.
 */
struct ratio_cuped {
	double theta;
	struct trial_arm c, t;		/* adjusted to the pooled ratio before */
	struct trial_result r;
};

MUST_USE const char *ratio_cuped(const struct ratio_key *c, size_t n_c,
    const struct ratio_key *t, size_t n_t, double alpha, struct ratio_cuped *out);

/*
 * Crossover: each key served both ways in turn; now is its time under treatment,
 * before its time under control.  Paired by key, keys - 1 degrees of freedom.
 */
struct ratio_crossover {
	double est_c, est_t;
	struct trial_result r;
};

MUST_USE const char *ratio_crossover(const struct ratio_key *keys, size_t k, double alpha,
    struct ratio_crossover *out);

/* y - R n of one key where R = y / n; 0 where that is but rounding. */
double ratio_residual(const struct ratio_total *v, double y, double n);

#endif
