/* quantile.c - see quantile.h. */
#include "quantile.h"

#include <math.h>

#define STEP_MAX	0.5	/* standard errors of one value's share */
#define AROUND		2.0	/* of these to either side of the quantile */
#define GAP_MAX		0.8	/* of the way from end to end, between two values */
#define ROUNDING	1e-9	/* of a place that is meant to be whole */

/* --- one arm --- */

/* The place from 0 of the greatest value that may be the quantile; n: none is too great. */
static size_t
place_up(const struct quantile_arm *a, double v, double off)
{
	double at = floor((double)a->n * (v + off * a->share_se) + ROUNDING);

	return at < (double)a->n ? (size_t)at : a->n;
}

static double
greatest(const struct quantile_arm *a, double v, double off)
{
	size_t at = place_up(a, v, off);

	return at < a->n ? a->sorted[at] : INFINITY;
}

static double
least(const struct quantile_arm *a, double v, double off)
{
	double at = ceil((double)a->n * (v - off * a->share_se) - ROUNDING);

	return at >= 1 ? a->sorted[(size_t)at - 1] : -INFINITY;
}

/* How many are below x, or at x as well. */
static size_t
count(const struct quantile_arm *a, double x, bool at_too)
{
	size_t lo = 0, hi = a->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->sorted[mid] < x || (at_too && a->sorted[mid] == x))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* How many standard errors x is off. */
static double
off_at(const struct quantile_arm *a, double v, double x)
{
	double below = (double)count(a, x, false) / (double)a->n;
	double up_to = (double)count(a, x, true) / (double)a->n;

	return fmax(0, fmax(v - up_to, below - v)) / a->share_se;
}

bool
quantile_tied(const struct quantile_arm *a, double v)
{
	size_t end = count(a, greatest(a, v, AROUND), true), next;

	for (size_t i = count(a, least(a, v, AROUND), false); i < end; i = next) {
		next = count(a, a->sorted[i], true);
		if (next - i > 1 && (double)(next - i) > STEP_MAX * a->share_se * (double)a->n)
			return true;
	}
	return false;
}

bool
quantile_rough(const struct quantile_arm *a, double v)
{
	double lo = least(a, v, AROUND), hi = greatest(a, v, AROUND), wide = 0;
	size_t end = count(a, hi, false);

	if (isinf(lo) || isinf(hi) || quantile_tied(a, v))
		return true;
	for (size_t i = count(a, lo, false); i < end; i++)
		wide = fmax(wide, a->sorted[i + 1] - a->sorted[i]);
	return wide > GAP_MAX * (hi - lo);
}

/* --- both --- */

static double
distance(const struct quantile_pair *p, double x)
{
	return hypot(off_at(&p->c, p->v, x), off_at(&p->t, p->v, x)) / QUANTILE_SLACK;
}

/* The least distance at values of one arm between both quantiles. */
static double
nearest(const struct quantile_pair *p, const struct quantile_arm *a, double from, double to)
{
	size_t end = count(a, to, true), next;
	double best = INFINITY;

	for (size_t i = count(a, from, false); i < end; i = next) {
		next = count(a, a->sorted[i], true);
		best = fmin(best, distance(p, a->sorted[i]));
	}
	return best;
}

double
quantile_apart(const struct quantile_pair *p)
{
	double c = least(&p->c, p->v, 0), t = least(&p->t, p->v, 0);

	return fmin(nearest(p, &p->c, fmin(c, t), fmax(c, t)), nearest(p, &p->t, fmin(c, t), fmax(c, t)));
}

struct reach {
	double diff, ratio;
};

static void
extend(struct reach *r, double high, double low)
{
	r->diff = fmax(r->diff, high - low);
	if (!(low > 0))
		r->ratio = NAN;
	else if (!isnan(r->ratio))
		r->ratio = fmax(r->ratio, high / low);
}

/* How far the quantile of one arm may be above that of the other. */
static struct reach
reach(const struct quantile_pair *p, const struct quantile_arm *up, const struct quantile_arm *down,
    double critical)
{
	struct reach r = { -INFINITY, -INFINITY };

	critical *= QUANTILE_SLACK;
	if (place_up(up, p->v, critical) == up->n)
		extend(&r, INFINITY, least(down, p->v, 0));
	/* each value that may be one's quantile leaves so much for the other's to be off */
	for (size_t at = place_up(up, p->v, 0); at < up->n; at++) {
		double a = fmax(0, (double)at / (double)up->n - p->v) / up->share_se;

		if (!(a <= critical))
			break;
		extend(&r, up->sorted[at], least(down, p->v, sqrt(critical * critical - a * a)));
	}
	return r;
}

void
quantile_limits(const struct quantile_pair *p, double critical, struct quantile_limits *to)
{
	struct reach up = reach(p, &p->t, &p->c, critical), down = reach(p, &p->c, &p->t, critical);

	to->hi = up.diff;
	to->lo = -down.diff;
	to->rel_hi = up.ratio - 1;
	to->rel_lo = 1 / down.ratio - 1;
}
