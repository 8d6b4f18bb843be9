/*
 * event: who fills what, and values in the forms that cmon-parse's tests do not
 * reach: every duration nginx can write, every time of a day.
 */
#include "event.h"

#include "format.h"
#include "slack.h"
#include "str.h"
#include "value.h"

static struct outcome_words words;

/* The row of one line under these fields, without its newline; "!why" if bad. */
static const char *
row(const struct event_field *field, size_t n, const struct event_opts *opts, const struct str *value)
{
	static char text[8192];
	static struct event e;
	char *to = text;

	if (!event_open(&e, field, n, opts, &words)) {
		snprintf(text, sizeof(text), "?%s", e.why);
	} else {
		switch (event_row(&e, value, STR("the line"), &to)) {
		case EVENT_ROW:
			to[-1] = '\0';
			break;
		case EVENT_LEFT_OUT:
			memcpy(text, "left out", 9);
			break;
		case EVENT_BAD:
			snprintf(text, sizeof(text), "!%.*s: %s", (int)field[e.bad_field].name.n,
			    field[e.bad_field].name.p, e.why);
		}
	}
	event_close(&e);
	return text;
}

static const struct event_opts plain = { .since = INT64_MIN, .until = INT64_MAX, .unescape = value_unescape };

/* Every duration of nginx up to 20 s, and then some, against printf. */
static void
durations(void)
{
	static const struct event_field f[] = {
		{ { "t", 1 }, EVENT_TIME, AS_EPOCH, 0, NULL }, { { "d", 1 }, EVENT_LATENCY, AS_S, 0, NULL },
	};
	char text[32], want[32];

	for (unsigned ms = 0; ms < 2000000; ms += ms < 20000 ? 1 : 997) {
		snprintf(text, sizeof(text), "%u.%03u", ms / 1000, ms % 1000);
		snprintf(want, sizeof(want), "1\t%u", ms);
		CHECK_STR(str_of(row(f, 2, &plain, (struct str []){ slack("1"), slack(text) })), want);
	}
	static const char *const odd[][2] = {
		{ "0.0", "1\t0" }, { "1.5", "1\t1500" }, { ".001", "1\t1" }, { "0.0015", "1\t1.5" },
		{ "00.010", "1\t10" }, { "1.2.3", "!d: not a duration" }, { "1.2x3", "!d: not a duration" },
		{ "-0.001", "!d: not a duration" }, { "12345678901234.123", "!d: not a duration" },
		{ "123456789.123", "1\t123456789123" },
	};
	for (size_t i = 0; i < countof(odd); i++)
		CHECK_STR(str_of(row(f, 2, &plain, (struct str []){ slack("1"), slack(odd[i][0]) })), odd[i][1]);
}

static void
choice(void)
{
	static const struct event_field f[] = {
		{ { "time_local", 10 }, EVENT_TIME, AS_CLF, 1, NULL },
		{ { "msec", 4 }, EVENT_TIME, AS_EPOCH, 3, NULL },
		{ { "request", 7 }, EVENT_URL, AS_REQUEST, 3, NULL },
		{ { "uri", 3 }, EVENT_URL, AS_URL, 4, NULL },
		{ { "x", 1 }, EVENT_OTHER, AS_TEXT, 0, NULL },
		{ { "x", 1 }, EVENT_OTHER, AS_TEXT, 0, NULL },
	};
	struct event_opts o = plain;
	struct str value[] = { slack("20/Nov/2026:12:02:43 +0000"), slack("5.25"), slack("GET /a HTTP/1.1"),
		slack("/b"), slack("y\\x09"), slack("z") };
	struct event e;

	CHECK(event_open(&e, f, countof(f), &o, &words));
	CHECK_STR(event_header(&e), "time\tmethod\turl\ttime_local\tx\n");
	event_close(&e);
	CHECK_STR(str_of(row(f, countof(f), &o, value)), "5.25\tGET\t/b\t20/Nov/2026:12:02:43 +0000\ty\\t");
	o.columns = "url,x,weight,tier";
	o.tier = "edge";
	CHECK_STR(str_of(row(f, countof(f), &o, value)), "5.25\t/b\ty\\t\t\tedge");
	o.since = 6000000;
	CHECK_STR(str_of(row(f, countof(f), &o, value)), "left out");
	o.since = INT64_MIN;
	value[1] = slack("five");
	CHECK_STR(str_of(row(f, countof(f), &o, value)), "!msec: not a time");
	o.columns = "y";
	CHECK_STR(str_of(row(f, countof(f), &o, value)), "?-c: this format has no \"y\"");
	CHECK_STR(str_of(row(f + 2, 4, &plain, value)), "?the format has no time");
	o.columns = NULL;
	o.tier = "";
	CHECK_STR(str_of(row(f, countof(f), &o, value)), "?--tier: a name is missing");
}

/* A row never takes more bytes than event_room() said: all bytes escaped, all columns. */
static void
room(void)
{
	static const struct event_field f[] = {
		{ { "t", 1 }, EVENT_TIME, AS_EPOCH, 0, NULL }, { { "u", 1 }, EVENT_URL, AS_URL, 0, NULL },
	};
	struct event_opts o = plain;
	struct str value[2];
	char bytes[1000], text[8192], *to;
	struct event e;

	o.redact = "a";
	for (size_t n = 0; n < sizeof(bytes); n += 7) {
		for (size_t i = 0; i < n; i++)
			bytes[i] = n % 2 ? '\xff' : "?a=x"[i % 4];
		value[0] = slack("1");
		value[1] = slack_of((struct str){ bytes, n });
		CHECK(event_open(&e, f, 2, &o, &words));
		to = text;
		CHECK(event_row(&e, value, (struct str){ bytes, n }, &to) == EVENT_ROW);
		CHECK((size_t)(to - text) <= event_room(&e, n));
		event_close(&e);
	}
}

/* Every name opens, and reads a line made from its own text. */
static void
formats(void)
{
	static struct format fmt;
	struct str field[EVENT_FIELDS];
	struct str line = slack("192.0.2.1 - - [20/Nov/2026:12:02:43 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n");
	struct str bare = { line.p, line.n - 1 };

	CHECK(format_detect(&fmt, line, NULL));
	CHECK_STR(str_of(fmt.name), "combined");
	CHECK_INT(fmt.matched, 1);
	CHECK(format_read(&fmt, bare, field));
	format_close(&fmt);
	CHECK(!format_detect(&fmt, bare, NULL) && fmt.n == 0);	/* no whole line */
	/* Without a byte: nothing to tell, and every column. */
	CHECK(format_detect(&fmt, (struct str){ NULL, 0 }, NULL) && fmt.n == EVENT_COLS &&
	    fmt.sampled == 0);
	format_close(&fmt);
	CHECK(!format_open(&fmt, "nonsense", line, NULL));
	CHECK(format_open(&fmt, "varnish", line, NULL) && fmt.absolute_urls);
	format_close(&fmt);
	CHECK(format_is_aside(STR("#x")) && format_is_aside(STR("")) && !format_is_aside(STR("x")));
}

int
main(void)
{
	outcome_open(&words, &hash_published);
	durations();
	choice();
	room();
	formats();
	outcome_close(&words);
	return test_end();
}
