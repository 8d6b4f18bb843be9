/*
 * cells.h - all cells of a run, found by window and labels, within a budget of
 * memory, and given back in order.
 *
 *	struct cells t;
 *	if (!cells_open(&t, &plan, mem_bytes))
 *		...errno...
 *	struct cell_event *e = cells_event(&t);
 *	...fill e and the key...
 *	ok = cells_add(&t, &key);
 *	...
 *	ok = cells_begin(&t);
 *	while (ok && (ok = cells_next(&t, &cell)) && cell)
 *		...by window, then labels bytewise...
 *	cells_close(&t);
 *
 * Beyond the budget all cells go to a sorted run on disk (run.h) and the table
 * starts empty; the runs and the rest are merged at the end.  Results are the
 * same to the byte, as cells are integers that add up in any order.
 *
 * Long before, cells that have not been met for a while, of windows other than
 * the newest, go the same way: a week of minutes takes the memory of a few
 * minutes.  Runs are continued where order allows, so input in time order
 * makes one.
 *
 * Totals: with c.totals set, each window's cells come after one with no
 * labels that is their sum (or only the sum of their requests).
 *
 * Many groups are bound by memory latency.  So events of cells that were not
 * met lately wait, until a batch of them can fetch its memory together.
 *
 * Ownership: the table owns its cells.  A cell is BORROWED until the next
 * call of anything but cells_find().  The plan is the
 * caller's, and is laid out before the first cell; see cells_relay().
 * Errors: false, and errno as in cell.h and run.h.
 */
#ifndef CELLS_H
#define CELLS_H

#include <string.h>

#include "base.h"
#include "cell.h"
#include "hash.h"
#include "run.h"

#define CELLS_HOT_BITS	10	/* of so many cells met lately */
#define CELLS_BATCH	32	/* events that wait, at most */

enum cells_totals {
	CELLS_NO_TOTALS,
	CELLS_REQUESTS,		/* totals of requests alone, for shares */
	CELLS_TOTALS
};

struct cells_key {
	int64_t start;		/* seconds */
	uint32_t width;
	struct str labels;	/* escaped fields joined by tabs; 8 bytes behind
				   them may be read */
};

struct cells_hot {
	uint64_t quick;		/* so that others need not be fetched to be told */
	struct cell *cell;	/* NULL: none */
};

struct cells_wait {
	struct cell_event event;
	struct cells_key key;	/* labels.p is set when its turn comes */
	size_t text;		/* where they stand in the batch's text */
	uint64_t hash;
};

struct cells {
	enum cells_totals totals;
	struct str no_labels;	/* a total's: as many empty ones as there are */
	bool stay;		/* never to disk: the caller drops what is old */
	size_t n;		/* cells in memory */

	/*
	 * Where set, called instead of cells_make() for a key that is not in
	 * memory (it may be on disk); returns the cell that is to be taken.
	 */
	struct cell *(*make)(void *ctx, const struct cells_key *k, uint64_t hash);
	void *make_ctx;

	/* private from here */
	struct cell_plan *plan;	/* BORROWED */
	struct cells_hot *hot;	/* OWNED: by the upper bits of quick */
	struct hash_key key;
	struct cells_wait *batch; /* OWNED, CELLS_BATCH of them */
	size_t waiting;
	struct buf text;	/* OWNED: their labels */
	size_t mem, soft;	/* bytes: all to disk, what is cold to disk */
	uint32_t tick;		/* counts looks for what is cold */
	int64_t newest;		/* greatest window start */
	size_t step;		/* bytes to grow before the next look */
	uint64_t retired;	/* cells that went because they were cold, */
	struct hll gone;	/* and which: how many different ones */
	struct cells_slot *slot; /* OWNED, mask + 1 of them */
	size_t mask;
	struct cells_chunk *chunk; /* OWNED */
	size_t chunks, chunks_cap;
	size_t bytes;		/* of all cells */
	struct run *run;	/* OWNED, RUN_MERGE_MAX of them or NULL */
	size_t runs;
	struct order *order;	/* OWNED: the way out, sorted */
	size_t orders, next, order_bytes;
	struct cell *total;	/* OWNED: the current window's */
	bool total_given;
	struct run_merge merge;
};

