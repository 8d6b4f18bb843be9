/* hll: against true counts, older estimators and the series of the paper. */
#include <errno.h>

#include "hll.h"
#include "test.h"

/* n different things: a generator that never repeats is its own good hash. */
static void
fill(struct hll *h, uint64_t seed, uint64_t n)
{
	while (n-- > 0)
		CHECK(hll_add(h, test_random(&seed)));
}

static bool
same(const struct hll *a, const struct hll *b)
{
	int i = HLL_BEFORE, j = HLL_BEFORE, m = 0, n = 0;

	while (hll_next(a, &i, &m))
		if (!hll_next(b, &j, &n) || i != j || m != n)
			return false;
	return !hll_next(b, &j, &n) && hll_count(a) == hll_count(b);
}

/* One hash goes where the drawing says. */
static void
test_registers(void)
{
	static const struct { uint64_t hash; int reg, rank; } known[] = {
		{ 0, 0, 51 }, { 1, 0, 50 }, { UINT64_MAX, 16383, 1 },
		{ (uint64_t)1 << 50, 1, 51 }, { (uint64_t)1 << 49, 0, 1 },
		{ (uint64_t)5 << 50 | (uint64_t)1 << 46, 5, 4 },
	};

	for (size_t i = 0; i < countof(known); i++) for (int dense = 0; dense < 2; dense++) {
		struct hll h = { 0 };
		int reg = HLL_BEFORE, rank = 0;
		if (dense) {
			fill(&h, 1, 5000);
			CHECK(h.dense != NULL);
			memset(h.dense, 0, HLL_REGISTERS);
		}
		CHECK(hll_add(&h, known[i].hash));
		CHECK(hll_next(&h, &reg, &rank));
		CHECK_INT(reg, known[i].reg);
		CHECK_INT(rank, known[i].rank);
		CHECK(!hll_next(&h, &reg, &rank));
		CHECK_INT(hll_count(&h), 1);
		hll_free(&h);
	}
}

/* Within 4 standard errors each time, and right on the whole. */
static void
test_error(void)
{
	static const struct { uint64_t n; int times; } run[] = {
		{ 1, 50 }, { 10, 50 }, { 100, 50 }, { 1000, 50 }, { 10000, 50 },
		{ 40000, 50 }, { 100000, 20 }, { 1000000, 4 },
	};

	for (size_t i = 0; i < countof(run); i++) {
		double sum = 0, squares = 0, times = run[i].times;
		for (int t = 0; t < run[i].times; t++) {
			struct hll h = { 0 };
			fill(&h, run[i].n * 1000 + (uint64_t)t, run[i].n);
			double error = (double)hll_count(&h) / (double)run[i].n - 1;
			CHECK(fabs(error) < 4 * 0.008125);
			sum += error;
			squares += error * error;
			hll_free(&h);
		}
		CHECK(fabs(sum / times) < 4 * 0.008125 / sqrt(times));
		CHECK(sqrt(squares / times) < 1.5 * 0.008125);
	}
}

/* Where the estimators of 2007 hold, Ertl's says nearly the same. */
static void
test_older(void)
{
	const double m = HLL_REGISTERS;

	for (uint64_t n = 50; n < 1500000; n *= 5) {
		struct hll h = { 0 };
		double z = 0, empty = m, got;
		int rank;
		fill(&h, n, n);
		for (int reg = HLL_BEFORE; hll_next(&h, &reg, &rank); empty--)
			z += ldexp(1, -rank);
		got = (double)hll_count(&h);
		if (n < HLL_REGISTERS / 2)	/* linear counting */
			CHECK(fabs(got / (m * log(m / empty)) - 1) < 0.003 + 0.5 / (double)n);
		if (n > 10 * HLL_REGISTERS)	/* the raw estimate */
			CHECK(fabs(got / (0.7213 / (1 + 1.079 / m) * m * m / (z + empty)) - 1) < 0.001);
		hll_free(&h);
	}
}

