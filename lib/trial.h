/*
 * trial.h - control against treatment: two estimates, their sample sizes, many
 * tests at once, power.
 *
 *	struct trial_arm c = trial_mean(&moments_c), t = trial_mean(&moments_t);
 *	struct trial_result r;
 *	const char *why = trial_compare(&c, &t, 0.05, &r);
 *	if (why)			// "control has no variance": r is NaN
 *		...
 *
 * An arm is an estimate with its variance; whoever made it (a mean here, a ratio
 * by keys in ratio.h, a quantile below) knows how.  Differences are treatment
 * minus control; every p is two-sided.
 *
 * Ownership: none.
 * Errors: the reason in words, and NaN for what is undefined: no variance, one
 * unit and no request are never "no effect".
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "base.h"
#include "stats.h"

struct trial_arm {
	double est;
	double var;		/* of the estimate, not of a unit; NaN: too few units */
	double df;		/* of var; infinite where var is taken as known */
};

struct trial_result {
	double diff, se, t, df, p;
	double lo, hi;		/* interval of diff at 1 - alpha */
	double rel, rel_se;	/* treatment / control - 1, delta method */
	double rel_lo, rel_hi;	/* Fieller: leaves 0 out exactly when lo..hi does */
};

extern const struct trial_result trial_undefined;	/* NaN throughout */

/*
 * Two independent arms: Welch's t with the degrees of freedom of Satterthwaite,
 * Biometrics Bulletin 1946.  rel is NaN where control's estimate is 0, rel_lo
 * and rel_hi also where it is not told from 0 (Fieller, JRSS B 1954).
 */
MUST_USE const char *trial_compare(const struct trial_arm *c, const struct trial_arm *t,
    double alpha, struct trial_result *r);

/* The same for arms measured on the same units, whose estimates covary. */
struct trial_pair {
	double est_c, est_t, var_c, var_t, cov;
	double var;		/* of est_t - est_c, by itself for its digits */
	double df;
};

MUST_USE const char *trial_compare_pair(const struct trial_pair *pair, double alpha,
    struct trial_result *r);

/* The mean of independent values. */
struct trial_arm trial_mean(const struct stats_moments *m);

/*
 * A quantile of independent values, and its variance from the order statistics
 * between which it lies: Deng, Knoblich, Lu, KDD 2018, section 4.2.  Values
 * ascend; 0 < v < 1; as a rule n > 4 v / (1 - v).
 */
struct trial_quantile {
	double q;		/* value number ceil(n v), from 1 */
	double lo, hi;		/* interval of q at 1 - alpha */
	double var;
};

MUST_USE const char *trial_quantile(const double *sorted, size_t n, double v, double alpha,
    struct trial_quantile *q);

/*
 * The quantile as an arm.  share_var is the variance of the share of values at
 * or below q, by keys (ratio.h: y = such values, n = values of a key); NaN where
 * values are independent.  *deff is what clustering multiplied the variance by.
 * (Some vendors' text has this factor inverted; their code and the paper do not.)
 */
struct trial_arm trial_quantile_arm(const struct trial_quantile *q, size_t n, double v,
    double share_var, double *deff);

/*
 * Sample ratio mismatch: units found in each arm against the weights of the
 * assignment as it really is.  Units are keys: requests are not assigned.
 * An arm of weight 0 has no units, or chi2 is infinite and p is 0.
 */
struct trial_srm {
	double chi2, df, p;
};

MUST_USE const char *trial_srm(const uint64_t *n, const double *weight, size_t arms,
    struct trial_srm *r);

enum trial_adjust {
	TRIAL_NONE,
	TRIAL_BONFERRONI,
	TRIAL_HOLM,		/* Scandinavian Journal of Statistics 1979 */
	TRIAL_HOCHBERG,		/* Biometrika 1988 */
	TRIAL_BH,		/* Benjamini, Hochberg, JRSS B 1995 */
	TRIAL_BY,		/* Benjamini, Yekutieli, Annals of Statistics 2001 */
};

struct trial_p {
	double p, adjusted;
	size_t place;		/* trial_adjust's own */
};

/* Sets adjusted; a p that is NaN stays NaN and is not counted as a test. */
void trial_adjust(struct trial_p *tests, size_t n, enum trial_adjust how);

/*
 * Independent units for each arm, not rounded: Fleiss, "Statistical methods for
 * rates and proportions", 1981.  NaN where the shares are equal or outside 0..1.
 */
double trial_units(double share_c, double share_t, double alpha, double power);

/* The effect found with that power, and the power to find an effect. */
double trial_effect(double se, double alpha, double power);
double trial_power(double effect, double se, double alpha);

#endif
