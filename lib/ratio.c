/* ratio.c - see ratio.h. */
#include <float.h>

#include "ratio.h"

/* Residuals below so much of what they are the difference of are rounding. */
#define ROUNDING	(16 * DBL_EPSILON)

/* Of sums of squares, what must be left for nine digits in 64 bits of mantissa. */
#define SUMS_LEFT	1e-9

static double
square(double x)
{
	return x * x;
}

static struct ratio_arm
empty_arm(size_t k)
{
	return (struct ratio_arm){ { NAN, NAN, NAN }, k, NAN, NAN, NAN, NAN, NAN };
}

/* An arm's variance from the squares of its residuals; sets all that follows. */
static const char *
arm_spread(struct ratio_arm *arm, double residuals)
{
	double k = (double)arm->keys;

	if (arm->keys < 2)
		return "one key";
	if (residuals == 0)
		return "no variance";
	arm->as.var = residuals / (k - 1) * k / square(arm->n);
	arm->as.df = k - 1;
	if (arm->y > 0 && arm->y < arm->n)
		arm->deff = arm->as.var / arm->y / (arm->n - arm->y) * arm->n * square(arm->n);
	return NULL;
}

/* The totals of one key that are looked at. */
static const struct ratio_total *
total(const struct ratio_key *key, bool before)
{
	return before ? &key->before : &key->now;
}

/* Totals, ratio and weights of an arm; *yy is the sum of y^2. */
static const char *
arm_totals(const struct ratio_key *keys, size_t k, bool before, struct ratio_arm *arm, double *yy)
{
	long double y = 0, n = 0, squares = 0, nn = 0;
	double top = 0;

	*arm = empty_arm(k);
	for (size_t i = 0; i < k; i++) {
		const struct ratio_total *v = total(&keys[i], before);

		y += v->y;
		n += v->n;
		squares += square(v->y);
		nn += square(v->n);
		top = fmax(top, v->n);
	}
	if (!k)
		return "no keys";
	if (!isfinite((double)squares) || !isfinite((double)nn))
		return "a total is not finite";
	arm->y = (double)y;
	arm->n = (double)n;
	if (!(arm->n > 0))
		return before ? "no requests before" : "no requests";
	arm->as.est = arm->y / arm->n;
	arm->n_eff = (double)(n * n / nn);
	arm->top = top / arm->n;
	*yy = (double)squares;
	return NULL;
}

double
ratio_residual(const struct ratio_total *v, double y, double n)
{
	double e = stats_products(v->y, n, y, v->n) / n;

	return fabs(e) <= ROUNDING * fabs(v->y) ? 0 : e;
}

static const char *
arm_of(const struct ratio_key *keys, size_t k, bool before, struct ratio_arm *arm)
{
	long double sum = 0;
	double yy;
	const char *why = arm_totals(keys, k, before, arm, &yy);

	for (size_t i = 0; !why && i < k; i++)
		sum += square(ratio_residual(total(&keys[i], before), arm->y, arm->n));
	return why ? why : arm_spread(arm, (double)sum);
}

const char *
ratio_arm(const struct ratio_key *keys, size_t k, struct ratio_arm *arm)
{
	return arm_of(keys, k, false, arm);
}

const char *
ratio_arm_sums(const struct ratio_sums *s, struct ratio_arm *arm)
{
	long double r = (long double)s->y / s->n;
	long double left = s->yy - 2 * r * s->yn + r * r * s->nn;

	*arm = empty_arm((size_t)s->keys);
	if (!s->keys)
		return "no keys";
	if (!isfinite(s->yy) || !isfinite(s->nn) || !isfinite(s->yn))
		return "a total is not finite";
	arm->y = s->y;
	arm->n = s->n;
	if (!(s->n > 0))
		return "no requests";
	arm->as.est = (double)r;
	arm->n_eff = square(s->n) / s->nn;
	if (s->keys > 1 && left < SUMS_LEFT * s->yy)
		return "the sums leave too few digits for a variance";
	return arm_spread(arm, (double)left);
}

