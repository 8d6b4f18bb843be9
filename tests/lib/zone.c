/*
 * zone.c - windows in the time of a place against libc's localtime_r, minute
 * by minute, and Python's zoneinfo; what the clock shows there.
 */
#define _XOPEN_SOURCE 700

#include "zone.h"
#include "num.h"
#include "test.h"

#include <stdlib.h>
#include <time.h>

static struct str
str(const char *s)
{
	return (struct str){ s, strlen(s) };
}

/* Windows found by Python's zoneinfo, minute by minute, by the rule in zone.h. */
static const struct {
	const char *zone, *at;
	int64_t width, start, next;
} windows[] = {
	{ "Europe/Berlin", "2026-03-29 00:30", 3600, 1774742400, 1774746000 },
	{ "Europe/Berlin", "2026-03-29 01:30", 3600, 1774746000, 1774749600 },
	{ "Europe/Berlin", "2026-03-29 04:30", 21600, 1774756800, 1774778400 },
	{ "Europe/Berlin", "2026-03-29 12:00", 86400, 1774738800, 1774821600 },
	{ "Europe/Berlin", "2026-10-25 00:30", 3600, 1792886400, 1792890000 },
	{ "Europe/Berlin", "2026-10-25 01:30", 3600, 1792890000, 1792893600 },
	{ "Europe/Berlin", "2026-10-25 02:30", 21600, 1792879200, 1792904400 },
	{ "Europe/Berlin", "2026-10-25 12:00", 86400, 1792879200, 1792969200 },
	{ "Europe/Berlin", "2026-10-25 22:59", 86400, 1792879200, 1792969200 },
	{ "Europe/Berlin", "2026-10-25 23:00", 86400, 1792969200, 1793055600 },
	{ "Europe/Berlin", "2026-10-25 12:00", 604800, 1792620000, 1793228400 },
	{ "Europe/Berlin", "2026-07-01 12:00", 86400, 1782856800, 1782943200 },
	{ "Asia/Kathmandu", "2026-11-20 12:02", 3600, 1795173300, 1795176900 },
	{ "Asia/Kathmandu", "2026-11-20 12:02", 86400, 1795112100, 1795198500 },
	{ "Asia/Kathmandu", "2026-11-20 12:02", 300, 1795176000, 1795176300 },
	{ "Asia/Kathmandu", "1985-12-31 18:40", 86400, 504901800, 504987300 },
	{ "America/Sao_Paulo", "2018-11-04 03:30", 86400, 1541300400, 1541383200 },
	{ "America/Sao_Paulo", "2018-11-04 02:59", 86400, 1541214000, 1541300400 },
	{ "America/Sao_Paulo", "2018-02-18 02:30", 86400, 1518832800, 1518922800 },
	{ "America/Sao_Paulo", "2018-02-18 01:30", 3600, 1518915600, 1518919200 },
	{ "America/Sao_Paulo", "2018-02-18 02:30", 3600, 1518919200, 1518922800 },
	{ "Australia/Lord_Howe", "2026-04-04 15:10", 3600, 1775311200, 1775316600 },
	{ "Australia/Lord_Howe", "2026-10-03 15:45", 3600, 1791041400, 1791043200 },
	{ "Australia/Lord_Howe", "2026-04-05 00:00", 86400, 1775307600, 1775395800 },
	{ "Australia/Lord_Howe", "2026-10-03 15:45", 1800, 1791041400, 1791043200 },
	{ "America/St_Johns", "2010-11-07 02:31", 86400, 1289097000, 1289187000 },
	{ "America/St_Johns", "2010-11-07 02:30", 3600, 1289097000, 1289100600 },
	{ "Pacific/Apia", "2011-12-30 09:00", 86400, 1325152800, 1325239200 },
	{ "Pacific/Apia", "2011-12-30 10:00", 86400, 1325239200, 1325325600 },
	{ "America/New_York", "2026-11-20 04:59", 86400, 1795064400, 1795150800 },
};

