#include "test.h"

#include "prom.h"
#include "str.h"

#define SAME(column, family) same(column, family, "", 0)

static void
same(const char *column, const char *family, const char *label, int shift)
{
	struct prom_column c;
	const char *why = prom_column(&c, STR("cmon_"), str_of(column));

	CHECK_STR(str_of(why), "");
	CHECK_STR(str_of(c.family), family);
	CHECK_STR(str_of(c.label), label);
	CHECK_INT(c.shift, shift);
	CHECK(c.help[0] != '\0');
}

static void
names(void)
{
	SAME("requests", "cmon_requests");
	same("hit_pct", "cmon_hit_ratio", "", -2);
	same("error_percent", "cmon_error_ratio", "", -2);
	same("latency_ms_avg", "cmon_latency_avg_seconds", "", -3);
	same("latency_ms_sum", "cmon_latency_sum_seconds", "", -3);
	same("latency_ms_sumsq", "cmon_latency_sumsq_square_seconds", "", -6);
	same("latency_ms_p95", "cmon_latency_quantile_seconds", "q=\"0.95\"", -3);
	same("latency_ms_p99.9", "cmon_latency_quantile_seconds", "q=\"0.999\"", -3);
	same("age_s_p0", "cmon_age_quantile_seconds", "q=\"0\"", 0);
	same("age_s_p100", "cmon_age_quantile_seconds", "q=\"1\"", 0);
	same("wait_us_max", "cmon_wait_max_seconds", "", -6);
	same("wait_ns", "cmon_wait_seconds", "", -9);
	SAME("bytes", "cmon_response_bytes");
	SAME("bytes_avg", "cmon_response_avg_bytes");
	SAME("hit_bytes", "cmon_hit_bytes");
	same("s5xx", "cmon_responses", "code=\"5xx\"", 0);
	SAME("rps", "cmon_requests_per_second");
	SAME("uniq_client", "cmon_uniq_client");
	SAME("uniq_latency_ms", "cmon_uniq_latency");
	SAME("latency_ms_n", "cmon_latency_n");
	SAME("cost_usd", "cmon_cost_usd");
	SAME("queueDepth", "cmon_queue_depth");
	SAME("queue-depth", "cmon_queue_depth");
	SAME("KVStorage_bytes", "cmon_kvstorage_bytes");
	SAME("4xx", "cmon_4xx");
	SAME("retries_sum", "cmon_retries_sum_value");
	SAME("requests_total", "cmon_requests_total_value");
	SAME("last_success", "cmon_last_success_timestamp_seconds");
	SAME("p95", "cmon_p95");	/* a quantile, but of nothing */
	SAME("queue_p101", "cmon_queue_p101");
}

static void
names_that_cannot_be(void)
{
	static const char *const columns[] = {
		"mem_mb", "uptime_h", "uptime_hours", "load_m_avg", "disk_kilobytes", "net_bits",
		"queue_gauge", "ms", "pct", "gr\xc3\xb6\xc3\x9f", "a\\tb", "a\"b", "a{b}", "a%",
	};
	char longest[2 * PROM_NAME_MAX];
	struct prom_column c;

	for (size_t i = 0; i < countof(columns); i++)
		CHECK(prom_column(&c, STR("cmon_"), str_of(columns[i])) != NULL);
	memset(longest, 'x', sizeof(longest));
	for (size_t n = 0; n <= sizeof(longest); n++)
		CHECK((prom_column(&c, STR("cmon_"), (struct str){ longest, n }) == NULL) ==
		    (n > 0 && n + strlen("cmon_") < PROM_NAME_MAX));
}

static void
labels(void)
{
	char to[PROM_NAME_MAX];

	CHECK(!prom_label(to, STR("tier")));
	CHECK(!prom_label(to, STR("http.user-agent")));
	CHECK_STR(str_of(to), "http_user_agent");
	CHECK(!prom_label(to, STR("job")));
	CHECK_STR(str_of(to), "job_name");
	CHECK(!prom_label(to, STR("_x")));
	CHECK(prom_label(to, STR("")) != NULL);
	CHECK(prom_label(to, STR("__x")) != NULL);
	CHECK(prom_label(to, STR(".-x")) != NULL);
	CHECK(prom_label(to, STR("le")) != NULL);
	CHECK(prom_label(to, STR("LE")) != NULL);
	CHECK(prom_label(to, STR("quantile")) != NULL);
	CHECK(prom_label(to, STR("4xx")) != NULL);
}

