/* hist: bins against 32nd powers in big integers, quantiles against sort. */
#include <errno.h>

#include "hist.h"
#include "test.h"

/*
 * The bin of v from its definition alone.  v is in bin k when 2^(k-2) < v^32
 * <= 2^(k-1), that is when v^32 - 1 has k - 1 binary digits.
 */
static int
slow_bin(int64_t v)
{
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	uint64_t limb[33] = { 1 };	/* v^32, low limb first */
	int n = 1;

	if (v == 0)
		return 0;
	for (int i = 0; i < 32; i++) {
		uint64_t carry = 0;
		for (int j = 0; j < n; j++) {
			u128 x = (u128)limb[j] * size + carry;
			limb[j] = (uint64_t)x;
			carry = (uint64_t)(x >> 64);
		}
		if (carry)
			limb[n++] = carry;
	}
	for (int j = 0; limb[j]-- == 0;)
		j++;
	while (n > 0 && limb[n - 1] == 0)
		n--;
	int digits = n ? 64 * n - (int)CLZ64(limb[n - 1]) : 0;
	return v < 0 ? -(digits + 1) : digits + 1;
}

/* The greatest v with slow_bin(v) <= k, by bisection. */
static int64_t
slow_greatest(int k)
{
	int64_t lo = 1, hi = INT64_MAX;

	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2 + 1;
		if (slow_bin(mid) <= k)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

static void
test_bins(void)
{
	uint64_t seed = 1;

	CHECK_INT(slow_bin(1), 1);
	CHECK_INT(slow_bin(2), 33);
	CHECK_INT(slow_bin(3), 52);
	CHECK_INT(hist_bin(INT64_MAX), HIST_BIN_MAX);
	CHECK_INT(hist_bin(INT64_MIN), -HIST_BIN_MAX);
	for (int64_t v = -2000; v <= 20000; v++)
		CHECK_INT(hist_bin(v), slow_bin(v));
	for (int k = 1; k <= HIST_BIN_MAX; k++) {
		int64_t v = slow_greatest(k);
		for (int64_t d = -1; d <= 1; d++) {
			if (d > 0 && v == INT64_MAX)
				continue;
			CHECK_INT(hist_bin(v + d), slow_bin(v + d));
			CHECK_INT(hist_bin(-(v + d)), -hist_bin(v + d));
		}
	}
	for (int i = 0; i < 50000; i++) {
		int64_t v = (int64_t)(test_random(&seed) >> (i % 64));
		CHECK_INT(hist_bin(v), slow_bin(v));
	}
}

/* Each bin's value is right for both of its ends, and exact up to 54. */
static void
test_values(void)
{
	int64_t lo = 1;
	double below = 0;

	CHECK(hist_value(0) == 0);
	for (int64_t v = -54; v <= 54; v++)
		CHECK(hist_value(hist_bin(v)) == (double)v);
	CHECK(fabs(hist_value(hist_bin(55)) - 2. * 55 * 56 / (55 + 56)) < 1e-12);
	for (int k = 1; k <= HIST_BIN_MAX; k++) {
		int64_t hi = slow_greatest(k);
		double value = hist_value(k);
		CHECK(hist_value(-k) == -value);
		if (lo > hi)
			continue;	/* no integer falls in it */
		CHECK(below < value);
		below = value;
		CHECK(fabs(value - (double)lo) <= 0.010831 * (double)lo);
		CHECK(fabs(value - (double)hi) <= 0.010831 * (double)hi);
		if (hi == INT64_MAX)
			break;
		lo = hi + 1;
	}
}

static void
add(struct hist *h, int64_t v)
{
	CHECK(hist_add(h, hist_bin(v), 1));
}

static int
by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* One value of six kinds of data: what sort is then asked about. */
static int64_t
sample(int kind, uint64_t *seed)
{
	uint64_t r = test_random(seed);
	double u = (double)(r >> 11) * 0x1p-53, w = (double)(test_random(seed) >> 11) * 0x1p-53;

	switch (kind) {
	case 0: return (int64_t)(r % 1000000);
	case 1: return (int64_t)exp(9 + 2 * sqrt(-2 * log(1 - u)) * cos(6.2831853 * w));
	case 2: return (int64_t)(r % 60);
	case 3: return r % 3 ? 0 : (int64_t)(r % 100);
	case 4: return (int64_t)r >> (r % 50);	/* both signs, all sizes */
	default: return 4711;
	}
}

static void
test_quantiles(void)
{
	static const uint32_t q[] = { 0, 1, 1000000, 10000000, 250000000, 500000000, 900000000,
	    950000000, 990000000, 999000000, 999999999, HIST_Q_ONE };
	static int64_t v[5000];
	uint64_t seed = 2;

	for (int kind = 0; kind < 6; kind++) for (size_t n = 1; n <= countof(v); n = n * 3 + 1) {
		struct hist h = { 0 };
		for (size_t i = 0; i < n; i++)
			add(&h, v[i] = sample(kind, &seed));
		qsort(v, n, sizeof(v[0]), by_value);
		for (size_t i = 0; i < countof(q); i++) {
			size_t rank = (q[i] * n + HIST_Q_ONE - 1) / HIST_Q_ONE;
			int64_t want = v[rank ? rank - 1 : 0];
			double got = 1e300;
			CHECK(hist_quantile(&h, q[i], &got));
			CHECK(fabs(got - (double)want) <= 0.0109 * fabs((double)want));
			CHECK(got == hist_value(hist_bin(want)));
		}
		CHECK_INT(hist_total(&h), n);
		hist_free(&h);
	}
}

/* Ranks that doubles would get wrong. */
static void
test_ranks(void)
{
	struct hist h = { 0 };
	double value = 0;

	CHECK(!hist_quantile(&h, 500000000, &value));
	CHECK(hist_add(&h, 10, UINT64_MAX - 1));
	CHECK(hist_add(&h, 900, 1));
	CHECK(hist_quantile(&h, 999999999, &value) && value == hist_value(10));
	CHECK(hist_quantile(&h, HIST_Q_ONE, &value) && value == hist_value(900));
	CHECK(!hist_quantile(&h, HIST_Q_ONE + 1, &value));
	hist_free(&h);

	for (int64_t v = 1; v <= 10; v++)
		add(&h, v);
	CHECK(hist_quantile(&h, 700000000, &value) && value == 7);
	CHECK(hist_quantile(&h, 700000001, &value) && value == 8);
	hist_free(&h);
}

static bool
same(const struct hist *a, const struct hist *b)
{
	int i = HIST_BEFORE, j = HIST_BEFORE;
	uint64_t m = 0, n = 0;

	while (hist_next(a, &i, &m))
		if (!hist_next(b, &j, &n) || i != j || m != n)
			return false;
	return !hist_next(b, &j, &n) && hist_total(a) == hist_total(b);
}

/* 200 ways to deal out the same values, each merged by a random tree. */
static void
test_merge(void)
{
	static int64_t v[600];
	struct hist whole = { 0 };
	uint64_t seed = 3;

	for (size_t i = 0; i < countof(v); i++)
		add(&whole, v[i] = sample((int)(i % 6), &seed));
	for (int round = 0; round < 200; round++) {
		struct hist part[16] = { { 0 } };
		size_t n = 1 + test_random(&seed) % countof(part);
		for (size_t i = countof(v); i-- > 0;) {
			size_t j = test_random(&seed) % (i + 1);
			int64_t swap = v[i];
			v[i] = v[j];
			v[j] = swap;
			add(&part[test_random(&seed) % n], v[i]);
		}
		for (; n > 1; n--) {
			size_t into = test_random(&seed) % (n - 1);
			CHECK(hist_merge(&part[into], &part[n - 1]));
			hist_free(&part[n - 1]);
		}
		CHECK(same(&part[0], &whole));
		hist_free(&part[0]);
	}
	CHECK(hist_merge(&whole, &whole));
	CHECK_INT(hist_total(&whole), 2 * countof(v));
	hist_free(&whole);
}

/* What does not fit is refused, and changes nothing. */
static void
test_limits(void)
{
	struct hist h = { 0 }, other = { 0 };
	uint64_t count;
	int bin = HIST_BEFORE;

	CHECK(sizeof(h) <= 24);
	CHECK(hist_add(&h, HIST_BIN_MAX, 0));
	CHECK_INT(hist_bytes(&h), 0);
	CHECK(!hist_next(&h, &bin, &count));
	CHECK(!hist_add(&h, HIST_BIN_MAX + 1, 1) && errno == EINVAL);
	CHECK(!hist_add(&h, -HIST_BIN_MAX - 1, 1) && errno == EINVAL);
	CHECK(!hist_add(&h, INT_MIN, 1) && errno == EINVAL);
	CHECK(!hist_add(&h, INT_MAX, 1) && errno == EINVAL);
	CHECK(hist_add(&h, 5, UINT64_MAX - 2));
	CHECK_INT(hist_bytes(&h), 64);
	CHECK(hist_add(&h, HIST_BIN_MAX, 1) && hist_add(&h, -HIST_BIN_MAX, 1));
	CHECK_INT(hist_bytes(&h), 8 * (2 * HIST_BIN_MAX + 1));
	errno = 0;
	CHECK(!hist_add(&h, 6, 1) && errno == EOVERFLOW);
	errno = 0;
	CHECK(!hist_add(&h, 5, UINT64_MAX) && errno == EOVERFLOW);
	CHECK(hist_add(&other, 7, 1));
	errno = 0;
	CHECK(!hist_merge(&h, &other) && errno == EOVERFLOW);
	CHECK_INT(hist_total(&h), UINT64_MAX);
	CHECK(hist_next(&h, &bin, &count) && bin == -HIST_BIN_MAX && count == 1);
	CHECK(hist_next(&h, &bin, &count) && bin == 5 && count == UINT64_MAX - 2);
	CHECK(hist_next(&h, &bin, &count) && bin == HIST_BIN_MAX && count == 1);
	CHECK(!hist_next(&h, &bin, &count));
	hist_free(&h);
	hist_free(&other);
	hist_free(&other);
}

/* In memory of exactly n bytes, so that a sanitizer sees one read too many. */
static size_t
decode(struct hist *h, const uint8_t *p, size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);
	size_t used;

	memcpy(exact, p, n);
	used = hist_decode_into(h, exact, n);
	free(exact);
	return used;
}

