#include "cell.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "str.h"

#define LIMB	32	/* bits of a sum's row */
#define LIMBS	4
#define COUNT_MAX	((uint64_t)INT64_MAX)	/* of a counter */

const char *const cell_counter_name[CELL_COUNTERS] = {
	[CELL_NOTHING] = "",
	[CELL_REQUESTS] = "requests",
	[CELL_HIT] = "hit", [CELL_STALE] = "stale", [CELL_REVAL] = "reval",
	[CELL_MISS] = "miss", [CELL_PASS] = "pass", [CELL_SYNTH] = "synth",
	[CELL_CACHE_ERROR] = "cache_error",
	[CELL_ORIGIN] = "origin",
	[CELL_ERRORS] = "errors",
	[CELL_1XX] = "s1xx", [CELL_2XX] = "s2xx", [CELL_3XX] = "s3xx",
	[CELL_4XX] = "s4xx", [CELL_5XX] = "s5xx",
	[CELL_BYTES] = "bytes",
	[CELL_HIT_BYTES] = "hit_bytes", [CELL_MISS_BYTES] = "miss_bytes",
};

/*
 * The parts of a column, by the names after the colon.  A metric's id is a
 * counter's number, or the part's place in the blocks of PARTS that follow,
 * the measures' first.
 */
enum part { PART_N, PART_SUM, PART_SUMSQ, PART_MIN, PART_MAX, PART_HIST, PARTS, PART_HLL };

static const struct {
	const char *name;
	unsigned keep;
} parts[] = {
	[PART_N] = { "n", 0 },
	[PART_SUM] = { "sum", CELL_SUM },
	[PART_SUMSQ] = { "sumsq", CELL_SUMSQ },
	[PART_MIN] = { "min", CELL_MIN },
	[PART_MAX] = { "max", CELL_MAX },
	[PART_HIST] = { "hist", CELL_HIST },
};

#define HLL_NAME	"hll_max"
#define FIRST_MEASURE	((unsigned)CELL_COUNTERS)
#define FIRST_DISTINCT	(FIRST_MEASURE + CELL_MEASURES * PARTS)

void
cell_plan_init(struct cell_plan *p)
{
	*p = (struct cell_plan){ .keep = { [CELL_REQUESTS] = true } };
}

void
cell_plan_free(struct cell_plan *p)
{
	free(p->metric);
	arena_free(&p->names);
	*p = (struct cell_plan){ 0 };
}

void
cell_keep(struct cell_plan *p, enum cell_counter c)
{
	p->keep[c] = c != CELL_NOTHING;
}

int
cell_keep_measure(struct cell_plan *p, struct str name, unsigned keep)
{
	unsigned k = 0;

	while (k < p->measures && !str_eq(p->measure[k].name, name))
		k++;
	if (k == CELL_MEASURES)
		return -1;
	if (k == p->measures)
		p->measure[p->measures++].name = arena_dup(&p->names, name);
	p->measure[k].keep |= keep;
	return (int)k;
}

int
cell_keep_distinct(struct cell_plan *p, struct str name)
{
	unsigned k = 0;

	while (k < p->distincts && !str_eq(p->distinct[k].name, name))
		k++;
	if (k == CELL_DISTINCTS)
		return -1;
	if (k == p->distincts)
		p->distinct[p->distincts++].name = arena_dup(&p->names, name);
	return (int)k;
}

