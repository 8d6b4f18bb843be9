/*
 * stats.c - what tables of values (truth.c) do not show: identities over a
 * random sweep, ends of ranges, undefined results, one-pass moments against
 * two passes.
 */
#include "rng.h"
#include "stats.h"
#include "test.h"

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

/* 2 * (1 - cdf) is 0 from 8.3 standard deviations on. */
static void
test_small_tails(void)
{
	CHECK(near(stats_norm_two_sided(20), 5.5072482372124763e-89, 1e-12));
	CHECK(near(stats_norm_upper(8.3), stats_norm_two_sided(-8.3) / 2, 1e-15));
	CHECK(near(stats_t_two_sided(30, 100), 8.3803325586882922e-52, 1e-12));
	CHECK(near(stats_chi2_upper(200, 1), 2.0884875837625448e-45, 1e-12));
	CHECK(near(stats_norm_within(1e-12), 7.9788456080286536e-13, 1e-14));
}

static void
test_ends(void)
{
	CHECK(stats_norm_quantile(0) == -INFINITY && stats_norm_quantile(1) == INFINITY);
	CHECK(stats_norm_quantile(0.5) == 0);
	CHECK(isfinite(stats_norm_quantile(5e-324)));
	CHECK(stats_norm_upper(INFINITY) == 0 && stats_norm_lower(INFINITY) == 1);
	CHECK(stats_norm_critical(0) == INFINITY && stats_norm_critical(1) == 0);
	CHECK(stats_t_two_sided(0, 3) == 1 && stats_t_two_sided(INFINITY, 3) == 0);
	CHECK(stats_t_quantile(0.5, 3) == 0 && stats_t_quantile(1, 3) == INFINITY);
	CHECK(stats_t_quantile(0, 3) == -INFINITY);
	CHECK(stats_t_two_sided(1.5, INFINITY) == stats_norm_two_sided(1.5));
	CHECK(stats_t_critical(0.05, INFINITY) == stats_norm_critical(0.05));
	CHECK(stats_chi2_upper(0, 1) == 1 && stats_chi2_upper(INFINITY, 1) == 0);
	CHECK(stats_beta(2, 3, 0).lower == 0 && stats_beta(2, 3, 1).upper == 0);
	CHECK(stats_beta_lower_quantile(2, 3, 0) == 0 && stats_beta_upper_quantile(2, 3, 0) == 1);
}

static void
test_undefined(void)
{
	double density;

	CHECK(isnan(stats_norm_quantile(-0.1)) && isnan(stats_norm_quantile(1.1)));
	CHECK(isnan(stats_norm_quantile(NAN)) && isnan(stats_norm_critical(NAN)));
	CHECK(isnan(stats_norm_two_sided(NAN)) && isnan(stats_norm_lower(NAN)));
	CHECK(isnan(stats_t_two_sided(1, 0)) && isnan(stats_t_two_sided(1, NAN)));
	CHECK(isnan(stats_t_two_sided(NAN, 1)) && isnan(stats_t_two_sided(1e200, 1)));
	CHECK(isnan(stats_t_quantile(2, 1)) && isnan(stats_t_critical(0.05, 0)));
	CHECK(isnan(stats_t_quantile(1e-300, 0.1)));
	CHECK(isnan(stats_chi2_upper(-1, 1)) && isnan(stats_chi2_upper(1, 0)));
	CHECK(isnan(stats_gamma(INFINITY, 1).lower));
	CHECK(isnan(stats_beta(0, 1, 0.5).lower) && isnan(stats_beta(1, 1, 2).upper));
	CHECK(isnan(stats_beta_lower_quantile(1, 1, -1)));
	CHECK(isnan(stats_beta_upper_quantile(1, 1, 2)));
	CHECK(isnan(stats_beta_logit(1, 1, 1e4, &density).lower) && isnan(density));
}

/* 10^u, u uniform between low and high. */
static double
magnitude(struct rng *rng, double low, double high)
{
	return pow(10, low + (high - low) * rng_unit(rng));
}

