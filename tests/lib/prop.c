/*
 * prop.c - what the table of known results (truth.c) does not show: shares near
 * 1, degenerate counts, limits against their definitions by summing the
 * binomial, the chance to win against the exact sum.
 */
#include "prop.h"
#include "stats.h"
#include "test.h"

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

/* x2/n2 - x1/n1 in doubles is off by 9e-9 here; these are exact (mpmath). */
static void
test_near_one(void)
{
	struct prop c = { 99999990, 100000000 }, t = { 99999950, 100000000 };
	struct prop big_c = { 999999999999997, 1000000000000000 };
	struct prop big_t = { 999999998999997, 1000000000000000 };
	struct prop_interval ci = prop_newcombe(c, t, 0.05);
	struct prop_test r;

	CHECK(!prop_test(c, t, 0.05, &r));
	CHECK(near(r.diff, -4e-7, 1e-15) && near(r.z, -5.1639785695400660393, 1e-14));
	CHECK(near(r.p, 2.4175538714014517712e-7, 1e-13));
	CHECK(near(ci.lo, -5.6554929327727377651e-7, 1e-13));
	CHECK(near(ci.hi, -2.5288687005179152325e-7, 1e-13));
	CHECK(!prop_test(big_c, big_t, 0.05, &r));
	CHECK(near(r.diff, -1e-9, 1e-15) && near(r.z, -999.99700026350068259, 1e-14));
	CHECK(r.p == 0);		/* 1e-217000 */
}

static void
test_undefined(void)
{
	const struct prop none = { 0, 0 }, all = { 10, 10 }, some = { 3, 7 }, wrong = { 8, 7 };
	const struct prop huge = { 1, UINT64_MAX };
	struct prop_test r;

	/* pooled 0 or 1 is 0/0, not "no effect" */
	CHECK(prop_test(all, (struct prop){ 20, 20 }, 0.05, &r) && isnan(r.z) && isnan(r.p));
	CHECK(r.diff == 0);
	CHECK(prop_test((struct prop){ 0, 10 }, (struct prop){ 0, 30 }, 0.05, &r) && isnan(r.p));
	CHECK(!strcmp(prop_test(none, some, 0.05, &r), "no trials in control") && isnan(r.diff));
	CHECK(!strcmp(prop_test(some, none, 0.05, &r), "no trials in treatment"));
	CHECK(isnan(r.wald.lo));
	CHECK(prop_test(wrong, some, 0.05, &r) && prop_test(some, wrong, 0.05, &r));
	CHECK(prop_test(some, huge, 0.05, &r) && prop_test(some, some, 0, &r) && isnan(r.p));
	CHECK(isnan(prop_wilson(none, 0.05).lo) && isnan(prop_wilson(some, NAN).hi));
	CHECK(isnan(prop_exact(wrong, 0.05).lo) && isnan(prop_exact(some, 1).hi));
	CHECK(isnan(prop_newcombe(some, none, 0.05).lo));
	CHECK(isnan(prop_newcombe(none, some, 0.05).hi));
	CHECK(isnan(prop_chance(wrong, some, 1, 1)) && isnan(prop_chance(some, some, 0, 1)));
	/* a prior alone is a belief */
	CHECK(near(prop_chance(none, none, 1, 1), 0.5, 1e-14));
}

static double
binomial(uint64_t n, uint64_t from, uint64_t to, double p)
{
	double sum = 0;

	for (uint64_t k = from; k <= to; k++) {
		double term = 1;

		for (uint64_t i = 0; i < k; i++)
			term *= (double)(n - i) / (double)(k - i) * p;
		sum += term * pow(1 - p, (double)(n - k));
	}
	return sum;
}

/* Clopper and Pearson: the binomial's tails at the limits are alpha / 2. */
static void
check_exact(struct prop s, double alpha)
{
	struct prop_interval ci = prop_exact(s, alpha);

	if (s.x > 0)
		CHECK(near(binomial(s.n, s.x, s.n, ci.lo), alpha / 2, 1e-11));
	else
		CHECK(ci.lo == 0);
	if (s.x < s.n)
		CHECK(near(binomial(s.n, 0, s.x, ci.hi), alpha / 2, 1e-11));
	else
		CHECK(ci.hi == 1);
}

