/*
 * when.h - civil time, and every way in which logs write it.
 *
 *	struct when_cache last = { 0 };
 *	int64_t us;
 *	if (!when_clf_cached(&last, field, &us))  // 20/Nov/2026:12:02:43 +0000
 *		return "not a time";
 *	n = when_put(room, us) - room;		// 1795176163
 *
 * All times are int64_t microseconds since the epoch, UTC.  Texts hold years
 * 1970 to 2200; days and hours that do not exist are refused; the leap second
 * :60 is one second after :59; digits past the microsecond are cut off.  A
 * time written without a zone is UTC.  The whole slice is the time.
 *
 * Ownership: none; no call allocates.
 * Errors: false, and *us keeps what it had.
 */
#ifndef WHEN_H
#define WHEN_H

#include <string.h>

#include "base.h"

#define WHEN_SEC	INT64_C(1000000)
#define WHEN_DAY	(86400 * WHEN_SEC)
#define WHEN_END	(INT64_C(7289654400) * WHEN_SEC)  /* 2201-01-01 */

struct when_civil {
	int y, m, d;		/* 2026, 1..12, 1..31 */
	int hh, mm, ss, us;
	int weekday;		/* 0 is Sunday */
};

/* Division that rounds down, and its remainder, which is never negative; b > 0. */
static inline int64_t
when_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static inline int64_t
when_mod(int64_t a, int64_t b)
{
	int64_t r = a % b;

	return r < 0 ? r + b : r;
}

/* Days from 1970-01-01 to y-m-d in the proleptic Gregorian calendar. */
int64_t when_days(int y, int m, int d);

/* Any time at all, before 1970 too. */
void when_civil(int64_t us, struct when_civil *c);

/*
 * The Common Log Format: 20/Nov/2026:12:02:43 +0000 (Apache's %t without its
 * brackets, nginx's $time_local), fraction or not, and zone or not (HAProxy).
 */
MUST_USE bool when_clf(struct str s, int64_t *us);

/*
 * RFC 3339 and its relatives in ISO 8601 and in logs: 2026-11-20,
 * 2026-11-20T12:02Z, 2026-11-20 12:02:43,123 +01:00; 'T', blank or tab;
 * '.' or ','; Z, +hh:mm, +hhmm, +hh; " UTC" after it all.
 */
MUST_USE bool when_iso(struct str s, int64_t *us);

/*
 * Unix time: seconds with decimals or not, or a whole number of ms from
 * 10^11, of us from 10^14, of ns from 10^17 (all three lie in 1973; as
 * seconds, 10^11 would be the year 5138).
 */
MUST_USE bool when_epoch(struct str s, int64_t *us);

/* Whichever of the three it is; no text is two of them. */
MUST_USE bool when_any(struct str s, int64_t *us);

/*
 * What a person types: "now", "-1h" and "+30m" from now, and RFC 3339, a
 * date, or Unix time.
 */
MUST_USE bool when_user(struct str s, int64_t now_us, int64_t *us);

/* Logs repeat the second: the last text and what it meant.  Starts as zeros. */
struct when_cache {
	char text[32];
	size_t n;
	int64_t us;
};

#define WHEN_CLF_LEN	26	/* bytes of a Common Log Format time */

/* The long way: reads the text and remembers it. */
bool when_clf_remember(struct when_cache *c, struct str s, int64_t *us);

/* As when_clf. */
MUST_USE static inline bool
when_clf_cached(struct when_cache *c, struct str s, int64_t *us)
{
	uint64_t a[4], b[4];

	if (UNLIKELY(s.n != WHEN_CLF_LEN || c->n != WHEN_CLF_LEN))
		return when_clf_remember(c, s, us);
	memcpy(a, s.p, 24);
	memcpy(b, c->text, 24);
	memcpy(a + 3, s.p + WHEN_CLF_LEN - 8, 8);
	memcpy(b + 3, c->text + WHEN_CLF_LEN - 8, 8);
	if (((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) != 0)
		return when_clf_remember(c, s, us);
	*us = c->us;
	return true;
}

/*
 * A format of the operator's, as strftime(3) and strptime(3) know them:
 * %Y %y %m %b %B %h %d %e %j %H %k %I %l %p %M %S %z %Z %a %A %s %F %T %D %R
 * %n %t %%, and %f, a decimal fraction.  Apache's words stand alone ("usec",
 * "end:msec") or in braces amid the rest: "%T.%{msec_frac} %z", which is how
 * several %{...}t of one LogFormat are joined; sec msec usec msec_frac
 * usec_frac.  White space matches any, or none; %a and %A are not compared
 * with the date.  A zone's name (%Z) other than UTC, GMT and Z is refused
 * unless a %z says what it means.
 */
#define WHEN_FORMAT_MAX	96	/* conversions and literal bytes */

struct when_format {
	size_t n;
	struct {
		unsigned char what, byte;
	} op[WHEN_FORMAT_MAX];
};

/*
 * False: *bad is the part of spec that is not supported, or all of it when
 * it is too long or names no complete date.
 */
MUST_USE bool when_compile(struct when_format *f, struct str spec, struct str *bad);
MUST_USE bool when_read(const struct when_format *f, struct str s, int64_t *us);

/* NUM_MAX bytes of room; the end is returned, and no NUL is promised. */
char *when_put(char *p, int64_t us);		/* 1795176163.272 */
char *when_put_iso(char *p, int64_t us);	/* 2026-11-20T12:02:43Z */
char *when_put_offset(char *p, int minutes);	/* from UTC: +01:00 */

#endif
