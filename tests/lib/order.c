#include "order.h"

#include "mem.h"
#include "test.h"

#define CELLS	3000

static struct cell_plan plan;

static int
by_cmp(const void *a, const void *b)
{
	return cell_cmp(&plan, ((const struct order *)a)->cell, ((const struct order *)b)->cell);
}

static struct order
cell_of(int64_t start, uint32_t width, struct str labels, uint64_t hash)
{
	struct cell *c = mem_alloc(cell_size(&plan, labels.n));

	cell_birth(&plan, c, start, width, labels);
	c->hash = hash;
	return (struct order){ .cell = c };
}

/* Sorts by us and by qsort(3); ends the cells. */
static void
check(struct order *v, size_t n)
{
	struct order *want = mem_array(n + 1, sizeof(*want));
	bool same = true;

	memcpy(want, v, n * sizeof(*v));
	qsort(want, n, sizeof(*want), by_cmp);
	order_sort(&plan, v, n);
	for (size_t i = 0; i < n; i++)
		same &= by_cmp(&v[i], &want[i]) == 0;
	CHECK(same);
	for (size_t i = 0; i < n; i++) {
		cell_death(&plan, v[i].cell);
		free(v[i].cell);
	}
	free(want);
}

/* Labels of `alphabet` letters from `first` on, with beginnings in common. */
static void
check_random(uint64_t *seed, char first, unsigned alphabet, size_t longest, int64_t windows)
{
	static struct order v[CELLS];
	char text[256];

	memset(text, first, sizeof(text));
	for (size_t i = 0; i < CELLS; i++) {
		size_t n = test_random(seed) % (longest + 1);
		size_t from = n - test_random(seed) % (n < 9 ? n + 1 : 9);

		for (size_t k = from; k < n; k++)
			text[k] = (char)(first + (char)(test_random(seed) % alphabet));
		v[i] = cell_of((int64_t)(test_random(seed) % (uint64_t)windows) - windows / 2,
		    60 * (1 + (uint32_t)(test_random(seed) & 1)), (struct str){ text, n },
		    test_random(seed));
	}
	check(v, CELLS);
}

/* Only their number of NUL bytes tells them apart. */
static void
check_nuls(void)
{
	static struct order v[200];
	static const char nuls[256];

	for (size_t i = 0; i < countof(v); i++)
		v[i] = cell_of(0, 60, (struct str){ nuls, i * 7 % 199 }, i);
	check(v, countof(v));
}

int
main(void)
{
	uint64_t seed = 1;
	struct order none[1];

	cell_plan_init(&plan);
	cell_plan_lay(&plan);
	order_sort(&plan, none, 0);
	check(none, 0);
	check_random(&seed, 'a', 26, 4, 1);
	check_random(&seed, 'a', 26, 40, 5);
	check_random(&seed, 'a', 2, 200, 3);
	check_random(&seed, 0, 2, 30, 1);
	check_random(&seed, (char)0xc0, 64, 60, 1000);
	check_nuls();
	return test_end();
}
