/* run: cells in files come back in order, equal ones as one. */
#include "run.h"

#include <errno.h>

#include "order.h"
#include "str.h"
#include "test.h"

#define RUNS	RUN_MERGE_MAX
#define CELLS	400
#define LONG	100000	/* bytes of labels: more than any buffer */

static struct cell_plan plan;

static struct cell *
new_cell(int64_t start, struct str labels)
{
	struct cell *c = mem_alloc(cell_size(&plan, labels.n));

	cell_birth(&plan, c, start, 60, labels);
	return c;
}

/* A run of random cells, in order; what they are goes into want as well. */
static void
fill(struct run *r, uint64_t *seed, uint64_t want[11][CELLS])
{
	static char text[LONG];

	memset(text, 'x', sizeof(text));
	for (int64_t start = -5; start <= 5; start++) {
		for (size_t n = 0; n < CELLS; n++) {
			struct str labels = { text, n == CELLS - 1 ? LONG : n };
			struct cell *c;
			int64_t value = (int64_t)test_random(seed) >> (8 + test_random(seed) % 56);

			if (test_random(seed) % 8)
				continue;
			c = new_cell(start * 3600, labels);
			CHECK(run_accepts(r, &plan, c));
			CHECK(cell_add(&plan, c, &(struct cell_event){ .weight = 5, .has = 1,
			    .value = { value } }));
			CHECK(run_add(r, &plan, c));
			CHECK(!run_accepts(r, &plan, c));
			want[start + 5][n] += 5;
			cell_death(&plan, c);
			free(c);
		}
	}
}

static void
check_merge(size_t n)
{
	static struct run run[RUNS];
	static uint64_t want[11][CELLS];
	struct run *of[RUNS];
	struct run_merge m;
	struct cell *before = new_cell(INT64_MIN, STR(""));
	const struct cell *c;
	uint64_t seed = n;

	memset(want, 0, sizeof(want));
	for (size_t i = 0; i < n; i++) {
		of[i] = &run[i];
		CHECK(run_open(&run[i]));
		fill(&run[i], &seed, want);
	}
	CHECK(run_merge_open(&m, &plan, of, n));
	while (run_merge_next(&m, &c) && c) {
		struct str labels = cell_labels(&plan, c);
		size_t k = labels.n == LONG ? CELLS - 1 : labels.n;

		CHECK(cell_cmp(&plan, before, c) < 0);
		free(before);
		before = new_cell(c->start, labels);
		CHECK_INT(cell_count(&plan, c, CELL_REQUESTS), want[c->start / 3600 + 5][k]);
		CHECK(hist_total(cell_at(c, plan.measure[0].hist)) == want[c->start / 3600 + 5][k]);
		want[c->start / 3600 + 5][k] = 0;
	}
	CHECK(c == NULL);
	for (size_t i = 0; i < 11; i++)
		for (size_t k = 0; k < CELLS; k++)
			CHECK_INT(want[i][k], 0);
	run_merge_close(&m);
	for (size_t i = 0; i < n; i++)
		run_close(&run[i]);
	free(before);
	CHECK_INT(plan.heap, 0);
}

int
main(void)
{
	struct run r;

	cell_plan_init(&plan);
	CHECK_INT(cell_keep_measure(&plan, STR("x"), CELL_ALL), 0);
	cell_plan_lay(&plan);
	check_merge(0);
	check_merge(1);
	check_merge(7);
	check_merge(RUNS);
	setenv("TMPDIR", "/no/such/folder", 1);
	CHECK(!run_open(&r) && errno == ENOENT);
	run_close(&r);
	cell_plan_free(&plan);
	return test_end();
}