static int
by_name(const void *a, const void *b)
{
	const struct cell_metric *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

static void
add_metric(struct cell_plan *p, unsigned id, struct str column, const char *part)
{
	struct str name = column;

	if (part) {
		size_t n = column.n + 1 + strlen(part);
		char *to = arena_alloc(&p->names, n);

		memcpy(to, column.p, column.n);
		to[column.n] = ':';
		memcpy(to + column.n + 1, part, strlen(part));
		name = (struct str){ to, n };
	}
	p->metric = mem_grow(p->metric, &p->metrics_cap, p->metrics + 1, sizeof(*p->metric));
	p->metric[p->metrics++] = (struct cell_metric){ name, id };
}

/* size bytes for one number. */
static uint32_t
place(struct cell_plan *p, bool keep, size_t size)
{
	uint32_t at = p->bytes;

	if (!keep)
		return 0;
	p->bytes += (uint32_t)size;
	return at;
}

static void
lay_measure(struct cell_plan *p, struct cell_measure *m)
{
	m->n = place(p, true, sizeof(uint64_t));
	m->min = place(p, m->keep & CELL_MIN, sizeof(int64_t));
	m->max = place(p, m->keep & CELL_MAX, sizeof(int64_t));
	m->hist = place(p, m->keep & CELL_HIST, sizeof(struct hist));
}

static void
name_metrics(struct cell_plan *p)
{
	p->metrics = 0;
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++)
		if (p->keep[k])
			add_metric(p, k, str_of(cell_counter_name[k]), NULL);
	for (unsigned k = 0; k < p->measures; k++)
		for (unsigned i = 0; i < PARTS; i++)
			if (i == PART_N || p->measure[k].keep & parts[i].keep)
				add_metric(p, FIRST_MEASURE + k * PARTS + i,
				    p->measure[k].name, parts[i].name);
	for (unsigned k = 0; k < p->distincts; k++)
		add_metric(p, FIRST_DISTINCT + k, p->distinct[k].name, HLL_NAME);
	qsort(p->metric, p->metrics, sizeof(*p->metric), by_name);
}

void
cell_plan_lay(struct cell_plan *p)
{
	/* Sums first: they want to stand at multiples of 16. */
	p->bytes = (uint32_t)((sizeof(struct cell) + 15) & ~(size_t)15);
	for (unsigned k = 0; k < p->measures; k++) {
		p->measure[k].sum = place(p, p->measure[k].keep & CELL_SUM, sizeof(i128));
		p->measure[k].sumsq = place(p, p->measure[k].keep & CELL_SUMSQ, sizeof(i128));
	}
	for (unsigned k = 0; k < CELL_COUNTERS; k++) {
		p->at[k] = place(p, p->keep[k], sizeof(uint64_t));
		if (!p->at[k])
			p->at[k] = offsetof(struct cell, sink);
	}
	for (unsigned k = 0; k < p->measures; k++)
		lay_measure(p, &p->measure[k]);
	for (unsigned k = 0; k < p->distincts; k++)
		p->distinct[k].hll = place(p, true, sizeof(struct hll));
	p->pieces = p->distincts;
	for (unsigned k = 0; k < p->measures; k++)
		p->pieces += p->measure[k].hist != 0;
	name_metrics(p);
}

void
cell_birth(const struct cell_plan *p, struct cell *c, int64_t start, uint32_t width,
    struct str labels)
{
	char *text = cell_at(c, p->bytes);

	memset(c, 0, p->bytes);
	c->start = start;
	c->width = width;
	c->labels_n = (uint32_t)labels.n;
	for (unsigned k = 0; k < p->measures; k++) {
		const struct cell_measure *m = &p->measure[k];

		if (m->min)
			*(int64_t *)cell_at(c, m->min) = INT64_MAX;
		if (m->max)
			*(int64_t *)cell_at(c, m->max) = INT64_MIN;
	}
	if (labels.n)
		memcpy(text, labels.p, labels.n);
	memset(text + labels.n, 0, 8);
}

void
cell_death(struct cell_plan *p, struct cell *c)
{
	for (unsigned k = 0; k < p->measures; k++) {
		struct hist *h = cell_at(c, p->measure[k].hist);

		if (!p->measure[k].hist)
			continue;
		p->heap -= hist_bytes(h);
		hist_free(h);
	}
	for (unsigned k = 0; k < p->distincts; k++) {
		struct hll *h = cell_at(c, p->distinct[k].hll);

		p->heap -= hll_bytes(h);
		hll_free(h);
	}
}

int
cell_cmp(const struct cell_plan *p, const struct cell *a, const struct cell *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->width != b->width)
		return a->width < b->width ? -1 : 1;
	return str_cmp(cell_labels(p, a), cell_labels(p, b));
}

/*
 * The counter's new value.  What an event raises is not foreseeable, so no
 * branch decides it: what is not kept goes where nobody looks.
 */