/* The estimator as the paper defines it, term by term and in long doubles. */
static long double
slow_count(const struct hll *h)
{
	long double m = HLL_REGISTERS, count[HLL_RANK_MAX + 1] = { m }, z = 0;
	int rank;

	for (int reg = HLL_BEFORE; hll_next(h, &reg, &rank); count[0]--)
		count[rank]++;
	long double x = count[0] / m, y = 1 - count[HLL_RANK_MAX] / m, sigma = x, tau = 1 - y;
	for (int k = 1; k < 64; k++) {
		sigma += powl(x, ldexpl(1, k)) * ldexpl(1, k - 1);
		tau -= powl(1 - powl(y, ldexpl(1, -k)), 2) * ldexpl(1, -k);
	}
	for (rank = 1; rank < HLL_RANK_MAX; rank++)
		z += count[rank] * ldexpl(1, -rank);
	z += m * sigma + m * tau / 3 * ldexpl(1, -(HLL_RANK_MAX - 1));
	return m * m / (2 * logl(2) * z);
}

static void
test_estimator(void)
{
	uint64_t seed = 5;

	for (int round = 0; round < 300; round++) {
		struct hll h = { 0 };
		uint64_t n = 1 + test_random(&seed) % (round % 2 ? 200 : 40000);
		int top = 1 + (int)(test_random(&seed) % HLL_RANK_MAX);
		while (n-- > 0)
			CHECK(hll_set(&h, (int)(test_random(&seed) % HLL_REGISTERS),
			    top - (int)(test_random(&seed) % (uint64_t)top)));
		/* Ranks at their end, where tau begins to count. */
		for (int reg = 0; round % 10 == 0 && reg < HLL_REGISTERS; reg++)
			CHECK(hll_set(&h, reg, test_random(&seed) % 600 < (uint64_t)round ? 51 : 47));
		long double want = slow_count(&h);
		CHECK(fabsl((long double)hll_count(&h) - want) <= 0.5001L + want * 1e-14L);
		hll_free(&h);
	}
}

/* The same registers, a few at a time or all dense, are the same number. */
static void
test_sparse_is_dense(void)
{
	for (uint64_t n = 0; n <= 2500; n += 50) {
		struct hll sparse = { 0 }, dense = { 0 };
		int reg = HLL_BEFORE, rank;
		fill(&sparse, n, n);
		fill(&dense, 7, 9000);
		CHECK(dense.dense != NULL);
		memset(dense.dense, 0, HLL_REGISTERS);
		CHECK(hll_count(&dense) == 0);
		fill(&dense, n, n);
		CHECK(same(&sparse, &dense));
		CHECK((sparse.dense != NULL) == (hll_bytes(&sparse) > 4 * HLL_PAIRS_MAX));
		for (int registers = 0; hll_next(&sparse, &reg, &rank);)
			if (++registers > HLL_PAIRS_MAX)
				CHECK(sparse.dense != NULL);
		hll_free(&sparse);
		hll_free(&dense);
	}
}

/* 100 ways to deal out the same things, with repeats, merged by random trees. */
static void
test_merge(void)
{
	uint64_t seed = 3;

	for (int round = 0; round < 100; round++) {
		struct hll part[16] = { { 0 } }, whole = { 0 };
		size_t n = 1 + test_random(&seed) % countof(part);
		uint64_t things = test_random(&seed) % (round % 3 ? 3000 : 30000), state = seed;
		for (; things > 0; things--) {
			uint64_t hash = test_random(&state);
			CHECK(hll_add(&whole, hash));
			for (int again = 0; again < 2; again++)
				CHECK(hll_add(&part[test_random(&seed) % n], hash));
		}
		for (; n > 1; n--) {
			size_t into = test_random(&seed) % (n - 1);
			CHECK(hll_merge(&part[into], &part[n - 1]));
			hll_free(&part[n - 1]);
		}
		CHECK(same(&part[0], &whole));
		CHECK(hll_merge(&part[0], &part[0]) && same(&part[0], &whole));
		hll_free(&part[0]);
		hll_free(&whole);
	}
}

