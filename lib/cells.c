#include "cells.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "order.h"
#include "str.h"

#define SOFT_BYTES	(1024 * 1024)	/* growth between looks for cold cells */
#define RETURNS		4		/* of a cell from disk, before it is too often */
#define CHUNK_BYTES	MEM_HUGE	/* cells' memory asked for at a time */
#define CHUNKS_SMALL	2		/* before it is worth huge pages */
#define UNIT		16		/* bytes, of which a slot's place counts */
#define CHUNK_UNITS	(CHUNK_BYTES / UNIT)
#define PIECE_BYTES	16		/* that malloc takes beside what it gives */
#define SLOTS_MIN	64		/* a power of two */
#define MEM_MAX		((size_t)32 << 30)	/* bytes that 2^32 units hold, halved */
#define TEXT_BYTES	(64 * 1024)	/* labels that wait, more or less */
#define AHEAD		8	/* cells on their way out that are fetched */
#define LEVEL_RUNS	16		/* runs of a level merged at a time */
#define LEVEL_LAST	3		/* so 64 runs have 16 of one level, at least */

/*
 * Open addressing, linear probing, at most half full.  ref counts units from
 * the first chunk's start; nothing stands at 0, which marks a free slot.
 */
struct cells_slot {
	uint32_t tag;		/* the hash's lower half, which says the place */
	uint32_t ref;
};

struct cells_chunk {
	char *p;		/* OWNED */
	size_t used;		/* bytes */
};

static struct cell *
at(const struct cells *t, uint32_t ref)
{
	return (struct cell *)(void *)(t->chunk[ref / CHUNK_UNITS].p +
	    (size_t)(ref % CHUNK_UNITS) * UNIT);
}

/*
 * All cells as they stand in memory, which is by far the quickest order:
 *
 *	for (struct walk w = WALK; (c = walk(t, &w));)
 */
struct walk {
	size_t chunk, at;
};

#define WALK	{ 0, UNIT }

static struct cell *
walk(const struct cells *t, struct walk *w)
{
	struct cell *c;

	while (w->chunk < t->chunks && w->at == t->chunk[w->chunk].used)
		*w = (struct walk){ w->chunk + 1, UNIT };
	if (w->chunk == t->chunks)
		return NULL;
	c = (struct cell *)(void *)(t->chunk[w->chunk].p + w->at);
	w->at += cell_size(t->plan, c->labels_n);
	return c;
}

bool
cells_open(struct cells *t, struct cell_plan *plan, size_t mem)
{
	*t = (struct cells){
		.plan = plan,
		.mem = mem < MEM_MAX ? mem : MEM_MAX,
		.newest = INT64_MIN,
		.step = SOFT_BYTES,
	};
	t->soft = t->mem < SOFT_BYTES ? t->mem : SOFT_BYTES;
	t->hot = mem_array((size_t)1 << CELLS_HOT_BITS, sizeof(*t->hot));
	t->batch = mem_array(CELLS_BATCH, sizeof(*t->batch));
	buf_init(&t->text, (size_t)CELLS_BATCH * UINT32_MAX);
	return hash_key_random(&t->key);
}

uint64_t
cells_hash(const struct cells *t, const struct cells_key *k)
{
	return hash_bytes(&t->key, k->labels.p, k->labels.n) ^
	    (uint64_t)k->start * UINT64_C(0x9e3779b97f4a7c15);
}

static void
prefetch(const struct cell *c)
{
	PREFETCH(c);
	PREFETCH((const char *)c + 64);
	PREFETCH((const char *)c + 128);
}

static void
prefetch_slot(const struct cells *t, uint64_t hash)
{
	if (t->slot)
		PREFETCH(&t->slot[hash & t->mask]);
}

static void
prefetch_cell(const struct cells *t, uint64_t hash)
{
	for (size_t i = hash & t->mask; t->slot && t->slot[i].ref; i = (i + 1) & t->mask) {
		if (t->slot[i].tag != (uint32_t)hash)
			continue;
		prefetch(at(t, t->slot[i].ref));
		return;
	}
}

