/*
 * num.c - numbers against a second truth: strtoull, strtod and printf of the
 * C library, wide integer arithmetic, and tables by hand.
 */
#include "num.h"
#include "test.h"

#include <errno.h>
#include <float.h>
#include <limits.h>

#define NOTHING	INT64_C(-987654321)	/* a refused number leaves this */

static struct str
str(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static void
check_u64(const char *text, bool ok, uint64_t want)
{
	uint64_t v = 77;

	CHECK(num_u64(str(text), &v) == ok);
	CHECK(v == (ok ? want : 77));
}

static void
check_i64(const char *text, bool ok, int64_t want)
{
	int64_t v = NOTHING;

	CHECK(num_i64(str(text), &v) == ok);
	CHECK_INT(v, ok ? want : NOTHING);
}

static void
test_integers(void)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0", "0x1",
	    "1e3", "--1", "1-", "18446744073709551616", "99999999999999999999",
	    "100000000000000000000", "1:", "/", "\xb2", "12345678901234567890123" };
	uint64_t u;
	int64_t v;

	for (size_t i = 0; i < countof(bad); i++) {
		check_u64(bad[i], false, 0);
		check_i64(bad[i], false, 0);
	}
	CHECK(!num_u64((struct str){ NULL, 0 }, &u));
	CHECK(!num_i64((struct str){ NULL, 0 }, &v));
	CHECK(!num_u64((struct str){ "1\0", 2 }, &u));
	check_u64("-1", false, 0);
	check_u64("0", true, 0);
	check_u64("007", true, 7);
	check_u64("9999999999999999999", true, 9999999999999999999U);
	check_u64("18446744073709551615", true, UINT64_MAX);
	check_u64("000000000000000000000000000000042", true, 42);
	check_i64("-0", true, 0);
	check_i64("-17", true, -17);
	check_i64("9223372036854775807", true, INT64_MAX);
	check_i64("9223372036854775808", false, 0);
	check_i64("-9223372036854775808", true, INT64_MIN);
	check_i64("-9223372036854775809", false, 0);
}

static void
test_integers_random(void)
{
	uint64_t state = 1, u;
	char want[NUM_MAX], got[NUM_MAX];
	int64_t v;

	for (int i = 0; i < 200000; i++) {
		uint64_t x = test_random(&state);

		x >>= test_random(&state) % 64;
		snprintf(want, sizeof(want), "%" PRIu64, x);
		*num_put_u64(got, x) = '\0';
		CHECK_STR(str(got), want);
		CHECK(num_u64(str(want), &u) && u == x);
		v = (int64_t)(x ^ (0 - (test_random(&state) & 1)));
		snprintf(want, sizeof(want), "%" PRId64, v);
		*num_put_i64(got, v) = '\0';
		CHECK_STR(str(got), want);
		check_i64(want, true, v);
	}
	for (int i = 0; i < 20; i++) {
		for (uint64_t d = 0; d < 3; d++) {
			snprintf(want, sizeof(want), "%" PRIu64, num_pow10[i] + d - 1);
			*num_put_u64(got, num_pow10[i] + d - 1) = '\0';
			CHECK_STR(str(got), want);
		}
	}
	*num_put_i64(got, INT64_MIN) = '\0';
	CHECK_STR(str(got), "-9223372036854775808");
}

static void
test_i128(void)
{
	static const char *const same[] = { "0", "1", "-1", "9999999999999999999",
	    "10000000000000000000", "-10000000000000000001", "18446744073709551616",
	    "99999999999999999999999999999999999999",
	    "100000000000000000000000000000000000000",
	    "-100000000000000000000000000000000000000",
	    "170141183460469231731687303715884105727",
	    "-170141183460469231731687303715884105728" };
	static const char *const bad[] = { "", "-", "+1", "1.5", " 1", "1a",
	    "170141183460469231731687303715884105728",
	    "-170141183460469231731687303715884105729",
	    "1701411834604692317316873037158841057270",
	    "999999999999999999999999999999999999999" };
	char got[NUM_MAX];
	i128 v = 5;

	for (size_t i = 0; i < countof(same); i++) {
		CHECK(num_i128(str(same[i]), &v));
		*num_put_i128(got, v) = '\0';
		CHECK_STR(str(got), same[i]);
	}
	v = 5;
	for (size_t i = 0; i < countof(bad); i++)
		CHECK(!num_i128(str(bad[i]), &v) && v == 5);
	CHECK(num_i128(STR("18446744073709551616"), &v) && v == (i128)UINT64_MAX + 1);
}

