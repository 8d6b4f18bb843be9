/*
 * zone.h - the time of a place: windows between its midnights, its clock shown.
 *
 *	struct zone z;
 *	if (!zone_open(&z, "Europe/Berlin"))
 *		return "no such zone";
 *	start = zone_floor(&z, us, WHEN_DAY);	// midnight there
 *	n = zone_put(room, &z, us) - room;	// 2026-11-20T13:02:43+01:00
 *
 * Times are int64_t microseconds since the epoch, as in when.h.  The zones are
 * libc's, which has one at a time: opening sets TZ for the whole process, and
 * the last one opened holds.
 *
 * Ownership: none; nothing is allocated, save by libc as a zone is opened.
 * Errors: zone_open alone fails; z is then UTC.
 */
#ifndef ZONE_H
#define ZONE_H

#include "when.h"

struct zone {
	bool local;			/* zeros are UTC */
	int64_t width, start, next;	/* the window asked for last */
};

/*
 * name is a file of the system's zone database ("Europe/Berlin"; from $TZDIR
 * or /usr/share/zoneinfo); NULL, "" and "UTC" are UTC.  False: there is none.
 */
MUST_USE bool zone_open(struct zone *z, const char *name);

/* Finds the window that holds us, into the cache of z. */
void zone_window(struct zone *z, int64_t us, int64_t width_us);

/*
 * The start of the window that holds us, and of the window after it.
 *
 * UTC, and any width that neither divides a day nor is whole days: multiples
 * of the width since the epoch.  Whole days in a place begin at its midnight
 * (or what the clock shows first after it), counted from 1970-01-01, and last
 * 23 or 25 hours when its clock changes.  Parts of a day begin whenever its
 * clock shows, or leaps over, a multiple of the width: of 1 h windows a place
 * has 23 or 25 on such a day, and the night's 6 h window lasts 5 or 7.
 */
static inline int64_t
zone_floor(struct zone *z, int64_t us, int64_t width_us)
{
	if (us < z->start || us >= z->next || width_us != z->width)
		zone_window(z, us, width_us);
	return z->start;
}

static inline int64_t
zone_next(struct zone *z, int64_t us, int64_t width_us)
{
	if (us < z->start || us >= z->next || width_us != z->width)
		zone_window(z, us, width_us);
	return z->next;
}

/*
 * What the clock shows there, and how far it is from UTC: 2026-11-20T13:02:43+01:00.
 * In UTC, and where it is off by a part of a minute, as when_put_iso.
 */
char *zone_put(char *p, const struct zone *z, int64_t us);

#endif
