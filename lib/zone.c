/* zone.c - see zone.h. */
#include "zone.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME_MAX_BYTES	128	/* of a zone; the longest has 32 */

/* libc takes an unknown name for UTC and says nothing: look for its file. */
static bool
zone_exists(const char *name)
{
	const char *folder = getenv("TZDIR");
	char path[1024], magic[4];
	ssize_t n;
	int fd;

	if (name[0] == '/' || strstr(name, "..") || strlen(name) > NAME_MAX_BYTES)
		return false;
	if (!folder || !folder[0])
		folder = "/usr/share/zoneinfo";
	n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, magic, sizeof(magic));
	close(fd);
	return n == (ssize_t)sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

bool
zone_open(struct zone *z, const char *name)
{
	char tz[NAME_MAX_BYTES + 2] = ":";

	*z = (struct zone){ 0 };
	if (!name || !name[0] || strcmp(name, "UTC") == 0)
		return true;
	if (!zone_exists(name))
		return false;
	memcpy(tz + 1, name, strlen(name) + 1);
	if (setenv("TZ", tz, 1) != 0)
		return false;
	tzset();
	z->local = true;
	return true;
}

/* Local time minus UTC. */
static int64_t
shift_at(int64_t us)
{
	time_t t = (time_t)when_div(us, WHEN_SEC);
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 0;
	return (((when_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 24 +
	    tm.tm_hour) * 60 + tm.tm_min) * 60 + tm.tm_sec - t) * WHEN_SEC;
}

/*
 * The first whole second in (before, after] that no longer has the shift of
 * `before`, which `after` has not.  Clocks change at whole seconds, and not
 * twice within a day or two.
 */
static int64_t
clock_change(int64_t before, int64_t after)
{
	int64_t lo = when_div(before, WHEN_SEC), hi = when_div(after, WHEN_SEC);
	int64_t shift = shift_at(before);

	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		if (shift_at(mid * WHEN_SEC) == shift)
			lo = mid;
		else
			hi = mid;
	}
	return hi * WHEN_SEC;
}

/* The first instant at which the local clock shows `wall` or later. */
static int64_t
first_at(int64_t wall)
{
	int64_t from = wall - WHEN_DAY, shift, us;

	for (;;) {
		shift = shift_at(from);
		us = wall - shift;
		if (shift_at(us) == shift)
			return us;
		from = clock_change(from, us);
		if (from + shift_at(from) >= wall)
			return from;
	}
}

static void
window_of_days(struct zone *z, int64_t us)
{
	int64_t wall = us + shift_at(us);

	wall -= when_mod(wall, z->width);
	z->start = first_at(wall);
	z->next = first_at(wall + z->width);
	/* Where the clock went back over midnight, the new day has begun. */
	while (z->next <= us) {
		wall += z->width;
		z->start = z->next;
		z->next = first_at(wall + z->width);
	}
}

/* Whether a window begins when the clock changes at `us`: see zone.h. */
static bool
change_begins_window(int64_t us, int64_t width)
{
	int64_t shown = us + shift_at(us);
	int64_t before = us - 1 + shift_at(us - 1);

	return when_mod(shown, width) == 0 ||
	    when_div(shown, width) > when_div(before, width);
}

static int64_t
part_of_day_start(int64_t us, int64_t width)
{
	for (;;) {
		int64_t shift = shift_at(us);
		int64_t start = us - when_mod(us + shift, width), change;

		if (shift_at(start) == shift)
			return start;
		change = clock_change(start, us);
		if (change_begins_window(change, width))
			return change;
		us = change - 1;
	}
}

static int64_t
part_of_day_next(int64_t us, int64_t width)
{
	for (;;) {
		int64_t shift = shift_at(us);
		int64_t next = us - when_mod(us + shift, width) + width, change;

		if (shift_at(next) == shift)
			return next;
		change = clock_change(us, next);
		if (change_begins_window(change, width))
			return change;
		us = change;
	}
}

/* Multiples of the width; at the ends of int64_t, what is left of them. */
static void
window_of_epoch(struct zone *z, int64_t us)
{
	int64_t past = when_mod(us, z->width);

	if (ADD_OVERFLOW(us, -past, &z->start))
		z->start = INT64_MIN;
	if (ADD_OVERFLOW(us, z->width - past, &z->next))
		z->next = INT64_MAX;
}

void
zone_window(struct zone *z, int64_t us, int64_t width_us)
{
	/* Far from any calendar, and safe from overflow. */
	const int64_t far = INT64_MAX / 4;

	assert(width_us > 0);
	z->width = width_us;
	if (!z->local || us > far || us < -far || width_us > far ||
	    (WHEN_DAY % width_us != 0 && width_us % WHEN_DAY != 0)) {
		window_of_epoch(z, us);
	} else if (width_us % WHEN_DAY == 0) {
		window_of_days(z, us);
	} else {
		z->start = part_of_day_start(us, width_us);
		z->next = part_of_day_next(us, width_us);
	}
}

char *
zone_put(char *p, const struct zone *z, int64_t us)
{
	const int64_t far = INT64_MAX / 4, minute = 60 * WHEN_SEC;
	int64_t shift = z->local && us < far && us > -far ? shift_at(us) : 0;

	if (!z->local || shift % minute != 0)
		return when_put_iso(p, us);
	p = when_put_iso(p, us + shift);
	return when_put_offset(p - 1, (int)(shift / minute));	/* over the Z */
}
