/* report: which columns there are, and which cannot be. */
#include "report.h"

#include "str.h"
#include "test.h"

static bool
names(const char *list)
{
	struct report r;
	bool ok;

	report_init(&r);
	ok = report_names(&r, str_of(list), true);
	CHECK(ok || *r.why);
	report_free(&r);
	return ok;
}

/* What is wrong with these columns, beside a label "tier"; "" is nothing. */
static void
check(const char *list, const char *stats, bool events, const char *why)
{
	static const struct str label = { "tier", 4 };
	struct report r;

	report_init(&r);
	CHECK(report_names(&r, str_of(list), true));
	CHECK(!stats || report_stats(&r, str_of(stats), true));
	CHECK(report_check(&r, &label, 1, events) == (*why == '\0'));
	CHECK(strstr(r.why, why) != NULL);
	report_free(&r);
}

int
main(void)
{
	struct report r;

	CHECK(names("requests,hit_pct,latency_ms_p99.9,uniq_client"));
	CHECK(!names("requests,hit_percent"));
	CHECK(!names(""));
	CHECK(!names("requests,,hits"));
	check("requests", "latency_ms", true, "");
	check("requests,hits,requests", NULL, true, "\"requests\" is asked for twice");
	check("latency_ms_p50", "latency_ms:avg,p50", true, "asked for twice");
	check("latency_ms_p50", "latency_s:avg", true, "kept under one name");
	check("latency_ms_p50", "latency_s:avg", false, "");

	report_init(&r);
	CHECK(report_stats(&r, STR("latency_ms"), false));
	CHECK_INT(r.columns, 4);
	CHECK(str_eq(r.column[3].f.name, STR("latency_ms_p99")));
	CHECK(report_missing(&r) == NULL);	/* none was asked for by name */
	CHECK(report_uniqs(&r, STR("url")));
	CHECK(report_missing(&r) == &r.column[4]);
	r.column[4].seen = true;
	CHECK(report_missing(&r) == NULL);
	CHECK(!report_shares(&r));
	CHECK(report_names(&r, STR("share_pct"), true) && report_shares(&r));
	CHECK(!report_stats(&r, STR("latency_ms:p50,p101"), true));
	CHECK(!report_stats(&r, STR(":p50"), true));
	CHECK(!report_uniqs(&r, STR("")));
	report_free(&r);
	return test_end();
}
