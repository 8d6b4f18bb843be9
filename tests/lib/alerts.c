/* alerts: rows of the table go there and back, labels too. */
#include "alerts.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

static void
test_labels(void)
{
	static const char *const broken[] = { "a", "a=", "a=b", "=\"b\"", "a=\"b", "a=\"b\"c", "a=\"b\"c=\"d\"" };
	struct str rest, name, value;
	struct buf b;

	buf_init(&b, 1024);
	labels_add(&b, STR("host"), STR("a\"b\\tc"));
	labels_add(&b, STR("tier"), STR(""));
	labels_add(&b, STR("url"), STR("/x?a=1,b=2"));
	CHECK_STR(buf_str(&b), "host=\"a\\x22b\\tc\",tier=\"\",url=\"/x?a=1,b=2\"");
	CHECK_STR(labels_get(buf_str(&b), STR("host")), "a\\x22b\\tc");
	CHECK_STR(labels_get(buf_str(&b), STR("url")), "/x?a=1,b=2");
	CHECK_STR(labels_get(buf_str(&b), STR("colo")), "");
	buf_free(&b);
	for (size_t i = 0; i < countof(broken); i++) {
		rest = str_of(broken[i]);
		while (labels_next(&rest, &name, &value))
			continue;
		CHECK(rest.n > 0);
	}
	/* Random values: cut at the quotes, unescape, and it is what went in. */
	for (uint64_t seed = 3, round = 0; round < 20000; round++) {
		char raw[3][24], field[TSV_ROOM(24)];
		size_t n[3];
		struct buf all, back;

		buf_init(&all, 4096);
		buf_init(&back, 4096);
		for (int k = 0; k < 3; k++) {
			n[k] = test_random(&seed) % 24;
			for (size_t i = 0; i < n[k]; i++)
				raw[k][i] = test_random(&seed) % 3 ? "\",=\\\tx"[test_random(&seed) % 6] :
				    (char)test_random(&seed);
			labels_add(&all, STR("k"), (struct str){ field,
			    n[k] ? (size_t)(tsv_put(field, (struct str){ raw[k], n[k] }) - field) : 0 });
		}
		CHECK(tsv_is_escaped(buf_str(&all)));
		rest = buf_str(&all);
		for (int k = 0; k < 3; k++) {
			CHECK(labels_next(&rest, &name, &value));
			buf_reset(&back);
			CHECK(tsv_unescape(&back, value));
			CHECK(str_eq(buf_str(&back), (struct str){ raw[k], n[k] }));
		}
		CHECK(rest.n == 0);
		buf_free(&all);
		buf_free(&back);
	}
}

static void
test_flags(void)
{
	struct alert a = { .flags = STR("gap,prev_since=17,few") };
	struct str value;

	CHECK(alert_flag(&a, STR("gap"), &value) && value.n == 0);
	CHECK(alert_flag(&a, STR("few"), &value));
	CHECK(alert_flag(&a, STR("prev_since"), &value));
	CHECK_STR(value, "17");
	CHECK(!alert_flag(&a, STR("prev"), &value));
	a.flags = STR("");
	CHECK(!alert_flag(&a, STR("gap"), &value));
}

static void
test_rows(void)
{
	static struct tsv t;
	char path[] = "/tmp/cmon-alerts-XXXXXX";
	char *paths[] = { path, NULL };
	struct alert in = {
		.time_us = 1795176000500000, .state = ALERT_FIRING, .severity = STR("critical"),
		.rule = STR("miss"), .labels = STR("h=\"a\""), .value = STR("17.2"), .threshold = STR("15"),
		.since_us = 1795175000000000, .fired_us = 1795175300000000, .summary = STR("too\\nmany"),
		.causes = STR("c"), .runbook = STR("r"), .channels = STR("mail,pager"), .muted_by = STR("rule:x"),
		.flags = STR("gap"), .condition = STR("miss_pct{h=*} > 15"),
	}, a;
	struct alerts_bound b;
	struct out o;
	struct in lines;

	close(mkstemp(path));
	out_open(&o, path);
	alerts_header(&o);
	alerts_write(&o, &in);
	out_add(&o, STR("state\ttime\trule\tsince\nfiring\t1\tx\t\nburning\t1\tx\t\nfiring\t1\tx\tsoon\n"));
	out_add(&o, STR("time\tx\n1\t2\n"));
	out_close(&o);
	in_open(&lines, paths, IN_TSV_LINE_MAX);
	tsv_open(&t, &lines);
	CHECK(tsv_next(&t) == TSV_HEADER && !alerts_bind(&b, &t));
	CHECK(tsv_next(&t) == TSV_ROW && !alerts_read(&b, &t, &a));
	CHECK(a.time_us == in.time_us && a.state == in.state && a.since_us == in.since_us &&
	    a.fired_us == in.fired_us && a.resolved_us == 0);
	CHECK(str_eq(a.severity, in.severity) && str_eq(a.rule, in.rule) && str_eq(a.labels, in.labels) &&
	    str_eq(a.value, in.value) && str_eq(a.threshold, in.threshold) && str_eq(a.summary, in.summary));
	CHECK(str_eq(a.causes, in.causes) && str_eq(a.runbook, in.runbook) && str_eq(a.channels, in.channels) &&
	    str_eq(a.muted_by, in.muted_by) && str_eq(a.flags, in.flags) &&
	    str_eq(a.condition, in.condition));
	/* Columns by name; those that are not there are empty. */
	CHECK(tsv_next(&t) == TSV_HEADER && !alerts_bind(&b, &t));
	CHECK(tsv_next(&t) == TSV_ROW && !alerts_read(&b, &t, &a) && a.labels.n == 0 && a.since_us == 0 &&
	    a.condition.n == 0);
	CHECK(tsv_next(&t) == TSV_ROW && alerts_read(&b, &t, &a));
	CHECK(tsv_next(&t) == TSV_ROW && alerts_read(&b, &t, &a));
	CHECK(tsv_next(&t) == TSV_HEADER && alerts_bind(&b, &t));
	tsv_close(&t);
	in_close(&lines);
	unlink(path);
}

static void
test_id(void)
{
	char hex[SHA256_HEX];
	struct sha256 h;

	CHECK(sha256_open(&h));
	/* printf 'miss\thost="a"' | sha256sum */
	CHECK(alerts_id(&h, STR("miss"), STR("host=\"a\""), hex));
	CHECK_STR(((struct str){ hex, sizeof(hex) }), "c4392d5adcb25c58897b9b24d431d71513b0bdb0d25df7eff993d8acf62969ca");
	sha256_close(&h);
}

int
main(void)
{
	test_labels();
	test_flags();
	test_rows();
	test_id();
	return test_end();
}
