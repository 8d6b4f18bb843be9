/*
 * perm.c - against every relabelling of a few keys, each judged by ratio.h; then
 * the null itself, on keys so skewed that other tests fail it.
 */
#include "perm.h"
#include "prop.h"
#include "rng.h"
#include "test.h"

enum { FEW = 10, CONTROL = 4, ZIPF = 200 };

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

static void
few_keys(struct ratio_key *keys, uint64_t seed)
{
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < FEW; i++) {
		double own = rng_unit(&rng);

		keys[i].now.n = 5 + (double)rng_below(&rng, 60);
		keys[i].now.y = floor(keys[i].now.n * (own + (i >= CONTROL ? 0.4 : 0)) / 1.4);
		keys[i].before.n = 5 + (double)rng_below(&rng, 60);
		keys[i].before.y = floor(keys[i].before.n * own);
	}
}

static double
statistic(const struct ratio_key *c, const struct ratio_key *t, bool cuped)
{
	struct ratio_arm ac, at;
	struct ratio_cuped adjusted;
	struct trial_result r;

	if (cuped && ratio_cuped(c, CONTROL, t, FEW - CONTROL, 0.05, &adjusted))
		return NAN;
	if (cuped)
		return adjusted.r.t;
	if (ratio_arm(c, CONTROL, &ac) || ratio_arm(t, FEW - CONTROL, &at)
	    || trial_compare(&ac.as, &at.as, 0.05, &r))
		return NAN;
	return r.t;
}

/* The share of the 210 relabellings whose |t| is at least that observed. */
static double
exact_p(const struct ratio_key *keys, bool cuped)
{
	double observed = fabs(statistic(keys, keys + CONTROL, cuped));
	unsigned all = 0, beyond = 0;

	for (unsigned set = 0; set < 1U << FEW; set++) {
		struct ratio_key c[FEW], t[FEW];
		size_t n_c = 0, n_t = 0;

		for (size_t i = 0; i < FEW; i++) {
			if (set >> i & 1)
				c[n_c++] = keys[i];
			else
				t[n_t++] = keys[i];
		}
		if (n_c != CONTROL)
			continue;
		all++;
		beyond += fabs(statistic(c, t, cuped)) >= observed * (1 - 1e-9);
	}
	CHECK_INT(all, 210);
	return (double)beyond / all;
}

static void
test_all_labels(void)
{
	struct perm_how how = { .rounds = 40000, .seed = 1, .alpha = 0.1 };

	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct ratio_key keys[FEW], copy[FEW];
		struct perm_result r, again;
		double want, t, sd;

		how.cuped = seed % 2;
		few_keys(keys, seed);
		want = exact_p(keys, how.cuped);
		t = statistic(keys, keys + CONTROL, how.cuped);
		sd = sqrt(want * (1 - want) / how.rounds);
		memcpy(copy, keys, sizeof(keys));
		CHECK(!perm_labels(copy, CONTROL, FEW - CONTROL, &how, &r));
		CHECK(near(r.t, t, 1e-9) && fabs(r.p - want) < 4 * sd + 1.0 / how.rounds);
		CHECK((r.p <= how.alpha) == (fabs(r.t) > r.critical));

		memcpy(copy, keys, sizeof(keys));
		CHECK(!perm_labels(copy, CONTROL, FEW - CONTROL, &how, &again));
		CHECK(again.p == r.p && again.critical == r.critical && again.beyond == r.beyond);

		memcpy(copy, keys + CONTROL, (FEW - CONTROL) * sizeof(*keys));
		memcpy(copy + FEW - CONTROL, keys, CONTROL * sizeof(*keys));
		/* the mirror: the larger arm first */
		CHECK(!perm_labels(copy, FEW - CONTROL, CONTROL, &how, &again));
		CHECK(near(again.t, -t, 1e-9) && fabs(again.p - want) < 4 * sd + 1.0 / how.rounds);
	}
}

