/* prop.c - see prop.h. */
#include <float.h>

#include "prop.h"
#include "stats.h"

#define N_MAX	((uint64_t)1 << 63)

#define SEARCH_STEPS	60	/* halvings of the way between two modes */

static const struct prop_interval undefined = { NAN, NAN };

static const char *
check(struct prop s, const char *empty)
{
	if (!s.n)
		return empty;
	return s.x > s.n || s.n > N_MAX ? "more successes than trials" : NULL;
}

static bool
ok(struct prop s, double alpha)
{
	return !check(s, "") && alpha > 0 && alpha < 1;
}

static double
share(struct prop s)
{
	return (double)s.x / (double)s.n;
}

/* n times the variance of one trial. */
static double
spread(struct prop s)
{
	return (double)s.x * ((double)(s.n - s.x) / (double)s.n);
}

/* share t - share c: the numerator is exact. */
static double
difference(struct prop c, struct prop t)
{
	i128 d = (i128)t.x * c.n - (i128)c.x * t.n;

	return (double)d / (double)c.n / (double)t.n;
}

const char *
prop_test(struct prop c, struct prop t, double alpha, struct prop_test *r)
{
	const char *why = check(c, "no trials in control");
	double pooled, half;

	*r = (struct prop_test){ NAN, NAN, NAN, undefined };
	if (!why)
		why = check(t, "no trials in treatment");
	if (!why && !(alpha > 0 && alpha < 1))
		why = "alpha is not between 0 and 1";
	if (why)
		return why;
	r->diff = difference(c, t);
	half = stats_norm_critical(alpha)
	    * hypot(sqrt(spread(c)) / (double)c.n, sqrt(spread(t)) / (double)t.n);
	r->wald = (struct prop_interval){ fmax(r->diff - half, -1), fmin(r->diff + half, 1) };
	pooled = ((double)c.x + (double)t.x) * ((double)(c.n - c.x) + (double)(t.n - t.x));
	if (pooled == 0)
		return "every trial ended the same way";
	/* diff / sqrt(P (1 - P) (1/nc + 1/nt)), P = (xc + xt) / (nc + nt) */
	r->z = r->diff * sqrt((double)c.n / pooled * (double)t.n * ((double)c.n + (double)t.n));
	r->p = stats_norm_two_sided(r->z);
	return NULL;
}

/* How far Wilson's limits are below and above the share. */
static struct prop_interval
reach(struct prop s, double z)
{
	double n = (double)s.n, zz = z * z;
	double half = z * sqrt(spread(s) + zz / 4);
	double tilt = zz * (((double)(s.n - s.x) - (double)s.x) / (2 * n));

	return (struct prop_interval){
		s.x == 0 ? 0 : (half - tilt) / (n + zz),
		s.x == s.n ? 0 : (half + tilt) / (n + zz),
	};
}

struct prop_interval
prop_wilson(struct prop s, double alpha)
{
	double z = stats_norm_critical(alpha), n, zz = z * z;
	struct prop_interval ci, far;

	if (!ok(s, alpha))
		return undefined;
	n = (double)s.n;
	far = reach(s, z);
	/* a limit near 0 as the quotient of the roots' product, without cancellation */
	ci.lo = (double)s.x / n * (double)s.x
	    / ((double)s.x + zz / 2 + z * sqrt(spread(s) + zz / 4));
	ci.hi = s.x == s.n ? 1 : share(s) + far.hi;
	return ci;
}

struct prop_interval
prop_exact(struct prop s, double alpha)
{
	double x = (double)s.x, rest = (double)(s.n - s.x);

	if (!ok(s, alpha))
		return undefined;
	return (struct prop_interval){
		s.x == 0 ? 0 : stats_beta_lower_quantile(x, rest + 1, alpha / 2),
		s.x == s.n ? 1 : stats_beta_upper_quantile(x + 1, rest, alpha / 2),
	};
}

struct prop_interval
prop_newcombe(struct prop c, struct prop t, double alpha)
{
	double z = stats_norm_critical(alpha), diff;
	struct prop_interval far_c, far_t;

	if (!ok(c, alpha) || !ok(t, alpha))
		return undefined;
	diff = difference(c, t);
	far_c = reach(c, z);
	far_t = reach(t, z);
	return (struct prop_interval){
		diff - hypot(far_t.lo, far_c.hi),
		diff + hypot(far_t.hi, far_c.lo),
	};
}

/* A beta distribution seen on the log-odds scale. */
struct belief {
	double a, b, mode, var;
};

static struct belief
belief(struct prop s, double a, double b)
{
	struct belief f = { (double)s.x + a, (double)(s.n - s.x) + b, 0, 0 };

	f.mode = log(f.a / f.b);
	f.var = 1 / f.a + 1 / f.b;
	return f;
}

/* The density of by at s, and the chance that other lies where t > c. */
struct integrand {
	const struct belief *by, *other;
	bool other_above;
};

static double
integrand_at(const struct integrand *f, double s, double *density, double *chance)
{
	double ignored;
	struct stats_tails tails = stats_beta_logit(f->other->a, f->other->b, s, &ignored);

	(void)stats_beta_logit(f->by->a, f->by->b, s, density);
	*chance = f->other_above ? tails.upper : tails.lower;
	return *density * *chance;
}

/*
 * Where to begin: by's mode, unless the other is surely on the wrong side of it.
 * Then between the modes, where neither factor is too small for a double.
 */
static double
beginning(const struct integrand *f)
{
	double near = f->by->mode, far = f->other->mode, s = near, density, chance;

	for (int i = 0; i < SEARCH_STEPS && integrand_at(f, s, &density, &chance) == 0; i++) {
		*(chance < density ? &near : &far) = s;
		s = (near + far) / 2;
	}
	return s;
}

/*
 * The integral over the narrower one's density.  On the log-odds scale the
 * integrand is analytic, has one peak and falls exponentially, so the trapezoid
 * rule with a quarter of its width as step is exact to rounding.
 */
double
prop_chance(struct prop c, struct prop t, double a, double b)
{
	struct belief fc = belief(c, a, b), ft = belief(t, a, b);
	bool by_c = fc.var <= ft.var;
	struct integrand f = { by_c ? &fc : &ft, by_c ? &ft : &fc, by_c };
	double step = fmin(sqrt(f.by->var) / 4, 0.2), start, sum, density, chance;

	if (check(c, NULL) || check(t, NULL) || !(a >= 0.1 && b >= 0.1))
		return NAN;
	start = beginning(&f);
	sum = integrand_at(&f, start, &density, &chance);
	for (int side = -1; side <= 1; side += 2) {
		double last = 0;

		for (double s = start + side * step; fabs(s) < STATS_LOGIT_MAX; s += side * step) {
			double term = integrand_at(&f, s, &density, &chance);

			sum += term;
			if (term <= last && term <= sum * DBL_EPSILON / 8)
				break;
			last = term;
		}
	}
	return fmin(sum * step, 1);
}
