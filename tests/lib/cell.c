/* cell: rows there and back, sums against 128-bit brute force, any order. */
#include "cell.h"

#include <errno.h>

#include "str.h"
#include "test.h"

#define EVENTS	4000
#define GROUPS	5

static struct cell_plan plan;

static struct cell *
new_cell(struct str labels)
{
	struct cell *c = mem_alloc(cell_size(&plan, labels.n));

	cell_birth(&plan, c, 60, 60, labels);
	return c;
}

static void
end_cell(struct cell *c)
{
	cell_death(&plan, c);
	free(c);
}

/* All rows of a cell as text, which is its state. */
static char *
text_of(const struct cell *c)
{
	static char text[1 << 20];
	size_t n = 0;

	for (struct cell_row r = { 0 }; cell_next(&plan, c, &r);)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s %d %.0f %lld\n",
		    (int)r.metric->name.n, r.metric->name.p, r.bin, (double)r.value,
		    (long long)r.value);
	text[n] = '\0';
	return text;
}

static char *
copy_of(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_alloc(n), s, n);
}

static struct cell_event
random_event(uint64_t *seed)
{
	struct cell_event e = { .weight = test_random(seed) % 3 + 1 };

	e.bytes = test_random(seed) >> (20 + test_random(seed) % 40);
	e.outcome = (uint8_t)(test_random(seed) % 8 ? CELL_HIT + test_random(seed) % 7 : CELL_NOTHING);
	e.origin = test_random(seed) % 2 ? CELL_ORIGIN : CELL_NOTHING;
	e.error = test_random(seed) % 2 ? CELL_ERRORS : CELL_NOTHING;
	e.status = (uint8_t)(CELL_1XX + test_random(seed) % 5);
	e.body = test_random(seed) % 2 ? CELL_HIT_BYTES : CELL_MISS_BYTES;
	e.has = (uint32_t)(test_random(seed) % 4);
	e.value[0] = (int64_t)test_random(seed) >> (12 + test_random(seed) % 50);
	e.value[1] = (int64_t)(test_random(seed) % 1000);
	e.is = 1;
	e.hash[0] = test_random(seed) % 500 * UINT64_C(0x9e3779b97f4a7c15);
	return e;
}

/* The plan's numbers of these events, by the plainest means. */
static void
check_sums(const struct cell *c, const struct cell_event *e, size_t n)
{
	uint64_t counter[CELL_COUNTERS] = { 0 }, values = 0;
	i128 sum = 0, sumsq = 0;
	int64_t min = INT64_MAX, max = INT64_MIN;
	const struct cell_measure *m = &plan.measure[0];

	for (size_t i = 0; i < n; i++) {
		counter[CELL_REQUESTS] += e[i].weight;
		counter[e[i].outcome] += e[i].weight;
		counter[e[i].origin] += e[i].weight;
		counter[e[i].error] += e[i].weight;
		counter[e[i].status] += e[i].weight;
		counter[CELL_BYTES] += e[i].weight * e[i].bytes;
		counter[e[i].body] += e[i].weight * e[i].bytes;
		if (!(e[i].has & 1))
			continue;
		for (uint64_t w = 0; w < e[i].weight; w++) {
			sum += e[i].value[0];
			sumsq += (i128)e[i].value[0] * e[i].value[0];
			values++;
		}
		min = e[i].value[0] < min ? e[i].value[0] : min;
		max = e[i].value[0] > max ? e[i].value[0] : max;
	}
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++)
		CHECK_INT(cell_count(&plan, c, (enum cell_counter)k), counter[k]);
	CHECK(*(uint64_t *)cell_at(c, m->n) == values);
	CHECK(*(i128 *)cell_at(c, m->sum) == sum);
	CHECK(*(i128 *)cell_at(c, m->sumsq) == sumsq);
	CHECK_INT(*(int64_t *)cell_at(c, m->min), min);
	CHECK_INT(*(int64_t *)cell_at(c, m->max), max);
	CHECK(hist_total(cell_at(c, m->hist)) == values);
}