static void
check_fixed(const char *text, int scale, bool ok, int64_t want)
{
	int64_t v = NOTHING;

	CHECK(num_fixed(str(text), scale, &v) == ok);
	CHECK_INT(v, ok ? want : NOTHING);
}

static void
test_fixed(void)
{
	static const char *const bad[] = { "", "-", "+", ".", "-.", "e5", ".e5",
	    "1e", "1e+", "1e-", "1e5.", "1..2", "1.2.3", "1,5", "0x1p3", "inf", "nan",
	    "-inf", " 1", "1 ", "--1", "+-1", "1e5e5", "1e 5", "1_0", "1.5s", "-" };

	for (size_t i = 0; i < countof(bad); i++)
		check_fixed(bad[i], 3, false, 0);
	CHECK(!num_fixed((struct str){ NULL, 0 }, 3, &(int64_t){ 0 }));
	check_fixed("0.0024", 6, true, 2400);
	check_fixed("-1.5", 1, true, -15);
	check_fixed("12", 3, true, 12000);
	check_fixed(".5", 3, true, 500);
	check_fixed("5.", 3, true, 5000);
	check_fixed("1e-3", 6, true, 1000);
	check_fixed("+2", 0, true, 2);
	check_fixed("-0", 6, true, 0);
	check_fixed("-0.0000001", 6, true, 0);
	check_fixed("1.25E+2", 1, true, 1250);
	/* Halves go away from zero, and only true halves are halves. */
	check_fixed("0.5", 0, true, 1);
	check_fixed("-0.5", 0, true, -1);
	check_fixed("0.49999999999999999999999999999999", 0, true, 0);
	check_fixed("2.5", 0, true, 3);
	check_fixed("0.0005", 3, true, 1);
	check_fixed("0.00049", 3, true, 0);
	check_fixed("0.05", 0, true, 0);
	check_fixed("9.9996", 3, true, 10000);
	/* The ends of the range, and past them. */
	check_fixed("9223372036854.775807", 6, true, INT64_MAX);
	check_fixed("9223372036854.7758074", 6, true, INT64_MAX);
	check_fixed("9223372036854.7758075", 6, false, 0);
	check_fixed("-9223372036854.775808", 6, true, INT64_MIN);
	check_fixed("-9223372036854.7758085", 6, false, 0);
	check_fixed("9223372036854775807", 0, true, INT64_MAX);
	check_fixed("9223372036854775807.5", 0, false, 0);
	check_fixed("99999999999999999999", 0, false, 0);
	check_fixed("1e18", 0, true, INT64_C(1000000000000000000));
	check_fixed("1e19", 0, false, 0);
	check_fixed("10000000000", 9, false, 0);
	check_fixed("1e999999999999999999999999", 0, false, 0);
	check_fixed("1e-999999999999999999999999", 9, true, 0);
	check_fixed("0e999999999999999999999999", 9, true, 0);
	check_fixed("0000000000000000000000000000000000000001.5", 1, true, 15);
	check_fixed("0.00000000000000000000000000000000000015e38", 1, true, 150);
	check_fixed("1500000000000000000000000000000e-30", 1, true, 15);
}

/* digits * 10^exp in units of 10^-scale, in 128 bits. */
static bool
slow_fixed(int64_t digits, int exp, int scale, int64_t *v)
{
	i128 x = digits;
	u128 magnitude = (u128)(x < 0 ? -x : x), unit = 1;

	for (exp += scale; exp > 0; exp--)
		magnitude *= 10;
	for (; exp < 0; exp++)
		unit *= 10;
	magnitude = (magnitude + unit / 2) / unit;
	x = x < 0 ? -(i128)magnitude : (i128)magnitude;
	*v = (int64_t)x;
	return x >= INT64_MIN && x <= INT64_MAX;
}

static void
test_fixed_random(void)
{
	uint64_t state = 2;

	for (int i = 0; i < 300000; i++) {
		uint64_t r = test_random(&state);
		int scale = (int)(r % 10), point, exp = (int)(r >> 8 & 15) - 9;
		int64_t digits = (int64_t)(test_random(&state) >> (2 + r / 16 % 61));
		char plain[NUM_MAX], text[2 * NUM_MAX];
		int64_t want, got = 0;
		bool ok;

		if (r >> 63)
			digits = -digits;
		snprintf(plain, sizeof(plain), "%020" PRId64, digits);
		/* digits / 10^point, times 10^exp when there is one. */
		point = (int)(r >> 16 & 15);
		snprintf(text, sizeof(text), "%.*s.%s", 20 - point, plain, plain + 20 - point);
		if (r & 64)
			snprintf(text + 21, 20, "e%d", exp);
		else
			exp = 0;
		ok = slow_fixed(digits, exp - point, scale, &want);
		CHECK(num_fixed(str(text), scale, &got) == ok);
		if (ok)
			CHECK_INT(got, want);
	}
}

