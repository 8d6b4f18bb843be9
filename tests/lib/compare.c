/* compare: each method finds what its own module finds; which one holds is chosen by the keys. */
#include "compare.h"

#include "perm.h"
#include "prop.h"
#include "rng.h"
#include "str.h"
#include "test.h"
#include "trial.h"

static const struct hash_key any = { { 1, 2 } };
static const struct metric share = { .kind = METRIC_SHARE, .scale = 100 };
static const struct metric mean = { .kind = METRIC_MEAN, .scale = 1 };
static const struct compare_arm control = { .arm = 0 }, treatment = { .arm = 1 };

static struct armtab tab;

/* n keys of each cohort, of one weight unless skewed; those of the treatment hit more by lift. */
static void
deal(size_t n, double lift, bool skewed, uint64_t seed)
{
	struct rng rng;
	char name[32];

	armtab_init(&tab, &any, 1, 2);
	rng_seed(&rng, seed);
	for (size_t i = 0; i < 2 * n; i++) {
		double weight = skewed ? floor(5000 / (double)(1 + i / 2)) + 2 : 100;
		double own = 0.3 + 0.3 * rng_unit(&rng);
		uint32_t k;

		snprintf(name, sizeof(name), "%zu", i);
		k = armtab_key(&tab, str_of(name), i % 2);
		armtab_active(&tab, k);
		*armtab_total(&tab, k, ARMTAB_NOW) =
		    (struct ratio_total){ floor(weight * (own + 0.05 * rng_unit(&rng) + (i % 2 ? lift : 0))), weight };
		*armtab_total(&tab, k, ARMTAB_BEFORE) =
		    (struct ratio_total){ floor(weight * (own + 0.05 * rng_unit(&rng))), weight };
	}
	armtab_sort(&tab);
}

static const char *
judge(enum compare_method method, const struct metric *m, struct verdict *v)
{
	struct compare_how how = { .method = method, .alpha = 0.05, .rounds = 199, .seed = 5 };

	verdict_init(v);
	return compare(&how, &tab, 0, m, &control, &treatment, v);
}

static bool
same(double a, double b)
{
	return fabs(a - b) <= 1e-12 * fabs(b);
}

static void
test_chosen(void)
{
	struct verdict v;

	deal(1500, 0.05, false, 1);
	CHECK(!judge(COMPARE_AUTO, &share, &v));
	CHECK_STR(v.method, "cuped");
	CHECK(isnan(v.rounds) && v.df > 1000 && v.keys_c == 1500 && v.n_t == 150000 && same(v.neff_c, 1500));
	CHECK(same(v.confidence, 100 * (1 - v.p)) && same(v.top, 1 / 3000.0));
	CHECK(!judge(COMPARE_DELTA, &share, &v));
	CHECK_STR(v.method, "delta");
	CHECK(!judge(COMPARE_PERM, &share, &v));
	CHECK_STR(v.method, "cuped+perm");
	CHECK(v.rounds == 199 && v.seed == 5 && isnan(v.df) && v.p >= 1 / 200.0);
	armtab_free(&tab);
	deal(900, 0.05, false, 1);
	CHECK(!judge(COMPARE_AUTO, &share, &v));
	CHECK_STR(v.method, "cuped+perm");
	armtab_free(&tab);
	/* Many keys, but one of them too heavy. */
	deal(4000, 0.05, true, 1);
	CHECK(!judge(COMPARE_AUTO, &share, &v));
	CHECK_STR(v.method, "cuped+perm");
	CHECK(v.top > COMPARE_TOP);
	armtab_free(&tab);
}

