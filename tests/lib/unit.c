/* unit: amounts in the unit that a column's name says. */
#include "unit.h"

#include "str.h"
#include "test.h"

static void
test_columns(void)
{
	static const struct { const char *column; enum unit_kind kind; int exp10; } table[] = {
		{ "miss_pct", UNIT_PART, -2 }, { "hit_ratio", UNIT_PART, 0 },
		{ "latency_ms", UNIT_TIME, -3 }, { "latency_ms_p99", UNIT_TIME, -3 },
		{ "latency_ms_p99.9", UNIT_TIME, -3 }, { "age_s_max", UNIT_TIME, 0 },
		{ "wait_us_avg", UNIT_TIME, -6 }, { "latency_ms_sum", UNIT_TIME, -3 },
		{ "bytes", UNIT_BYTES, 0 }, { "bytes_sum", UNIT_BYTES, 0 }, { "kv_bytes", UNIT_BYTES, 0 },
		{ "latency_ms_sumsq", UNIT_PLAIN, 0 }, { "uniq_latency_ms", UNIT_PLAIN, 0 },
		{ "queue_depth", UNIT_PLAIN, 0 }, { "requests", UNIT_PLAIN, 0 }, { "s2xx", UNIT_PLAIN, 0 },
		{ "ms", UNIT_PLAIN, 0 }, { "pct", UNIT_PLAIN, 0 }, { "_p95", UNIT_PLAIN, 0 },
		{ "latency_ms_pct", UNIT_PART, -2 }, { "x_p", UNIT_PLAIN, 0 }, { "", UNIT_PLAIN, 0 },
	};

	for (size_t i = 0; i < countof(table); i++) {
		struct unit u = unit_of(str_of(table[i].column));

		CHECK_INT(u.kind, table[i].kind);
		CHECK_INT(u.exp10, table[i].exp10);
	}
}

static void
test_amounts(void)
{
	static const struct { const char *column, *text; double want; } table[] = {
		{ "miss_pct", "15", 15 }, { "miss_pct", "15%", 15 }, { "miss_pct", "0.1%", 0.1 },
		{ "hit_ratio", "95%", 0.95 }, { "hit_ratio", "0.95", 0.95 },
		{ "latency_ms_p99", "500", 500 }, { "latency_ms_p99", "0.29s", 290 },
		{ "latency_ms_p99", "500us", 0.5 }, { "latency_ms_p99", "2m", 120000 },
		{ "age_s", "1.5h", 5400 }, { "age_s", "1d", 86400 }, { "age_s", "2w", 1209600 },
		{ "age_s", "17ms", 0.017 }, { "wait_us_avg", "3s", 3e6 },
		{ "kv_bytes", "1GB", 1e9 }, { "kv_bytes", "0.9GB", 9e8 }, { "kv_bytes", "1GiB", 1073741824 },
		{ "kv_bytes", "1.5TiB", 1649267441664.0 }, { "bytes", "12B", 12 }, { "bytes", "3KB", 3000 },
		{ "bytes", "3KiB", 3072 }, { "bytes", "2MB", 2e6 }, { "bytes", "1MiB", 1048576 },
		{ "queue_depth", "1e3", 1000 }, { "queue_depth", "-5", -5 },
	};
	double v;

	for (size_t i = 0; i < countof(table); i++) {
		const char *why = unit_read(str_of(table[i].text), unit_of(str_of(table[i].column)), &v);

		CHECK(!why);
		if (why)
			printf("%s of %s: %s\n", table[i].text, table[i].column, why);
		else
			CHECK(v == table[i].want);
	}
	/* Every thousandth of a second is the very millisecond that was meant. */
	for (int ms = 0; ms < 20000; ms++) {
		char text[32];

		snprintf(text, sizeof(text), "%d.%03ds", ms / 1000, ms % 1000);
		CHECK(!unit_read(str_of(text), unit_of(STR("latency_ms")), &v) && v == ms);
	}
}

