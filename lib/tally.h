/*
 * tally.h - rows of events: which cell each belongs to, and what
 * they add to it.
 *
 *	struct tally t;
 *	tally_init(&t);
 *	t.width_us = 60 * WHEN_SEC;
 *	t.label = &tier; t.labels = 1;
 *	tally_number(&t, STR("latency_ms"), 3, measure);
 *	...
 *	case TSV_HEADER:
 *		tally_bind(&t, &tsv, &plan);
 *	case TSV_ROW:
 *		if (!tally_read(&t, &tsv, cells_event(&cells), &key))
 *			die("%s", t.why);
 *
 * Columns that a header lacks are as if they were empty: a label is then
 * "(none)", the weight 1, and all else has no value.
 *
 * Ownership: names are BORROWED from whoever set them; a key's labels are
 * BORROWED until the next row.
 * Errors: false, and the place and the reason in `why`: a field that should be
 * a number and is none, or labels that leave no room in a line.
 */
#ifndef TALLY_H
#define TALLY_H

#include "base.h"
#include "buf.h"
#include "cell.h"
#include "cells.h"
#include "figure.h"
#include "tsv.h"
#include "zone.h"

enum { TALLY_LABELS = 16 };

#define TALLY_NONE	STR("(none)")	/* stands for a label that an event lacks */
#define TALLY_WORD_MAX	32		/* bytes kept of an unknown cache word */
/* Bytes of labels: with figures behind them they are still a line. */
#define TALLY_LABELS_BYTES	(IN_TSV_LINE_MAX - 64 * 1024)

struct tally_number {
	struct str column;
	int scale;		/* kept as value * 10^scale */
	int at;			/* measure of the plan */
	int col;		/* bound: -1 none */
	bool seen;		/* in any header */
};

struct tally_thing {
	struct str column;
	int at;			/* distinct of the plan */
	int col;
	bool seen;
};

struct tally {
	int64_t width_us;	/* of a window; 0: all time is one, with start 0 */
	struct zone zone;
	int64_t since, until;	/* us; events outside are skipped */

	const struct str *label; /* BORROWED: columns to group by */
	size_t labels;		/* at most TALLY_LABELS */
	bool label_seen[TALLY_LABELS];
	struct tally_number number[CELL_MEASURES];
	size_t numbers;
	struct tally_thing thing[CELL_DISTINCTS];
	size_t things;

	int64_t first, last;	/* us: of the events taken; first > last: none */
	int64_t time;		/* us: of this event */
	uint64_t taken;		/* events */
	uint64_t unknown;	/* requests with an unknown cache word */
	char word[TALLY_WORD_MAX]; /* the first of these words */
	char why[TSV_WHY_MAX];

	/* private from here */
	int cache, status, bytes, tier, weight;
	bool origin;		/* is kept */
	int64_t start;		/* of zone's window, seconds */
	uint32_t width;
	uint64_t high, low;	/* bytes 0 to 7 and 2 to 9 of the last time */
	int64_t second;		/* us: what they meant */
	int label_col[TALLY_LABELS];
	struct buf joined;	/* OWNED */
	char none[16];		/* TALLY_NONE and room behind it */
};

void	tally_init(struct tally *e);
void	tally_free(struct tally *e);

/* Told again, it is told once. */
void	tally_number(struct tally *e, struct str column, int scale, int at);
void	tally_thing(struct tally *e, struct str column, int at);

/* FIGURE_CACHE ...: what the header has. */
unsigned tally_has(const struct tsv *t);

/*
 * After each header, and when the plan keeps more.  What it does not keep is
 * not looked at: neither is then a mistake there found.
 */
void	tally_bind(struct tally *e, const struct tsv *t, const struct cell_plan *p);

enum tally_what { TALLY_TAKEN, TALLY_SKIPPED, TALLY_BAD };

enum tally_what tally_read(struct tally *e, const struct tsv *t, struct cell_event *to,
	    struct cells_key *key) MUST_USE;

#endif
