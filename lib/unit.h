/*
 * unit.h - what a column is measured in, from its name, and amounts with a
 * unit in that measure, read and shown.
 *
 *	struct unit u = unit_of(STR("latency_ms_p95"));
 *	const char *why = unit_read(STR("0.5s"), u, &v);	500
 *	if (why)
 *		return why;
 *
 * A column's name ends in its unit (cmon-tsv.5): _pct _ratio, _us _ms _s,
 * _bytes or bytes itself; the statistics that cmon-agg appends (_p95 _avg _min
 * _max _sum) do not count.  All others are plain numbers.
 *
 * An amount is a number, in the column's own unit, or a number with one of
 * % | us ms s m h d w | B KB MB GB TB (10^3) KiB MiB GiB TiB (2^10).
 *
 *	unit_put(&b, 612.3, u);			"612.3 ms"
 *
 * Ownership: none.
 * Errors: a reason that says what to write instead, or NULL.
 */
#ifndef UNIT_H
#define UNIT_H

#include "base.h"
#include "buf.h"

enum unit_kind { UNIT_PLAIN, UNIT_PART, UNIT_TIME, UNIT_BYTES };

struct unit {
	enum unit_kind kind;
	int exp10;		/* one of the column's unit is 10^exp10 of 1, s or B */
	const char *text;	/* as written after a number, "%": may be empty */
};

#define UNIT_MOMENT_US	(INT64_C(100000000) * 1000000)	/* 1973-03: what is less is a number */

extern const struct unit unit_seconds;

struct unit unit_of(struct str column);

/* The amount in the column's unit, to the nearest double. */
MUST_USE const char *unit_read(struct str text, struct unit column, double *v);

/*
 * Is it a moment, by the column's name: time, since, fired, resolved, start,
 * end, judged, next_try, as_of, last_run, last_success (cmon-tsv.5)?  Of a
 * column other than time only from UNIT_MOMENT_US to the year 2200: somebody
 * may count what was resolved.
 */
MUST_USE bool unit_moment(struct str column, struct str field, int64_t *us);

/*
 * An amount in the column's unit, for people: 612.3 ms, 17.2 %, 1.071 GB, 1d2h.
 * Five digits, but whole numbers in full; times of two minutes and more as durations.
 */
void	unit_put(struct buf *b, double v, struct unit column);

/* The same, but with as many digits as it takes not to read as a limit that it is not. */
void	unit_put_beside(struct buf *b, double v, double limit, struct unit column);

/* A duration as one writes it: 5m, 90s, 1h30m; no more than two parts. */
void	unit_put_span(struct buf *b, int64_t us);

#endif
