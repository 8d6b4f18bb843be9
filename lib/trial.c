/* trial.c - see trial.h. */
#include <float.h>
#include <stdlib.h>

#include "trial.h"

/* Fieller's limits of est_t / est_c - 1; q is the critical value. */
static void
fieller(const struct trial_pair *p, double q, struct trial_result *r)
{
	double rho = p->est_t / p->est_c, unit = q / p->est_c;
	double g = unit * unit * p->var_c, shift = unit * unit * p->cov, root, half;

	if (!(g < 1))
		return;
	/* var_t - 2 rho cov + rho^2 var_c, less g times the part of t free of c */
	root = p->var_t - 2 * rho * p->cov + rho * rho * p->var_c
	    - unit * unit * (p->var_c * p->var_t - p->cov * p->cov);
	half = fabs(unit) * sqrt(fmax(root, 0));
	r->rel_lo = (rho - shift - half) / (1 - g) - 1;
	r->rel_hi = (rho - shift + half) / (1 - g) - 1;
}

const struct trial_result trial_undefined = {
	NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN
};

const char *
trial_compare_pair(const struct trial_pair *p, double alpha, struct trial_result *r)
{
	double q, rho, var;

	*r = trial_undefined;
	if (!(alpha > 0 && alpha < 1))
		return "alpha is not between 0 and 1";
	if (!isfinite(p->est_c) || !isfinite(p->est_t))
		return "an estimate is undefined";
	if (!isfinite(p->var) || !(p->df > 0))
		return "too few units";
	if (!(p->var > 0))
		return "no variance";
	r->diff = p->est_t - p->est_c;
	r->se = sqrt(p->var);
	r->t = r->diff / r->se;
	r->df = p->df;
	r->p = stats_t_two_sided(r->t, p->df);
	q = stats_t_critical(alpha, p->df);
	r->lo = r->diff - q * r->se;
	r->hi = r->diff + q * r->se;
	if (p->est_c == 0)
		return NULL;
	rho = p->est_t / p->est_c;
	r->rel = r->diff / p->est_c;
	var = p->var_t - 2 * rho * p->cov + rho * rho * p->var_c;
	r->rel_se = sqrt(fmax(var, 0)) / fabs(p->est_c);
	fieller(p, q, r);
	return NULL;
}

const char *
trial_compare(const struct trial_arm *c, const struct trial_arm *t, double alpha,
    struct trial_result *r)
{
	struct trial_pair p = { c->est, t->est, c->var, t->var, 0, c->var + t->var, 0 };
	double share_c = c->var / p.var, share_t = t->var / p.var;

	*r = trial_undefined;
	if (!(c->var != 0))
		return "control has no variance";
	if (!(t->var != 0))
		return "treatment has no variance";
	if (isinf(c->df) && isinf(t->df))
		p.df = INFINITY;
	else
		p.df = 1 / (share_c * share_c / c->df + share_t * share_t / t->df);
	return trial_compare_pair(&p, alpha, r);
}

struct trial_arm
trial_mean(const struct stats_moments *m)
{
	return (struct trial_arm){
		m->n ? m->mean : NAN,
		stats_variance(m) / (double)m->n,
		(double)m->n - 1,
	};
}

/* x, or the whole number that x is but for the rounding of n v. */
static double
settled(double x)
{
	double whole = nearbyint(x);

	return fabs(x - whole) <= 4 * DBL_EPSILON * fabs(x) ? whole : x;
}

const char *
trial_quantile(const double *sorted, size_t n, double v, double alpha, struct trial_quantile *q)
{
	double nv = settled((double)n * v), z = stats_norm_critical(alpha), half, width;
	double low, high;

	*q = (struct trial_quantile){ NAN, NAN, NAN, NAN };
	if (!(v > 0 && v < 1))
		return "the quantile is not between 0 and 1";
	if (!(alpha > 0 && alpha < 1))
		return "alpha is not between 0 and 1";
	if (!n)
		return "no values";
	q->q = sorted[(size_t)ceil(nv) - 1];
	half = z * sqrt((double)n * v * (1 - v));
	low = floor(nv - half);
	high = ceil(nv + half);
	if (!(low >= 1 && high <= (double)n))
		return "too few values for this quantile";
	q->lo = sorted[(size_t)low - 1];
	q->hi = sorted[(size_t)high - 1];
	width = (q->hi - q->lo) / (2 * z);
	q->var = width * width;
	return NULL;
}