static void
value(struct str raw, const char *want)
{
	struct buf b;

	buf_init(&b, 8 * PROM_VALUE_MAX);
	prom_put_value(&b, raw);
	CHECK_STR(buf_str(&b), want);
	buf_free(&b);
}

static void
values(void)
{
	char raw[PROM_VALUE_MAX + 1], want[PROM_VALUE_MAX + 3];

	value(STR(""), "\"\"");
	value(STR("a\\b\"c"), "\"a\\\\b\\\"c\"");
	value(STR("\0\x1f\x7f"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	value(STR("a\xc2\x85z"), "\"a\xef\xbf\xbdz\"");			/* C1 */
	value(STR("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	value(STR("caf\xc3\xa9"), "\"caf\xc3\xa9\"");

	/* Cut at the edge of a character: "aa...a" and a two-byte one. */
	memset(raw, 'a', sizeof(raw));
	snprintf(want, sizeof(want), "\"%.*s\"", PROM_VALUE_MAX, raw);
	value((struct str){ raw, sizeof(raw) }, want);
	memcpy(raw + PROM_VALUE_MAX - 1, "\xc3\xa9", 2);
	snprintf(want, sizeof(want), "\"%.*s\"", PROM_VALUE_MAX - 1, raw);
	value((struct str){ raw, sizeof(raw) }, want);
}

static void
window(int64_t us, const char *want)
{
	struct buf b;

	buf_init(&b, 64);
	prom_put_window(&b, us);
	CHECK_STR(buf_str(&b), want);
	buf_free(&b);
}

static void
number(const char *s, int shift, double want)
{
	double v = -1;

	CHECK(prom_number(str_of(s), shift, &v) && v == want);
}

/* A quotient of two exact numbers is rounded right by the machine itself. */
static void
numbers(void)
{
	uint64_t seed = 1;
	double v;

	number("42.1", -3, 0.0421);
	number("94.7", -2, 0.947);
	number("1e3", -3, 1);
	number("1E+3", -3, 1);
	number("5e-1", -2, 0.005);
	number("-0.1", -6, -1e-7);
	number("0e99999999999999999999", -3, 0);
	number("1e-99999999999999999999", -3, 0);
	for (int i = 0; i < 20000; i++) {
		char text[32];
		uint64_t u = test_random(&seed) >> (11 + test_random(&seed) % 50);

		snprintf(text, sizeof(text), "%" PRIu64, u);
		number(text, -2, (double)u / 1e2);
		number(text, -3, (double)u / 1e3);
		number(text, -6, (double)u / 1e6);
		snprintf(text, sizeof(text), "%s%" PRIu64 ".%0*" PRIu64, u % 2 ? "-" : "",
		    u % 100000, (int)(1 + u % 9), u % 10);
		number(text, 0, strtod(text, NULL));
	}
	CHECK(!prom_number(STR(""), -3, &v));
	CHECK(!prom_number(STR("nan"), -3, &v));
	CHECK(!prom_number(STR("1e"), -3, &v));
	CHECK(!prom_number(STR("1e+-3"), -3, &v));
	CHECK(!prom_number(STR("0x10"), -3, &v));
	CHECK(!prom_number(STR("1e400"), -3, &v));
}

static void
floats(void)
{
	double v;

	CHECK(prom_float(STR("+Inf"), &v) && isinf(v) && v > 0);
	CHECK(prom_float(STR("-inf"), &v) && isinf(v) && v < 0);
	CHECK(prom_float(STR("infinity"), &v) && isinf(v));
	CHECK(prom_float(STR("NaN"), &v) && isnan(v));
	CHECK(!prom_float(STR("-nan"), &v));
	CHECK(!prom_float(STR("+nan"), &v));
	CHECK(!prom_float(STR("+-inf"), &v));
	CHECK(!prom_float(STR("1_000"), &v));
	CHECK(!prom_float(STR("0x1p-2"), &v));
}

int
main(void)
{
	names();
	names_that_cannot_be();
	labels();
	values();
	window(300000000, "5m");
	window(3600000000, "1h");
	window(90000000, "90s");
	window(86400000000, "1d");
	window(500000, "500ms");
	window(1, "1us");
	numbers();
	floats();
	return test_end();
}
