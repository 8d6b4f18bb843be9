/* map: the n-th distinct key is number n, against a linear search. */
#include "map.h"

#include "str.h"
#include "test.h"

#define KEYS	20000

int
main(void)
{
	const struct hash_key key = { { 1, 2 } };
	struct map m;
	uint64_t seed = 4;
	uint32_t number[KEYS], next = 0;
	bool added;

	map_init(&m, &key);
	CHECK_INT(map_get(&m, STR("x")), MAP_NONE);
	memset(number, 0xff, sizeof(number));
	for (int i = 0; i < 200000; i++) {
		uint32_t k = (uint32_t)(test_random(&seed) % KEYS);
		char text[32];
		struct str s = { text, (size_t)snprintf(text, sizeof(text), "/key/%u", k) };
		uint64_t h = map_hash(&m, s);

		map_prefetch(&m, h);
		CHECK_INT(map_get(&m, s), number[k]);
		if (number[k] == MAP_NONE)
			number[k] = next;
		CHECK_INT(map_put_hashed(&m, s, h, &added), number[k]);
		CHECK(added == (number[k] == next));
		next += added;
		CHECK(str_eq(map_key(&m, number[k]), s));
	}
	CHECK_INT(m.n, next);
	CHECK(map_bytes(&m) > next * 8);
	CHECK_INT(map_put(&m, STR(""), &added), next);
	CHECK(added);
	CHECK_INT(map_put(&m, (struct str){ NULL, 0 }, &added), next);
	CHECK(!added);
	map_free(&m);
	CHECK(map_bytes(&m) == 0);
	return test_end();
}