/* The |t| of keys shuffled one by one, each judged by ratio.h: the second truth. */
static unsigned
beyond_by_shuffling(struct ratio_key *keys, size_t n_c, size_t n_t, unsigned rounds, double observed)
{
	unsigned beyond = 0;
	struct rng rng;

	rng_seed(&rng, 99);
	for (unsigned round = 0; round < rounds; round++) {
		struct ratio_arm c, t;
		struct trial_result r;

		for (size_t i = n_c + n_t - 1; i > 0; i--) {
			size_t j = (size_t)rng_below(&rng, i + 1);
			struct ratio_key key = keys[i];

			keys[i] = keys[j];
			keys[j] = key;
		}
		CHECK(!ratio_arm(keys, n_c, &c) && !ratio_arm(keys + n_c, n_t, &t));
		CHECK(!trial_compare(&c.as, &t.as, 0.05, &r));
		beyond += fabs(r.t) >= observed;
	}
	return beyond;
}

/* More keys than a word has bits, and no multiple of it: all are added up, and once. */
static void
test_many(void)
{
	enum { N = 333, ROUNDS = 20000 };
	static struct ratio_key keys[N], copy[N];
	const struct perm_how how = { .rounds = ROUNDS, .seed = 5, .alpha = 0.05 };
	struct rng rng;

	rng_seed(&rng, 8);
	for (size_t i = 0; i < N; i++) {
		keys[i].now.n = floor(1e4 / pow((double)i + 1, 0.8)) + 1;
		keys[i].now.y = floor(keys[i].now.n * rng_unit(&rng));
	}
	for (size_t n_c = 33; n_c < N; n_c += 100) {
		struct ratio_arm c, t;
		struct trial_result want;
		struct perm_result r;
		double p;

		CHECK(!ratio_arm(keys, n_c, &c) && !ratio_arm(keys + n_c, N - n_c, &t));
		CHECK(!trial_compare(&c.as, &t.as, 0.05, &want));
		memcpy(copy, keys, sizeof(keys));
		CHECK(!perm_labels(copy, n_c, N - n_c, &how, &r));
		CHECK(near(r.t, want.t, 1e-9));
		memcpy(copy, keys, sizeof(keys));
		p = (double)beyond_by_shuffling(copy, n_c, N - n_c, ROUNDS, fabs(want.t)) / ROUNDS;
		CHECK(fabs(r.p - p) < 4 * sqrt(2 * p * (1 - p) / ROUNDS) + 2.0 / ROUNDS);
	}
}

static void
test_work(void)
{
	struct perm_how how = { .rounds = PERM_ROUNDS_MAX, .alpha = 0.05 };
	size_t keys = PERM_WORK_MAX / PERM_ROUNDS_MAX / 2 + 1;
	struct perm_result r;

	CHECK(!strncmp(perm_labels(NULL, keys, keys, &how, &r), "keys times --rounds are over 10^11", 34));
	CHECK(!strncmp(perm_pairs(NULL, 2 * keys, &how, &r), "keys times --rounds are over 10^11", 34));
}

static void
test_pairs(void)
{
	const struct perm_how how = { .rounds = 40000, .seed = 3, .alpha = 0.05 };
	struct ratio_key keys[FEW];
	struct ratio_crossover cross;
	struct perm_result r;
	unsigned beyond = 0;
	double want;

	few_keys(keys, 11);
	CHECK(!ratio_crossover(keys, FEW, 0.05, &cross));
	for (unsigned set = 0; set < 1U << FEW; set++) {
		struct ratio_key turned[FEW];
		struct ratio_crossover c;

		for (size_t i = 0; i < FEW; i++)
			turned[i] = set >> i & 1
			    ? (struct ratio_key){ keys[i].before, keys[i].now } : keys[i];
		CHECK(!ratio_crossover(turned, FEW, 0.05, &c));
		beyond += fabs(c.r.t) >= fabs(cross.r.t) * (1 - 1e-9);
	}
	want = beyond / 1024.0;
	CHECK(!perm_pairs(keys, FEW, &how, &r));
	CHECK(near(r.t, cross.r.t, 1e-9));
	CHECK(fabs(r.p - want) < 4 * sqrt(want * (1 - want) / how.rounds) + 1e-4);
}

