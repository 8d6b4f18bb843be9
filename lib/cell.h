/*
 * cell.h - what is counted about one group of events in one window: integers
 * only, so that cells add up to the same bytes in whatever order they meet.
 *
 *	struct cell_plan plan;
 *	cell_plan_init(&plan);			which numbers to keep,
 *	cell_keep(&plan, CELL_BYTES);
 *	lat = cell_keep_measure(&plan, STR("latency_us"), CELL_SUM | CELL_HIST);
 *	cell_plan_lay(&plan);			and where they stand
 *
 *	struct cell *c = mem_alloc(cell_size(&plan, labels));
 *	cell_birth(&plan, c, start, width, labels);
 *	if (!cell_add(&plan, c, &event))
 *		...errno...
 *	cell_death(&plan, c);			frees what hangs on it, not c
 *
 * A cell's state is, for whoever stores or sends it, a list of rows (metric,
 * bin, value), and cell_put() adds such a row to a cell.  So the text of a
 * partial, our own files and two cells in memory merge by one rule: a metric
 * whose name ends in "max" takes the greater value, in "min" the lesser, any
 * other adds.
 *
 *	metric			bin			value
 *	requests hit ...	0			a count
 *	latency_us:n		0			values seen
 *	latency_us:sum		0 1 2 3			sum, times 2^(32 bin)
 *	latency_us:sumsq	0 1 2 3			sum of squares, likewise
 *	latency_us:min :max	0			least and greatest value
 *	latency_us:hist		bin of hist.h		values in it
 *	client:hll_max		register of hll.h	its rank
 *
 * A cell in memory holds what the plan keeps and nothing else, then its labels:
 *
 *	| struct cell | counters | n sum min ... hist | hll ... | labels | 0 x 8 |
 *
 * Ownership: names given to the plan are copied.  A cell's histograms and
 * registers are on the heap and counted in plan.heap; cell_death() frees them.
 * Errors: false, and errno is EOVERFLOW (a number passes its width, 63 bits of a
 * counter, 64 of a number of values, 127 of a sum; the cell
 * then holds nonsense and the run is over), ENOMEM, or EINVAL (no such bin or
 * value, from cell_put).
 */
#ifndef CELL_H
#define CELL_H

#include "base.h"
#include "hist.h"
#include "hll.h"
#include "mem.h"

/*
 * Counters, by their partial's names; CELL_HIT to CELL_CACHE_ERROR are the
 * outcomes, and `origin` are the requests with one of the first five that the
 * origin tier served.
 */
enum cell_counter {
	CELL_NOTHING,
	CELL_REQUESTS,
	CELL_HIT, CELL_STALE, CELL_REVAL, CELL_MISS, CELL_PASS, CELL_SYNTH, CELL_CACHE_ERROR,
	CELL_ORIGIN,
	CELL_ERRORS, CELL_1XX, CELL_2XX, CELL_3XX, CELL_4XX, CELL_5XX,
	CELL_BYTES, CELL_HIT_BYTES, CELL_MISS_BYTES,
	CELL_COUNTERS
};

extern const char *const cell_counter_name[CELL_COUNTERS];

/* What may be kept of a column of numbers; how many there were always is. */
enum {
	CELL_SUM = 1, CELL_SUMSQ = 2, CELL_MIN = 4, CELL_MAX = 8, CELL_HIST = 16,
	CELL_ALL = 31
};

enum {
	CELL_MEASURES = 24,	/* columns of numbers */
	CELL_DISTINCTS = 8	/* columns whose different values are counted */
};

struct cell {
	int64_t start;		/* of the window, seconds since the epoch */
	uint64_t hash;		/* the table's own */
	uint32_t width;		/* of the window, seconds */
	uint32_t labels_n;	/* bytes of labels */
	uint32_t tick;		/* the table's own */
	uint64_t sink;		/* takes what is not kept; 0 */
};

struct cell_measure {
	struct str name;		/* "latency_us" */
	unsigned keep;			/* CELL_SUM ... */
	uint32_t n, sum, sumsq, min, max, hist;	/* where, 0: not kept */
};

struct cell_distinct {
	struct str name;		/* "client" */
	uint32_t hll;
};

struct cell_metric {
	struct str name;		/* "latency_us:sum" */
	unsigned id;			/* stays the same as a plan grows */
};