static void
test_ratios(void)
{
	struct ratio_key keys[4000];
	struct ratio_cuped past;
	struct ratio_arm c, t;
	struct trial_result r;
	struct verdict v;
	size_t n_c, n_t;

	deal(2000, 0.02, false, 2);
	n_c = armtab_gather(&tab, 0, 0, keys);
	n_t = armtab_gather(&tab, 1, 0, keys + n_c);
	CHECK(!ratio_arm(keys, n_c, &c) && !ratio_arm(keys + n_c, n_t, &t));
	CHECK(!trial_compare(&c.as, &t.as, 0.05, &r) && !judge(COMPARE_DELTA, &share, &v));
	CHECK(same(v.diff, 100 * r.diff) && same(v.lo, 100 * r.lo) && same(v.hi, 100 * r.hi));
	CHECK(same(v.se, 100 * r.se) && v.p == r.p && v.stat == r.t && v.rel == r.rel);
	CHECK(same(v.est_c, 100 * c.as.est) && same(v.est_t, 100 * t.as.est));
	CHECK(same(v.deff, r.se * r.se / (c.as.est * (1 - c.as.est) / c.n + t.as.est * (1 - t.as.est) / t.n)));
	CHECK(!ratio_cuped(keys, n_c, keys + n_c, n_t, 0.05, &past) && !judge(COMPARE_CUPED, &share, &v));
	CHECK(same(v.diff, 100 * past.r.diff) && same(v.se, 100 * past.r.se) && same(v.est_t, 100 * past.t.est));
	CHECK(v.se < 0.3 * 100 * r.se);
	/* Percent are the share's alone. */
	CHECK(!judge(COMPARE_DELTA, &mean, &v) && same(v.diff, r.diff) && isnan(v.deff));
	armtab_free(&tab);
}

static void
test_requests(void)
{
	struct prop_interval i;
	struct prop_test z;
	struct ratio_key keys[200];
	struct prop arm[2] = { { 0, 0 }, { 0, 0 } };
	struct verdict v;

	deal(100, 0.1, false, 3);
	for (int a = 0; a < 2; a++)
		for (size_t k = 0, n = armtab_gather(&tab, a, 0, keys); k < n; k++) {
			arm[a].x += (uint64_t)keys[k].now.y;
			arm[a].n += (uint64_t)keys[k].now.n;
		}
	CHECK(!prop_test(arm[0], arm[1], 0.05, &z) && !judge(COMPARE_REQUEST_Z, &share, &v));
	CHECK(v.independent && v.p == z.p && v.stat == z.z && same(v.lo, 100 * z.wald.lo));
	CHECK_STR(v.method, "request-z");
	i = prop_newcombe(arm[0], arm[1], 0.05);
	CHECK(!judge(COMPARE_NEWCOMBE, &share, &v) && same(v.lo, 100 * i.lo) && same(v.hi, 100 * i.hi));
	CHECK(judge(COMPARE_NEWCOMBE, &mean, &v) && isnan(v.p));
	CHECK(judge(COMPARE_WELCH, &share, &v) && isnan(v.p));
	armtab_free(&tab);
}

static void
test_welch(void)
{
	struct compare_how how = { .method = COMPARE_WELCH, .alpha = 0.05 };
	struct compare_arm c = { .arm = 0 }, t = { .arm = 1 };
	struct trial_arm ac, at;
	struct trial_result r;
	struct verdict v;

	deal(10, 0, false, 4);
	for (int i = 0; i < 20; i++) {
		stats_add(&c.moments, 1e7 + 0.05 * (i % 3));
		stats_add(&t.moments, 1e7 + 0.05 * (i % 4));
	}
	ac = trial_mean(&c.moments);
	at = trial_mean(&t.moments);
	verdict_init(&v);
	CHECK(!trial_compare(&ac, &at, 0.05, &r) && !compare(&how, &tab, 0, &mean, &c, &t, &v));
	CHECK(v.diff == r.diff && v.p == r.p && v.df == r.df && v.independent);
	c.moments.m2 = NAN;
	verdict_init(&v);
	CHECK_STR(str_of(compare(&how, &tab, 0, &mean, &c, &t, &v)), "no sums of squares, or too few values");
	armtab_free(&tab);
}

/* Each key its own control: now under treatment, before under control. */
static void
test_crossover(void)
{
	struct compare_how how = { .method = COMPARE_AUTO, .crossover = true, .alpha = 0.05, .rounds = 199 };
	struct ratio_key keys[4000];
	struct ratio_crossover x;
	struct verdict v;
	size_t n;

	deal(2000, 0.01, false, 5);
	n = armtab_gather(&tab, ARMTAB_ALL, 0, keys);
	CHECK(!ratio_crossover(keys, n, 0.05, &x));
	verdict_init(&v);
	CHECK(!compare(&how, &tab, 0, &share, &control, &treatment, &v));
	CHECK_STR(v.method, "crossover");
	CHECK(same(v.diff, 100 * x.r.diff) && v.p == x.r.p && v.keys_c == 4000 && v.keys_t == 4000);
	CHECK(same(v.est_c, 100 * x.est_c) && same(v.est_t, 100 * x.est_t));
	how.method = COMPARE_PERM;
	CHECK(!compare(&how, &tab, 0, &share, &control, &treatment, &v));
	CHECK_STR(v.method, "crossover+perm");
	how.method = COMPARE_DELTA;
	CHECK(compare(&how, &tab, 0, &share, &control, &treatment, &v) != NULL);
	how = (struct compare_how){ .method = COMPARE_CROSSOVER, .alpha = 0.05 };
	CHECK(compare(&how, &tab, 0, &share, &control, &treatment, &v) != NULL);
	armtab_free(&tab);
}