static void
test_table(void)
{
	struct zone z;
	int64_t us;

	for (size_t i = 0; i < countof(windows); i++) {
		int64_t width = windows[i].width * WHEN_SEC;

		CHECK(zone_open(&z, windows[i].zone));
		CHECK(when_iso(str(windows[i].at), &us));
		CHECK_INT(zone_floor(&z, us, width), windows[i].start * WHEN_SEC);
		CHECK_INT(zone_next(&z, us, width), windows[i].next * WHEN_SEC);
	}
}

/* What libc's clock shows in the zone opened last, as if it were UTC. */
static int64_t
wall(int64_t s)
{
	struct tm tm;
	time_t t = (time_t)s;

	CHECK(localtime_r(&t, &tm) != NULL);
	return ((when_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 24 + tm.tm_hour) * 60 +
	    tm.tm_min) * 60 + tm.tm_sec;
}

/* Every minute from five days before `around` to five after, one by one. */
static void
scan(const char *zone, const char *around, int64_t width)
{
	struct zone z, again;
	int64_t middle, start = 0, newest = INT64_MIN, old = INT64_MAX;
	bool begun = false;

	CHECK(when_iso(str(around), &middle) && zone_open(&z, zone));
	middle /= WHEN_SEC;
	for (int64_t s = middle - 5 * 86400; s < middle + 5 * 86400; s += 60) {
		int64_t shown = wall(s), label = shown / width;
		bool begins = width % 86400 == 0 ? label > newest :
		    shown % width == 0 || label > old;

		if (begins && s > middle - 5 * 86400) {
			CHECK(!begun || zone_next(&z, (s - 1) * WHEN_SEC,
			    width * WHEN_SEC) == s * WHEN_SEC);
			start = s;
			begun = true;
		}
		if (label > newest)
			newest = label;
		old = label;
		if (!begun)
			continue;
		CHECK_INT(zone_floor(&z, s * WHEN_SEC + 999999, width * WHEN_SEC),
		    start * WHEN_SEC);
		if (s % 7200 == 0) {		/* and without the cache */
			again = (struct zone){ .local = true };
			CHECK_INT(zone_floor(&again, s * WHEN_SEC, width * WHEN_SEC),
			    start * WHEN_SEC);
		}
	}
	CHECK(begun);
}

static void
test_scan(void)
{
	static const struct {
		const char *zone, *around;
	} changes[] = {
		{ "Europe/Berlin", "2026-03-29" }, { "Europe/Berlin", "2026-10-25" },
		{ "America/Sao_Paulo", "2018-11-04" }, { "America/Sao_Paulo", "2018-02-18" },
		{ "Australia/Lord_Howe", "2026-04-04" }, { "Australia/Lord_Howe", "2026-10-03" },
		{ "America/St_Johns", "2010-11-07" }, { "America/St_Johns", "2010-03-14" },
		{ "Asia/Kathmandu", "1986-01-01" }, { "Pacific/Apia", "2011-12-30" },
		{ "Africa/Casablanca", "2026-02-15" }, { "America/New_York", "2100-11-07" },
	};
	static const int64_t widths[] = { 300, 1800, 3600, 7200, 21600, 43200, 86400, 2 * 86400 };

	for (size_t i = 0; i < countof(changes); i++)
		for (size_t k = 0; k < countof(widths); k++)
			scan(changes[i].zone, changes[i].around, widths[k]);
}