static void
check_any_order(void)
{
	static struct cell_event e[EVENTS];
	struct cell *all = new_cell(STR("a")), *part[GROUPS], *tree = new_cell(STR("a"));
	struct cell *back = new_cell(STR("a"));
	uint64_t seed = 1;
	char *want;

	for (size_t i = 0; i < GROUPS; i++)
		part[i] = new_cell(STR("a"));
	for (size_t i = 0; i < EVENTS; i++) {
		e[i] = random_event(&seed);
		CHECK(cell_add(&plan, all, &e[i]));
		CHECK(cell_add(&plan, part[test_random(&seed) % GROUPS], &e[i]));
	}
	check_sums(all, e, EVENTS);
	want = copy_of(text_of(all));
	CHECK(strlen(want) > 1000);
	for (size_t i = GROUPS; i-- > 0;)
		CHECK(cell_merge(&plan, tree, part[i]));
	CHECK_STR(str_of(text_of(tree)), want);
	for (size_t i = 0; i < GROUPS; i++)
		for (struct cell_row r = { 0 }; cell_next(&plan, part[i], &r);)
			CHECK(cell_put(&plan, back, r.metric->id, r.bin, r.value));
	CHECK_STR(str_of(text_of(back)), want);
	for (size_t i = 0; i < GROUPS; i++)
		end_cell(part[i]);
	end_cell(all);
	end_cell(tree);
	end_cell(back);
	free(want);
	CHECK_INT(plan.heap, 0);
}

static unsigned
id_of(const char *name)
{
	const struct cell_metric *m = cell_metric(&plan, str_of(name));

	CHECK(m != NULL);
	return m ? m->id : 0;
}

static bool
put(struct cell *c, const char *name, int64_t bin, i128 value)
{
	errno = 0;
	return cell_put(&plan, c, id_of(name), bin, value);
}

/* What does not fit is said, whichever way it comes in. */
static void
check_limits(void)
{
	const i128 most = (i128)(~(u128)0 >> 1);
	struct cell *c = new_cell(STR(""));
	struct cell_event e = { .weight = CELL_EVENT_MAX };

	/* Eight, and what is left to the greatest number. */
	for (int i = 0; i < 8; i++)
		CHECK(cell_add(&plan, c, &e));
	e.weight = INT64_MAX - 8 * CELL_EVENT_MAX;
	CHECK(cell_add(&plan, c, &e));
	CHECK_INT(cell_count(&plan, c, CELL_REQUESTS), INT64_MAX);
	e.weight = 1;
	CHECK(!cell_add(&plan, c, &e) && errno == EOVERFLOW);
	end_cell(c);

	c = new_cell(STR(""));
	e.weight = CELL_EVENT_MAX + 1;
	CHECK(!cell_add(&plan, c, &e) && errno == EOVERFLOW);
	end_cell(c);

	c = new_cell(STR(""));
	e = (struct cell_event){ .weight = 1 << 20, .bytes = UINT64_C(1) << 44 };
	CHECK(!cell_add(&plan, c, &e) && errno == EOVERFLOW);
	end_cell(c);

	c = new_cell(STR(""));
	CHECK(put(c, "requests", 0, INT64_MAX) && !put(c, "requests", 0, 1) && errno == EOVERFLOW);
	CHECK(!put(c, "hit", 1, 1) && errno == EINVAL);
	CHECK(!put(c, "hit", 0, -1) && errno == EINVAL);
	CHECK(!put(c, "latency_us:min", 0, (i128)INT64_MAX + 1) && errno == EINVAL);
	CHECK(!put(c, "latency_us:hist", HIST_BIN_MAX + 1, 1) && errno == EINVAL);
	CHECK(!put(c, "latency_us:hist", 5, -1) && errno == EINVAL);
	CHECK(!put(c, "client:hll_max", HLL_REGISTERS, 1) && errno == EINVAL);
	CHECK(!put(c, "client:hll_max", 0, HLL_RANK_MAX + 1) && errno == EINVAL);
	CHECK(!put(c, "latency_us:sum", 4, 1) && errno == EINVAL);
	CHECK(put(c, "latency_us:sum", 0, most));
	CHECK(!put(c, "latency_us:sum", 0, 1) && errno == EOVERFLOW);
	CHECK(put(c, "latency_us:sumsq", 3, -INT32_MAX) && put(c, "latency_us:sumsq", 3, -1));
	CHECK(!put(c, "latency_us:sumsq", 0, -1) && errno == EOVERFLOW);
	CHECK(!put(c, "latency_us:sumsq", 3, most) && errno == EOVERFLOW);
	end_cell(c);
}

