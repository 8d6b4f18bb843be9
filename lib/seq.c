/* seq.c - see seq.h. */
#include <float.h>
#include <stdlib.h>

#include "mem.h"
#include "seq.h"
#include "stats.h"

#define INV_SQRT_2PI	0.39894228040143267794

/* Panels of the density's integral: 8-point Gauss-Legendre, a step wide. */
#define NODES		8
#define PANELS_MAX	512

#define BOUND_MAX	38.0	/* beyond it a tail is no longer a double */
#define BOUND_STEPS	100

const char *
seq_cs(double diff, double se, double n, double n_star, double alpha, struct seq_cs *r)
{
	double log_a = log(alpha), v;

	*r = (struct seq_cs){ NAN, NAN, NAN, NAN, NAN, NAN };
	if (!(alpha > 0 && alpha < 1))
		return "alpha is not between 0 and 1";
	if (!(n > 0 && n_star > 0))
		return "no units";
	if (!(se > 0 && se <= DBL_MAX) || !isfinite(diff))
		return "no variance";
	r->rho = sqrt((-2 * log_a + log(1 - 2 * log_a)) / n_star);
	v = n * r->rho * r->rho;
	r->critical = sqrt(2 * (v + 1) / v * (log1p(v) / 2 - log_a));
	r->half = se * r->critical;
	r->lo = diff - r->half;
	r->hi = diff + r->half;
	r->p = exp(fmin(0, log1p(v) / 2 - diff / se * (diff / se) * v / (2 * (v + 1))));
	return NULL;
}

const char *
seq_msprt(double diff, double se, double tau, struct seq_msprt *r)
{
	double odds = tau / se * (tau / se), z = diff / se;

	*r = (struct seq_msprt){ NAN, NAN };
	if (!(se > 0 && se <= DBL_MAX) || !isfinite(diff))
		return "no variance";
	if (!(odds > 0 && odds <= DBL_MAX))
		return "tau is not above 0";
	r->log_lambda = (z * z * odds / (1 + odds) - log1p(odds)) / 2;
	r->p = exp(fmin(0, -r->log_lambda));
	return NULL;
}

/*
 * The score process at a look, on what no look has stopped: density at points,
 * each with its weight.  It is symmetric, and kept whole.
 */
struct grid {
	size_t n;
	double at[PANELS_MAX * NODES], mass[PANELS_MAX * NODES];
};

/* Abramowitz and Stegun 25.4.30. */
static const double gauss_x[NODES / 2] = {
	0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363,
};
static const double gauss_w[NODES / 2] = {
	0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763,
};

/* Density at x after a step of variance step^2 from the grid's mass. */
static double
density(const struct grid *from, double x, double step)
{
	double sum = 0;

	for (size_t i = 0; i < from->n; i++) {
		double d = (x - from->at[i]) / step;

		if (fabs(d) < BOUND_MAX)
			sum += from->mass[i] * exp(-d * d / 2);
	}
	return sum * INV_SQRT_2PI / step;
}

/* P(|score| >= bound) after a step from the grid's mass. */
static double
crossing(const struct grid *from, double bound, double step)
{
	double sum = 0;

	for (size_t i = 0; i < from->n; i++)
		sum += from->mass[i] * (stats_norm_upper((bound - from->at[i]) / step)
		    + stats_norm_upper((bound + from->at[i]) / step));
	return sum;
}

/* The grid of -bound..bound, its mass carried over a step from another. */
static void
carry(const struct grid *from, double bound, double step, struct grid *to)
{
	double panels = fmin(fmax(ceil(2 * bound / step), 8), PANELS_MAX);
	double half = bound / panels;

	to->n = 0;
	for (double p = 0; p < panels; p++) {
		double centre = -bound + (2 * p + 1) * half;

		for (size_t i = 0; i < NODES; i++) {
			double x = centre + half * (i % 2 ? gauss_x[i / 2] : -gauss_x[i / 2]);

			to->at[to->n] = x;
			to->mass[to->n++] = half * gauss_w[i / 2] * density(from, x, step);
		}
	}
}

/* The bound that is crossed with probability alpha, by halving. */
static double
bound_for(const struct grid *from, double alpha, double step, double high)
{
	double low = 0;

	for (int i = 0; i < BOUND_STEPS && high - low > 4 * DBL_EPSILON * high; i++) {
		double middle = (low + high) / 2;

		if (crossing(from, middle, step) > alpha)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static const char *
looks_wrong(const double *t, size_t looks, double alpha)
{
	if (!(alpha > 0 && alpha < 1))
		return "alpha is not between 0 and 1";
	if (looks < 1 || looks > SEQ_LOOKS_MAX)
		return "no looks, or too many";
	for (size_t i = 0; i < looks; i++)
		if (!(t[i] > (i ? t[i - 1] : 0) && t[i] <= 1))
			return "information does not grow from look to look, within 0 to 1";
	return NULL;
}

const char *
seq_bounds(const double *t, size_t looks, double alpha, double *z, double *spent)
{
	double quarter = stats_norm_critical(alpha / 2), last_t = 0, last_spent = 0;
	struct grid *now, *next, *swap;
	const char *why = looks_wrong(t, looks, alpha);

	if (why)
		return why;
	now = mem_alloc(sizeof(*now));
	next = mem_alloc(sizeof(*next));
	now->n = 1;			/* all of it at 0 */
	now->mass[0] = 1;
	for (size_t i = 0; i < looks; i++) {
		double root = sqrt(t[i]), step = sqrt(t[i] - last_t), bound;

		spent[i] = 4 * stats_norm_upper(quarter / root);
		bound = bound_for(now, spent[i] - last_spent, step, BOUND_MAX * root);
		z[i] = bound < BOUND_MAX * root ? bound / root : INFINITY;
		carry(now, bound, step, next);
		swap = now;
		now = next;
		next = swap;
		last_t = t[i];
		last_spent = spent[i];
	}
	free(now);
	free(next);
	return NULL;
}