static void
test_refusals(void)
{
	static const struct { const char *column, *text, *why; } table[] = {
		{ "miss_pct", "15ms", "not a percentage" }, { "latency_ms", "5%", "not a time" },
		{ "kv_bytes", "5s", "not a number of bytes" }, { "queue_depth", "5s", "write the plain number" },
		{ "queue_depth", "", "not a number" }, { "queue_depth", "many", "not a number" },
		{ "latency_ms", "ms", "not a number" }, { "latency_ms", "5 ms", "not a number" },
		{ "latency_ms", "5Ms", "not a number" }, { "latency_ms", "5.5.5ms", "not a number" },
		{ "latency_ms", "nan", "not a number" }, { "latency_ms", "inf", "not a number" },
		{ "latency_ms", "1e999", "not a number" }, { "latency_ms", "0x10", "not a number" },
		{ "latency_ms", "1111111111111111111111111111111111111111111111111111111111111111111ms", "not a number" },
	};

	for (size_t i = 0; i < countof(table); i++) {
		double v = 42;
		const char *why = unit_read(str_of(table[i].text), unit_of(str_of(table[i].column)), &v);

		CHECK(why && strstr(why, table[i].why));
		CHECK(v == 42);
	}
}

static void
test_shown(void)
{
	static const struct { const char *column; double v; const char *want; } table[] = {
		{ "latency_ms_p99", 612.3, "612.3 ms" }, { "latency_ms", 9999.4, "9999.4 ms" },
		{ "latency_ms", 10000, "10 s" }, { "latency_ms", 119999, "120 s" },
		{ "latency_ms", 125000, "2m5s" }, { "ttfb_us", 20, "20 us" }, { "ttfb_us", 1e9, "16m40s" },
		{ "ttfb_us", 12345678, "12.346 s" }, { "age_s", 119.9999, "120 s" }, { "age_s", 93600, "1d2h" },
		{ "age_s", -300, "-300 s" }, { "age_s", 1e30, "1e+30 s" },
		{ "miss_pct", 17.2, "17.2 %" }, { "miss_pct", 0, "0 %" }, { "miss_pct", -0.0, "0 %" },
		{ "hit_ratio", 0.123456, "0.12346" }, { "bytes", 999, "999 B" }, { "kv_bytes", 1071000000, "1.071 GB" },
		{ "bytes_sum", 1e18, "1000000 TB" }, { "requests", 123456789, "123456789" },
		{ "rps", 123456.7, "123457" }, { "rps", 12.3456, "12.346" }, { "x", 1e-7, "1e-07" },
	};

	for (size_t i = 0; i < countof(table); i++) {
		struct buf b;

		buf_init(&b, 1024);
		unit_put(&b, table[i].v, unit_of(str_of(table[i].column)));
		CHECK_STR(buf_str(&b), table[i].want);
		buf_free(&b);
	}
}

static void
test_put_beside(void)
{
	static const struct {
		const char *column;
		double v, limit;
		const char *want;
	} table[] = {
		{ "miss_pct", 20, 15, "20 %" }, { "miss_pct", 15, 15, "15 %" },
		{ "miss_pct", 15.000001, 15, "15.000001 %" }, { "latency_ms_p99", 500.001, 500, "500.001 ms" },
		{ "kv_bytes", 1000010000, 1000000000, "1000010000 B" }, { "age_s", 93900, 93600, "93900 s" },
		{ "hit_ratio", 0.7500001, 0.75, "0.7500001" },
	};

	for (size_t i = 0; i < countof(table); i++) {
		struct buf b;

		buf_init(&b, 1024);
		buf_add(&b, STR("x "));
		unit_put_beside(&b, table[i].v, table[i].limit, unit_of(str_of(table[i].column)));
		CHECK_STR(str_from(buf_str(&b), 2), table[i].want);
		buf_free(&b);
	}
}

static void
test_spans(void)
{
	static const struct { int64_t s; const char *want; } table[] = {
		{ 0, "0s" }, { 59, "59s" }, { 300, "5m" }, { 5400, "1h30m" }, { 90061, "1d1h" }, { 86401, "1d1s" },
	};

	for (size_t i = 0; i < countof(table); i++) {
		struct buf b;

		buf_init(&b, 1024);
		unit_put_span(&b, table[i].s * 1000000 + 999999);
		CHECK_STR(buf_str(&b), table[i].want);
		buf_free(&b);
	}
}

int
main(void)
{
	test_shown();
	test_spans();
	test_columns();
	test_amounts();
	test_put_beside();
	test_refusals();
	return test_end();
}
