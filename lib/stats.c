/*
 * stats.c - see stats.h.
 *
 * Beta, and with it Student's t: DiDonato and Morris, "Algorithm 708", ACM TOMS
 * 1992, their continued fraction (9).  What stands before the fraction, and
 * before those of the gamma distribution, is written by deviations from the
 * mean and Stirling remainders (Loader, "Fast and accurate computation of
 * binomial probabilities", 2000): the logarithms of two gamma functions near
 * 1e9 agree in ten digits, and their difference has lost those.
 */
#include <float.h>

#include "stats.h"

#define SQRT_HALF	0.70710678118654752440	/* sqrt(1/2) */
#define SQRT_2PI	2.50662827463100050242
#define LOG_SQRT_2PI	0.91893853320467274178

#define FRACTION_TERMS	200000	/* 30,000 are needed at shapes of 1e9 */
#define SOLVE_STEPS	200	/* 4 to 12 are usual; bisection alone needs 60 */

/* The step after one so short would be its square: below rounding. */
#define SOLVE_TOLERANCE	1e-10

/* log(1 + u) - u without the cancellation; u > -1. */
static double
log1p_minus(double u)
{
	double r, y, sum = 0;

	if (u < -0.5 || u > 1)
		return log1p(u) - u;
	/* log(1 + u) = 2 atanh(r), and 2 r - u = -r u; here r^2 <= 1/9 */
	r = u / (2 + u);
	y = r * r;
	for (int k = 35; k >= 3; k -= 2)
		sum = sum * y + 1.0 / k;
	return r * (2 * y * sum - u);
}

/* log(ratio) - u where ratio = 1 + u and both are known. */
static double
log_minus(double ratio, double u)
{
	return u < -0.5 ? log(ratio) - u : log1p_minus(u);
}

/* log gamma(a) less Stirling's (a - 1/2) log a - a + log sqrt(2 pi); a > 0. */
static double
stirling(double a)
{
	double shift = 0, y;

	for (; a < 10; a++)
		shift += (a + 0.5) * log1p(1 / a) - 1;
	y = 1 / (a * a);
	return shift + (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680
	    - y * (1.0 / 1188 - y * 691.0 / 360360))))) / a;
}

double
stats_norm_upper(double x)
{
	return 0.5 * erfc(x * SQRT_HALF);
}

double
stats_norm_lower(double x)
{
	return stats_norm_upper(-x);
}

double
stats_norm_two_sided(double z)
{
	return erfc(fabs(z) * SQRT_HALF);
}

double
stats_norm_within(double z)
{
	return erf(fabs(z) * SQRT_HALF);
}

/* x with P(0 < Z < x) = d, 0 <= d <= 1/4: what is near 0 keeps its digits. */
static double
norm_central(double d)
{
	double x = d * SQRT_2PI;

	for (int i = 0; i < 5; i++)
		x -= (0.5 * erf(x * SQRT_HALF) - d) * SQRT_2PI * exp(x * x / 2);
	return x;
}

/* x with P(Z > x) = q, 0 < q <= 1/4. */
static double
norm_tail(double q)
{
	double w = sqrt(-2 * log(q)), upper;
	/* Abramowitz and Stegun 26.2.23, to 4.5e-4 */
	double x = w - (2.515517 + w * (0.802853 + w * 0.010328))
	    / (1 + w * (1.432788 + w * (0.189269 + w * 0.001308)));

	/* Newton on the logarithm, nearly a parabola: 3 steps are exact */
	for (int i = 0; i < 3 && (upper = stats_norm_upper(x)) > DBL_MIN; i++)
		x += log(upper / q) * upper * SQRT_2PI * exp(x * x / 2);
	return x;
}

double
stats_norm_quantile(double p)
{
	double x;

	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? -INFINITY : INFINITY;
	x = fabs(p - 0.5) <= 0.25 ? norm_central(fabs(p - 0.5)) : norm_tail(p < 0.5 ? p : 1 - p);
	return p < 0.5 ? -x : x;
}

double
stats_norm_critical(double alpha)
{
	if (!(alpha >= 0 && alpha <= 1))
		return NAN;
	return alpha > 0.5 ? norm_central((1 - alpha) / 2) : -stats_norm_quantile(alpha / 2);
}