static void
test_limits(void)
{
	static const struct { int reg, rank; } wrong[] = {
		{ -1, 1 }, { HLL_REGISTERS, 1 }, { 0, 0 }, { 0, -1 },
		{ 0, HLL_RANK_MAX + 1 }, { INT32_MAX, INT32_MAX }, { INT32_MIN, 1 },
	};
	struct hll h = { 0 };

	CHECK_INT(hll_count(&h), 0);
	CHECK_INT(hll_bytes(&h), 0);
	CHECK(sizeof(h) <= 24);
	for (size_t i = 0; i < countof(wrong); i++) {
		errno = 0;
		CHECK(!hll_set(&h, wrong[i].reg, wrong[i].rank) && errno == EINVAL);
	}
	CHECK(hll_set(&h, 3, 9) && hll_set(&h, 3, 2) && hll_bytes(&h) == 16);
	/* Forged: every register full is more than there can be. */
	for (int reg = 0; reg < HLL_REGISTERS; reg++)
		CHECK(hll_set(&h, reg, HLL_RANK_MAX));
	CHECK(hll_count(&h) == (uint64_t)1 << 63);
	hll_free(&h);
	hll_free(&h);
}

/* In memory of exactly n bytes, so that a sanitizer sees one read too many. */
static size_t
decode(struct hll *h, const uint8_t *p, size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);
	size_t used;

	memcpy(exact, p, n);
	used = hll_decode_into(h, exact, n);
	free(exact);
	return used;
}

/* One byte wrong: refused and nothing changed, or the only bytes of another set. */
static void
damage(const uint8_t *code, size_t n, uint64_t *seed)
{
	static uint8_t bad[HLL_CODE_MAX], again[HLL_CODE_MAX];
	struct hll h = { 0 };

	memcpy(bad, code, n);
	bad[test_random(seed) % n] = (uint8_t)test_random(seed);
	size_t used = decode(&h, bad, n);
	if (used)
		CHECK(hll_encode(&h, again, sizeof(again)) == used && memcmp(again, bad, used) == 0);
	else
		CHECK(hll_bytes(&h) == 0);
	hll_free(&h);
}

static void
test_code(void)
{
	static uint8_t a[HLL_CODE_MAX], b[HLL_CODE_MAX];
	uint64_t seed = 4;

	for (int round = 0; round < 60; round++) {
		struct hll h = { 0 }, back = { 0 };
		fill(&h, seed, test_random(&seed) % (round % 4 ? 500 : 100000));
		size_t n = hll_encode(&h, a, sizeof(a));
		CHECK(n > 0 && decode(&back, a, n) == n && same(&h, &back));
		CHECK(hll_encode(&back, b, n) == n && memcmp(a, b, n) == 0);
		CHECK(hll_decode_into(&back, a, sizeof(a)) == n);
		for (size_t cut = 0; cut < n; cut += 1 + n / 300) {
			CHECK(hll_encode(&h, b, cut) == 0);
			errno = 0;
			CHECK(decode(&back, a, cut) == 0 && errno == EBADMSG);
		}
		CHECK(same(&h, &back));
		for (int i = 0; i < 50; i++)
			damage(a, n, &seed);
		struct hll other = { 0 };
		fill(&other, ~seed, 400);
		CHECK(hll_merge(&back, &other));
		CHECK(decode(&other, a, n) == n && same(&other, &back));
		hll_free(&other);
		hll_free(&h);
		hll_free(&back);
	}
}

int
main(void)
{
	test_registers();
	test_error();
	test_older();
	test_estimator();
	test_sparse_is_dense();
	test_merge();
	test_limits();
	test_code();
	return test_end();
}
