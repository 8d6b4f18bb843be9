/* mem: pieces of an arena are apart, aligned, and keep their bytes. */
#include "mem.h"

#include "str.h"
#include "test.h"

int
main(void)
{
	struct arena a = { 0 };
	struct str kept[5000];
	uint64_t seed = 3;
	size_t cap = 0;
	int *p = NULL;

	for (size_t i = 0; i < countof(kept); i++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "%zu %" PRIu64, i, test_random(&seed));

		kept[i] = arena_dup(&a, (struct str){ text, (size_t)n });
		CHECK(kept[i].p[kept[i].n] == '\0');
		if (i % 7 == 0) {
			size_t size = (size_t)(test_random(&seed) % 40000);
			char *block = arena_alloc(&a, size);

			CHECK((uintptr_t)block % 16 == 0);
			memset(block, 0xee, size);
		}
	}
	seed = 3;
	for (size_t i = 0; i < countof(kept); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%zu %" PRIu64, i, test_random(&seed));
		CHECK_STR(kept[i], text);
		if (i % 7 == 0)
			(void)test_random(&seed);
	}
	CHECK(a.held > 5000 * 20);
	arena_free(&a);
	CHECK(a.held == 0 && a.block == NULL);

	for (size_t i = 0; i < 1000; i++) {
		p = mem_grow(p, &cap, i + 1, sizeof(*p));
		CHECK(cap > i);
		p[i] = (int)i;
	}
	for (size_t i = 0; i < 1000; i++)
		CHECK_INT(p[i], i);
	free(p);
	p = mem_pages(2 * MEM_HUGE, true);
	CHECK((uintptr_t)p % MEM_HUGE == 0);
	CHECK(p[0] == 0 && p[2 * MEM_HUGE / sizeof(*p) - 1] == 0);
	memset(p, 0xee, 2 * MEM_HUGE);
	mem_pages_free(p, 2 * MEM_HUGE);
	mem_pages_free(NULL, MEM_HUGE);
	p = mem_array(0, 4);
	CHECK(p != NULL);
	free(p);
	return test_end();
}