/* log of x^a y^b / B(a, b), y = 1 - x. */
static double
beta_log_kernel(double a, double b, double x, double y)
{
	double d = stats_products(x, b, y, a), n = a + b;

	return a * log_minus(x * (n / a), d / a) + b * log_minus(y * (n / b), -d / b)
	    + 0.5 * (log(a / n) + log(b)) - LOG_SQRT_2PI
	    + stirling(n) - stirling(a) - stirling(b);
}

/*
 * kernel / P(X <= x) for x up to the mean, y = 1 - x; by Lentz' method.  NaN
 * when the terms run out.
 */
static double
beta_fraction(double a, double b, double x, double y)
{
	double lambda = stats_products(a, y, b, x) + 1;
	double f = a / (a + 1) * lambda, c = f, d = 0;

	for (int m = 1; m < FRACTION_TERMS; m++) {
		double e = a + 2 * m, g = m * (b - m) * x / (e - 1);
		double up = g * x * (a + m - 1) * ((a + b + m - 1) / (e - 1));
		double down = m + g + (a + m) / (e + 1) * (lambda + m * (1 + y));
		double step;

		d = 1 / (down + up * d);
		c = down + up / c;
		step = c * d;
		f *= step;
		if (fabs(step - 1) <= DBL_EPSILON)
			return f;
	}
	return NAN;
}

static struct stats_tails
beta_tails(double a, double b, double x, double y)
{
	struct stats_tails t;
	double kernel = exp(beta_log_kernel(a, b, x, y));

	if (b * x <= a * y) {
		t.lower = kernel / beta_fraction(a, b, x, y);
		t.upper = 1 - t.lower;
	} else {
		t.upper = kernel / beta_fraction(b, a, y, x);
		t.lower = 1 - t.upper;
	}
	return t;
}

static bool
shape_ok(double a)
{
	return a > 0 && a <= DBL_MAX;
}

struct stats_tails
stats_beta(double a, double b, double x)
{
	if (!shape_ok(a) || !shape_ok(b) || !(x >= 0 && x <= 1))
		return (struct stats_tails){ NAN, NAN };
	if (x == 0 || x == 1)
		return (struct stats_tails){ x, 1 - x };
	return beta_tails(a, b, x, 1 - x);
}

struct stats_tails
stats_beta_logit(double a, double b, double s, double *density)
{
	double x = 1 / (1 + exp(-s)), y = 1 / (1 + exp(s));

	if (!shape_ok(a) || !shape_ok(b) || !(fabs(s) <= STATS_LOGIT_MAX)) {
		*density = NAN;
		return (struct stats_tails){ NAN, NAN };
	}
	*density = exp(beta_log_kernel(a, b, x, y));
	return beta_tails(a, b, x, y);
}

/* log P(X <= x) less log p, and its slope by the log-odds of x. */
static double
beta_excess(double a, double b, double x, double y, double p, double *slope)
{
	double kernel = beta_log_kernel(a, b, x, y), upper;

	if (b * x <= a * y) {
		*slope = beta_fraction(a, b, x, y);
		return kernel - log(*slope) - log(p);
	}
	upper = exp(kernel) / beta_fraction(b, a, y, x);
	*slope = exp(kernel) / (1 - upper);
	return log1p(-upper) - log(p);
}

/*
 * The log-odds of the x with P(X <= x) = p and P(X > x) = q = 1 - p.  By them
 * log P is concave and rises: Newton's steps from the left never pass the root,
 * and one from the right lands left of it.  The bracket is for rounding, and
 * for a step beyond what a double holds.
 */
static double
beta_log_odds(double a, double b, double p, double q)
{
	double low = -STATS_LOGIT_MAX, high = STATS_LOGIT_MAX, s;

	if (p > q)
		return -beta_log_odds(b, a, q, p);
	s = log(a / b) + stats_norm_quantile(p) * sqrt(1 / a + 1 / b);
	s = fmax(low, fmin(high, s));
	for (int i = 0; i < SOLVE_STEPS; i++) {
		double slope, next;
		double g = beta_excess(a, b, 1 / (1 + exp(-s)), 1 / (1 + exp(s)), p, &slope);

		*(g > 0 ? &high : &low) = s;
		next = s - g / slope;
		if (!(next >= low && next <= high))
			next = (low + high) / 2;
		if (fabs(next - s) <= SOLVE_TOLERANCE * fmax(1, fabs(s)))
			return fabs(next) < STATS_LOGIT_MAX - 1 ? next : NAN;
		s = next;
	}
	return NAN;
}

