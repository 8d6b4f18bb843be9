/*
 * prop.h - shares of independent trials: x successes of n, one share or two.
 *
 *	struct prop c = { hits_c, requests_c }, t = { hits_t, requests_t };
 *	struct prop_test r;
 *	const char *why = prop_test(c, t, 0.05, &r);
 *	if (why)				// r.z and r.p are NaN
 *		...
 *	ci = prop_newcombe(c, t, 0.05);		// of share t - share c
 *
 * THE REQUESTS OF ONE KEY ARE NOT INDEPENDENT.  Where keys, not requests, were
 * assigned to arms, prop_test rejects a true null 96 to 99.8 times in 100: it
 * is here to compare with, and for arms assigned request by request.  ratio.h
 * has the test that holds.
 *
 * Counts are exact to 2^63.  The difference of two shares is one integer
 * division, so it keeps its digits when both are near 1.
 *
 * Ownership: none.
 * Errors: NaN, and where there is one reason among several, its words.
 */
#ifndef PROP_H
#define PROP_H

#include "base.h"

struct prop {
	uint64_t x, n;			/* x <= n <= 2^63 */
};

struct prop_interval {
	double lo, hi;
};

/* Two-proportion z test, pooled; diff is t - c, p two-sided. */
struct prop_test {
	double diff, z, p;
	struct prop_interval wald;	/* unpooled, cut to -1..1; 0..0 proves nothing */
};

/* NULL, or why z and p are undefined; diff and wald stand when both n > 0. */
MUST_USE const char *prop_test(struct prop c, struct prop t, double alpha, struct prop_test *r);

/* Score interval of a share.  Wilson, JASA 1927. */
struct prop_interval prop_wilson(struct prop s, double alpha);

/* Interval that covers at least 1 - alpha always.  Clopper, Pearson, 1934. */
struct prop_interval prop_exact(struct prop s, double alpha);

/* Interval of t - c.  Newcombe, Statistics in Medicine 1998, method 10. */
struct prop_interval prop_newcombe(struct prop c, struct prop t, double alpha);

/*
 * P(share t > share c) where both have the prior Beta(a, b), a, b >= 0.1: to
 * 1e-10 relative where it is above 1e-100.
 */
double prop_chance(struct prop c, struct prop t, double a, double b);

#endif