struct trial_arm
trial_quantile_arm(const struct trial_quantile *q, size_t n, double v, double share_var,
    double *deff)
{
	*deff = isnan(share_var) ? 1 : share_var / (v * (1 - v)) * (double)n;
	return (struct trial_arm){ q->q, q->var * *deff, INFINITY };
}

const char *
trial_srm(const uint64_t *n, const double *weight, size_t arms, struct trial_srm *r)
{
	double units = 0, weights = 0, chi2 = 0, df = -1;

	*r = (struct trial_srm){ NAN, NAN, NAN };
	for (size_t i = 0; i < arms; i++) {
		if (!(weight[i] >= 0 && weight[i] <= DBL_MAX))
			return "a weight is not a number from 0 up";
		units += (double)n[i];
		weights += weight[i];
		df += weight[i] > 0;
	}
	if (df < 1)
		return "fewer than two arms";
	if (units == 0)
		return "no units";
	for (size_t i = 0; i < arms; i++) {
		double expected = units * (weight[i] / weights);
		double off = (double)n[i] - expected;

		if (off != 0)
			chi2 += off / expected * off;
	}
	*r = (struct trial_srm){ chi2, df, stats_chi2_upper(chi2, df) };
	return NULL;
}

/* Ascending, the undefined ones last. */
static int
by_p(const void *a, const void *b)
{
	double x = ((const struct trial_p *)a)->p, y = ((const struct trial_p *)b)->p;

	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return (x > y) - (x < y);
}

static int
by_place(const void *a, const void *b)
{
	size_t x = ((const struct trial_p *)a)->place, y = ((const struct trial_p *)b)->place;

	return (x > y) - (x < y);
}

/* 1 + 1/2 + ... + 1/m, smallest first. */
static double
harmonic(size_t m)
{
	double sum = 0;

	for (; m; m--)
		sum += 1 / (double)m;
	return sum;
}

/* What the i-th smallest of m (from 1) is multiplied by. */
static double
factor(enum trial_adjust how, size_t i, size_t m)
{
	switch (how) {
	case TRIAL_NONE:
		return 1;
	case TRIAL_BONFERRONI:
		return (double)m;
	case TRIAL_HOLM:
	case TRIAL_HOCHBERG:
		return (double)(m - i + 1);
	case TRIAL_BH:
	case TRIAL_BY:
		break;
	}
	return (double)m / (double)i;
}

void
trial_adjust(struct trial_p *tests, size_t n, enum trial_adjust how)
{
	size_t m = 0;
	double scale;

	for (size_t i = 0; i < n; i++) {
		tests[i].place = i;
		tests[i].adjusted = NAN;
		if (!isnan(tests[i].p))
			m++;
	}
	qsort(tests, n, sizeof(*tests), by_p);
	scale = how == TRIAL_BY ? harmonic(m) : 1;
	for (size_t i = 0; i < m; i++)
		tests[i].adjusted = fmin(1, tests[i].p * scale * factor(how, i + 1, m));
	/* no adjusted value may be out of order: Holm looks back, the others ahead */
	for (size_t i = 1; i < m && how == TRIAL_HOLM; i++)
		tests[i].adjusted = fmax(tests[i].adjusted, tests[i - 1].adjusted);
	for (size_t i = m; i > 1 && how != TRIAL_HOLM; i--)
		tests[i - 2].adjusted = fmin(tests[i - 2].adjusted, tests[i - 1].adjusted);
	qsort(tests, n, sizeof(*tests), by_place);
}

static bool
within(double p)
{
	return p > 0 && p < 1;
}

double
trial_units(double share_c, double share_t, double alpha, double power)
{
	double mean = (share_c + share_t) / 2, root;

	if (!(share_c >= 0 && share_c <= 1 && share_t >= 0 && share_t <= 1 && share_c != share_t))
		return NAN;
	if (!within(alpha) || !within(power))
		return NAN;
	root = (stats_norm_critical(alpha) * sqrt(2 * mean * (1 - mean))
	    + stats_norm_quantile(power)
	    * sqrt(share_c * (1 - share_c) + share_t * (1 - share_t))) / (share_t - share_c);
	return root * root;
}

double
trial_effect(double se, double alpha, double power)
{
	if (!(se > 0) || !within(alpha) || !within(power))
		return NAN;
	return se * (stats_norm_critical(alpha) + stats_norm_quantile(power));
}

double
trial_power(double effect, double se, double alpha)
{
	double z = stats_norm_critical(alpha), shift = fabs(effect) / se;

	if (!(se > 0) || !within(alpha))
		return NAN;
	return stats_norm_upper(z - shift) + stats_norm_upper(z + shift);
}
