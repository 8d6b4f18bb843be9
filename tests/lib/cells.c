/* cells and run: any budget gives the cells that one large table gives. */
#include "cells.h"

#include <errno.h>

#include "str.h"
#include "test.h"

#define LABELS	700
#define WINDOWS	40
#define ROUNDS	60000

static struct cell_plan plan;

/* What the table must hold: requests and sum by window and label. */
static uint64_t requests[WINDOWS][LABELS];
static int64_t sums[WINDOWS][LABELS];

static char room[64];

static struct cells_key
key_of(int64_t window, unsigned label)
{
	memset(room, 0, sizeof(room));
	snprintf(room, sizeof(room), "/%s/%u", label % 3 ? "a/long/way/to/it" : "b", label);
	return (struct cells_key){ window * 60 - 1200, 60, { room, strlen(room) } };
}

/* Mostly in order of time, as logs are, or not at all. */
static void
fill(struct cells *t, bool ordered, size_t *most)
{
	uint64_t seed = 9;

	memset(requests, 0, sizeof(requests));
	memset(sums, 0, sizeof(sums));
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t r = test_random(&seed);
		int64_t w = ordered && r % 50 ? i * WINDOWS / ROUNDS : (int64_t)(r >> 8) % WINDOWS;
		unsigned l = (unsigned)(r >> 32) % LABELS;
		struct cell_event *e = cells_event(t);
		struct cells_key k = key_of(w, l);

		*e = (struct cell_event){ .weight = 1 + r % 3, .has = 1 };
		e->value[0] = (int64_t)(r >> 50) - 5000;
		requests[w][l] += e->weight;
		sums[w][l] += (int64_t)e->weight * e->value[0];
		CHECK(cells_add(t, &k));
		if (cells_held(t) > *most)
			*most = cells_held(t);
	}
}

/* The number at the end of /a/b/17. */
static unsigned
number_of(struct str labels)
{
	unsigned v = 0;

	for (size_t i = 0; i < labels.n; i++)
		v = labels.p[i] == '/' ? 0 : v * 10 + (unsigned)(labels.p[i] - '0');
	return v;
}

static void
check_cell(const struct cell *c, int64_t w, unsigned l)
{
	CHECK_INT(cell_count(&plan, c, CELL_REQUESTS), requests[w][l]);
	CHECK(*(i128 *)cell_at(c, plan.measure[0].sum) == sums[w][l]);
	CHECK(hist_total(cell_at(c, plan.measure[0].hist)) == requests[w][l]);
}

static uint64_t
requests_of(int64_t w)
{
	uint64_t n = 0;

	for (unsigned l = 0; l < LABELS; l++)
		n += requests[w][l];
	return n;
}

/* Each cell once, in order, after its window's total. */
static void
drain(struct cells *t)
{
	struct cell *before = mem_alloc(cell_size(&plan, sizeof(room)));
	const struct cell *c;
	size_t n = 0, want = 0, totals = 0;

	cell_birth(&plan, before, INT64_MIN, 0, STR(""));
	CHECK(cells_begin(t));
	while (cells_next(t, &c) && c) {
		struct str labels = cell_labels(&plan, c);
		int64_t w = (c->start + 1200) / 60;

		CHECK(cell_cmp(&plan, before, c) < 0);
		cell_birth(&plan, before, c->start, c->width, labels);
		if (labels.n == 0) {
			totals++;
			CHECK_INT(cell_count(&plan, c, CELL_REQUESTS), requests_of(w));
			continue;
		}
		check_cell(c, w, number_of(labels));
		n++;
	}
	CHECK(c == NULL);
	for (int64_t w = 0; w < WINDOWS; w++)
		for (unsigned l = 0; l < LABELS; l++)
			want += requests[w][l] > 0;
	CHECK_INT(n, want);
	CHECK_INT(totals, t->totals == CELLS_NO_TOTALS ? 0 : WINDOWS);
	free(before);
}

static void
check(size_t mem, bool ordered, enum cells_totals totals)
{
	struct cells t;
	size_t most = 0;

	CHECK(cells_open(&t, &plan, mem));
	t.totals = totals;
	t.no_labels = (struct str){ room + sizeof(room) - 8, 0 };
	fill(&t, ordered, &most);
	/* What the last event added may stand above it. */
	CHECK(most - 4096 < mem);
	drain(&t);
	cells_close(&t);
	CHECK_INT(plan.heap, 0);
}

/* Windows asked for and dropped, with nothing on disk. */
static void
check_stay(void)
{
	struct cells t;
	const struct cell *c;
	size_t most = 0, n = 0;
	int64_t first = 20 * 60 - 1200;

	CHECK(cells_open(&t, &plan, 1000));
	t.stay = true;
	fill(&t, true, &most);
	CHECK(cells_flush(&t));
	CHECK(cells_over(&t));
	cells_drop(&t, first);
	cells_begin_window(&t, first);
	while (cells_next(&t, &c) && c) {
		CHECK_INT(c->start, first);
		n++;
	}
	CHECK(n > LABELS / 2);
	cells_begin_window(&t, first - 60);
	CHECK(cells_next(&t, &c) && !c);
	cells_close(&t);
	CHECK_INT(plan.heap, 0);
}

static void
check_no_folder(void)
{
	struct cells t;
	size_t n = 0;
	bool ok = true;

	setenv("TMPDIR", "/no/such/folder", 1);
	CHECK(cells_open(&t, &plan, 1000));
	while (ok && n < ROUNDS) {
		struct cells_key k = key_of(0, (unsigned)n++ % LABELS);

		*cells_event(&t) = (struct cell_event){ .weight = 1 };
		ok = cells_add(&t, &k);
	}
	CHECK(!ok && errno == ENOENT);
	cells_close(&t);
	unsetenv("TMPDIR");
}

int
main(void)
{
	cell_plan_init(&plan);
	CHECK_INT(cell_keep_measure(&plan, STR("x"), CELL_SUM | CELL_HIST), 0);
	cell_plan_lay(&plan);
	check(SIZE_MAX, false, CELLS_NO_TOTALS);
	check(SIZE_MAX, true, CELLS_TOTALS);
	check(300000, false, CELLS_REQUESTS);
	check(300000, true, CELLS_NO_TOTALS);
	check(40000, false, CELLS_TOTALS);	/* more runs than are read at a time */
	check_stay();
	check_no_folder();
	cell_plan_free(&plan);
	return test_end();
}
