/*
 * figure.h - the columns of metrics: what a name like "hit_pct" or
 * "latency_ms_p99.9" is made of, and its text for a cell.
 *
 *	struct figure f;
 *	if (!figure_parse(&f, STR("latency_ms_p95"), &names))
 *		"no such column of metrics"
 *	if (!figure_keep(&f, &plan))		the plan keeps what f needs
 *		"too many columns of numbers"
 *	...
 *	n = figure_put(room, &f, &plan, cell, &window) - room;
 *
 * Columns of numbers are kept as integers, and so their metrics are named: of
 * seconds, milliseconds and microseconds ("_s" "_ms" "_us") in microseconds,
 * latency_ms as "latency_us"; "bytes" and "..._bytes" as they are; all others
 * in millionths, age as "age_millionths".
 *
 * Percentages, averages and rates are quotients of integers, rounded once,
 * halves away from zero, to 4 decimals, or to a tenth of the unit kept where
 * that is finer; sums, least and greatest values are exact.  Trailing zeros
 * are dropped, and what has no value (0 of 0) is empty.
 *
 * A quantile is the value at rank ceil(q n) as hist.h knows it, to 1.09 %; the
 * first and the last rank are exact.
 *
 * Ownership: texts are copied into the arena given.
 * Errors: false.
 */
#ifndef FIGURE_H
#define FIGURE_H

#include "base.h"
#include "cell.h"
#include "mem.h"

enum { FIGURE_MAX = 72 };	/* bytes of a figure's text */

/* The event columns that figures come from, beside columns of numbers. */
enum { FIGURE_CACHE = 1, FIGURE_STATUS = 2, FIGURE_BYTES = 4 };

/*
 * The one that a counter stands for where partials say what their events had:
 * "hit", "errors" and "bytes"; 0 of all others.
 */
static inline unsigned
figure_source(enum cell_counter c)
{
	return c == CELL_HIT ? FIGURE_CACHE : c == CELL_ERRORS ? FIGURE_STATUS :
	    c == CELL_BYTES ? FIGURE_BYTES : 0;
}

enum figure_kind {
	FIGURE_COUNT,		/* sum of counters */
	FIGURE_PCT,		/* part of base */
	FIGURE_REST_PCT,	/* 100 less that */
	FIGURE_SHARE,		/* requests of the window's */
	FIGURE_RATE,		/* requests a second */
	FIGURE_N, FIGURE_SUM, FIGURE_SUMSQ, FIGURE_MIN, FIGURE_LARGEST, FIGURE_AVG,
	FIGURE_QUANTILE,
	FIGURE_UNIQ
};

struct figure {
	struct str name;
	enum figure_kind kind;
	unsigned from;		/* FIGURE_CACHE ... */
	uint32_t part, base;	/* bit k: counter k is in the sum */
	struct str column;	/* the event column, for FIGURE_N and below */
	struct str kept;	/* "latency_us", or of FIGURE_UNIQ the column */
	int scale;		/* column = kept * 10^-scale */
	uint32_t q;		/* of 1e9 */
	int at;			/* the plan's measure or distinct */
};

bool	figure_parse(struct figure *f, struct str name, struct arena *a) MUST_USE;

/* The same of column and statistic: ("latency_ms", "p95"); ("client", "uniq"). */
bool	figure_stat(struct figure *f, struct str column, struct str stat, struct arena *a)
	    MUST_USE;

bool	figure_keep(struct figure *f, struct cell_plan *p) MUST_USE;

/* The name under which a column of numbers is kept, and its scale. */
struct str figure_kept(struct str column, int *scale, struct arena *a);

struct figure_window {
	uint64_t requests;	/* of all groups */
	uint64_t width;		/* seconds */
};

/* to has FIGURE_MAX bytes of room; the end is returned. */
char	*figure_put(char *to, const struct figure *f, const struct cell_plan *p,
	    const struct cell *c, const struct figure_window *w);

#endif