static inline uint64_t
raise(const struct cell_plan *p, struct cell *c, unsigned counter, uint64_t by)
{
	uint64_t *to = cell_at(c, p->at[counter]);

	return *to += by;
}

/* to += v * weight; true: it did not fit. */
static bool
add_weighted(i128 *to, i128 v, uint64_t weight)
{
	const i128 most = (i128)(~(u128)0 >> 1);

	if (UNLIKELY(weight != 1)) {
		/* Not MUL_OVERFLOW: of 128 bits it is a call that clang has not. */
		if (v > most / (i128)weight || v < -(most / (i128)weight))
			return true;
		v *= (i128)weight;
	}
	return ADD_OVERFLOW(*to, v, to);
}

static bool
add_hist(struct cell_plan *p, struct hist *h, int64_t v, uint64_t weight)
{
	size_t before = hist_bytes(h);
	bool ok = hist_add(h, hist_bin(v), weight);

	p->heap += hist_bytes(h) - before;
	return ok;
}

static bool
add_value(struct cell_plan *p, const struct cell_measure *m, struct cell *c, int64_t v,
    uint64_t weight)
{
	uint64_t *n = cell_at(c, m->n);
	int64_t *min = cell_at(c, m->min), *max = cell_at(c, m->max);
	bool over = ADD_OVERFLOW(*n, weight, n);

	if (m->sum)
		over |= add_weighted(cell_at(c, m->sum), v, weight);
	if (m->sumsq)
		over |= add_weighted(cell_at(c, m->sumsq), (i128)v * v, weight);
	if (m->min && v < *min)
		*min = v;
	if (m->max && v > *max)
		*max = v;
	if (over)
		errno = EOVERFLOW;
	return !over && (!m->hist || add_hist(p, cell_at(c, m->hist), v, weight));
}

bool
cell_add(struct cell_plan *p, struct cell *c, const struct cell_event *e)
{
	uint64_t w = e->weight, bytes, top;

	/* So little that no counter comes by its top bit unseen, nor the sink to it. */
	if (UNLIKELY(MUL_OVERFLOW(w, e->bytes, &bytes) || bytes > CELL_EVENT_MAX ||
	    w > CELL_EVENT_MAX)) {
		errno = EOVERFLOW;
		return false;
	}
	top = raise(p, c, CELL_REQUESTS, w);
	top |= raise(p, c, e->outcome, w);
	top |= raise(p, c, e->origin, w);
	top |= raise(p, c, e->error, w);
	top |= raise(p, c, e->status, w);
	top |= raise(p, c, CELL_BYTES, bytes);
	top |= raise(p, c, e->body, bytes);
	c->sink = 0;
	if (UNLIKELY(top > COUNT_MAX)) {
		errno = EOVERFLOW;
		return false;
	}
	for (unsigned k = 0; k < p->measures; k++)
		if (e->has >> k & 1 && !add_value(p, &p->measure[k], c, e->value[k], w))
			return false;
	for (unsigned k = 0; k < p->distincts; k++) {
		struct hll *h = cell_at(c, p->distinct[k].hll);
		size_t before = hll_bytes(h);

		if (e->is >> k & 1 && !hll_add(h, e->hash[k]))
			return false;
		p->heap += hll_bytes(h) - before;
	}
	return true;
}

static bool
put_count(uint64_t *to, int64_t bin, i128 value)
{
	if (bin != 0 || value < 0 || value > COUNT_MAX) {
		errno = EINVAL;
		return false;
	}
	*to += (uint64_t)value;
	if (*to <= COUNT_MAX)
		return true;
	errno = EOVERFLOW;
	return false;
}