static void
test_identities(void)
{
	struct rng rng;

	rng_seed(&rng, 1);
	for (int i = 0; i < 2000; i++) {
		double p = rng_unit(&rng), df = magnitude(&rng, -0.5, 8);
		double a = magnitude(&rng, -1, 5), b = magnitude(&rng, -1, 5), x;
		struct stats_tails t;
		double density;

		x = stats_norm_quantile(p);
		CHECK(near(stats_norm_lower(x), p, 1e-13));
		CHECK(near(stats_norm_two_sided(stats_norm_critical(p)), p, 1e-13));
		CHECK(near(stats_t_two_sided(stats_t_critical(p, df), df), p, 1e-11));
		x = stats_t_quantile(p, df);
		CHECK(near(-stats_t_quantile(1 - p, df), x, 1e-9 / fabs(p - 0.5)));

		/* the tails make 1; the density is their derivative */
		x = stats_beta_lower_quantile(a, b, p);
		if (x > 1e-290 && x < 1 - 1e-3) {
			t = stats_beta(a, b, x);
			CHECK(near(t.lower, p, 1e-9) && near(t.lower + t.upper, 1, 1e-15));
			CHECK(near(stats_beta(b, a, 1 - x).upper, t.lower,
			    1e-9 + 1e-15 * (a + b) / x));
			t = stats_beta_logit(a, b, log(x / (1 - x)), &density);
			CHECK(near(t.lower, p, 1e-9) && density > 0);
		}
		/* P(chi-square of 2 > x) is exp(-x/2); of 1, the normal's */
		CHECK(near(stats_chi2_upper(20 * p, 2), exp(-10 * p), 1e-13));
		CHECK(near(stats_chi2_upper(400 * p * p, 1), stats_norm_two_sided(20 * p), 1e-11));
		CHECK(near(stats_gamma(a, a * p).lower + stats_gamma(a, a * p).upper, 1, 1e-15));
	}
}

static void
test_density(void)
{
	for (double s = -9; s < 9; s += 0.5) {
		const double h = 1e-5;
		double density, ignored;
		double slope = (stats_beta_logit(3, 0.7, s + h, &ignored).lower
		    - stats_beta_logit(3, 0.7, s - h, &ignored).lower) / (2 * h);

		(void)stats_beta_logit(3, 0.7, s, &density);
		CHECK(near(density, slope, 1e-5));
	}
}

/* 1e7 + 0.05 noise: sums of squares give 0.03 or worse instead of 0.0008. */
static void
test_moments(void)
{
	struct stats_moments all = { 0 }, part[3] = { { 0 } }, none = { 0 };
	double x[1000], mean = 0, m2 = 0;
	struct rng rng;

	rng_seed(&rng, 2);
	for (size_t i = 0; i < countof(x); i++) {
		x[i] = 0.1 * rng_unit(&rng);
		mean += x[i] / countof(x);
		stats_add(&all, 1e7 + x[i]);
		stats_add(&part[i % 7 ? i < 600 : 2], 1e7 + x[i]);
	}
	for (size_t i = 0; i < countof(x); i++)
		m2 += (x[i] - mean) * (x[i] - mean);
	CHECK(near(stats_variance(&all), m2 / (countof(x) - 1), 1e-6));
	for (size_t i = 0; i < countof(part); i++)
		stats_merge(&none, &part[i]);
	CHECK_INT(none.n, countof(x));
	CHECK(near(none.mean, all.mean, 1e-15));
	CHECK(near(stats_variance(&none), m2 / (countof(x) - 1), 1e-6));

	none = (struct stats_moments){ 0 };
	stats_merge(&none, &none);
	CHECK(none.n == 0 && isnan(stats_variance(&none)));
	stats_add(&none, 3);
	CHECK(none.mean == 3 && isnan(stats_variance(&none)));
	stats_add(&none, 3);
	CHECK(stats_variance(&none) == 0);
}

int
main(void)
{
	test_small_tails();
	test_ends();
	test_undefined();
	test_identities();
	test_density();
	test_moments();
	return test_end();
}