static void
remember(struct cells *t, const struct cells_key *k, struct cell *c)
{
	uint64_t quick = cells_quick(k);

	*cells_hot(t, quick) = (struct cells_hot){ quick, c };
}

struct cell *
cells_find(struct cells *t, const struct cells_key *k, uint64_t hash)
{
	if (!t->slot)
		return NULL;
	for (size_t i = hash & t->mask; t->slot[i].ref; i = (i + 1) & t->mask) {
		struct cell *c;

		if (t->slot[i].tag != (uint32_t)hash)
			continue;
		c = at(t, t->slot[i].ref);
		if (c->hash == hash && cells_same(t->plan, c, k)) {
			c->tick = t->tick;
			remember(t, k, c);
			return c;
		}
	}
	return NULL;
}

static void
set_slot(struct cells *t, struct cells_slot s)
{
	size_t i = s.tag & t->mask;

	while (t->slot[i].ref)
		i = (i + 1) & t->mask;
	t->slot[i] = s;
}

static size_t
whole_pages(size_t bytes)
{
	return (bytes + MEM_HUGE - 1) / MEM_HUGE * MEM_HUGE;
}

/* Arrays, zeroed, that go back to the system when they were large. */
static void *
big_array(size_t bytes)
{
	return bytes < MEM_HUGE ? mem_alloc(bytes) : mem_pages(whole_pages(bytes), true);
}

static void
big_free(void *p, size_t bytes)
{
	if (bytes < MEM_HUGE)
		free(p);
	else
		mem_pages_free(p, whole_pages(bytes));
}

static void
grow(struct cells *t)
{
	size_t n = t->slot ? 2 * (t->mask + 1) : SLOTS_MIN;
	struct cells_slot *old = t->slot;
	size_t olds = old ? t->mask + 1 : 0;

	t->slot = big_array(n * sizeof(*t->slot));
	t->mask = n - 1;
	for (size_t i = 0; i < olds; i++)
		if (old[i].ref)
			set_slot(t, old[i]);
	big_free(old, olds * sizeof(*old));
	t->bytes += (n - olds) * sizeof(*t->slot);
}

/* size bytes for a cell: one of more than a chunk has a chunk of its own. */
static uint32_t
place(struct cells *t, size_t size)
{
	struct cells_chunk *last = t->chunks ? &t->chunk[t->chunks - 1] : NULL;
	uint32_t ref;

	if (!last || last->used + size > CHUNK_BYTES) {
		char *p = mem_pages(whole_pages(size + UNIT), t->chunks >= CHUNKS_SMALL);

		t->chunk = mem_grow(t->chunk, &t->chunks_cap, t->chunks + 1, sizeof(*t->chunk));
		last = &t->chunk[t->chunks++];
		/* So that none stands at 0. */
		*last = (struct cells_chunk){ p, UNIT };
	}
	ref = (uint32_t)((t->chunks - 1) * CHUNK_UNITS + last->used / UNIT);
	last->used += size;
	/* What the way out will take is counted in. */
	t->bytes += size + sizeof(struct order) + t->plan->pieces * PIECE_BYTES;
	return ref;
}

static struct cell *
add(struct cells *t, size_t size, uint64_t hash)
{
	uint32_t ref;

	if (!t->slot || 2 * (t->n + 1) > t->mask + 1)
		grow(t);
	ref = place(t, size);
	set_slot(t, (struct cells_slot){ (uint32_t)hash, ref });
	t->n++;
	return at(t, ref);
}

struct cell *
cells_make(struct cells *t, const struct cells_key *k, uint64_t hash)
{
	struct cell *c = add(t, cell_size(t->plan, k->labels.n), hash);

	cell_birth(t->plan, c, k->start, k->width, k->labels);
	c->hash = hash;
	c->tick = t->tick;
	remember(t, k, c);
	if (k->start > t->newest)
		t->newest = k->start;
	return c;
}

