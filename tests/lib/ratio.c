/*
 * ratio.c - by key against other ways to the same number: Welch where each key
 * has one request, the formulas of the papers written plainly, totals in another
 * unit; and whatever has no variance.
 */
#include "ratio.h"
#include "rng.h"
#include "test.h"

enum { KEYS = 400 };

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

/* Keys of skewed weight whose ratio is their own, alike now and before. */
static void
make_keys(struct ratio_key *keys, size_t k, double lift, struct rng *rng)
{
	for (size_t i = 0; i < k; i++) {
		double own = 0.3 + 0.6 * rng_unit(rng);

		keys[i].now.n = floor(1 + 50 * pow(rng_unit(rng), -0.4));
		keys[i].now.y = floor(keys[i].now.n * (own + 0.1 * rng_unit(rng) * lift));
		keys[i].before.n = floor(keys[i].now.n * (0.5 + rng_unit(rng)));
		keys[i].before.y = floor(keys[i].before.n * (own + 0.05 * rng_unit(rng)));
	}
}

static void
test_one_request_a_key(void)
{
	struct ratio_key c[KEYS] = { 0 }, t[KEYS] = { 0 };
	struct stats_moments mc = { 0 }, mt = { 0 };
	struct ratio_arm ac, at;
	struct trial_arm wc, wt;
	struct trial_result by_key, welch;
	struct rng rng;

	rng_seed(&rng, 1);
	for (size_t i = 0; i < KEYS; i++) {
		c[i].now = (struct ratio_total){ rng_unit(&rng) < 0.8, 1 };
		t[i].now = (struct ratio_total){ rng_unit(&rng) < 0.9, 1 };
		stats_add(&mc, c[i].now.y);
		stats_add(&mt, t[i].now.y);
	}
	CHECK(!ratio_arm(c, KEYS, &ac) && !ratio_arm(t, KEYS / 2, &at));
	mt = (struct stats_moments){ 0 };
	for (size_t i = 0; i < KEYS / 2; i++)
		stats_add(&mt, t[i].now.y);
	wc = trial_mean(&mc);
	wt = trial_mean(&mt);
	CHECK(!trial_compare(&ac.as, &at.as, 0.05, &by_key));
	CHECK(!trial_compare(&wc, &wt, 0.05, &welch));
	CHECK(near(by_key.diff, welch.diff, 1e-13) && near(by_key.se, welch.se, 1e-13));
	CHECK(near(by_key.df, welch.df, 1e-12) && near(by_key.p, welch.p, 1e-12));
	CHECK(ac.n_eff == KEYS && ac.top == 1.0 / KEYS);
	CHECK(near(ac.deff, KEYS / (KEYS - 1.0), 1e-12));
}

static void
test_formula(void)
{
	struct ratio_key keys[KEYS], other[KEYS];
	struct ratio_sums s = { 0 };
	struct ratio_arm arm, sums, scaled;
	double yy = 0, yn = 0, nn = 0, y = 0, n = 0, r;
	struct rng rng;

	rng_seed(&rng, 2);
	make_keys(keys, KEYS, 1, &rng);
	for (size_t i = 0; i < KEYS; i++) {
		y += keys[i].now.y;
		n += keys[i].now.n;
		other[i] = keys[i];
		other[i].now.y *= 1e6;
	}
	r = y / n;
	for (size_t i = 0; i < KEYS; i++) {
		double dy = keys[i].now.y - y / KEYS, dn = keys[i].now.n - n / KEYS;

		yy += dy * dy / (KEYS - 1);
		yn += dy * dn / (KEYS - 1);
		nn += dn * dn / (KEYS - 1);
		s.yy += keys[i].now.y * keys[i].now.y;
		s.yn += keys[i].now.y * keys[i].now.n;
		s.nn += keys[i].now.n * keys[i].now.n;
	}
	s.keys = KEYS;
	s.y = y;
	s.n = n;
	CHECK(!ratio_arm(keys, KEYS, &arm) && !ratio_arm_sums(&s, &sums));
	CHECK(!ratio_arm(other, KEYS, &scaled));
	CHECK(near(arm.as.var, (yy - 2 * r * yn + r * r * nn) * KEYS / (n * n), 1e-11));
	CHECK(near(sums.as.var, arm.as.var, 1e-12) && near(sums.n_eff, arm.n_eff, 1e-12));
	CHECK(near(sums.deff, arm.deff, 1e-12) && sums.as.df == KEYS - 1 && isnan(sums.top));
	CHECK(near(scaled.as.var, 1e12 * arm.as.var, 1e-12) && isnan(scaled.deff));
	CHECK(near(arm.n_eff, n * n / s.nn, 1e-13));
}