/* The median of values, whose keys are many or few. */
static void
test_quantile(void)
{
	struct metric median = { .kind = METRIC_QUANTILE, .scale = 1, .f = { .q = HIST_Q_ONE / 2 } };
	struct verdict v;
	struct rng rng;
	char name[32];

	armtab_init(&tab, &any, 1, 2);
	rng_seed(&rng, 6);
	for (int i = 0; i < 3000; i++) {
		uint32_t k;

		snprintf(name, sizeof(name), "%d", i);
		k = armtab_key(&tab, str_of(name), i % 2);
		armtab_active(&tab, k);
		for (int j = 0; j < 3; j++)
			armtab_value(&tab, 0, k, ARMTAB_NOW, 100 + i % 2 * 0.3 + rng_unit(&rng));
	}
	armtab_sort(&tab);
	CHECK(!judge(COMPARE_AUTO, &median, &v));
	CHECK_STR(v.method, "quantile");
	CHECK(v.est_c > 100.45 && v.est_c < 100.55 && v.diff > 0.25 && v.diff < 0.35);
	CHECK(v.lo < 0.3 && 0.3 < v.hi && v.hi - v.lo < 0.1 && v.p < 1e-50 && v.n_c == 4500);
	/* Values of a key that are independent: clustering changes nothing. */
	CHECK(v.deff > 0.9 && v.deff < 1.1);
	CHECK(!judge(COMPARE_PERM, &median, &v));
	CHECK_STR(v.method, "quantile+perm");
	CHECK(v.p == 1 / 200.0);
	armtab_free(&tab);
}

static void
add(const char *name, int arm, double y, double n)
{
	uint32_t k = armtab_key(&tab, str_of(name), arm);

	armtab_active(&tab, k);
	*armtab_total(&tab, k, ARMTAB_NOW) = (struct ratio_total){ y, n };
}

static void
test_undefined(void)
{
	struct verdict v;

	armtab_init(&tab, &any, 1, 1);
	add("a", 0, 1, 2);
	armtab_sort(&tab);
	CHECK_STR(str_of(judge(COMPARE_AUTO, &share, &v)), "one key in control");
	armtab_free(&tab);
	armtab_init(&tab, &any, 1, 1);
	add("a", 0, 1, 2);
	add("b", 0, 0, 2);
	armtab_sort(&tab);
	CHECK_STR(str_of(judge(COMPARE_AUTO, &share, &v)), "no keys in treatment");
	CHECK(v.keys_c == 2 && v.est_c == 25 && isnan(v.diff) && isnan(v.p));
	armtab_free(&tab);
	armtab_init(&tab, &any, 1, 1);
	add("a", 0, 2, 2);
	add("b", 0, 3, 3);
	add("c", 1, 4, 4);
	add("d", 1, 4, 4);
	armtab_sort(&tab);
	CHECK_STR(str_of(judge(COMPARE_AUTO, &share, &v)), "no variance: all keys of a cohort have the same value");
	CHECK(isnan(v.p) && isnan(v.confidence));
	/* Of one cohort it is no reason: labels can be dealt anew. */
	armtab_free(&tab);
	armtab_init(&tab, &any, 1, 1);
	for (int i = 0; i < 40; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%d", i);
		add(name, i % 2, i % 2 ? i % 10 : 9, 9.0);
	}
	armtab_sort(&tab);
	CHECK(!judge(COMPARE_DELTA, &share, &v));
	CHECK_STR(v.method, "delta+perm");
	CHECK(v.est_c == 100 && v.p == 1 / 200.0 && v.hi < 0);
	armtab_free(&tab);
}

int
main(void)
{
	test_chosen();
	test_ratios();
	test_requests();
	test_welch();
	test_crossover();
	test_quantile();
	test_undefined();
	return test_end();
}
