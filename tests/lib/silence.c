/* silence: matchers, times, and a file that goes there and back. */
#include "silence.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

#define S	INT64_C(1000000)

static unsigned said;

static void
say(const char *text)
{
	(void)text;
	said++;
}

static void
test_matches(void)
{
	static const struct { const char *matchers, *rule, *severity, *labels; bool mutes; } table[] = {
		{ "rule=miss", "miss", "critical", "", true },
		{ "rule=miss", "miss.nodata", "critical", "", true },
		{ "rule=miss.nodata", "miss.nodata", "critical", "", true },
		{ "rule=miss.nodata", "miss", "critical", "", false },
		{ "rule=miss", "misses", "critical", "", false },
		{ "rule!=miss", "miss.nodata", "critical", "", false },
		{ "rule!=miss", "hit", "critical", "", true },
		{ "rule=*", "hit", "critical", "", true },
		{ "severity=warning", "hit", "critical", "", false },
		{ "host=a", "miss", "critical", "host=\"a\"", true },
		{ "host=a", "miss", "critical", "host=\"b\"", false },
		{ "host=a", "miss", "critical", "", false },
		{ "host!=a", "miss", "critical", "host=\"b\"", true },
		{ "host!=a", "miss", "critical", "", false },
		{ "host=*", "miss", "critical", "host=\"b\"", true },
		{ "host=", "miss", "critical", "", true },
		{ "host=a,rule=miss", "miss", "critical", "host=\"a\",tier=\"x\"", true },
		{ "host=a,rule=hit", "miss", "critical", "host=\"a\"", false },
		{ "url=\"/a?x=1,2\"", "miss", "critical", "url=\"/a?x=1,2\"", true },
	};

	for (size_t i = 0; i < countof(table); i++) {
		struct silences s = { 0 };
		const char *why = silences_add(&s, str_of(table[i].matchers), 10 * S, 20 * S, STR("me"), STR(""));
		bool mutes;

		CHECK(!why);
		mutes = silences_find(&s, str_of(table[i].rule), str_of(table[i].severity),
		    str_of(table[i].labels), 15 * S) != NULL;
		CHECK(mutes == table[i].mutes);
		if (mutes != table[i].mutes)
			printf("%s of %s{%s}\n", table[i].matchers, table[i].rule, table[i].labels);
		CHECK(!silences_find(&s, STR("miss"), STR("x"), STR("host=\"a\""), 10 * S - 1));
		CHECK(!silences_find(&s, STR("miss"), STR("x"), STR("host=\"a\""), 20 * S));
		silences_free(&s);
	}
}

static void
test_file(void)
{
	char path[] = "/tmp/cmon-silence-XXXXXX";
	int64_t day = 86400 * S, now = 20000 * day;
	struct silences s = { 0 }, back;

	close(mkstemp(path));
	CHECK(!silences_add(&s, STR("host=a"), now - 40 * day, now - 31 * day, STR("old"), STR("")));
	CHECK(!silences_add(&s, STR("host=b"), now, now + day, STR("a\tb"), STR("line\nline")));
	CHECK(!silences_add(&s, STR("host=\"c\\d\""), now, now + 30 * day, STR(""), STR("\xff")));
	CHECK(silences_add(&s, STR("host=a"), now, now + 30 * day + S, STR(""), STR("")));
	CHECK(silences_add(&s, STR("host=a"), now, now, STR(""), STR("")));
	CHECK(silences_add(&s, STR("host"), now, now + day, STR(""), STR("")));
	CHECK(silences_add(&s, STR(""), now, now + day, STR(""), STR("")));
	CHECK(silences_add(&s, STR("a=b,"), now, now + day, STR(""), STR("")));
	CHECK_INT(s.n, 3);
	silences_write(&s, path, now);
	CHECK(silences_read(&back, path, say) && said == 0);
	CHECK_INT(back.n, 2);		/* the old one is left out */
	CHECK_STR(back.one[0].id, "2");
	CHECK_STR(back.one[0].author, "a\\tb");
	CHECK_STR(back.one[0].comment, "line\\nline");
	CHECK(back.one[0].start_us == now && back.one[0].end_us == now + day);
	CHECK_STR(back.one[1].matchers, "host=\"c\\\\d\"");
	CHECK(!silences_end(&back, STR("3"), now + S) && back.one[1].end_us == now + S);
	CHECK(silences_end(&back, STR("3"), now + S));
	CHECK(silences_end(&back, STR("4"), now + S));
	CHECK(!silences_add(&back, STR("x=y"), now, now + day, STR(""), STR("")));
	CHECK_STR(back.one[2].id, "4");
	silences_free(&s);
	silences_free(&back);
	unlink(path);
	CHECK(silences_read(&back, path, say) && back.n == 0 && said == 0);
}

int
main(void)
{
	test_matches();
	test_file();
	return test_end();
}
