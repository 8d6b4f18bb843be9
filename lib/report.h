/*
 * report.h - rows of metrics: which columns, the header, a row for a cell.
 *
 *	struct report r;
 *	report_init(&r);
 *	if (!report_names(&r, STR("requests,hit_pct"), true) ||
 *	    !report_stats(&r, STR("latency_ms:p50,p99"), true))
 *		...r.why...
 *	for each column:
 *		column->seen = ...; figure_keep(&column->f, &plan);
 *	report_header(&r, &out, label, labels);
 *	report_row(&r, &out, &plan, cell, start, &window);
 *
 * A column is written if it was seen: the program says of each whether the
 * input has what it comes from.  One that was asked for by name must be.
 *
 * Ownership: the report owns its columns and their names.
 * Errors: false, and the reason in `why`.
 */
#ifndef REPORT_H
#define REPORT_H

#include "base.h"
#include "cell.h"
#include "figure.h"
#include "mem.h"
#include "out.h"

#define REPORT_STATS	"avg,p50,p95,p99"	/* of a column, where none is named */
#define REPORT_WHY_MAX	256			/* bytes */

struct report_column {
	struct figure f;
	bool named;		/* asked for by name */
	bool seen;		/* the input has what it comes from */
};

struct report {
	struct report_column *column;	/* OWNED */
	size_t columns;
	char why[REPORT_WHY_MAX];

	/* private from here */
	size_t cap;
	struct arena names;
};

void	report_init(struct report *r);
void	report_free(struct report *r);

bool	report_names(struct report *r, struct str list, bool named) MUST_USE;	/* "hit_pct,rps" */
bool	report_stats(struct report *r, struct str spec, bool named) MUST_USE;	/* "latency_ms:p50,p99" */
bool	report_uniqs(struct report *r, struct str list) MUST_USE;		/* "client,url" */

/*
 * Once all are there: no name stands twice, in the labels neither; and, where
 * the input is events, no two columns of numbers are kept under one name.
 */
bool	report_check(struct report *r, const struct str *label, size_t labels, bool events) MUST_USE;

/* The first that was asked for by name and never seen, or NULL. */
const struct report_column *report_missing(const struct report *r);

/* Whether a column is about all groups of a window. */
bool	report_shares(const struct report *r);

void	report_header(const struct report *r, struct out *out, const struct str *label, size_t labels);
void	report_row(const struct report *r, struct out *out, const struct cell_plan *plan,
	    const struct cell *c, size_t labels, int64_t start, const struct figure_window *w);

#endif
