/*
 * quantile.h - the same quantile of control and of treatment, where values come
 * in steps: whole milliseconds, hits and misses far apart.
 *
 *	struct quantile_pair p = { .v = 0.95, .c = { sorted_c, n_c, se_c }, .t = { ... } };
 *	if (quantile_rough(&p.c, 0.95) || quantile_rough(&p.t, 0.95)) {
 *		t = quantile_apart(&p);			// 0 and up, in standard errors
 *		quantile_limits(&p, 1.96, &limits);	// leaves 0 out exactly when t > 1.96
 *	}
 *
 * A quantile's standard error (trial.h) needs a density, which there is none of
 * where a step is large beside it.  So the test is of shares: x may be the
 * v-quantile of a cohort unless the share of its values below x is over v, or that
 * up to x is under v, by too many standard errors of that share (Woodruff, JASA
 * 1952).  The quantiles differ when no
 * x may be that of both: when a^2 + b^2 is above the square of the critical
 * * value for each x, where a and b say how far x is off in either cohort.
 *
 * A quantile is then either right or off by a whole step, and what one cohort is
 * off by is not made up for by the other.  In the worst case, both at the edge of
 * a step, a^2 + b^2 is 0, chi-square of 1, or of 2 degrees of freedom in 1/4, 1/2,
 * 1/4 of all cases (Kudo, Biometrika 1963).  The distance is taken shorter by
 * QUANTILE_SLACK, and a limit wrong in at most alpha of all cases, each by itself:
 * for alpha 0.05 in 0.0499.  Mostly it is far less.
 *
 * Ownership: values are BORROWED.
 * Errors: none; a limit beyond all values is infinite, and a ratio to values
 * that are not above 0 is NaN.
 */
#ifndef QUANTILE_H
#define QUANTILE_H

#include "base.h"

#define QUANTILE_SLACK	1.05	/* holds for alpha from 0.2 down to 0.0001 */

struct quantile_arm {
	const double *sorted;		/* ascending */
	size_t n;			/* 1 and up */
	double share_se;		/* of the share of values around the quantile, above 0 */
};

struct quantile_pair {
	double v;			/* 0 < v < 1 */
	struct quantile_arm c, t;
};

struct quantile_limits {
	double lo, hi;			/* of treatment less control */
	double rel_lo, rel_hi;		/* of treatment / control - 1 */
};

/* Has one value around the quantile a share that is large beside the standard error? */
bool	quantile_tied(const struct quantile_arm *a, double v);

/* Or is the quantile at a gap? */
bool	quantile_rough(const struct quantile_arm *a, double v);

/* How far apart they are; 0 where one x is the quantile of both. */
double	quantile_apart(const struct quantile_pair *p);

void	quantile_limits(const struct quantile_pair *p, double critical, struct quantile_limits *to);

#endif
