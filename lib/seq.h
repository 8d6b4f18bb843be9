/*
 * seq.h - looking at a running experiment more than once without being fooled
 * by the luckiest look.
 *
 *	struct seq_cs cs;
 *	why = seq_cs(diff, se, keys, 5000, 0.05, &cs);	// any look, any number
 *	if (!why && cs.lo > 0)
 *		...
 *
 *	double t[] = { 0.5, 1 }, z[2], spent[2];
 *	why = seq_bounds(t, 2, 0.05, z, spent);		// planned looks: |diff/se| >= z[i]
 *
 * Both need information that grows from look to look, 1 / se^2.  Where arms are
 * split by key more days bring hardly any: the variance between keys stays, and
 * neither method rescues a variance that is wrong.
 *
 * Ownership: none.  Errors: the reason in words, and NaN.
 */
#ifndef SEQ_H
#define SEQ_H

#include "base.h"

/*
 * Asymptotic confidence sequence, two-sided, valid at all n at once, narrowest
 * near n_star units: Waudby-Smith et al., arXiv:2103.06476, equations 9, 155 and
 * 161 (as in GrowthBook, whose n_star is 5000).  n counts units: keys.
 */
struct seq_cs {
	double rho;
	double critical;		/* half the interval's width over se */
	double half, lo, hi, p;
};

MUST_USE const char *seq_cs(double diff, double se, double n, double n_star, double alpha,
    struct seq_cs *r);

/*
 * Mixture sequential probability ratio test, effects mixed over N(0, tau^2):
 * Johari, Pekelis, Walsh, "Always valid inference", 2015.  p is the least so far
 * only if the caller keeps the least.
 */
struct seq_msprt {
	double log_lambda, p;
};

MUST_USE const char *seq_msprt(double diff, double se, double tau, struct seq_msprt *r);

/*
 * Group sequential bounds: alpha is spent by 4 (1 - Phi(z(alpha/4) / sqrt t)),
 * near O'Brien and Fleming's (Lan, DeMets, Biometrika 1983), and the bounds found
 * by the recursion of Armitage, McPherson and Rowe, JRSS A 1969.  t is the share
 * of the planned information at each look, Var(planned end) / Var(now), ascending
 * in (0, 1]; days are not information.
 *
 * At look i stop for |diff / se| >= z[i]; spent[i] is the alpha used until then.
 * To 1e-9.  A look too early to spend anything a double can hold has z infinite.
 */
#define SEQ_LOOKS_MAX	128

MUST_USE const char *seq_bounds(const double *t, size_t looks, double alpha, double *z,
    double *spent);

#endif