static void
test_put_fixed(void)
{
	static const struct {
		int64_t v;
		int scale;
		const char *want;
	} table[] = {
		{ 1500, 3, "1.5" }, { 0, 0, "0" }, { 0, 9, "0" }, { -1500, 3, "-1.5" },
		{ 2000, 3, "2" }, { 1, 9, "0.000000001" }, { -1, 6, "-0.000001" },
		{ 100, 2, "1" }, { 120, 0, "120" }, { -50, 2, "-0.5" },
		{ INT64_MIN, 6, "-9223372036854.775808" }, { INT64_MAX, 1, "922337203685477580.7" },
		{ INT64_C(1795176163272000), 6, "1795176163.272" },
	};
	char got[NUM_MAX];
	uint64_t state = 3;

	for (size_t i = 0; i < countof(table); i++) {
		*num_put_fixed(got, table[i].v, table[i].scale) = '\0';
		CHECK_STR(str(got), table[i].want);
	}
	for (int i = 0; i < 100000; i++) {
		int64_t v = (int64_t)test_random(&state), back;

		v /= INT64_C(1) << test_random(&state) % 63;
		for (int scale = 0; scale <= NUM_SCALE_MAX; scale++) {
			char *end = num_put_fixed(got, v, scale);

			CHECK(num_fixed((struct str){ got, (size_t)(end - got) }, scale, &back) &&
			    back == v);
			CHECK(end[-1] != '.' && (end[-1] != '0' || !memchr(got, '.', (size_t)(end - got))));
		}
	}
}

static void
check_double(const char *text)
{
	double got = 0, want = strtod(text, NULL);

	CHECK(num_double(str(text), &got));
	CHECK(memcmp(&got, &want, sizeof(got)) == 0);
}

static void
test_double(void)
{
	static const char *const good[] = { "0", "-0", "1", "+1", ".5", "5.", "1e-3",
	    "0.1", "1e308", "1.7976931348623157e308", "5e-324", "2e-324", "1e-999",
	    "9007199254740993", "0e99999999999999999999", "1e-99999999999999999999",
	    /* one half unit past 1, exactly: ties to even, and a trace more */
	    "1.00000000000000011102230246251565404236316680908203125",
	    "1.000000000000000111022302462515654042363166809082031250000000000000001",
	    "100000000000000011102230246251565404236316680908203125.0000000000000e-53" };
	static const char *const bad[] = { "", "-", ".", "inf", "-inf", "infinity", "nan",
	    "NAN", "nan(1)", "0x10", "0x1p4", " 1", "1 ", "1e", "1e999", "-1e309",
	    "1e99999999999999999999", "1d5", "1f", "1,5",
	    "1000000000000000000000000000000000000000000000000000e300" };
	static char huge[5000];
	uint64_t state = 4;
	double v = 0.25;

	for (size_t i = 0; i < countof(good); i++)
		check_double(good[i]);
	for (size_t i = 0; i < countof(bad); i++)
		CHECK(!num_double(str(bad[i]), &v) && v == 0.25);
	/* A midpoint followed by thousands of zeros, then by zeros and a one. */
	memset(huge, '0', sizeof(huge) - 1);
	memcpy(huge, good[16], strlen(good[16]));
	check_double(huge);
	huge[sizeof(huge) - 2] = '1';
	check_double(huge);
	CHECK(num_double(str(huge), &v) && v == 1 + DBL_EPSILON);
	for (int i = 0; i < 100000; i++) {
		char text[1200];
		int n, precision = (int)(test_random(&state) % 900);
		uint64_t bits = test_random(&state);

		memcpy(&v, &bits, sizeof(v));
		if (!(v - v == 0))
			continue;
		if (i % 50)		/* the long ones are slow in printf */
			precision %= 60;
		n = snprintf(text, sizeof(text), "%.*e", precision, v);
		if (!isinf(strtod(text, NULL)))
			check_double(text);
		CHECK(n > 0 && n < (int)sizeof(text));
	}
}

