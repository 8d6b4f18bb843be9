/*
 * merge.h - rows of partials: which cell each belongs to, and what it adds.
 *
 *	struct merge m;
 *	merge_open(&m, &tsv, &plan);
 *	m.label = label; m.labels = 1;		or keep those of the first partial
 *	m.width_us = 3600 * WHEN_SEC;		or leave the windows as they are
 *	for (;;)
 *		switch (merge_next(&m)) {
 *		case MERGE_HEADER:	...the first time: lay out the plan...
 *		case MERGE_HAS:		...m.in.has: what the plan may keep more...
 *		case MERGE_ROW:
 *			ok = cell_put(&plan, cells_get(&cells, &m.key), m.id,
 *			    m.in.bin, m.in.value);
 *
 * Wider windows and fewer labels are had by giving the rows of several cells
 * one key.  A row of a metric that the plan does not keep is passed over, or
 * with m.all an error.
 *
 * Ownership: labels are the caller's, or where none were given the merge's own;
 * a key's are BORROWED until the next row.
 * Errors: MERGE_BAD, and the place and the reason in `why`.
 */
#ifndef MERGE_H
#define MERGE_H

#include "base.h"
#include "buf.h"
#include "cell.h"
#include "cells.h"
#include "mem.h"
#include "partial.h"
#include "tsv.h"
#include "zone.h"

enum { MERGE_LABELS = 16 };

enum merge_what { MERGE_END, MERGE_HEADER, MERGE_HAS, MERGE_ROW, MERGE_BAD };

struct merge {
	struct partial_reader in;
	const struct str *label;	/* NULL: those of the first partial */
	size_t labels;
	int64_t width_us;		/* 0: windows stay as they are */
	struct zone zone;
	int64_t since, until;		/* us: windows that start outside are skipped */
	bool all;			/* the plan must keep every metric */

	struct cells_key key;		/* after MERGE_ROW */
	unsigned id;			/* of the metric, in the plan */
	char why[TSV_WHY_MAX];

	/* private from here */
	const struct cell_plan *plan;	/* BORROWED */
	struct str own[MERGE_LABELS];
	bool adopted;			/* label is own */
	int col[MERGE_LABELS];
	struct buf joined;		/* OWNED */
	struct arena names;
};

void	merge_open(struct merge *m, struct tsv *t, const struct cell_plan *plan);
void	merge_close(struct merge *m);
enum merge_what merge_next(struct merge *m) MUST_USE;

#endif