struct cell *
cells_get(struct cells *t, const struct cells_key *k)
{
	uint64_t hash = cells_hash(t, k);
	struct cell *c = cells_find(t, k, hash);

	if (c)
		return c;
	return t->make ? t->make(t->make_ctx, k, hash) : cells_make(t, k, hash);
}

bool
cells_flush(struct cells *t)
{
	size_t n = t->waiting;

	t->waiting = 0;
	for (size_t i = 0; i < n; i++) {
		struct cells_wait *w = &t->batch[i];

		w->key.labels.p = t->text.p + w->text;
		w->hash = cells_hash(t, &w->key);
		prefetch_slot(t, w->hash);
	}
	for (size_t i = 0; i < n; i++)
		prefetch_cell(t, t->batch[i].hash);
	for (size_t i = 0; i < n; i++) {
		struct cells_wait *w = &t->batch[i];
		struct cell *c = cells_find(t, &w->key, w->hash);

		if (!c)
			c = t->make ? t->make(t->make_ctx, &w->key, w->hash) :
			    cells_make(t, &w->key, w->hash);
		if (!cell_add(t->plan, c, &w->event) || !cells_settle(t))
			return false;
	}
	buf_reset(&t->text);
	return true;
}

bool
cells_add_slow(struct cells *t, const struct cells_key *k)
{
	struct cells_wait *w = &t->batch[t->waiting++];

	w->key = *k;
	w->text = t->text.n;
	buf_add(&t->text, k->labels);
	buf_add(&t->text, STR("\0\0\0\0\0\0\0\0"));
	return t->waiting < CELLS_BATCH && t->text.n < TEXT_BYTES ? true : cells_flush(t);
}

/* The table's memory alone; what hangs on the cells is not touched. */
static void
release(struct cells *t)
{
	for (size_t i = 0; i < t->chunks; i++)
		mem_pages_free(t->chunk[i].p, whole_pages(t->chunk[i].used));
	big_free(t->slot, t->slot ? (t->mask + 1) * sizeof(*t->slot) : 0);
	t->slot = NULL;
	t->mask = t->chunks = t->bytes = t->n = 0;
	memset(t->hot, 0, sizeof(*t->hot) << CELLS_HOT_BITS);
}

static void
free_order(struct cells *t)
{
	big_free(t->order, t->order_bytes);
	t->order = NULL;
	t->orders = t->next = t->order_bytes = 0;
}

/* Those of which `want` is true, sorted. */
static void
sort(struct cells *t, bool (*want)(const struct cell *, const void *), const void *arg)
{
	struct cell *c;

	free_order(t);
	t->order_bytes = t->n * sizeof(*t->order);
	t->order = big_array(t->order_bytes);
	t->total_given = false;
	for (struct walk w = WALK; (c = walk(t, &w));)
		if (!want || want(c, arg))
			t->order[t->orders++].cell = c;
	order_sort(t->plan, t->order, t->orders);
}

static void
bury_total(struct cells *t)
{
	if (t->total)
		cell_death(t->plan, t->total);
	free(t->total);
	t->total = NULL;
}

/* The total of the window of the cell that is next. */
static bool
make_total(struct cells *t)
{
	const struct cell *first = t->order[t->next].cell;

	bury_total(t);
	t->total = mem_alloc(cell_size(t->plan, t->no_labels.n));
	cell_birth(t->plan, t->total, first->start, first->width, t->no_labels);
	for (size_t i = t->next; i < t->orders; i++) {
		const struct cell *c = t->order[i].cell;
		struct cell *total = t->total;

		if (i + AHEAD < t->orders)
			prefetch(t->order[i + AHEAD].cell);
		if (c->start != first->start || c->width != first->width)
			break;
		if (t->totals == CELLS_TOTALS ? !cell_merge(t->plan, total, c) :
		    !cell_put(t->plan, total, CELL_REQUESTS, 0,
		    cell_count(t->plan, c, CELL_REQUESTS)))
			return false;
	}
	return true;
}