static bool
merge_measure(struct cell_plan *p, const struct cell_measure *m, struct cell *c,
    const struct cell *src)
{
	static const size_t wide = 2;
	const uint32_t sums[] = { m->sum, m->sumsq };
	const int64_t *least = cell_at(src, m->min), *most = cell_at(src, m->max);
	int64_t *min = cell_at(c, m->min), *max = cell_at(c, m->max);
	uint64_t *n = cell_at(c, m->n);
	struct hist *h = cell_at(c, m->hist);
	bool over = ADD_OVERFLOW(*n, *(const uint64_t *)cell_at(src, m->n), n);
	size_t before;

	for (size_t i = 0; i < wide; i++) {
		i128 *to = cell_at(c, sums[i]);

		if (sums[i])
			over |= ADD_OVERFLOW(*to, *(const i128 *)cell_at(src, sums[i]), to);
	}
	if (m->min && *least < *min)
		*min = *least;
	if (m->max && *most > *max)
		*max = *most;
	if (over)
		errno = EOVERFLOW;
	if (over || !m->hist)
		return !over;
	before = hist_bytes(h);
	over = !hist_merge(h, cell_at(src, m->hist));
	p->heap += hist_bytes(h) - before;
	return !over;
}

bool
cell_merge(struct cell_plan *p, struct cell *c, const struct cell *src)
{
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++) {
		if (p->keep[k] && !put_count(cell_at(c, p->at[k]), 0, cell_count(p, src, k)))
			return false;
	}
	for (unsigned k = 0; k < p->measures; k++)
		if (!merge_measure(p, &p->measure[k], c, src))
			return false;
	for (unsigned k = 0; k < p->distincts; k++) {
		struct hll *h = cell_at(c, p->distinct[k].hll);
		size_t before = hll_bytes(h);

		if (!hll_merge(h, cell_at(src, p->distinct[k].hll)))
			return false;
		p->heap += hll_bytes(h) - before;
	}
	return true;
}

/* The next limb of v that is not 0, its sign v's; bin starts at -1. */
static bool
next_limb(i128 v, struct cell_row *r)
{
	u128 size = v < 0 ? -(u128)v : (u128)v;

	while (++r->bin < LIMBS) {
		i128 limb = (i128)(size >> (LIMB * r->bin) & UINT32_MAX);

		if (limb) {
			r->value = v < 0 ? -limb : limb;
			return true;
		}
	}
	return false;
}

static bool
next_bin(const struct hist *h, struct cell_row *r)
{
	uint64_t count;

	if (!hist_next(h, &r->bin, &count))
		return false;
	r->value = count;
	return true;
}

static bool
next_register(const struct hll *h, struct cell_row *r)
{
	int rank;

	if (!hll_next(h, &r->bin, &rank))
		return false;
	r->value = rank;
	return true;
}

/* The only row of a metric that has but bin 0; first: not yet given. */
static bool
single(struct cell_row *r, bool first, bool there, i128 value)
{
	r->bin = 0;
	r->value = value;
	return first && there;
}

static bool
next_of_measure(const struct cell_measure *m, enum part part, const struct cell *c,
    struct cell_row *r, bool first)
{
	uint64_t n = *(const uint64_t *)cell_at(c, m->n);

	if (first)
		r->bin = part == PART_HIST ? HIST_BEFORE : -1;
	switch (part) {
	case PART_SUM:
		return next_limb(*(const i128 *)cell_at(c, m->sum), r);
	case PART_SUMSQ:
		return next_limb(*(const i128 *)cell_at(c, m->sumsq), r);
	case PART_HIST:
		return next_bin(cell_at(c, m->hist), r);
	case PART_MIN:
		return single(r, first, n, *(const int64_t *)cell_at(c, m->min));
	case PART_MAX:
		return single(r, first, n, *(const int64_t *)cell_at(c, m->max));
	default:
		return single(r, first, n, n);
	}
}

static bool
next_of(const struct cell_plan *p, const struct cell *c, struct cell_row *r, bool first)
{
	unsigned id = r->metric->id;

	if (id < FIRST_MEASURE) {
		uint64_t v = cell_count(p, c, (enum cell_counter)id);

		return single(r, first, v || id == CELL_REQUESTS, v);
	}
	if (id < FIRST_DISTINCT) {
		id -= FIRST_MEASURE;
		return next_of_measure(&p->measure[id / PARTS], (enum part)(id % PARTS), c, r,
		    first);
	}
	if (first)
		r->bin = HLL_BEFORE;
	return next_register(cell_at(c, p->distinct[id - FIRST_DISTINCT].hll), r);
}

bool
cell_next(const struct cell_plan *p, const struct cell *c, struct cell_row *r)
{
	if (r->i && next_of(p, c, r, false))
		return true;
	while (r->i < p->metrics) {
		r->metric = &p->metric[r->i++];
		if (next_of(p, c, r, true))
			return true;
	}
	return false;
}