static void
test_undefined(void)
{
	struct perm_how how = { .rounds = 99, .seed = 1, .alpha = 0.05 };
	struct ratio_key keys[4] = { { .now = { 1, 1 } }, { .now = { 2, 2 } } };
	struct perm_result r;

	CHECK(!strcmp(perm_labels(keys, 2, 2, &how, &r), "the statistic is undefined"));
	CHECK(isnan(r.p) && isnan(r.t) && isnan(r.critical));
	keys[1].now = (struct ratio_total){ 1, 7 };
	keys[2].now = (struct ratio_total){ 2, 9 };
	/* an arm of one key has no spread */
	CHECK(perm_labels(keys, 1, 3, &how, &r) && isnan(r.p));
	CHECK(!strcmp(perm_labels(keys, 0, 0, &how, &r), "no requests"));
	CHECK(!strcmp(perm_pairs(keys, 4, &how, &r), "no requests before"));
	how.cuped = true;
	CHECK(!strcmp(perm_labels(keys, 2, 2, &how, &r), "no requests before"));
	how.rounds = 0;
	CHECK(perm_labels(keys, 2, 2, &how, &r) && perm_pairs(keys, 4, &how, &r));
	how.rounds = PERM_ROUNDS_MAX + 1;
	CHECK(perm_labels(keys, 2, 2, &how, &r));
	how.rounds = 9;
	how.alpha = NAN;
	CHECK(perm_labels(keys, 2, 2, &how, &r));
	/* nine rounds cannot show one in twenty */
	how = (struct perm_how){ .rounds = 9, .seed = 1, .alpha = 0.05 };
	CHECK(!perm_labels(keys, 2, 2, &how, &r) && isinf(r.critical) && r.p >= 0.1);
}

/*
 * Zipf keys, 200 of them, one in eight of all requests the first's; labels drawn
 * at random, no effect.  The request-level test rejects nearly always and the
 * clustered t too often; the permutation keeps to its 5 %.
 */
static void
test_null(void)
{
	struct perm_how how = { .cuped = true, .rounds = 199, .alpha = 0.05 };
	const unsigned draws = 600;
	unsigned by_request = 0, by_t = 0, by_label = 0;
	struct ratio_key keys[ZIPF];
	struct rng rng;

	rng_seed(&rng, 7);
	for (size_t i = 0; i < ZIPF; i++) {
		double n = floor(1e5 / pow((double)i + 1, 0.9)), own = rng_unit(&rng);

		keys[i].now = (struct ratio_total){ floor(n * (0.7 + 0.3 * own)), n };
		keys[i].before.y = floor(n * (0.69 + 0.29 * own) * 0.9);
		keys[i].before.n = floor(n * 0.9);
	}
	for (unsigned draw = 0; draw < draws; draw++) {
		struct ratio_key copy[ZIPF];
		struct ratio_arm c, t;
		struct trial_result r;
		struct prop_test z;
		struct perm_result p;

		for (size_t i = ZIPF - 1; i > 0; i--) {
			size_t j = (size_t)rng_below(&rng, i + 1);
			struct ratio_key key = keys[i];

			keys[i] = keys[j];
			keys[j] = key;
		}
		CHECK(!ratio_arm(keys, ZIPF / 2, &c) && !ratio_arm(keys + ZIPF / 2, ZIPF / 2, &t));
		CHECK(!trial_compare(&c.as, &t.as, 0.05, &r));
		CHECK(!prop_test((struct prop){ (uint64_t)c.y, (uint64_t)c.n },
		    (struct prop){ (uint64_t)t.y, (uint64_t)t.n }, 0.05, &z));
		memcpy(copy, keys, sizeof(keys));
		how.seed = draw;
		CHECK(!perm_labels(copy, ZIPF / 2, ZIPF / 2, &how, &p));
		by_request += z.p < 0.05;
		by_t += r.p < 0.05;
		by_label += p.p <= 0.05;
	}
	CHECK(by_request > 0.9 * draws);
	CHECK(by_t > 0.08 * draws);
	/* 5 % within 2.5 standard deviations */
	CHECK(by_label > 0.027 * draws && by_label < 0.073 * draws);
}

int
main(void)
{
	test_all_labels();
	test_many();
	test_pairs();
	test_work();
	test_undefined();
	test_null();
	return test_end();
}
