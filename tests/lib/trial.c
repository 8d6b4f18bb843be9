/*
 * trial.c - what the table of known results (truth.c) does not show: undefined
 * comparisons and their reasons, Fieller's limits against their definition,
 * quantile positions, adjusted p-values by definition, power by simulation.
 */
#include "rng.h"
#include "test.h"
#include "trial.h"

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

/* No variance, one unit, nothing at all: never diff 0, p 1. */
static void
test_undefined(void)
{
	struct trial_arm ok = { 1, 0.1, 9 }, still = { 1, 0, 9 }, one = { 1, NAN, 0 };
	struct trial_arm nothing = { NAN, NAN, -1 };
	struct stats_moments m = { 0 };
	struct trial_result r;

	CHECK(!strcmp(trial_compare(&still, &ok, 0.05, &r), "control has no variance"));
	CHECK(isnan(r.diff) && isnan(r.p) && isnan(r.lo) && isnan(r.rel_hi));
	CHECK(!strcmp(trial_compare(&ok, &still, 0.05, &r), "treatment has no variance"));
	CHECK(!strcmp(trial_compare(&ok, &one, 0.05, &r), "too few units") && isnan(r.diff));
	CHECK(!strcmp(trial_compare(&nothing, &ok, 0.05, &r), "an estimate is undefined"));
	CHECK(trial_compare(&ok, &ok, 0, &r) && trial_compare(&ok, &ok, NAN, &r) && isnan(r.p));
	CHECK(!trial_compare(&ok, &ok, 0.05, &r) && r.diff == 0 && r.p == 1 && r.df == 18);

	CHECK(isnan(trial_mean(&m).est) && isnan(trial_mean(&m).var));
	stats_add(&m, 5);
	CHECK(trial_mean(&m).est == 5 && isnan(trial_mean(&m).var));
	stats_add(&m, 5);
	CHECK(trial_mean(&m).var == 0 && trial_mean(&m).df == 1);
}

/* rho is inside exactly where (est_t - rho est_c)^2 <= q^2 of its variance. */
static void
test_fieller(void)
{
	struct rng rng;

	rng_seed(&rng, 1);
	for (int i = 0; i < 2000; i++) {
		struct trial_pair p = {
			.est_c = 2 * rng_unit(&rng) - 0.5, .est_t = 2 * rng_unit(&rng) - 0.5,
			.var_c = 0.05 * rng_unit(&rng), .var_t = 0.05 * rng_unit(&rng),
			.df = 1 + 30 * rng_unit(&rng),
		};
		struct trial_result r;
		double q = stats_t_critical(0.1, p.df);

		p.cov = (2 * rng_unit(&rng) - 1) * sqrt(p.var_c * p.var_t);
		p.var = p.var_c + p.var_t - 2 * p.cov;
		CHECK(!trial_compare_pair(&p, 0.1, &r));
		CHECK(near(r.rel, p.est_t / p.est_c - 1, 1e-9));
		if (isnan(r.rel_lo)) {
			CHECK(p.est_c * p.est_c <= q * q * p.var_c * (1 + 1e-12));
			continue;
		}
		CHECK(r.rel_lo <= r.rel && r.rel <= r.rel_hi);
		for (int end = 0; end < 2; end++) {
			double rho = 1 + (end ? r.rel_hi : r.rel_lo);
			double var = p.var_t - 2 * rho * p.cov + rho * rho * p.var_c;

			CHECK(near(pow(p.est_t - rho * p.est_c, 2), q * q * var, 1e-6));
		}
		CHECK((r.rel_lo > 0 || r.rel_hi < 0) == (r.lo > 0 || r.hi < 0));
		CHECK((r.lo > 0 || r.hi < 0) == (r.p < 0.1));
	}
}

static void
test_quantiles(void)
{
	double x[1000];
	struct trial_quantile q;
	struct trial_arm arm;
	double deff;

	for (size_t i = 0; i < countof(x); i++)
		x[i] = (double)(i + 1);
	/* 0.07 * 100 is 7.000000000000001 in doubles, and still the 7th */
	for (size_t n = 1; n <= countof(x); n++)
		for (unsigned percent = 1; percent < 100; percent++) {
			const char *why = trial_quantile(x, n, percent / 100.0, 0.05, &q);

			CHECK(q.q == (double)((n * percent + 99) / 100));
			CHECK(!why == !isnan(q.var) && !why == !isnan(q.lo));
			if (!why)
				CHECK(q.lo < q.q && q.q < q.hi && q.var > 0);
		}
	CHECK(!strcmp(trial_quantile(x, 70, 0.95, 0.05, &q), "too few values for this quantile"));
	CHECK(!trial_quantile(x, 200, 0.95, 0.05, &q));
	/* x = 1..n: the spread of the order statistics is n v (1 - v), but for ceil */
	CHECK(!trial_quantile(x, 1000, 0.5, 0.05, &q) && near(q.var, 250, 0.05));
	arm = trial_quantile_arm(&q, 1000, 0.5, NAN, &deff);
	CHECK(deff == 1 && arm.var == q.var && arm.est == 500 && isinf(arm.df));
	/* a share whose variance is three times the binomial's */
	arm = trial_quantile_arm(&q, 1000, 0.5, 3 * 0.25 / 1000, &deff);
	CHECK(near(deff, 3, 1e-15) && near(arm.var, 3 * q.var, 1e-15));

	CHECK(trial_quantile(x, 0, 0.5, 0.05, &q) && isnan(q.q));
	CHECK(trial_quantile(x, 10, 0, 0.05, &q) && trial_quantile(x, 10, 1, 0.05, &q));
	CHECK(trial_quantile(x, 10, NAN, 0.05, &q) && trial_quantile(x, 10, 0.5, 2, &q));
	for (size_t i = 0; i < countof(x); i++)
		x[i] = 3;
	/* ties: no spread, and then no comparison */
	CHECK(!trial_quantile(x, 1000, 0.5, 0.05, &q) && q.var == 0);
}