/* One arm, or one crossover, in both of its times. */
struct both {
	const struct ratio_key *keys;
	size_t k;
	struct ratio_arm now, before;
};

static const char *
both_of(const struct ratio_key *keys, size_t k, struct both *b)
{
	const char *why, *why_before;

	b->keys = keys;
	b->k = k;
	why = arm_of(keys, k, false, &b->now);
	why_before = arm_of(keys, k, true, &b->before);
	/* a past without variance only teaches nothing */
	return why ? why : b->before.n > 0 ? NULL : why_before;
}

/* A key's part in the error of the ratio: residual over the total. */
static double
part(const struct both *b, size_t i, bool before)
{
	const struct ratio_arm *arm = before ? &b->before : &b->now;

	return ratio_residual(total(&b->keys[i], before), arm->y, arm->n) / arm->n;
}

/* The variances of the two ratios, and their covariance. */
struct spread {
	double now, before, cov;
};

static struct spread
spread_of(const struct both *b)
{
	long double uu = 0, ww = 0, uw = 0;
	double k = (double)b->k, over = k / (k - 1);

	for (size_t i = 0; i < b->k; i++) {
		double u = part(b, i, false), w = part(b, i, true);

		uu += u * u;
		ww += w * w;
		uw += u * w;
	}
	return (struct spread){ (double)uu * over, (double)ww * over, (double)uw * over };
}

/* The variance of now - theta before, from its own residuals. */
static double
spread_less(const struct both *b, double theta)
{
	long double sum = 0;
	double k = (double)b->k;

	for (size_t i = 0; i < b->k; i++) {
		double u = part(b, i, false), e = u - theta * part(b, i, true);

		sum += fabs(e) <= ROUNDING * fabs(u) ? 0 : square(e);
	}
	return (double)sum * k / (k - 1);
}

const char *
ratio_cuped(const struct ratio_key *c, size_t n_c, const struct ratio_key *t, size_t n_t,
    double alpha, struct ratio_cuped *out)
{
	struct both bc, bt;
	struct spread sc, st;
	const char *why_c = both_of(c, n_c, &bc), *why_t = both_of(t, n_t, &bt);
	double pooled;

	*out = (struct ratio_cuped){ NAN, { NAN, NAN, NAN }, { NAN, NAN, NAN }, trial_undefined };
	if (why_c || why_t)
		return why_c ? why_c : why_t;
	sc = spread_of(&bc);
	st = spread_of(&bt);
	if (sc.before + st.before == 0)
		return "no variance before";
	out->theta = (sc.cov + st.cov) / (sc.before + st.before);
	pooled = (bc.before.y + bt.before.y) / (bc.before.n + bt.before.n);
	out->c = (struct trial_arm){
		bc.now.as.est - out->theta * (bc.before.as.est - pooled),
		spread_less(&bc, out->theta),
		bc.now.as.df,
	};
	out->t = (struct trial_arm){
		bt.now.as.est - out->theta * (bt.before.as.est - pooled),
		spread_less(&bt, out->theta),
		bt.now.as.df,
	};
	return trial_compare(&out->c, &out->t, alpha, &out->r);
}

const char *
ratio_crossover(const struct ratio_key *keys, size_t k, double alpha, struct ratio_crossover *out)
{
	struct both b;
	const char *why = both_of(keys, k, &b);
	struct spread s;
	struct trial_pair pair;

	*out = (struct ratio_crossover){ b.before.as.est, b.now.as.est, trial_undefined };
	if (why)
		return why;
	s = spread_of(&b);
	pair = (struct trial_pair){
		out->est_c, out->est_t, s.before, s.now, s.cov, spread_less(&b, 1), (double)k - 1
	};
	return trial_compare_pair(&pair, alpha, &out->r);
}