bool	cells_open(struct cells *t, struct cell_plan *plan, size_t mem) MUST_USE;
void	cells_close(struct cells *t);

uint64_t cells_hash(const struct cells *t, const struct cells_key *k);
/* NULL: not there, in memory. */
struct cell *cells_find(struct cells *t, const struct cells_key *k, uint64_t hash);
/* For what is not there. */
struct cell *cells_make(struct cells *t, const struct cells_key *k, uint64_t hash);
/* One or the other; t->make where that is set. */
struct cell *cells_get(struct cells *t, const struct cells_key *k);

bool	cells_settle_slow(struct cells *t) MUST_USE;
bool	cells_add_slow(struct cells *t, const struct cells_key *k) MUST_USE;

static inline size_t
cells_held(const struct cells *t)
{
	return t->bytes + t->plan->heap;
}

/* Whether they take more than they may; for who set `stay`. */
static inline bool
cells_over(const struct cells *t)
{
	return cells_held(t) > t->mem;
}

/* To be called after a cell was added to: keeps the budget. */
MUST_USE static inline bool
cells_settle(struct cells *t)
{
	return LIKELY(cells_held(t) <= t->soft) || cells_settle_slow(t);
}

/* All to disk, so that the plan may keep more and be laid out again. */
bool	cells_spill(struct cells *t) MUST_USE;

/*
 * The way out; cells_begin_window() gives those in memory of one window, which
 * stay where they are, for who set `stay`.
 */
bool	cells_begin(struct cells *t) MUST_USE;
void	cells_begin_window(struct cells *t, int64_t start);
bool	cells_next(struct cells *t, const struct cell **cell) MUST_USE;

/* Forgets the windows that start before a time. */
void	cells_drop(struct cells *t, int64_t start);

/* Eight bytes of a key, the first n of them if there are less. */
static inline uint64_t
cells_load(const char *p, size_t n)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return n >= 8 ? x : n ? x & ~(UINT64_MAX >> 8 * n) : 0;
#else
	return n >= 8 ? x : n ? x & UINT64_MAX >> (64 - 8 * n) : 0;
#endif
}

/* What tells most keys apart: no secret, and no harm where keys collide. */
static inline uint64_t
cells_quick(const struct cells_key *k)
{
	const char *p = k->labels.p;
	size_t n = k->labels.n;
	uint64_t x = (uint64_t)k->start + n;

	for (; n > 8; n -= 8, p += 8)
		x = (x ^ cells_load(p, 8)) * UINT64_C(0x9e3779b97f4a7c15);
	return (x ^ cells_load(p, n)) * UINT64_C(0xd6e8feb86659fd93);
}

static inline struct cells_hot *
cells_hot(struct cells *t, uint64_t quick)
{
	return &t->hot[quick >> (64 - CELLS_HOT_BITS)];
}

/* Is c the cell of k?  Reads the 8 bytes behind both keys. */
static inline bool
cells_same(const struct cell_plan *plan, const struct cell *c, const struct cells_key *k)
{
	const char *a = k->labels.p, *b = (const char *)c + plan->bytes;
	size_t n = k->labels.n;

	if (c->start != k->start || c->labels_n != n || c->width != k->width)
		return false;
	for (; n > 8; n -= 8, a += 8, b += 8)
		if (cells_load(a, 8) != cells_load(b, 8))
			return false;
	return cells_load(a, n) == cells_load(b, n);
}

/* Where the next event is to be written. */
static inline struct cell_event *
cells_event(struct cells *t)
{
	return &t->batch[t->waiting].event;
}

/* Adds that event. */
MUST_USE static inline bool
cells_add(struct cells *t, const struct cells_key *k)
{
	uint64_t quick = cells_quick(k);
	const struct cells_hot *h = cells_hot(t, quick);

	if (UNLIKELY(h->quick != quick || !h->cell || !cells_same(t->plan, h->cell, k)))
		return cells_add_slow(t, k);
	h->cell->tick = t->tick;
	return cell_add(t->plan, h->cell, cells_event(t)) && cells_settle(t);
}

/* The events that still wait; cells_begin() and cells_spill() do so first. */
bool	cells_flush(struct cells *t) MUST_USE;

#endif