static void
test_put_double(void)
{
	static const struct {
		double v;
		const char *want;
	} table[] = {
		{ 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -2.5, "-2.5" }, { 0.1, "0.1" },
		{ 94.7, "94.7" }, { 1e15, "1e+15" }, { 999999999999999, "999999999999999" },
		{ 1.0 / 3, "0.3333333333333333" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ 5e-324, "5e-324" }, { DBL_MAX, "1.7976931348623157e+308" },
		{ -123456789012345.0, "-123456789012345" }, { 1e-5, "1e-05" },
	};
	char got[NUM_MAX], less[400];
	uint64_t state = 5;

	for (size_t i = 0; i < countof(table); i++) {
		*num_put_double(got, table[i].v) = '\0';
		CHECK_STR(str(got), table[i].want);
	}
	for (int i = 0; i < 100000; i++) {
		uint64_t bits = test_random(&state);
		double v, back;
		char *end;
		int digits = 0;

		if (i % 4 == 0)			/* among the tiniest */
			bits &= ~(UINT64_C(0x7ff) << 52);
		memcpy(&v, &bits, sizeof(v));
		if (!(v - v == 0))
			continue;
		end = num_put_double(got, v);
		CHECK(end < got + NUM_MAX);
		*end = '\0';
		CHECK(num_double(str(got), &back) && back == v);
		for (char *p = got; *p && *p != 'e'; p++)
			digits += *p >= '0' + !digits && *p <= '9';	/* no leading zeros */
		if (digits > 1 && strpbrk(got, ".e")) {
			snprintf(less, sizeof(less), "%.*g", digits - 1, v);
			CHECK(strtod(less, NULL) != v);
		}
	}
}

static void
check_duration(const char *text, bool ok, int64_t want)
{
	int64_t v = NOTHING;

	CHECK(num_duration(str(text), &v) == ok);
	CHECK_INT(v, ok ? want : NOTHING);
}

static void
test_duration(void)
{
	static const char *const bad[] = { "", "5", "00", "h", "s5", "1x", "1H", "1.5h",
	    "-1h", "+1h", "1h ", " 1h", "1 h", "1h 30m", "30m1h", "1h1h", "5m5m", "1mss",
	    "1msm", "1", "1h30", "1hm", "1week", "1us1ms", "292471y", "15250285w",
	    "106751992d", "99999999999999999999s", "9223372036854775808us",
	    "9223372036854775us9223372036854775807us", "106751991d4h1m", "1mm", "0s0", "1s\t" };

	for (size_t i = 0; i < countof(bad); i++)
		check_duration(bad[i], false, 0);
	check_duration("0", true, 0);
	check_duration("0s", true, 0);
	check_duration("90s", true, 90000000);
	check_duration("5m", true, 300000000);
	check_duration("2h", true, INT64_C(7200000000));
	check_duration("7d", true, INT64_C(604800000000));
	check_duration("1w", true, INT64_C(604800000000));
	check_duration("250ms", true, 250000);
	check_duration("10us", true, 10);
	check_duration("1h30m", true, INT64_C(5400000000));
	check_duration("1w2d3h4m5s6ms7us", true, INT64_C(788645006007));
	check_duration("9223372036854775807us", true, INT64_MAX);
	check_duration("106751991d14454s775ms807us", true,
	    INT64_C(106751991) * 86400000000 + INT64_C(14454775807));
	check_duration("0000000000000000000000005m", true, 300000000);
}

static void
check_size(const char *text, bool ok, uint64_t want)
{
	uint64_t v = 77;

	CHECK(num_size(str(text), &v) == ok);
	CHECK(v == (ok ? want : 77));
}

static void
test_size(void)
{
	static const char *const bad[] = { "", "k", "-1k", "1kk", "1kB", "1KiB", "1 k", "1.5M",
	    "k1", "1b", "1p", "1+", "1\v", "1\xeb", "18446744073709551616", "16777216T",
	    "18014398509481984k", "+5M" };

	for (size_t i = 0; i < countof(bad); i++)
		check_size(bad[i], false, 0);
	check_size("0", true, 0);
	check_size("4096", true, 4096);
	check_size("64k", true, 65536);
	check_size("64K", true, 65536);
	check_size("2M", true, 2097152);
	check_size("1G", true, 1073741824);
	check_size("1t", true, UINT64_C(1099511627776));
	check_size("16777215T", true, UINT64_C(16777215) << 40);
	check_size("18446744073709551615", true, UINT64_MAX);
}

int
main(void)
{
	test_integers();
	test_integers_random();
	test_i128();
	test_fixed();
	test_fixed_random();
	test_put_fixed();
	test_double();
	test_put_double();
	test_duration();
	test_size();
	return test_end();
}