/* Wilson: the share is z standard errors of the limit from the limit. */
static void
check_wilson(struct prop s, double alpha)
{
	struct prop mirror = { s.n - s.x, s.n };
	struct prop_interval ci = prop_wilson(s, alpha), turned = prop_wilson(mirror, alpha);
	double z = stats_norm_critical(alpha), n = (double)s.n, x = (double)s.x;

	CHECK(fabs(x - n * ci.lo - z * sqrt(n * ci.lo * (1 - ci.lo))) < 1e-12 * n);
	CHECK(fabs(n * ci.hi - x - z * sqrt(n * ci.hi * (1 - ci.hi))) < 1e-12 * n);
	CHECK(fabs(turned.lo - (1 - ci.hi)) < 1e-15 && fabs(turned.hi - (1 - ci.lo)) < 1e-15);
	CHECK((ci.lo == 0) == (s.x == 0) && (ci.hi == 1) == (s.x == s.n));
}

static void
test_definitions(void)
{
	static const double alphas[] = { 0.1, 0.05, 0.01 };

	for (size_t a = 0; a < countof(alphas); a++)
		for (uint64_t n = 1; n <= 30; n++)
			for (uint64_t x = 0; x <= n; x++) {
				check_exact((struct prop){ x, n }, alphas[a]);
				check_wilson((struct prop){ x, n }, alphas[a]);
			}
}

static void
test_newcombe_turns(void)
{
	for (uint64_t x = 0; x <= 12; x++)
		for (uint64_t y = 0; y <= 17; y++) {
			struct prop c = { x, 12 }, t = { y, 17 };
			struct prop_interval ci = prop_newcombe(c, t, 0.05);
			struct prop_interval back = prop_newcombe(t, c, 0.05);

			CHECK(fabs(ci.lo + back.hi) < 1e-15 && fabs(ci.hi + back.lo) < 1e-15);
			CHECK(ci.lo >= -1 && ci.hi <= 1 && ci.lo < ci.hi);
		}
}

/* P(t > c) for Beta(1, 1) priors as a finite sum: Miller, 2015. */
static double
chance_sum(struct prop c, struct prop t)
{
	double ac = (double)c.x + 1, bc = (double)(c.n - c.x) + 1, sum = 0;
	double bt = (double)(t.n - t.x) + 1;

	for (uint64_t k = 0; k <= t.x; k++) {
		double i = (double)k;

		sum += exp(lgamma(ac + i) + lgamma(bc + bt) - lgamma(ac + bc + bt + i)
		    + lgamma(1 + i + bt) - lgamma(1 + i) - lgamma(bt)
		    + lgamma(ac + bc) - lgamma(ac) - lgamma(bc)) / (bt + i);
	}
	return sum;
}

static void
test_chance(void)
{
	struct prop c = { 850, 1000 }, t = { 870, 1000 };
	struct prop far_c = { 85, 100 }, far_t = { 2, 1000 };
	struct prop many_c = { 850000000, 1000000000 }, many_t = { 850020000, 1000000000 };
	double z;

	CHECK(near(prop_chance(c, t, 1, 1), 0.90095396655998909565, 1e-12));
	CHECK(near(prop_chance(far_c, far_t, 1, 1), 1.9036882415831692414e-109, 1e-9));
	for (uint64_t x = 0; x <= 9; x++)
		for (uint64_t y = 0; y <= 14; y++) {
			c = (struct prop){ x, 9 };
			t = (struct prop){ y, 14 };
			CHECK(near(prop_chance(c, t, 1, 1), chance_sum(c, t), 1e-11));
			CHECK(near(prop_chance(c, t, 1, 1) + prop_chance(t, c, 1, 1), 1, 1e-12));
		}
	/* at a billion requests the beta is a normal */
	z = 2e-5 / sqrt((0.85 * 0.15 + 0.85002 * 0.14998) / 1e9);
	CHECK(near(prop_chance(many_c, many_t, 1, 1), stats_norm_lower(z), 1e-5));
	/* one arm known to a hair, the other hardly */
	c = (struct prop){ 500000000, 1000000000 };
	t = (struct prop){ 1, 2 };
	CHECK(near(prop_chance(c, t, 1, 1), 0.5, 1e-9));
	CHECK(near(prop_chance(t, c, 1, 1), 0.5, 1e-9));
}

int
main(void)
{
	test_near_one();
	test_undefined();
	test_definitions();
	test_newcombe_turns();
	test_chance();
	return test_end();
}