static void
test_utc(void)
{
	static const int64_t widths[] = { 1, 1000, WHEN_SEC, 7 * WHEN_SEC, 300 * WHEN_SEC,
	    WHEN_DAY, 7 * WHEN_DAY, INT64_MAX };
	const int64_t noon = 1795176000;	/* 2026-11-20 */
	struct zone z, berlin;
	uint64_t state = 5;

	CHECK(zone_open(&berlin, "Europe/Berlin"));
	CHECK(zone_open(&z, NULL) && zone_open(&z, "") && zone_open(&z, "UTC"));
	for (size_t i = 0; i < 20000; i++) {
		int64_t us = (int64_t)(test_random(&state) >> 2) - (INT64_C(1) << 61);
		int64_t width = widths[i % countof(widths)], want = us / width * width;

		if (want > us)
			want -= width;
		CHECK_INT(zone_floor(&z, us, width), want);
		if (width <= WHEN_DAY * 7)
			CHECK_INT(zone_next(&z, us, width) - want, width);
	}
	/* No width of a day's, no local clock. */
	CHECK_INT(zone_floor(&berlin, noon * WHEN_SEC, 7 * 60 * WHEN_SEC),
	    noon / 420 * 420 * WHEN_SEC);
	/* The ends of time are cut off, not wrapped round. */
	CHECK_INT(zone_floor(&z, INT64_MIN, WHEN_DAY), INT64_MIN);
	CHECK(zone_next(&z, INT64_MIN, WHEN_DAY) % WHEN_DAY == 0);
	CHECK_INT(zone_next(&z, INT64_MAX, WHEN_DAY), INT64_MAX);
	CHECK(zone_floor(&berlin, INT64_MAX, WHEN_DAY) <= INT64_MAX - 1);
	CHECK(zone_next(&berlin, INT64_MIN, WHEN_DAY) > INT64_MIN);
	CHECK(zone_floor(&berlin, INT64_MAX / 4, 3600 * WHEN_SEC) <= INT64_MAX / 4);
	CHECK(zone_next(&berlin, -INT64_MAX / 4, WHEN_DAY) > -INT64_MAX / 4);
}

static void
test_names(void)
{
	static const char *const bad[] = { "Europe/Berlyn", "europe/berlin", "Europe", "Europe/",
	    "/usr/share/zoneinfo/Europe/Berlin", "../zoneinfo/Europe/Berlin",
	    "Europe/../Europe/Berlin", "CEST-2", "<+03>-3", ":UTC", "zone.tab", " ", "." };
	char longest[300];
	struct zone z;

	for (size_t i = 0; i < countof(bad); i++)
		test_check(!zone_open(&z, bad[i]) && !z.local, __FILE__, __LINE__, bad[i]);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	CHECK(!zone_open(&z, longest));
	CHECK(zone_open(&z, "Etc/GMT+5") && z.local);
	CHECK_INT(zone_floor(&z, 0, WHEN_DAY), -19 * 3600 * WHEN_SEC);
	/* Elsewhere there are no zones. */
	CHECK(setenv("TZDIR", "/nonexistent", 1) == 0);
	CHECK(!zone_open(&z, "Europe/Berlin"));
	CHECK(setenv("TZDIR", "/", 1) == 0);
	CHECK(!zone_open(&z, "/usr/share/zoneinfo/Europe/Berlin"));
	CHECK(unsetenv("TZDIR") == 0);
}

/* Shown by date(1): TZ=... date -d @... +%FT%T%:z */
static void
test_put(void)
{
	static const struct {
		const char *zone;
		int64_t s;
		const char *shown;
	} table[] = {
		{ "", 1795176163, "2026-11-20T12:02:43Z" },
		{ "Europe/Berlin", 1795176163, "2026-11-20T13:02:43+01:00" },
		{ "Europe/Berlin", 1782856800, "2026-07-01T00:00:00+02:00" },
		{ "America/St_Johns", 1795176163, "2026-11-20T08:32:43-03:30" },
		{ "Asia/Kathmandu", 1795176163, "2026-11-20T17:47:43+05:45" },
		{ "Africa/Monrovia", 0, "1970-01-01T00:00:00Z" },	/* -00:44:30 */
	};
	char text[NUM_MAX];
	struct zone z;

	for (size_t i = 0; i < countof(table); i++) {
		CHECK(zone_open(&z, table[i].zone));
		*zone_put(text, &z, table[i].s * WHEN_SEC) = '\0';
		CHECK_STR(str(text), table[i].shown);
	}
}

int
main(void)
{
	test_table();
	test_scan();
	test_utc();
	test_put();
	test_names();
	return test_end();
}