/* A sum's rows have one form, whatever it was made of. */
static void
check_limbs(void)
{
	static const i128 ends[] = { 0, 1, UINT32_MAX, (i128)1 << 32, (i128)1 << 64, (i128)1 << 100 };
	uint64_t seed = 5;

	for (int i = 0; i < 2000; i++) {
		struct cell *c = new_cell(STR("")), *d = new_cell(STR(""));
		i128 a = ends[test_random(&seed) % countof(ends)] * (i128)(test_random(&seed) >> 40);
		i128 b = ends[test_random(&seed) % countof(ends)] * -(i128)(test_random(&seed) >> 40);
		char *want;

		CHECK(put(c, "latency_us:n", 0, 1) && put(d, "latency_us:n", 0, 1));
		CHECK(put(c, "latency_us:sum", 0, a) && put(c, "latency_us:sum", 0, b));
		CHECK(put(d, "latency_us:sum", 0, a + b));
		want = copy_of(text_of(c));
		CHECK_STR(str_of(text_of(d)), want);
		for (struct cell_row r = { 0 }; cell_next(&plan, c, &r);)
			CHECK(!str_ends(r.metric->name, STR(":sum")) ||
			    (r.value > -((i128)1 << 32) && r.value < (i128)1 << 32));
		free(want);
		end_cell(c);
		end_cell(d);
	}
}

static void
check_names(void)
{
	struct cell_name n;

	CHECK(cell_name(STR("cache_error"), &n) && n.counter == CELL_CACHE_ERROR);
	CHECK(cell_name(STR("a:b:sumsq"), &n) && n.keep == CELL_SUMSQ && n.column.n == 3);
	CHECK(cell_name(STR("x:n"), &n) && n.keep == 0 && !n.distinct);
	CHECK(cell_name(STR("x:hll_max"), &n) && n.distinct);
	CHECK(!cell_name(STR("x:avg"), &n));
	CHECK(!cell_name(STR(":n"), &n));
	CHECK(!cell_name(STR(""), &n));
	CHECK(!cell_name(STR("hits"), &n));
	CHECK(cell_metric(&plan, STR("latency_us:avg")) == NULL);
}

int
main(void)
{
	cell_plan_init(&plan);
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++)
		cell_keep(&plan, (enum cell_counter)k);
	CHECK_INT(cell_keep_measure(&plan, STR("latency_us"), CELL_SUM), 0);
	CHECK_INT(cell_keep_measure(&plan, STR("age_millionths"), CELL_HIST), 1);
	CHECK_INT(cell_keep_measure(&plan, STR("latency_us"), CELL_ALL), 0);
	CHECK_INT(cell_keep_distinct(&plan, STR("client")), 0);
	cell_plan_lay(&plan);
	check_any_order();
	check_limits();
	check_limbs();
	check_names();
	for (char c = 'a'; c < 'a' + CELL_MEASURES - 2; c++)
		CHECK(cell_keep_measure(&plan, (struct str){ &c, 1 }, 0) >= 0);
	CHECK_INT(cell_keep_measure(&plan, STR("one more"), 0), -1);
	cell_plan_free(&plan);
	return test_end();
}