/* Keys of one ratio differ by rounding alone; that is no variance. */
static void
test_no_variance(void)
{
	struct ratio_key keys[50];
	struct ratio_sums s = { .keys = 50 };
	struct ratio_arm arm;

	for (unsigned unit = 1; unit <= 10; unit++) {
		for (size_t i = 0; i < countof(keys); i++) {
			double n = 3 * (double)(i + 1);

			/* a third of n, or n times a decimal that no double holds */
			keys[i].now = (struct ratio_total){ unit == 1 ? n / 3 : n * 0.1 * unit, n };
		}
		CHECK(!strcmp(ratio_arm(keys, countof(keys), &arm), "no variance"));
		CHECK(near(arm.as.est, unit == 1 ? 1 / 3.0 : 0.1 * unit, 1e-15));
		CHECK(isnan(arm.as.var));
	}
	for (size_t i = 0; i < countof(keys); i++) {
		keys[i].now.y = keys[i].now.n;		/* all hits */
		s.y += keys[i].now.y;
		s.n += keys[i].now.n;
		s.yy += keys[i].now.y * keys[i].now.y;
	}
	s.yn = s.nn = s.yy;
	CHECK(ratio_arm(keys, countof(keys), &arm) && arm.as.est == 1 && isnan(arm.deff));
	CHECK(ratio_arm_sums(&s, &arm) && isnan(arm.as.var));
	/* one miss in the last key is variance, by rows and by sums */
	keys[49].now.y--;
	CHECK(!ratio_arm(keys, countof(keys), &arm) && arm.as.var > 0);
}

static void
test_undefined(void)
{
	struct ratio_key keys[3] = { { .now = { 1, 2 } }, { .now = { 2, 3 } } };
	struct ratio_key far[2] = { { .now = { 1e200, 1 } }, { .now = { 2, 3 } } };
	struct ratio_sums s = { 0 };
	struct ratio_cuped cuped;
	struct ratio_crossover cross;
	struct ratio_arm arm;

	CHECK(!strcmp(ratio_arm(keys, 0, &arm), "no keys") && isnan(arm.as.est));
	CHECK(!strcmp(ratio_arm(keys, 1, &arm), "one key") && arm.as.est == 0.5);
	CHECK(isnan(arm.as.var));
	CHECK(!strcmp(ratio_arm(keys + 2, 1, &arm), "no requests") && isnan(arm.as.est));
	CHECK(!strcmp(ratio_arm(far, 2, &arm), "a total is not finite"));
	far[0].now.y = NAN;
	CHECK(!strcmp(ratio_arm(far, 2, &arm), "a total is not finite") && isnan(arm.as.est));
	/* a key without requests is a key */
	CHECK(!ratio_arm(keys, 3, &arm) && arm.keys == 3 && arm.as.df == 2);

	CHECK(!strcmp(ratio_arm_sums(&s, &arm), "no keys"));
	s.keys = 2;
	CHECK(!strcmp(ratio_arm_sums(&s, &arm), "no requests") && isnan(arm.as.est));
	/* 1e15 requests a key that differ in one hit: the sums cannot tell */
	s = (struct ratio_sums){ 2, 2e15 - 1, 2e15, 2e30, 2e30, 2e30 };
	CHECK(ratio_arm_sums(&s, &arm) && isnan(arm.as.var));

	CHECK(!strcmp(ratio_cuped(keys, 2, keys, 2, 0.05, &cuped), "no requests before"));
	CHECK(isnan(cuped.theta) && isnan(cuped.r.diff) && isnan(cuped.r.p));
	CHECK(!strcmp(ratio_cuped(keys, 1, keys, 2, 0.05, &cuped), "one key"));
	keys[0].before = keys[1].before = (struct ratio_total){ 1, 3 };
	CHECK(!strcmp(ratio_cuped(keys, 2, keys, 2, 0.05, &cuped), "no variance before"));
	CHECK(!strcmp(ratio_crossover(keys, 1, 0.05, &cross), "one key") && isnan(cross.r.p));
	keys[0].before = keys[0].now;
	keys[1].before = keys[1].now;
	/* the same under both treatments, key by key */
	CHECK(!strcmp(ratio_crossover(keys, 2, 0.05, &cross), "no variance"));
	CHECK(isnan(cross.r.diff));
	/* the past tells the present exactly: nothing is left to judge by */
	CHECK(ratio_cuped(keys, 2, keys, 2, 0.05, &cuped) && cuped.theta == 1 && isnan(cuped.r.p));
}

