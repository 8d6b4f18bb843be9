/*
 * metric.h - what an experiment is judged by: what a metric's name means, and
 * what a row of events, or of totals by key, adds to it.
 *
 *	struct metric_set s;
 *	metric_set_init(&s, STR("key"));
 *	why = metric_set_add(&s, STR("hit_pct"), true, &i);
 *	...
 *	case TSV_HEADER:
 *		if (!metric_set_bind(&s, &tsv))
 *			die("%s", s.why);
 *	case TSV_ROW:
 *		if (metric_set_read(&s, &tsv, &row) == METRIC_TAKEN) {
 *			struct ratio_total v = metric_total(&s, i);
 *			...add it to that of row.key in row.cohort
 *		}
 *
 * A header with "window" right after "time" is of totals by key, any other of
 * events (cmon-tsv.5).  A metric is a quotient of two totals, or a quantile.
 *
 * Ownership: names are copied; a row's slices are BORROWED until the next row;
 * prices are BORROWED.
 * Errors: the reason; METRIC_BAD with the place and the reason in `why`.  What
 * a header lacks for a metric is in its `lack`, and stays there.
 */
#ifndef METRIC_H
#define METRIC_H

#include "base.h"
#include "cell.h"
#include "counters.h"
#include "figure.h"
#include "mem.h"
#include "prices.h"
#include "ratio.h"
#include "select.h"
#include "tally.h"
#include "tsv.h"

#define METRIC_MAX	64	/* metrics of a run */
#define METRIC_LACK_MAX	128	/* bytes of what is missing */

enum metric_kind {
	METRIC_SHARE,		/* part of base, in percent: y of n requests or bytes */
	METRIC_MEAN,		/* of a column */
	METRIC_COST,		/* of a request, by the price sheet */
	METRIC_QUANTILE,	/* of a column */
};

struct metric {
	struct str name;
	bool more;			/* is better */
	enum metric_kind kind;
	double scale;			/* the metric is scale y / n */
	char lack[METRIC_LACK_MAX];	/* "no column ...", or "" */

	/* private from here */
	struct figure f;
	int at;				/* number of its column below */
};

/* A column of numbers that some metric is from. */
struct metric_column {
	struct str name;
	int scale;			/* decimals in events */
	int n, sum, sumsq;		/* columns of rows; -1: none */
	double of_n, of_sum, of_sumsq;	/* in the row at hand */
	double value;			/* of an event that has one */
};

struct metric_row {
	bool event;
	int64_t start_us, end_us;	/* the same in events */
	struct str experiment, cohort, key;	/* escaped */
	double requests;
};

enum metric_what {
	METRIC_TAKEN,
	METRIC_TOTAL,			/* of many keys: to be left out */
	METRIC_OUTSIDE,			/* in no experiment; its times are set */
	METRIC_BAD,
};

struct metric_set {
	struct metric *m;		/* OWNED */
	size_t n;
	bool keys_alone;		/* no experiment and cohort asked for */
	const struct prices *prices;	/* BORROWED, or NULL */
	char why[TSV_WHY_MAX];

	/* private from here */
	struct arena text;
	struct str key;			/* the column's name */
	bool events;			/* the header at hand is of events */
	struct metrics metrics;
	struct tally tally;
	struct cell_plan plan;		/* of which counters tally reads */
	struct cell_event event;
	struct metric_column column[CELL_MEASURES];
	size_t columns;
	int at_experiment, at_cohort, at_key;
	struct counters counters;	/* of the row at hand */
	struct str tier;		/* likewise */
};

void	metric_set_init(struct metric_set *s, struct str key);
void	metric_set_free(struct metric_set *s);

/* Finds or adds it; after the first header no more. */
MUST_USE const char *metric_set_add(struct metric_set *s, struct str name, bool more, size_t *i);

MUST_USE bool metric_set_bind(struct metric_set *s, const struct tsv *t);
MUST_USE enum metric_what metric_set_read(struct metric_set *s, const struct tsv *t,
    struct metric_row *row);

/* Of the row at hand: what is added to both totals; a quantile's are 0. */
struct ratio_total metric_total(const struct metric_set *s, size_t i);

/*
 * Of a mean: its values, as if each had been seen.  Of totals the deviations
 * are a difference of sums of squares, and have the digits that these leave;
 * those of a single value are 0.
 */
struct stats_moments metric_moments(const struct metric_set *s, size_t i);

/* Of a quantile: how many values the event is, 0 or more. */
uint64_t metric_value(const struct metric_set *s, size_t i, double *value);

/* "+hit_pct" and the like: more is better with a plus, and of three names always. */
bool	metric_wants_more(struct str *name);

#endif