static void
test_code(void)
{
	static uint8_t a[HIST_CODE_MAX], b[HIST_CODE_MAX];
	uint64_t seed = 4;

	for (int round = 0; round < 300; round++) {
		struct hist h = { 0 }, back = { 0 };
		for (uint64_t n = test_random(&seed) % 60; n > 0; n--)
			CHECK(hist_add(&h, hist_bin(sample(round % 6, &seed)),
			    test_random(&seed) >> (8 + test_random(&seed) % 56)));
		size_t n = hist_encode(&h, a, sizeof(a));
		CHECK(n > 0 && decode(&back, a, n) == n && same(&h, &back));
		CHECK(hist_encode(&back, b, n) == n && memcmp(a, b, n) == 0);
		CHECK(hist_decode_into(&back, a, sizeof(a)) == n);
		for (size_t cut = 0; cut < n; cut++) {
			CHECK(hist_encode(&h, b, cut) == 0);
			errno = 0;
			CHECK(decode(&back, a, cut) == 0 && errno == EBADMSG);
		}
		CHECK_INT(hist_total(&back), 2 * hist_total(&h));
		for (int i = 0; i < 50; i++) {
			memcpy(b, a, n);
			b[test_random(&seed) % n] = (uint8_t)test_random(&seed);
			b[test_random(&seed) % n] ^= (uint8_t)(1 << i % 8);
			struct hist bad = { 0 };
			size_t used = decode(&bad, b, n);
			uint8_t again[2048];
			/* It may have become another histogram: then the only bytes of it. */
			if (used)
				CHECK(hist_encode(&bad, again, sizeof(again)) == used &&
				    memcmp(again, b, used) == 0);
			else
				CHECK(hist_bytes(&bad) == 0 && hist_total(&bad) == 0);
			hist_free(&bad);
		}
		hist_free(&h);
		hist_free(&back);
	}
}

/* The longest encoding there is fits the constant. */
static void
test_code_max(void)
{
	static uint8_t out[HIST_CODE_MAX];
	struct hist h = { 0 };

	for (int bin = -HIST_BIN_MAX; bin <= HIST_BIN_MAX; bin++)
		CHECK(hist_add(&h, bin, UINT64_MAX / (2 * HIST_BIN_MAX + 1)));
	CHECK(hist_encode(&h, out, sizeof(out)) > 0);
	hist_free(&h);
}

int
main(void)
{
	test_bins();
	test_values();
	test_quantiles();
	test_ranks();
	test_merge();
	test_limits();
	test_code();
	test_code_max();
	return test_end();
}