static bool
window_starts(const struct cells *t)
{
	const struct cell *c = t->order[t->next].cell, *before;

	if (t->next == 0)
		return true;
	before = t->order[t->next - 1].cell;
	return c->start != before->start || c->width != before->width;
}

/* As cells_next(), from memory. */
static bool
next_sorted(struct cells *t, const struct cell **cell)
{
	*cell = NULL;
	if (t->next == t->orders)
		return true;
	if (t->totals != CELLS_NO_TOTALS && !t->total_given && window_starts(t)) {
		if (!make_total(t))
			return false;
		t->total_given = true;
		*cell = t->total;
		return true;
	}
	t->total_given = false;
	if (t->next + AHEAD < t->orders)
		prefetch(t->order[t->next + AHEAD].cell);
	*cell = t->order[t->next++].cell;
	return true;
}

/* Runs of the lowest level that has enough of them become one of the next. */
static bool
merge_level(struct cells *t)
{
	struct run *of[RUN_MERGE_MAX], merged;
	struct run_merge m;
	const struct cell *c;
	size_t n = 0, kept = 0;
	bool ok;

	for (unsigned level = 0; n < LEVEL_RUNS && level <= LEVEL_LAST; level++) {
		n = 0;
		for (size_t i = 0; i < t->runs; i++)
			if (t->run[i].level == level)
				of[n++] = &t->run[i];
	}
	ok = run_open(&merged) && run_merge_open(&m, t->plan, of, n);
	while (ok && (ok = run_merge_next(&m, &c)) && c)
		ok = run_add(&merged, t->plan, c);
	if (!ok)
		return false;
	run_merge_close(&m);
	merged.level = of[0]->level < LEVEL_LAST ? of[0]->level + 1 : LEVEL_LAST;
	for (size_t i = 0; i < n; i++)
		run_close(of[i]);
	for (size_t i = 0; i < t->runs; i++)
		if (t->run[i].cells)
			t->run[kept++] = t->run[i];
	t->run[kept++] = merged;
	t->runs = kept;
	return true;
}

/*
 * The run that the cells in order go to: one that ends before they begin, the
 * one that ends last, or else a new one.
 */
static struct run *
choose_run(struct cells *t, const struct cell *first)
{
	struct run *best = NULL;

	for (size_t i = 0; i < t->runs; i++)
		if (run_accepts(&t->run[i], t->plan, first) &&
		    (!best || run_after(&t->run[i], best)))
			best = &t->run[i];
	if (best)
		return best;
	if (!t->run)
		t->run = mem_array(RUN_MERGE_MAX, sizeof(*t->run));
	if (t->runs == RUN_MERGE_MAX && !merge_level(t))
		return NULL;
	return run_open(&t->run[t->runs]) ? &t->run[t->runs++] : NULL;
}

/* The cells in order, and their totals, to disk; they stay in memory. */
static bool
write_sorted(struct cells *t)
{
	const struct cell *c;
	struct run *r = NULL;
	bool ok;

	while ((ok = next_sorted(t, &c)) && c) {
		if (!r && !(r = choose_run(t, c)))
			return false;
		if (!run_add(r, t->plan, c))
			return false;
	}
	bury_total(t);
	return ok;
}

/*
 * The end of those of which `want` is true; their memory stays.  Where the plan
 * has nothing on the heap, nothing hangs on any cell.
 */
static void
bury(struct cells *t, bool (*want)(const struct cell *, const void *), const void *arg)
{
	struct cell *c;

	for (struct walk w = WALK; t->plan->heap && (c = walk(t, &w));)
		if (!want || want(c, arg))
			cell_death(t->plan, c);
	free_order(t);
}

/* All that is in the table to disk. */
static bool
spill(struct cells *t)
{
	sort(t, NULL, NULL);
	if (!write_sorted(t))
		return false;
	bury(t, NULL, NULL);
	release(t);
	return true;
}