/* The formula of the paper, arm by arm, with no care for digits. */
static void
plain_cuped(const struct ratio_key *keys, size_t k, double *r1, double *r0, double v[3],
    double theta, double *var)
{
	double y = 0, n = 0, y0 = 0, n0 = 0, sum = 0;

	for (size_t i = 0; i < k; i++) {
		y += keys[i].now.y;
		n += keys[i].now.n;
		y0 += keys[i].before.y;
		n0 += keys[i].before.n;
	}
	*r1 = y / n;
	*r0 = y0 / n0;
	v[0] = v[1] = v[2] = 0;
	for (size_t i = 0; i < k; i++) {
		double kk = (double)k, u = (keys[i].now.y - *r1 * keys[i].now.n) / (n / kk);
		double w = (keys[i].before.y - *r0 * keys[i].before.n) / (n0 / kk);

		v[0] += u * u / (kk - 1) / kk;
		v[1] += u * w / (kk - 1) / kk;
		v[2] += w * w / (kk - 1) / kk;
		sum += (u - theta * w) * (u - theta * w) / (kk - 1) / kk;
	}
	*var = sum;
}

static void
test_cuped(void)
{
	struct ratio_key c[KEYS], t[KEYS];
	struct ratio_cuped got;
	struct ratio_arm ac, at;
	struct trial_result plain;
	double rc1, rc0, rt1, rt0, vc[3], vt[3], theta, var_c, var_t;
	const size_t n_t = KEYS / 3;
	struct rng rng;

	rng_seed(&rng, 3);
	make_keys(c, KEYS, 0, &rng);
	make_keys(t, n_t, 1, &rng);
	plain_cuped(c, KEYS, &rc1, &rc0, vc, 0, &var_c);
	plain_cuped(t, n_t, &rt1, &rt0, vt, 0, &var_t);
	theta = (vc[1] + vt[1]) / (vc[2] + vt[2]);
	plain_cuped(c, KEYS, &rc1, &rc0, vc, theta, &var_c);
	plain_cuped(t, n_t, &rt1, &rt0, vt, theta, &var_t);
	CHECK(!ratio_cuped(c, KEYS, t, n_t, 0.05, &got));
	CHECK(near(got.theta, theta, 1e-11));
	CHECK(near(got.r.diff, (rt1 - rc1) - theta * (rt0 - rc0), 1e-11));
	CHECK(near(got.c.var, var_c, 1e-10) && near(got.t.var, var_t, 1e-10));
	CHECK(near(got.r.se, sqrt(var_c + var_t), 1e-10));
	/* the past explains most of it */
	CHECK(!ratio_arm(c, KEYS, &ac) && !ratio_arm(t, n_t, &at));
	CHECK(!trial_compare(&ac.as, &at.as, 0.05, &plain));
	CHECK(got.r.se < 0.5 * plain.se);
}

static void
test_crossover(void)
{
	struct ratio_key keys[KEYS];
	struct ratio_crossover got;
	struct ratio_arm alone;
	double r[2] = { 0 }, n[2] = { 0 }, sum = 0;
	struct rng rng;

	rng_seed(&rng, 4);
	make_keys(keys, KEYS, 1, &rng);
	for (size_t i = 0; i < KEYS; i++) {
		r[0] += keys[i].before.y;
		n[0] += keys[i].before.n;
		r[1] += keys[i].now.y;
		n[1] += keys[i].now.n;
	}
	for (size_t i = 0; i < KEYS; i++) {
		double u = (keys[i].now.y - r[1] / n[1] * keys[i].now.n) / n[1]
		    - (keys[i].before.y - r[0] / n[0] * keys[i].before.n) / n[0];

		sum += u * u;
	}
	CHECK(!ratio_crossover(keys, KEYS, 0.05, &got));
	CHECK(near(got.r.diff, r[1] / n[1] - r[0] / n[0], 1e-13));
	CHECK(near(got.r.se, sqrt(KEYS / (KEYS - 1.0) * sum), 1e-12) && got.r.df == KEYS - 1);
	/* pairs take away what keys differ by */
	CHECK(!ratio_arm(keys, KEYS, &alone) && got.r.se < 0.7 * sqrt(alone.as.var));
	CHECK((got.r.rel_lo > 0 || got.r.rel_hi < 0) == (got.r.lo > 0 || got.r.hi < 0));
}

int
main(void)
{
	test_one_request_a_key();
	test_formula();
	test_no_variance();
	test_undefined();
	test_cuped();
	test_crossover();
	return test_end();
}
