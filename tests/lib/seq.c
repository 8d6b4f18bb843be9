/*
 * seq.c - bounds against published tables, and both methods against random walks
 * under the null, looked at often.
 */
#include "rng.h"
#include "seq.h"
#include "stats.h"
#include "test.h"

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

/* Lan-DeMets, O'Brien-Fleming spending, two-sided 0.05, five looks: published. */
static void
test_published(void)
{
	static const double t[] = { 0.2, 0.4, 0.6, 0.8, 1 };
	static const double want[] = { 4.8769, 3.3570, 2.6803, 2.2898, 2.0310 };
	double z[countof(t)], spent[countof(t)];

	CHECK(!seq_bounds(t, countof(t), 0.05, z, spent));
	for (size_t i = 0; i < countof(t); i++)
		CHECK(fabs(z[i] - want[i]) < 5.01e-5);
	CHECK(near(spent[4], 0.05, 1e-14));

	/* one look at the end is the plain test */
	CHECK(!seq_bounds(t + 4, 1, 0.05, z, spent));
	CHECK(near(z[0], stats_norm_critical(0.05), 1e-14));
}

/* Many looks, some of them early: no more is spent than alpha, at any spacing. */
static void
test_many(void)
{
	double t[SEQ_LOOKS_MAX], z[SEQ_LOOKS_MAX], spent[SEQ_LOOKS_MAX];
	unsigned stopped = 0;
	const unsigned walks = 4000;
	struct rng rng;

	for (size_t i = 0; i < countof(t); i++)
		t[i] = (double)(i + 1) / countof(t);
	t[0] = 1e-4;
	t[countof(t) - 2] = 1 - 1e-6;
	CHECK(!seq_bounds(t, countof(t), 0.05, z, spent));
	CHECK(isinf(z[0]) && spent[0] == 0 && z[1] > 15 && spent[1] > 0);
	CHECK(near(spent[countof(t) - 1], 0.05, 1e-14));
	for (size_t i = 1; i < countof(t); i++)
		CHECK(z[i] > 1.9 && spent[i] >= spent[i - 1]);

	rng_seed(&rng, 5);
	for (unsigned w = 0; w < walks; w++) {
		double score = 0, last = 0;

		for (size_t i = 0; i < countof(t); i++) {
			score += sqrt(t[i] - last) * stats_norm_quantile(rng_unit(&rng));
			last = t[i];
			if (fabs(score) / sqrt(t[i]) >= z[i]) {
				stopped++;
				break;
			}
		}
	}
	/* 0.05 within four standard deviations */
	CHECK(fabs(stopped / (double)walks - 0.05) < 4 * sqrt(0.05 * 0.95 / walks));
}

static void
test_sequence(void)
{
	const unsigned walks = 1000, steps = 500;
	unsigned rejected = 0, naive = 0;
	struct seq_cs cs;
	struct rng rng;

	rng_seed(&rng, 6);
	for (unsigned w = 0; w < walks; w++) {
		double sum = 0;
		bool out = false, naive_out = false;

		for (unsigned n = 1; n <= steps; n++) {
			double se = 1 / sqrt(n);

			sum += stats_norm_quantile(0.5 * 0x1p-53 + rng_unit(&rng));
			CHECK(!seq_cs(sum / n, se, n, 200, 0.05, &cs));
			/* interval and p say the same */
			CHECK((cs.p < 0.05) == (cs.lo > 0 || cs.hi < 0));
			out = out || cs.p < 0.05;
			naive_out = naive_out || stats_norm_two_sided(sum / n / se) < 0.05;
		}
		rejected += out;
		naive += naive_out;
	}
	CHECK(rejected < 0.05 * walks);
	CHECK(naive > 0.3 * walks);
}

static void
test_undefined(void)
{
	const double falling[] = { 0.5, 0.4 }, beyond[] = { 0.5, 1.1 }, zero[] = { 0, 1 };
	const double nan_t[] = { NAN, 1 };
	double z[2], spent[2];
	struct seq_cs cs;
	struct seq_msprt m;

	CHECK(seq_bounds(falling, 2, 0.05, z, spent) && seq_bounds(beyond, 2, 0.05, z, spent));
	CHECK(seq_bounds(zero, 2, 0.05, z, spent) && seq_bounds(nan_t, 2, 0.05, z, spent));
	CHECK(seq_bounds(beyond, 0, 0.05, z, spent) && seq_bounds(beyond, 1, 1, z, spent));
	CHECK(seq_bounds(beyond, SEQ_LOOKS_MAX + 1, 0.05, z, spent));
	CHECK(seq_cs(0, 0, 100, 100, 0.05, &cs) && isnan(cs.p) && isnan(cs.lo));
	CHECK(seq_cs(0, NAN, 100, 100, 0.05, &cs) && seq_cs(NAN, 1, 100, 100, 0.05, &cs));
	CHECK(seq_cs(0, 1, 0, 100, 0.05, &cs) && seq_cs(0, 1, 100, 0, 0.05, &cs));
	CHECK(seq_cs(0, 1, 100, 100, 1.5, &cs));
	CHECK(seq_msprt(1, 0, 1, &m) && isnan(m.p));
	CHECK(seq_msprt(1, 1, 0, &m) && isnan(m.log_lambda));
	CHECK(seq_msprt(INFINITY, 1, 1, &m));
	/* p of a huge effect is small, not 0, and of none at most 1 */
	CHECK(!seq_cs(30, 1, 100, 100, 0.05, &cs) && cs.p > 0 && cs.p < 1e-100);
	CHECK(!seq_msprt(0, 1, 1, &m) && m.p == 1);
}

int
main(void)
{
	test_published();
	test_many();
	test_sequence();
	test_undefined();
	return test_end();
}