static bool
put_limb(i128 *to, int64_t bin, i128 value)
{
	const i128 most = (i128)(~(u128)0 >> 1);

	if (bin < 0 || bin >= LIMBS) {
		errno = EINVAL;
		return false;
	}
	if (value > most >> (LIMB * bin) || value < -(most >> (LIMB * bin)) ||
	    ADD_OVERFLOW(*to, value * ((i128)1 << (LIMB * bin)), to)) {
		errno = EOVERFLOW;
		return false;
	}
	return true;
}

/* sign -1: the lesser stays; 1: the greater. */
static bool
put_extreme(int64_t *to, int64_t bin, i128 value, int sign)
{
	if (bin != 0 || value < INT64_MIN || value > INT64_MAX) {
		errno = EINVAL;
		return false;
	}
	if (sign < 0 ? value < *to : value > *to)
		*to = (int64_t)value;
	return true;
}

static bool
put_bin(struct cell_plan *p, struct hist *h, int64_t bin, i128 value)
{
	size_t before = hist_bytes(h);
	bool ok;

	if (bin < -HIST_BIN_MAX || bin > HIST_BIN_MAX || value < 0 || value > UINT64_MAX) {
		errno = EINVAL;
		return false;
	}
	ok = hist_add(h, (int)bin, (uint64_t)value);
	p->heap += hist_bytes(h) - before;
	return ok;
}

static bool
put_register(struct cell_plan *p, struct hll *h, int64_t reg, i128 rank)
{
	size_t before = hll_bytes(h);
	bool ok;

	if (reg < 0 || reg >= HLL_REGISTERS || rank < 1 || rank > HLL_RANK_MAX) {
		errno = EINVAL;
		return false;
	}
	ok = hll_set(h, (int)reg, (int)rank);
	p->heap += hll_bytes(h) - before;
	return ok;
}

bool
cell_put(struct cell_plan *p, struct cell *c, unsigned id, int64_t bin, i128 value)
{
	const struct cell_measure *m;

	if (id < FIRST_MEASURE)
		return put_count(cell_at(c, p->at[id]), bin, value);
	if (id >= FIRST_DISTINCT)
		return put_register(p, cell_at(c, p->distinct[id - FIRST_DISTINCT].hll), bin,
		    value);
	m = &p->measure[(id - FIRST_MEASURE) / PARTS];
	switch ((id - FIRST_MEASURE) % PARTS) {
	case PART_SUM:
		return put_limb(cell_at(c, m->sum), bin, value);
	case PART_SUMSQ:
		return put_limb(cell_at(c, m->sumsq), bin, value);
	case PART_MIN:
		return put_extreme(cell_at(c, m->min), bin, value, -1);
	case PART_MAX:
		return put_extreme(cell_at(c, m->max), bin, value, 1);
	case PART_HIST:
		return put_bin(p, cell_at(c, m->hist), bin, value);
	default:
		return put_count(cell_at(c, m->n), bin, value);
	}
}

const struct cell_metric *
cell_metric(const struct cell_plan *p, struct str name)
{
	struct cell_metric want = { .name = name };

	return bsearch(&want, p->metric, p->metrics, sizeof(*p->metric), by_name);
}

bool
cell_name(struct str metric, struct cell_name *n)
{
	size_t colon = metric.n;
	struct str part;

	*n = (struct cell_name){ .counter = CELL_NOTHING };
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++) {
		if (str_eq(metric, str_of(cell_counter_name[k]))) {
			n->counter = (enum cell_counter)k;
			return true;
		}
	}
	while (colon && metric.p[colon - 1] != ':')
		colon--;
	if (colon < 2)
		return false;
	n->column = (struct str){ metric.p, colon - 1 };
	part = str_from(metric, colon);
	n->distinct = str_eq(part, STR(HLL_NAME));
	for (unsigned i = 0; i < PARTS && !n->distinct; i++) {
		if (str_eq(part, str_of(parts[i].name))) {
			n->keep = parts[i].keep;
			return true;
		}
	}
	return n->distinct;
}
