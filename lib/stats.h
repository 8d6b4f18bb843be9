/*
 * stats.h - the distributions that every test rests on, and mean and variance
 * in one pass.
 *
 *	p = stats_norm_two_sided(z);		// 2.7e-89 at z = 20, not 0
 *	half = se * stats_t_critical(alpha, df);
 *	p = stats_chi2_upper(chi2, df);
 *
 *	struct stats_moments m = { 0 };
 *	stats_add(&m, x);			// for every x
 *	variance = stats_variance(&m);
 *
 * Every tail is computed as itself, never as 1 minus the other, so a small
 * probability keeps its digits down to 1e-300.
 *
 * Error bounds, relative, held to 40-digit arithmetic in tests/data/stats: 1e-12
 * for the normal, 1e-11 for the others, for shapes from 0.1 to 1e9 and degrees
 * of freedom from 0.2 to 1e9 (measured: 1.5e-13 and 6.6e-13), on top of what
 * the argument's own rounding does.
 *
 * Ownership: none.
 * Errors: NaN where the result is undefined (a probability outside 0..1, no
 * degrees of freedom, a NaN given) or lies beyond the range of a double.
 */
#ifndef STATS_H
#define STATS_H

#include <math.h>

#include "base.h"

/*
 * a b - c d to 1.5 units in the last place: 0 exactly when they are equal.
 * Jeannerod, Louvet, Muller, Mathematics of Computation 2013 (Kahan's method).
 */
static inline double
stats_products(double a, double b, double c, double d)
{
	double cd = c * d;

	return fma(a, b, -cd) - fma(c, d, -cd);
}

/* The standard normal. */
double stats_norm_lower(double x);		/* P(Z <= x) */
double stats_norm_upper(double x);		/* P(Z > x) */
double stats_norm_two_sided(double z);		/* P(|Z| > |z|) */
double stats_norm_within(double z);		/* P(|Z| <= |z|) */
double stats_norm_quantile(double p);		/* -inf at 0, inf at 1; 4 digits below 1e-307 */
double stats_norm_critical(double alpha);	/* z whose two-sided tail is alpha */

/* Student's t; df > 0, not necessarily whole; infinite df is the normal. */
double stats_t_two_sided(double t, double df);
double stats_t_quantile(double p, double df);
double stats_t_critical(double alpha, double df);

/* P(X > x), X chi-square with df > 0 degrees of freedom, x >= 0. */
double stats_chi2_upper(double x, double df);

/* A probability and its complement, each with its own digits. */
struct stats_tails {
	double lower, upper;
};

/* Gamma distribution, shape a > 0, scale 1, at x >= 0. */
struct stats_tails stats_gamma(double a, double x);

/* Beta distribution, shapes a, b > 0, at 0 <= x <= 1. */
struct stats_tails stats_beta(double a, double b, double x);

/* The x below (above) which a beta variable falls with probability p. */
double stats_beta_lower_quantile(double a, double b, double p);
double stats_beta_upper_quantile(double a, double b, double p);

/*
 * The beta distribution on the log-odds scale, at x = 1 / (1 + exp(-s)),
 * |s| <= STATS_LOGIT_MAX, where x near 1 is as exact as x near 0.  density is
 * per unit of s: x^a (1-x)^b / B(a, b).
 */
#define STATS_LOGIT_MAX	700.0

struct stats_tails stats_beta_logit(double a, double b, double s, double *density);

/*
 * Count, mean and squared deviations.  Welford, Technometrics 1962: nothing
 * is squared before the mean is taken off, so 1e7 + 0.05 of noise keeps its
 * variance.  A zeroed struct is empty.
 */
struct stats_moments {
	uint64_t n;
	double mean;
	double m2;			/* sum of (x - mean)^2 */
};

void stats_add(struct stats_moments *m, double x);

/* As if b's values had been added to a: Chan, Golub, LeVeque, 1979. */
void stats_merge(struct stats_moments *a, const struct stats_moments *b);

double stats_variance(const struct stats_moments *m);	/* n - 1 below; NaN if n < 2 */

#endif
