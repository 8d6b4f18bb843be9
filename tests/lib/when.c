/*
 * when.c - civil time against a loop over every day, the C library's
 * gmtime_r and strftime, and date(1).
 */
#define _XOPEN_SOURCE 700	/* strftime's own extensions in <time.h> */

#include "when.h"
#include "num.h"
#include "test.h"

#include <time.h>
#include <unistd.h>

#define NOTHING	INT64_C(-987654321)	/* a refused time leaves this */

typedef bool reader(struct str, int64_t *);

static struct str
str(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static void
check_at(int line, reader *read, const char *text, int64_t want)
{
	int64_t us = NOTHING;
	bool ok = read(str(text), &us);

	test_check(ok, __FILE__, line, text);
	test_int(us, want, __FILE__, line, text);
}

static void
refuse_at(int line, reader *read, const char *text)
{
	int64_t us = NOTHING;
	bool ok = read(str(text), &us);

	test_check(!ok && us == NOTHING, __FILE__, line, text);
}

#define READS(read, text, want)	check_at(__LINE__, read, text, want)
#define REFUSES(read, text)	refuse_at(__LINE__, read, text)

/* ---- the calendar ---- */

static int
month_days(int y, int m)
{
	if (m == 2)
		return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 29 : 28;
	return m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

/* Every day there is, in order; and of each month the days there are not. */
static void
test_every_day(void)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day = 0, us;
	struct when_civil c;
	char text[200], put[NUM_MAX];

	for (int y = 1970; y <= 2200; y++) {
		for (int m = 1; m <= 12; m++) {
			for (int d = 0; d <= 32; d++) {
				bool exists = d >= 1 && d <= month_days(y, m);

				snprintf(text, sizeof(text), "%04d-%02d-%02d", y, m, d);
				CHECK(when_iso(str(text), &us) == exists);
				CHECK(!exists || us == day * WHEN_DAY);
				snprintf(text, sizeof(text), "%02d/%.3s/%04d:23:59:59 +0000",
				    d, names + 3 * (m - 1), y);
				CHECK(when_clf(str(text), &us) == exists);
				if (!exists)
					continue;
				CHECK(us == (day + 1) * WHEN_DAY - WHEN_SEC);
				CHECK(when_days(y, m, d) == day);
				when_civil(us + 999999, &c);
				CHECK(c.y == y && c.m == m && c.d == d && c.hh == 23 &&
				    c.mm == 59 && c.ss == 59 && c.us == 999999 &&
				    c.weekday == (day + 4) % 7);
				snprintf(text, sizeof(text), "%04d-%02d-%02dT23:59:59Z", y, m, d);
				*when_put_iso(put, us) = '\0';
				CHECK_STR(str(put), text);
				day++;
			}
		}
	}
	CHECK(day * WHEN_DAY == WHEN_END);
}

static void
test_civil_random(void)
{
	uint64_t state = 1;

	for (int i = 0; i < 100000; i++) {
		/* Years -25000 to 29000, and now and then the very ends. */
		int64_t us = (int64_t)test_random(&state) / 10;
		time_t t;
		struct tm tm;
		struct when_civil c;

		if (i == 0)
			us = INT64_MIN;
		if (i == 1)
			us = INT64_MAX;
		t = us / 1000000 - (us % 1000000 < 0);
		when_civil(us, &c);
		CHECK(gmtime_r(&t, &tm) != NULL);
		CHECK(c.y == tm.tm_year + 1900 && c.m == tm.tm_mon + 1 &&
		    c.d == tm.tm_mday && c.hh == tm.tm_hour && c.mm == tm.tm_min &&
		    c.ss == tm.tm_sec && c.weekday == tm.tm_wday);
		CHECK((i128)t * 1000000 + c.us == us);
		CHECK(when_days(c.y, c.m, c.d) == t / 86400 - (t % 86400 < 0));
	}
}

/* ---- the forms that logs have ---- */

/* date -u -d ... '+... %s' */
static void
test_dates(void)
{
	static const struct {
		const char *iso, *clf;
		int64_t s;
	} table[] = {
		{ "1970-01-01T00:00:00", "01/Jan/1970:00:00:00 +0000", 0 },
		{ "1972-02-29T23:59:59", "29/Feb/1972:23:59:59 +0000", 68255999 },
		{ "1999-12-31T23:59:59", "31/Dec/1999:23:59:59 +0000", 946684799 },
		{ "2000-02-29T12:00:00", "29/Feb/2000:12:00:00 +0000", 951825600 },
		{ "2001-09-09T01:46:40", "09/Sep/2001:01:46:40 +0000", 1000000000 },
		{ "2012-06-30T23:59:59", "30/Jun/2012:23:59:59 +0000", 1341100799 },
		{ "2026-11-20T12:02:43", "20/Nov/2026:12:02:43 +0000", 1795176163 },
		{ "2038-01-19T03:14:08", "19/Jan/2038:03:14:08 +0000", 2147483648 },
		{ "2100-02-28T23:59:59", "28/Feb/2100:23:59:59 +0000", 4107542399 },
		{ "2100-03-01T00:00:00", "01/Mar/2100:00:00:00 +0000", 4107542400 },
		{ "2106-02-07T06:28:16", "07/Feb/2106:06:28:16 +0000", 4294967296 },
		{ "2200-12-31T23:59:59", "31/Dec/2200:23:59:59 +0000", 7289654399 },
	};

	for (size_t i = 0; i < countof(table); i++) {
		READS(when_iso, table[i].iso, table[i].s * WHEN_SEC);
		READS(when_clf, table[i].clf, table[i].s * WHEN_SEC);
		READS(when_any, table[i].iso, table[i].s * WHEN_SEC);
		READS(when_any, table[i].clf, table[i].s * WHEN_SEC);
	}
}

#define NOON	INT64_C(1795176163)	/* 2026-11-20 12:02:43 UTC */

static void
test_clf(void)
{
	static const char *const bad[] = { "", "-", "[20/Nov/2026:12:02:43 +0000]",
	    "20/Nov/2026", "20/Nov/2026:12:02", "20/Nov/2026:12:02:43 ",
	    "20/Nov/2026:12:02:43 +0000 ", " 20/Nov/2026:12:02:43 +0000",
	    "29/Feb/2026:12:02:43 +0000", "32/Jan/2026:12:02:43 +0000",
	    "00/Jan/2026:12:02:43 +0000", "31/Apr/2026:12:02:43 +0000",
	    "20/Nov/2026:25:00:00 +0000", "20/Nov/2026:24:00:00 +0000",
	    "20/Nov/2026:12:60:43 +0000", "20/Nov/2026:12:02:61 +0000",
	    "20/Nov/1969:12:02:43 +0000", "20/Nov/2201:12:02:43 +0000",
	    "20/Foo/2026:12:02:43 +0000", "20/No/2026:12:02:43 +0000",
	    "20/[ov/2026:12:02:43 +0000", "20/nO\x56\x01/2026:12:02:43 +0000",
	    "20/N\x0fv/2026:12:02:43 +0000",
	    "20/November/2026:12:02:43 +0000", "20/11/2026:12:02:43 +0000",
	    "2/Nov/2026:12:02:43 +0000", "20/Nov/26:12:02:43 +0000",
	    "20/Nov/2026:12:02:43 0000", "20/Nov/2026:12:02:43 +000",
	    "20/Nov/2026:12:02:43 +0060", "20/Nov/2026:12:02:43 +2400",
	    "20/Nov/2026:12:02:43 +00000", "20/Nov/2026:12:02:43. +0000",
	    "20/Nov/2026:12:02:43.1a +0000", "20/Nov/2026:12:02:43 CEST",
	    "20/Nov/2026:-1:02:43 +0000", "20/Nov/2026:12:02:43+0000",
	    "20-Nov-2026:12:02:43 +0000" };

	for (size_t i = 0; i < countof(bad); i++)
		REFUSES(when_clf, bad[i]);
	CHECK(!when_clf((struct str){ NULL, 0 }, &(int64_t){ 0 }));
	READS(when_clf, "20/Nov/2026:12:02:43 +0000", NOON * WHEN_SEC);
	READS(when_clf, "20/nov/2026:12:02:43 -0000", NOON * WHEN_SEC);
	READS(when_clf, "20/Nov/2026:13:02:43 +0100", NOON * WHEN_SEC);
	READS(when_clf, "20/Nov/2026:17:47:43 +0545", NOON * WHEN_SEC);
	READS(when_clf, "19/Nov/2026:23:02:43 -1300", NOON * WHEN_SEC);
	READS(when_clf, "20/Nov/2026:12:02:43.123 +0000", NOON * WHEN_SEC + 123000);
	READS(when_clf, "20/Nov/2026:12:02:43.1234569 +0000", NOON * WHEN_SEC + 123456);
	READS(when_clf, "20/Nov/2026:12:02:43.655", NOON * WHEN_SEC + 655000);
	READS(when_clf, "30/Jun/2012:23:59:60 +0000", 1341100800 * WHEN_SEC);
	READS(when_clf, "01/Jan/1970:00:00:00 +0100", -3600 * WHEN_SEC);
	/* Apache's manual. */
	READS(when_clf, "10/Oct/2000:13:55:36 -0700", 971211336 * WHEN_SEC);
}

static void
test_iso(void)
{
	static const char *const bad[] = { "", "2026", "2026-11", "2026-11-2", "20261120",
	    "2026-02-29", "2026-13-01", "2026-00-10", "2026-11-00", "1969-12-31", "2201-01-01",
	    "2026-11-20T", "2026-11-20T12", "2026-11-20T12:", "2026-11-20T12:2:43",
	    "2026-11-20T24:00:00", "2026-11-20T12:60:00", "2026-11-20T12:02:61",
	    "2026-11-20T12:02:", "2026-11-20T12:02:43.", "2026-11-20T12:02:43,Z",
	    "2026-11-20x12:02:43", "2026-11-20  12:02:43", "2026-11-20T12:02:43 ",
	    "2026-11-20T12:02:43ZZ", "2026-11-20T12:02:43+1", "2026-11-20T12:02:43+01:",
	    "2026-11-20T12:02:43+24:00", "2026-11-20T12:02:43+01:60", "2026-11-20T12:02:43+01:0",
	    "2026-11-20T12:02:43 +01:00 UTC", "2026-11-20T12:02:43 CET", "2026-11-20T12:02:43UTC",
	    "2026-11-20 12:02:43  UTC", "+2026-11-20", "-2026-11-20", "2026-11-20Z",
	    "2026-11-20T12:02:43 utc", "2026-11-20 UTC UTC" };
	int64_t us = NOON * WHEN_SEC;

	for (size_t i = 0; i < countof(bad); i++) {
		REFUSES(when_iso, bad[i]);
	}
	READS(when_iso, "2026-11-20T12:02:43Z", us);
	READS(when_iso, "2026-11-20t12:02:43z", us);
	READS(when_iso, "2026-11-20 12:02:43", us);
	READS(when_iso, "2026-11-20\t12:02:43", us);
	READS(when_iso, "2026-11-20T13:02:43+01:00", us);
	READS(when_iso, "2026-11-20T13:02:43+0100", us);
	READS(when_iso, "2026-11-20T13:02:43+01", us);
	READS(when_iso, "2026-11-20 06:32:43 -0530", us);
	READS(when_iso, "2026-11-20 12:02:43 UTC", us);
	READS(when_iso, "2026-11-20 12:02:43.5 +0000 UTC", us + 500000);
	READS(when_iso, "2026-11-20T12:02:43.1Z", us + 100000);
	READS(when_iso, "2026-11-20T12:02:43,123", us + 123000);
	READS(when_iso, "2026-11-20T12:02:43.123456789Z", us + 123456);
	READS(when_iso, "2026-11-20T12:02:43.0000009999999999999999999Z", us);
	READS(when_iso, "2026-11-20T12:02Z", us - 43 * WHEN_SEC);
	READS(when_iso, "2026-11-20", 20777 * WHEN_DAY);
	READS(when_iso, "2026-11-20 UTC", 20777 * WHEN_DAY);
	READS(when_iso, "2016-12-31T23:59:60.25Z", 1483228800 * WHEN_SEC + 250000);
}

static void
test_epoch(void)
{
	static const char *const bad[] = { "", ".", ".5", "5.", "-1", "+1", "1e9", "1.5.2",
	    "7289654400", "7289654400.0", "99999999999", "99999999999999", "7289654400000",
	    "7289654400000000", "99999999999999999", "7289654400000000000",
	    "9999999999999999999", "99999999999999999999999999", "1795176163272.5",
	    "99999999999999999999999999.5", " 1", "1 ", "1795176163s", "0x10", "1,5" };

	for (size_t i = 0; i < countof(bad); i++)
		REFUSES(when_epoch, bad[i]);
	READS(when_epoch, "0", 0);
	READS(when_epoch, "1795176163", NOON * WHEN_SEC);
	READS(when_epoch, "1795176163.272", NOON * WHEN_SEC + 272000);
	READS(when_epoch, "1795176163.2727279", NOON * WHEN_SEC + 272727);
	READS(when_epoch, "1795176163272", NOON * WHEN_SEC + 272000);
	READS(when_epoch, "1795176163272727", NOON * WHEN_SEC + 272727);
	READS(when_epoch, "1795176163272727999", NOON * WHEN_SEC + 272727);
	READS(when_epoch, "7289654399.999999", WHEN_END - 1);
	READS(when_epoch, "7289654399999", WHEN_END - 1000);
	READS(when_epoch, "7289654399999999999", WHEN_END - 1);
	READS(when_epoch, "100000000000", INT64_C(100000000000000));
	READS(when_epoch, "100000000000000", INT64_C(100000000000000));
	READS(when_epoch, "100000000000000000", INT64_C(100000000000000));
	READS(when_any, "1795176163.272", NOON * WHEN_SEC + 272000);
	REFUSES(when_any, "yesterday");
	REFUSES(when_any, "");
}

static void
test_cache(void)
{
	struct when_cache cache = { 0 };
	int64_t us = NOTHING;
	char text[64];
	uint64_t state = 2;

	CHECK(!when_clf_cached(&cache, STR(""), &us) && us == NOTHING);
	CHECK(!when_clf_cached(&cache, (struct str){ NULL, 0 }, &us) && us == NOTHING);
	for (int i = 0; i < 100000; i++) {
		int64_t want, got = NOTHING;
		bool ok;

		/* One byte of the few last texts, changed or not. */
		if (i % 3 == 0)
			snprintf(text, sizeof(text), "20/Nov/2026:12:02:%02d%s +0100",
			    i / 3 % 7, i / 21 % 5 ? "" : ".250");
		if (i % 10 == 0)
			text[test_random(&state) % strlen(text)] = "0129/: +-"[i / 10 % 9];
		ok = when_clf(str(text), &want);
		CHECK(when_clf_cached(&cache, str(text), &got) == ok);
		CHECK_INT(got, ok ? want : NOTHING);
	}
}

static bool
user(struct str s, int64_t *us)
{
	return when_user(s, NOON * WHEN_SEC, us);
}

static void
test_user(void)
{
	int64_t us;

	READS(user, "now", NOON * WHEN_SEC);
	READS(user, "-1h", (NOON - 3600) * WHEN_SEC);
	READS(user, "-1d12h", (NOON - 129600) * WHEN_SEC);
	READS(user, "+90s", (NOON + 90) * WHEN_SEC);
	READS(user, "-0", NOON * WHEN_SEC);
	READS(user, "2026-11-20", 20777 * WHEN_DAY);
	READS(user, "2026-11-20T13:02:43+01:00", NOON * WHEN_SEC);
	READS(user, "1795176163.5", NOON * WHEN_SEC + 500000);
	REFUSES(user, "");
	REFUSES(user, "-");
	REFUSES(user, "-1");
	REFUSES(user, "1h");
	REFUSES(user, "-1h30");
	REFUSES(user, "Now");
	REFUSES(user, "tomorrow");
	CHECK(!when_user(STR("-9223372036854775807us"), -2, &us));
	CHECK(!when_user(STR("+1us"), INT64_MAX, &us));
}

/* ---- the operator's own format ---- */

static void
format_at(int line, const char *spec, const char *text, int64_t want)
{
	struct when_format f;
	struct str bad;
	int64_t us = NOTHING;

	test_check(when_compile(&f, str(spec), &bad), __FILE__, line, spec);
	test_check(when_read(&f, str(text), &us) == (want != NOTHING), __FILE__, line, text);
	test_int(us, want, __FILE__, line, text);
}

#define FORMAT(spec, text, want)	format_at(__LINE__, spec, text, want)
#define UNREAD(spec, text)		format_at(__LINE__, spec, text, NOTHING)

static void
test_format(void)
{
	int64_t us = NOON * WHEN_SEC, minute = us - 43 * WHEN_SEC;

	FORMAT("%d/%b/%Y:%T %z", "20/Nov/2026:12:02:43 +0000", us);
	FORMAT("[%d/%b/%Y:%T %z]", "[20/nov/2026:13:02:43 +01:00]", us);
	FORMAT("%Y-%m-%dT%H:%M:%S", "2026-11-20T12:02:43", us);
	FORMAT("%F %T.%f%z", "2026-11-20 12:02:43.25Z", us + 250000);
	FORMAT("%F %R", "2026-11-20 12:02", minute);
	FORMAT("%D %R", "11/20/26 12:02", minute);
	FORMAT("%A, %B %e %Y %I:%M %p", "Friday, November 20 2026 12:02 PM", minute);
	FORMAT("%a %h %e %Y %l:%M%p", "fri nov 20 2026 12:02am", minute - 12 * 3600 * WHEN_SEC);
	FORMAT("%b %e %Y %k:%M", "Nov  5 2026  1:02", minute - (15 * 24 + 11) * 3600 * WHEN_SEC);
	FORMAT("%b%n%d%t%Y", "Nov \t 20\n2026", 20777 * WHEN_DAY);
	FORMAT("%Y%j", "2026324", 20777 * WHEN_DAY);
	FORMAT("%Y %j %H", "2024 366 01", (when_days(2024, 12, 31) * 24 + 1) * 3600 * WHEN_SEC);
	FORMAT("%y%m%d%H%M%S", "261120120243", us);
	FORMAT("%y-%m-%d", "69-01-01", NOTHING);
	FORMAT("%y-%m-%d", "70-01-01", 0);
	FORMAT("%y-%m-%d", "68-01-01", when_days(2068, 1, 1) * WHEN_DAY);
	FORMAT("%F %T %Z", "2026-11-20 12:02:43 GMT", us);
	FORMAT("%F %T %z (%Z)", "2026-11-20 13:02:43 +0100 (CET)", us);
	FORMAT("%F 100%%", "2026-11-20 100%", 20777 * WHEN_DAY);
	FORMAT("%s", "1795176163", us);
	FORMAT("%s.%f", "1795176163.000001", us + 1);
	FORMAT("sec", "1795176163", us);
	FORMAT("begin:sec", "1795176163", us);
	FORMAT("msec", "1795176163272", us + 272000);
	FORMAT("end:usec", "1795176163272727", us + 272727);
	FORMAT("end:%F", "2026-11-20", 20777 * WHEN_DAY);
	FORMAT("%{sec}.%{usec_frac}", "1795176163.000272", us + 272);
	FORMAT("%d/%b/%Y:%T.%{msec_frac} %z", "20/Nov/2026:12:02:43.123 +0000", us + 123000);
	UNREAD("%F %T %Z", "2026-11-20 12:02:43 CET");
	UNREAD("%F %T %Z", "2026-11-20 12:02:43 ");
	UNREAD("%F", "2026-02-29");
	UNREAD("%F", "2026-11-20 ");
	UNREAD("%F", "2026-11");
	UNREAD("%F", "");
	UNREAD("%F", "226-11-20");
	UNREAD("%F %H", "2026-11-20 24");
	UNREAD("%F %I %p", "2026-11-20 13 PM");
	UNREAD("%F %I %p", "2026-11-20 00 AM");
	UNREAD("%F %I %p", "2026-11-20 01 XM");
	UNREAD("%F %I %p", "2026-11-20 01 P");
	UNREAD("%Y%j", "2026366");
	UNREAD("%Y%j", "2026000");
	UNREAD("%a %F", "Fry 2026-11-20");
	UNREAD("%F %f", "2026-11-20 x");
	UNREAD("%s", "7289654400");
	UNREAD("%s", "99999999999999999999999999");
	UNREAD("%s", "-1");
	UNREAD("usec", "");
	UNREAD("%F %z", "2026-11-20 +2");
}

static void
bad_at(int line, const char *spec, const char *want)
{
	struct when_format f;
	struct str bad = STR("(nothing)");

	test_check(!when_compile(&f, str(spec), &bad), __FILE__, line, spec);
	test_str(bad, want, __FILE__, line, spec);
}

static void
test_format_refused(void)
{
	char spec[200] = "%F";

	bad_at(__LINE__, "%F %U", "%U");
	bad_at(__LINE__, "%F %Ey", "%E");
	bad_at(__LINE__, "%c", "%c");
	bad_at(__LINE__, "%F %", "%");
	bad_at(__LINE__, "%{msecs} %F", "%{msecs}");
	bad_at(__LINE__, "%F %{msec", "%{msec");
	bad_at(__LINE__, "%F %\x80", "%\x80");
	bad_at(__LINE__, "", "");
	bad_at(__LINE__, "end:", "end:");
	bad_at(__LINE__, "%T", "%T");
	bad_at(__LINE__, "%m-%d %T", "%m-%d %T");
	bad_at(__LINE__, "%F %I", "%F %I");
	bad_at(__LINE__, "msec_frac", "msec_frac");
	bad_at(__LINE__, "hours", "hours");
	memset(spec + 2, 'x', WHEN_FORMAT_MAX - 5);	/* %F is five */
	CHECK(when_compile(&(struct when_format){ 0 }, str(spec), &(struct str){ 0 }));
	spec[strlen(spec)] = 'x';
	bad_at(__LINE__, spec, spec);
	memcpy(spec + strlen(spec) - 1, "%T", 2);
	bad_at(__LINE__, spec, spec);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"	/* the table is the point */

/* What strftime writes is read back, whatever the format. */
static void
test_format_random(void)
{
	static const char *const specs[] = {
		"%d/%b/%Y:%T %z", "%a %b %e %T %Y", "%A, %d %B %Y %I.%M.%S %p %Z",
		"%Y%j%H%M%S", "%s", "%D %k %M %S", "%h %e %y%n%l%p%t%M:%S", "%F%%%R:%S",
		"%b%d%Y%H%M%S",
	};
	uint64_t state = 3;

	for (size_t k = 0; k < countof(specs); k++) {
		struct when_format f;
		struct str bad;

		CHECK(when_compile(&f, str(specs[k]), &bad));
		for (int i = 0; i < 5000; i++) {
			time_t t = (time_t)(test_random(&state) % 3124224000U);	/* ..2068 */
			struct tm tm;
			char text[200];
			int64_t us = NOTHING;
			size_t n;

			CHECK(gmtime_r(&t, &tm) != NULL);
			n = strftime(text, sizeof(text), specs[k], &tm);
			CHECK(when_read(&f, (struct str){ text, n }, &us));
			CHECK_INT(us, t * WHEN_SEC);
		}
	}
}

#pragma GCC diagnostic pop

/* ---- writing ---- */

static void
test_put(void)
{
	static const struct {
		int64_t us;
		const char *put, *iso;
	} table[] = {
		{ 0, "0", "1970-01-01T00:00:00Z" },
		{ -1, "-0.000001", "1969-12-31T23:59:59.999999Z" },
		{ -1500000, "-1.5", "1969-12-31T23:59:58.5Z" },
		{ INT64_C(1795176163272000), "1795176163.272", "2026-11-20T12:02:43.272Z" },
		{ INT64_C(1795176163000000), "1795176163", "2026-11-20T12:02:43Z" },
		{ INT64_MAX, "9223372036854.775807", "294247-01-10T04:00:54.775807Z" },
		{ INT64_MIN, "-9223372036854.775808", "-290308-12-21T19:59:05.224192Z" },
	};
	char text[NUM_MAX];
	uint64_t state = 4;

	for (size_t i = 0; i < countof(table); i++) {
		*when_put(text, table[i].us) = '\0';
		CHECK_STR(str(text), table[i].put);
		*when_put_iso(text, table[i].us) = '\0';
		CHECK_STR(str(text), table[i].iso);
	}
	for (int i = 0; i < 100000; i++) {
		int64_t us = (int64_t)(test_random(&state) % (uint64_t)WHEN_END), back = NOTHING;

		if (i % 2)
			us -= us % WHEN_SEC;
		CHECK(when_epoch((struct str){ text, (size_t)(when_put(text, us) - text) }, &back));
		CHECK_INT(back, us);
		CHECK(when_iso((struct str){ text, (size_t)(when_put_iso(text, us) - text) }, &back));
		CHECK_INT(back, us);
	}
}

int
main(void)
{
	CHECK(setenv("TZ", "UTC0", 1) == 0);	/* strftime's %s asks it */
	tzset();
	test_every_day();
	test_civil_random();
	test_dates();
	test_clf();
	test_iso();
	test_epoch();
	test_cache();
	test_user();
	test_format();
	test_format_refused();
	test_format_random();
	test_put();
	return test_end();
}