/* Makes the table anew from those of which `want` is false. */
static void
compact(struct cells *t, bool (*want)(const struct cell *, const void *), const void *arg)
{
	struct cells old = *t;
	struct cell *c;

	t->slot = NULL;
	t->chunk = NULL;
	t->mask = t->chunks = t->chunks_cap = t->bytes = t->n = 0;
	for (struct walk w = WALK; (c = walk(&old, &w));) {
		size_t size = cell_size(t->plan, c->labels_n);

		if (want(c, arg))
			continue;
		memcpy(add(t, size, c->hash), c, size);
	}
	release(&old);		/* clears hot, which is t's too */
	free(old.chunk);
}

static bool
is_cold(const struct cell *c, const void *arg)
{
	const struct cells *t = arg;

	return c->tick != t->tick && c->start != t->newest;
}

/* True when it is worth a run. */
static bool
many_cold(const struct cells *t)
{
	const struct cell *c;
	size_t n = 0;

	for (struct walk w = WALK; (c = walk(t, &w));)
		n += is_cold(c, t);
	return n > t->n / 4;
}

/*
 * Input in time order retires each cell once, and that of n hosts one after
 * the other n times.  Where cells come back more often than that, wait for
 * twice as much before the next look: input in no order at all soon has all
 * the memory it may.
 */
static bool
note_retired(struct cells *t)
{
	for (size_t i = 0; i < t->orders; i++)
		if (!hll_add(&t->gone, t->order[i].cell->hash))
			return false;
	t->retired += t->orders;
	if (t->retired / RETURNS > hll_count(&t->gone))
		t->step = t->step < t->mem / 2 ? 2 * t->step : t->mem;
	return true;
}

static bool
retire(struct cells *t)
{
	if (many_cold(t)) {
		sort(t, is_cold, t);
		if (!note_retired(t) || !write_sorted(t))
			return false;
		bury(t, is_cold, t);
		compact(t, is_cold, t);
	}
	t->tick++;
	return true;
}

bool
cells_settle_slow(struct cells *t)
{
	size_t held;

	if (t->stay)
		return true;
	if (cells_held(t) > t->mem ? !spill(t) : !retire(t))
		return false;
	/* A part of what is there, so that looking costs no more than that. */
	held = cells_held(t);
	t->soft = held + (held / 4 > t->step ? held / 4 : t->step);
	if (t->soft > t->mem)
		t->soft = t->mem;
	return true;
}

bool
cells_spill(struct cells *t)
{
	return cells_flush(t) && spill(t);
}

bool
cells_begin(struct cells *t)
{
	struct run *of[RUN_MERGE_MAX];

	if (!cells_flush(t))
		return false;
	if (t->runs == 0) {
		sort(t, NULL, NULL);
		return true;
	}
	if (t->n && !spill(t))
		return false;
	for (size_t i = 0; i < t->runs; i++)
		of[i] = &t->run[i];
	return run_merge_open(&t->merge, t->plan, of, t->runs);
}

static bool
in_window(const struct cell *c, const void *arg)
{
	return c->start == *(const int64_t *)arg;
}

void
cells_begin_window(struct cells *t, int64_t start)
{
	sort(t, in_window, &start);
}

bool
cells_next(struct cells *t, const struct cell **cell)
{
	if (t->runs)
		return run_merge_next(&t->merge, cell);
	return next_sorted(t, cell);
}

static bool
is_before(const struct cell *c, const void *arg)
{
	return c->start < *(const int64_t *)arg;
}

void
cells_drop(struct cells *t, int64_t start)
{
	bury(t, is_before, &start);
	compact(t, is_before, &start);
}

void
cells_close(struct cells *t)
{
	if (!t->plan)
		return;
	bury_total(t);
	hll_free(&t->gone);
	bury(t, NULL, NULL);
	release(t);
	free(t->chunk);
	free(t->hot);
	free(t->batch);
	buf_free(&t->text);
	run_merge_close(&t->merge);
	for (size_t i = 0; i < t->runs; i++)
		run_close(&t->run[i]);
	free(t->run);
	*t = (struct cells){ 0 };
}
