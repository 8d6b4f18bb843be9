/* keyrow: which columns are looked at, and what stands behind their escapes. */
#include "keyrow.h"

#include "str.h"
#include "stream.h"

static struct stream s;
static struct keyrow r;

/* The first row under this header and by rules that ask for so much. */
static void
open_at(const char *text, const struct keys *keys)
{
	stream_open(&s, text);
	keyrow_open(&r, "url", "vhost", "method");
	CHECK(tsv_next(&s.tsv) == TSV_HEADER);
	CHECK(keyrow_bind(&r, &s.tsv, keys));
	CHECK(tsv_next(&s.tsv) == TSV_ROW);
}

static void
done(void)
{
	keyrow_close(&r);
	stream_close(&s);
}

static void
check_event(const char *url, const char *vhost, const char *method, bool as_is)
{
	CHECK(keyrow_read(&r, &s.tsv));
	CHECK_STR(r.event.url, url);
	CHECK_STR(r.event.vhost, vhost);
	CHECK_STR(r.event.method, method);
	CHECK(r.as_is == as_is);
}

static void
check_missing(const char *text, const struct keys *keys, const char *why)
{
	stream_open(&s, text);
	keyrow_open(&r, "url", "vhost", "method");
	CHECK(tsv_next(&s.tsv) == TSV_HEADER);
	CHECK(!keyrow_bind(&r, &s.tsv, keys));
	CHECK(strstr(r.why, why) != NULL);
	done();
}

int
main(void)
{
	static const struct keys any, both = { .vhost = true, .method = true };

	open_at("time\tvhost\turl\n1\th\t/a?b\n2\th\t/a\\\\b\\t\n3\th\t/c\n4\t\\q\t\n5\th\t/\\q\n", &any);
	check_event("/a?b", "", "", true);
	CHECK_INT(keyrow_last(&r), 2);
	CHECK(tsv_next(&s.tsv) == TSV_ROW);
	check_event("/a\\b\t", "", "", false);
	CHECK(tsv_next(&s.tsv) == TSV_ROW);
	check_event("/c", "", "", true);
	keyrow_may_have(&r, &s.tsv, KEYROW_VHOST);
	check_event("/c", "h", "", true);
	CHECK(tsv_next(&s.tsv) == TSV_ROW);
	CHECK(!keyrow_read(&r, &s.tsv));
	CHECK(strstr(r.why, ":5: column \"vhost\": a bad escape: \"\\q\"") != NULL);
	CHECK(tsv_next(&s.tsv) == TSV_ROW);
	CHECK(!keyrow_read(&r, &s.tsv));
	CHECK(strstr(r.why, ":6: column \"url\": a bad escape: \"/\\q\"") != NULL);
	keyrow_of(&r, STR("/x"), STR("GET"));
	CHECK_STR(r.event.url, "/x");
	CHECK_STR(r.event.method, "GET");
	done();

	open_at("method\ttime\turl\tvhost\nGET\t1\t/\t\\xC3\n", &both);
	check_event("/", "\xc3", "GET", true);
	CHECK_INT(keyrow_last(&r), 3);
	done();

	open_at("time\tx\n1\ty\n", NULL);
	CHECK_INT(keyrow_last(&r), -1);
	done();

	check_missing("time\tx\n", &any, ":1: no column \"url\": --url names another");
	check_missing("time\turl\n", &both, "no column \"vhost\": a rule asks for the host; --vhost names another");
	check_missing("time\turl\tvhost\n", &both, "no column \"method\": a rule asks for the method");
	return test_end();
}