struct cell_plan {
	uint32_t at[CELL_COUNTERS];	/* bytes from the cell */
	struct cell_measure measure[CELL_MEASURES];
	struct cell_distinct distinct[CELL_DISTINCTS];
	unsigned measures, distincts;
	uint32_t bytes;			/* of a cell without its labels */
	size_t heap;			/* held by all cells of this plan */
	unsigned pieces;		/* of the heap that a cell may hold */

	/* private from here */
	bool keep[CELL_COUNTERS];
	struct cell_metric *metric;	/* OWNED, sorted by name */
	size_t metrics, metrics_cap;
	struct arena names;
};

void	cell_plan_init(struct cell_plan *p);
void	cell_plan_free(struct cell_plan *p);

/* What to keep; asking twice is once.  -1: more columns than there is room. */
void	cell_keep(struct cell_plan *p, enum cell_counter c);
int	cell_keep_measure(struct cell_plan *p, struct str name, unsigned keep) MUST_USE;
int	cell_keep_distinct(struct cell_plan *p, struct str name) MUST_USE;

/* The place of each number; when more is kept, again, with no cell alive. */
void	cell_plan_lay(struct cell_plan *p);

static inline size_t
cell_size(const struct cell_plan *p, size_t labels)
{
	return (p->bytes + labels + 8 + 15) & ~(size_t)15;
}

static inline void *
cell_at(const struct cell *c, uint32_t offset)
{
	return (char *)(uintptr_t)c + offset;
}

static inline struct str
cell_labels(const struct cell_plan *p, const struct cell *c)
{
	return (struct str){ (const char *)c + p->bytes, c->labels_n };
}

/* Memory of cell_size(), of any content, becomes an empty cell. */
void	cell_birth(const struct cell_plan *p, struct cell *c, int64_t start, uint32_t width,
	    struct str labels);
void	cell_death(struct cell_plan *p, struct cell *c);

/* By window start, width, labels bytewise: the order of all output. */
int	cell_cmp(const struct cell_plan *p, const struct cell *a, const struct cell *b);

#define CELL_EVENT_MAX	((uint64_t)INT64_MAX / 8)	/* of weight, and of weight times bytes */

/* What an event adds.  Values beyond the plan's columns are not looked at. */
struct cell_event {
	uint64_t weight;	/* requests it stands for */
	uint64_t bytes;
	uint8_t outcome;	/* counters to raise by weight, or CELL_NOTHING */
	uint8_t origin, error, status;
	uint8_t body;		/* CELL_HIT_BYTES, CELL_MISS_BYTES or CELL_NOTHING */
	uint32_t has;		/* bit k: value[k] is there */
	uint32_t is;		/* bit k: hash[k] is there */
	int64_t value[CELL_MEASURES];
	uint64_t hash[CELL_DISTINCTS];	/* under hash_published */
};

bool	cell_add(struct cell_plan *p, struct cell *c, const struct cell_event *e) MUST_USE;
bool	cell_merge(struct cell_plan *p, struct cell *c, const struct cell *src) MUST_USE;

/*
 * A cell's rows, ordered by name and bin; zeros are left out, save requests:
 *
 *	for (struct cell_row r = { 0 }; cell_next(&plan, c, &r);)
 *		...r.metric->name, r.bin, r.value...
 */
struct cell_row {
	const struct cell_metric *metric;
	int bin;
	i128 value;

	/* private from here */
	size_t i;		/* of metric, plus 1 */
};

bool	cell_next(const struct cell_plan *p, const struct cell *c, struct cell_row *r) MUST_USE;
bool	cell_put(struct cell_plan *p, struct cell *c, unsigned id, int64_t bin, i128 value) MUST_USE;

/* The metric of this name in the plan, or NULL. */
const struct cell_metric *cell_metric(const struct cell_plan *p, struct str name);

/*
 * A metric's name taken apart: a counter, a measure's part or a distinct's
 * registers.  False: no such metric.
 */
struct cell_name {
	enum cell_counter counter;	/* or CELL_NOTHING, and then */
	struct str column;		/* "latency_us" or "client" */
	unsigned keep;			/* CELL_SUM ...; 0: n alone */
	bool distinct;
};

bool	cell_name(struct str metric, struct cell_name *n) MUST_USE;

/* 0 where it is not kept. */
static inline uint64_t
cell_count(const struct cell_plan *p, const struct cell *c, enum cell_counter k)
{
	return *(const uint64_t *)cell_at(c, p->at[k]);
}

#endif