static void
test_srm(void)
{
	const uint64_t even[] = { 500, 500 }, none[] = { 0, 0 }, odd[] = { 500, 500, 1 };
	const double half[] = { 0.5, 0.5 }, third[] = { 1, 1, 0 }, one[] = { 1, 0 };
	const double wrong[] = { 1, -1 }, nan_w[] = { 1, NAN };
	struct trial_srm r;

	CHECK(!trial_srm(even, half, 2, &r) && r.chi2 == 0 && r.p == 1 && r.df == 1);
	/* a unit in an arm that gets none is proof */
	CHECK(!trial_srm(odd, third, 3, &r) && isinf(r.chi2) && r.p == 0 && r.df == 1);
	CHECK(!strcmp(trial_srm(none, half, 2, &r), "no units") && isnan(r.p));
	CHECK(!strcmp(trial_srm(even, one, 2, &r), "fewer than two arms") && isnan(r.chi2));
	CHECK(trial_srm(even, half, 0, &r) && trial_srm(even, wrong, 2, &r));
	CHECK(trial_srm(even, nan_w, 2, &r) && isnan(r.p));
}

/*
 * Each adjusted p by its definition over all tests, in O(n^2): the greatest of
 * those not above it (Holm), or the least of those not below it.
 */
static double
by_definition(const struct trial_p *tests, size_t n, size_t at, enum trial_adjust how)
{
	bool holm = how == TRIAL_HOLM;
	double m = 0, harmonic = 0, result = holm ? 0 : 1;

	for (size_t i = 0; i < n; i++)
		if (!isnan(tests[i].p))
			harmonic += 1 / ++m;
	for (size_t i = 0; i < n; i++) {
		double less = 0, up_to = 0, p = tests[i].p, times = 1;

		if (isnan(p) || (holm ? p > tests[at].p : p < tests[at].p))
			continue;
		for (size_t j = 0; j < n; j++) {
			less += tests[j].p < p;
			up_to += tests[j].p <= p;
		}
		if (how == TRIAL_BONFERRONI)
			times = m;
		else if (how == TRIAL_HOLM)
			times = m - less;
		else if (how == TRIAL_HOCHBERG)
			times = m - up_to + 1;
		else if (how != TRIAL_NONE)
			times = m / up_to * (how == TRIAL_BY ? harmonic : 1);
		result = holm ? fmax(result, fmin(1, times * p)) : fmin(result, times * p);
	}
	return result;
}

static void
test_adjust(void)
{
	struct trial_p tests[9];
	struct rng rng;

	rng_seed(&rng, 2);
	for (int round = 0; round < 3000; round++) {
		size_t n = (size_t)rng_below(&rng, countof(tests) + 1);
		enum trial_adjust how = (enum trial_adjust)rng_below(&rng, TRIAL_BY + 1);

		for (size_t i = 0; i < n; i++) {
			double p = (double)rng_below(&rng, 12) / 50;	/* with ties */

			tests[i].p = p > 0.2 ? NAN : p;
		}
		trial_adjust(tests, n, how);
		for (size_t i = 0; i < n; i++) {
			double got = tests[i].adjusted;

			CHECK(isnan(got) == isnan(tests[i].p));
			if (!isnan(got))
				CHECK(fabs(got - by_definition(tests, n, i, how)) < 1e-15);
		}
	}
}

static void
test_power(void)
{
	const unsigned trials = 4000;
	unsigned found = 0;
	double n = ceil(trial_units(0.2, 0.25, 0.05, 0.8)), effect = trial_effect(0.01, 0.05, 0.9);
	struct rng rng;

	CHECK(near(trial_power(effect, 0.01, 0.05), 0.9, 1e-5));
	CHECK(near(trial_power(-effect, 0.01, 0.05), trial_power(effect, 0.01, 0.05), 1e-15));
	CHECK(near(trial_power(0, 1, 0.05), 0.05, 1e-14));
	CHECK(trial_units(0.2, 0.25, 0.05, 0.9) > trial_units(0.2, 0.25, 0.05, 0.8));

	/* normal approximation of two binomials at that n: 80 % are found, within 4 sd */
	rng_seed(&rng, 3);
	for (unsigned i = 0; i < trials; i++) {
		double c = 0.2 + sqrt(0.16 / n) * stats_norm_quantile(rng_unit(&rng));
		double t = 0.25 + sqrt(0.1875 / n) * stats_norm_quantile(rng_unit(&rng));
		double mean = (c + t) / 2;

		found += fabs(t - c) / sqrt(2 * mean * (1 - mean) / n) > stats_norm_critical(0.05);
	}
	CHECK(fabs(found / (double)trials - 0.8) < 4 * sqrt(0.16 / trials));

	CHECK(isnan(trial_units(0.2, 0.2, 0.05, 0.8)) && isnan(trial_units(-0.1, 0.2, 0.05, 0.8)));
	CHECK(isnan(trial_units(0.1, 0.2, 0, 0.8)) && isnan(trial_units(0.1, 0.2, 0.05, 1)));
	CHECK(isnan(trial_effect(0, 0.05, 0.8)) && isnan(trial_effect(1, 0.05, NAN)));
	CHECK(isnan(trial_power(1, 0, 0.05)) && isnan(trial_power(1, 1, 1)));
}

int
main(void)
{
	test_undefined();
	test_fieller();
	test_quantiles();
	test_srm();
	test_adjust();
	test_power();
	return test_end();
}
