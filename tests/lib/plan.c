/* plan: the variance of what keys differ by for good, and of what changes from day to day. */
#include "plan.h"

#include "rng.h"
#include "test.h"
#include "trial.h"

enum { KEYS = 4000 };

static const struct plan_how fortnight = { .alpha = 0.05, .power = 0.8, .effect = 0.01, .days = 14,
    .split = PLAN_HALVES };

/* Keys of one weight: a share of their own, and one of each half's. */
static void
make_keys(struct ratio_key *keys, double stays, double varies, uint64_t seed)
{
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < KEYS; i++) {
		double own = 0.5 + stays * (rng_unit(&rng) - 0.5);

		keys[i].now = (struct ratio_total){ 1000 * (own + varies * (rng_unit(&rng) - 0.5)), 1000 };
		keys[i].before = (struct ratio_total){ 1000 * (own + varies * (rng_unit(&rng) - 0.5)), 1000 };
	}
}

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

/* What was put in comes out: variances of uniform numbers are a twelfth. */
static void
test_parts(void)
{
	static struct ratio_key keys[KEYS];
	double stays = 0.16 / 12 / KEYS, half = 0.04 / 12 / KEYS, var = stays + half / 2;
	struct plan p;

	make_keys(keys, 0.4, 0.2, 1);
	CHECK(!plan_make(keys, KEYS, &fortnight, &p));
	CHECK(near(p.all.as.est, 0.5, 0.01) && p.all.n_eff == KEYS);
	CHECK(near(p.stays, stays, 0.05));
	CHECK(near(p.varies, half / 2 * 14, 0.1));
	CHECK(near(p.way[PLAN_DELTA].se, sqrt(4 * var), 0.03));
	CHECK(near(p.way[PLAN_CUPED].se, sqrt(4 * (var - stays * stays / var)), 0.1));
	CHECK(near(p.way[PLAN_CROSSOVER].se, sqrt(4 * half / 2), 0.05));
	for (int w = 0; w < PLAN_WAYS; w++) {
		CHECK(near(p.way[w].least, trial_effect(p.way[w].se, 0.05, 0.8), 1e-12));
		CHECK(near(p.way[w].power, trial_power(0.01, p.way[w].se, 0.05), 1e-12));
	}
}

/* A tenth of the keys in one cohort: what a t test of such cohorts has; a crossover has halves. */
static void
test_split(void)
{
	static struct ratio_key keys[KEYS];
	struct plan_how how = fortnight;
	struct plan halves, tenth;

	make_keys(keys, 0.4, 0.2, 1);
	how.split = 1 / 0.9 + 1 / 0.1;
	CHECK(!plan_make(keys, KEYS, &fortnight, &halves) && !plan_make(keys, KEYS, &how, &tenth));
	for (int w = 0; w < PLAN_CROSSOVER; w++)
		CHECK(near(tenth.way[w].se, halves.way[w].se * sqrt(how.split / PLAN_HALVES), 1e-12));
	CHECK(tenth.way[PLAN_CROSSOVER].se == halves.way[PLAN_CROSSOVER].se);
	how.effect = 0.1;
	CHECK(!plan_make(keys, KEYS, &how, &tenth));
	CHECK(near(how.split * (tenth.stays + tenth.varies / tenth.way[PLAN_DELTA].days),
	    pow(0.1 / trial_effect(1, 0.05, 0.8), 2), 1e-9));
}

/* What no day takes away is never found; after the days needed it is. */
static void
test_days(void)
{
	static struct ratio_key keys[KEYS];
	struct plan_how how = fortnight;
	struct plan p;
	double var;

	make_keys(keys, 0.4, 0.2, 1);
	how.effect = 0.005;
	CHECK(!plan_make(keys, KEYS, &how, &p));
	CHECK(isinf(p.way[PLAN_DELTA].days));
	var = 4 * p.varies / p.way[PLAN_CROSSOVER].days;
	CHECK(near(trial_power(0.005, sqrt(var), 0.05), 0.8, 1e-4));
	how.effect = 0.1;
	CHECK(!plan_make(keys, KEYS, &how, &p));
	CHECK(p.way[PLAN_DELTA].days < 14);
	var = 4 * (p.stays + p.varies / p.way[PLAN_DELTA].days);
	CHECK(near(trial_power(0.1, sqrt(var), 0.05), 0.8, 1e-4));
}

/* Keys that only differ by chance: all is a matter of days. */
static void
test_nothing_stays(void)
{
	static struct ratio_key keys[KEYS];
	struct plan p;

	make_keys(keys, 0, 0.4, 3);
	CHECK(!plan_make(keys, KEYS, &fortnight, &p));
	CHECK(p.stays < 0.05 * p.all.as.var);
	CHECK(near(p.way[PLAN_DELTA].se, p.way[PLAN_CUPED].se, 0.02));
}

static void
test_undefined(void)
{
	struct ratio_key keys[] = { { { 1, 2 }, { 0, 0 } }, { { 2, 3 }, { 0, 0 } } };
	struct plan p;

	CHECK(plan_make(keys, 0, &fortnight, &p) != NULL);
	CHECK(isnan(p.way[PLAN_CUPED].se) && isnan(p.way[PLAN_DELTA].days));
	/* One half has nothing: what there is, but nothing of days. */
	CHECK(plan_make(keys, 2, &fortnight, &p) != NULL);
	CHECK(p.way[PLAN_DELTA].se > 0 && isnan(p.way[PLAN_DELTA].days) && isnan(p.way[PLAN_CUPED].se));
}

int
main(void)
{
	test_parts();
	test_split();
	test_days();
	test_nothing_stays();
	test_undefined();
	return test_end();
}