static double
beta_quantile(double a, double b, double p, double q)
{
	if (!shape_ok(a) || !shape_ok(b) || !(p >= 0 && q >= 0))
		return NAN;
	if (p == 0 || q == 0)
		return p == 0 ? 0 : 1;
	return 1 / (1 + exp(-beta_log_odds(a, b, p, q)));
}

double
stats_beta_lower_quantile(double a, double b, double p)
{
	return beta_quantile(a, b, p, 1 - p);
}

double
stats_beta_upper_quantile(double a, double b, double p)
{
	return beta_quantile(a, b, 1 - p, p);
}

/* t^2 / (df + t^2) is beta(1/2, df/2), and df / (df + t^2) beta(df/2, 1/2). */
double
stats_t_two_sided(double t, double df)
{
	double sum = df + t * t;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (isinf(df))
		return stats_norm_two_sided(t);
	if (t == 0 || isinf(t))
		return t == 0;
	if (isinf(sum))
		return NAN;
	return beta_tails(df / 2, 0.5, df / sum, t / sum * t).lower;
}

/* t > 0 with P(|T| > t) = outside and P(|T| <= t) = inside. */
static double
t_of(double outside, double inside, double df)
{
	if (outside == 0 || inside == 0)
		return outside == 0 ? INFINITY : 0;
	return sqrt(df) * exp(-beta_log_odds(df / 2, 0.5, outside, inside) / 2);
}

double
stats_t_quantile(double p, double df)
{
	if (!(p >= 0 && p <= 1) || !(df > 0))
		return NAN;
	if (isinf(df))
		return stats_norm_quantile(p);
	return p < 0.5 ? -t_of(2 * p, 1 - 2 * p, df) : t_of(2 - 2 * p, 2 * p - 1, df);
}

double
stats_t_critical(double alpha, double df)
{
	if (!(alpha >= 0 && alpha <= 1) || !(df > 0))
		return NAN;
	return isinf(df) ? stats_norm_critical(alpha) : t_of(alpha, 1 - alpha, df);
}

/* log of x^a exp(-x) / gamma(a). */
static double
gamma_log_kernel(double a, double x)
{
	return a * log_minus(x / a, (x - a) / a) + 0.5 * log(a) - LOG_SQRT_2PI - stirling(a);
}

/* P(X <= x) / kernel for x < a + 1: DLMF 8.11.4. */
static double
gamma_series(double a, double x)
{
	double term = 1 / a, sum = term;

	for (int i = 1; i < FRACTION_TERMS; i++) {
		term *= x / (a + i);
		sum += term;
		if (term <= sum * DBL_EPSILON)
			return sum;
	}
	return NAN;
}

/* kernel / P(X > x) for x >= a + 1: DLMF 8.9.2, its even part. */
static double
gamma_fraction(double a, double x)
{
	double f = x + 1 - a, c = f, d = 0;

	for (int i = 1; i < FRACTION_TERMS; i++) {
		double up = i * (a - i), down = x + 1 - a + 2 * i, step;

		d = 1 / (down + up * d);
		c = down + up / c;
		step = c * d;
		f *= step;
		if (fabs(step - 1) <= DBL_EPSILON)
			return f;
	}
	return NAN;
}

struct stats_tails
stats_gamma(double a, double x)
{
	struct stats_tails t = { NAN, NAN };

	if (!shape_ok(a) || !(x >= 0))
		return t;
	if (x == 0 || isinf(x))
		return (struct stats_tails){ x > 0, x == 0 };
	if (x < a + 1) {
		t.lower = exp(gamma_log_kernel(a, x)) * gamma_series(a, x);
		t.upper = 1 - t.lower;
	} else {
		t.upper = exp(gamma_log_kernel(a, x)) / gamma_fraction(a, x);
		t.lower = 1 - t.upper;
	}
	return t;
}

double
stats_chi2_upper(double x, double df)
{
	return stats_gamma(df / 2, x / 2).upper;
}

void
stats_add(struct stats_moments *m, double x)
{
	double d = x - m->mean;

	m->n++;
	m->mean += d / (double)m->n;
	m->m2 += d * (x - m->mean);
}

void
stats_merge(struct stats_moments *a, const struct stats_moments *b)
{
	double d = b->mean - a->mean, share;

	if (!b->n)
		return;
	share = (double)b->n / ((double)a->n + (double)b->n);
	a->m2 += b->m2 + d * d * (double)a->n * share;
	a->mean += d * share;
	a->n += b->n;
}

double
stats_variance(const struct stats_moments *m)
{
	return m->n < 2 ? NAN : m->m2 / (double)(m->n - 1);
}
