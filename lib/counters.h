/*
 * counters.h - the counters of a row of totals by key: requests, hits, bytes and
 * the like, as cmon-agg(1) writes them, and what follows where some are not there.
 *
 *	struct counters c;
 *	case TSV_HEADER:
 *		counters_bind(&c, &tsv, window);
 *		missing = counters_missing(&c, BIT(CELL_ERRORS));
 *	case TSV_ROW:
 *		if (!counters_read(&c, &tsv, why))
 *			die("%s", why);
 *		...c.count[CELL_HIT]
 *
 * Hits are all three kinds of them.  Without "misses" whatever is no hit is a
 * miss, and so are bytes.
 *
 * Ownership: none.
 * Errors: false, and in why the place and the reason.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "base.h"
#include "cell.h"
#include "tsv.h"

struct counters {
	double count[CELL_COUNTERS];	/* 0 where there is none */
	uint32_t unknown;		/* bit k: that counter has no value in the row */

	/* private from here */
	int col[CELL_COUNTERS];		/* -1: none */
};

/* Columns right of window alone are values. */
void	counters_bind(struct counters *c, const struct tsv *t, int window);

/* The name of the first of these (bit k) that no column has and none tells; or NULL. */
const char *counters_missing(const struct counters *c, uint32_t want);

MUST_USE bool counters_read(struct counters *c, const struct tsv *t, char why[TSV_WHY_MAX]);

/* The number in a column, 0 where it is empty or col is -1. */
MUST_USE bool counters_number(const struct tsv *t, int col, double *v, char why[TSV_WHY_MAX]);

/* False; why has the place, the column, what is wrong, and the field. */
MUST_USE bool counters_wrong(const struct tsv *t, struct str column, const char *what, struct str field,
    char why[TSV_WHY_MAX]);

#endif
