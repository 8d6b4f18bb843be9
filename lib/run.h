/*
 * run.h - cells in order, in a temporary file that has no name, and many such
 * files read as one.
 *
 *	struct run r;
 *	if (!run_open(&r))
 *		...errno...
 *	for each cell, ascending by cell_cmp():
 *		ok = run_add(&r, &plan, cell);
 *
 *	struct run_merge m;
 *	ok = run_merge_open(&m, &plan, runs, n);
 *	while ((ok = run_merge_next(&m, &cell)) && cell)
 *		...cells of equal windows and labels made one...
 *	run_merge_close(&m);
 *
 * One record a cell, all varints (varint.h), z: zigzag:
 *
 *	| start z | width | labels | bytes... | row | row | ... | 0 |
 *	row: | (metric id + 1) << 1 | negative | bin z | magnitude |
 *
 * Rows are those of cell.h, so a plan that has grown since still reads them.
 * The file lies in $TMPDIR, or /tmp, unlinked: whatever ends the program
 * removes it.
 *
 * Ownership: a run owns its file and buffer.  The cell of run_merge_next() is
 * BORROWED until the next call.
 * Errors: false, and errno: of the system, of cell.h, or EBADMSG (a record
 * that run_add did not write).
 */
#ifndef RUN_H
#define RUN_H

#include <sys/types.h>

#include "base.h"
#include "buf.h"
#include "cell.h"

#define RUN_MERGE_MAX	64	/* runs read as one */

struct run {
	unsigned level;		/* merges it has been through, for its owner */
	uint64_t cells;

	/* private from here */
	int fd;
	off_t size;		/* bytes in the file */
	off_t read;		/* of them, bytes read into buf */
	uint8_t *buf;		/* OWNED */
	size_t n, at, cap;	/* bytes in buf, of them used */
	int64_t start;		/* the last record's, or the current one's */
	uint32_t width;
	struct buf labels;	/* OWNED */
};

bool	run_open(struct run *r) MUST_USE;
bool	run_add(struct run *r, const struct cell_plan *plan, const struct cell *c) MUST_USE;
void	run_close(struct run *r);

/* True when c stands after all that is in the run, and so may be added. */
bool	run_accepts(const struct run *r, const struct cell_plan *plan, const struct cell *c);

/* True when the last of a stands after the last of b. */
bool	run_after(const struct run *a, const struct run *b);

struct run_merge {
	struct cell_plan *plan;		/* BORROWED */
	struct run *heap[RUN_MERGE_MAX]; /* BORROWED, the least record first */
	size_t n;
	struct cell *cell;		/* OWNED: the one handed out */
	size_t cap;
	bool alive;			/* cell holds something */
};

/* At most RUN_MERGE_MAX of them; nothing may be added to them meanwhile. */
bool	run_merge_open(struct run_merge *m, struct cell_plan *plan, struct run *runs[], size_t n)
	    MUST_USE;
bool	run_merge_next(struct run_merge *m, const struct cell **cell) MUST_USE;
void	run_merge_close(struct run_merge *m);

#endif
