/* armtab: whose totals are whose, keys that moved or slept, and an order of its own. */
#include "armtab.h"

#include "str.h"
#include "test.h"

static const struct hash_key one = { { 1, 2 } }, other = { { 3, 4 } };

static struct str
key_name(char room[16], int i)
{
	snprintf(room, 16, "/k/%d", i);
	return str_of(room);
}

static uint32_t
add(struct armtab *t, int key, int arm, double y)
{
	char room[16];
	uint32_t k = armtab_key(t, key_name(room, key), arm);

	armtab_active(t, k);
	armtab_total(t, k, ARMTAB_NOW)[1].y += y;
	armtab_total(t, k, ARMTAB_NOW)[1].n += 10;
	armtab_total(t, k, ARMTAB_BEFORE)[0].y += 100 * y;
	return k;
}

static void
test_totals(void)
{
	struct armtab t;
	struct ratio_key keys[8];

	armtab_init(&t, &one, 2, 2);
	add(&t, 1, 0, 3);
	add(&t, 2, 1, 5);
	add(&t, 1, 0, 4);
	CHECK_INT(armtab_key(&t, STR("/k/1"), 0), 0);
	armtab_sort(&t);
	CHECK_INT(armtab_gather(&t, 0, 1, keys), 1);
	CHECK(keys[0].now.y == 7 && keys[0].now.n == 20 && keys[0].before.y == 0);
	CHECK_INT(armtab_gather(&t, 1, 0, keys), 1);
	CHECK(keys[0].now.y == 0 && keys[0].before.y == 500);
	CHECK_INT(armtab_gather(&t, 2, 0, keys), 0);
	CHECK_INT(armtab_count(&t, ARMTAB_ALL), 2);
	armtab_free(&t);
	armtab_free(&t);
}

/* One time alone takes no room for another, and has none. */
static void
test_one_time(void)
{
	struct armtab one_time, two;
	struct ratio_key key;

	armtab_init(&one_time, &one, 1, 1);
	armtab_init(&two, &one, 1, 2);
	for (int i = 0; i < 1000; i++) {
		char room[16];
		uint32_t k = armtab_key(&one_time, key_name(room, i), 0);

		armtab_total(&one_time, k, ARMTAB_NOW)->n = i;
		(void)armtab_key(&two, key_name(room, i), 0);
	}
	armtab_active(&one_time, 999);
	CHECK(armtab_bytes(&two) == armtab_bytes(&one_time) + 1000 * sizeof(struct ratio_total));
	armtab_sort(&one_time);
	CHECK_INT(armtab_gather(&one_time, 0, 0, &key), 1);
	CHECK(key.now.n == 999 && key.before.n == 0);
	armtab_free(&one_time);
	armtab_free(&two);
}

static void
test_out(void)
{
	struct armtab t;
	struct ratio_key keys[8];

	armtab_init(&t, &one, 2, 2);
	add(&t, 1, 0, 1);
	add(&t, 1, 1, 1);		/* moves, twice */
	add(&t, 1, 0, 1);
	add(&t, 2, 0, 1);
	(void)armtab_key(&t, STR("asleep"), 0);
	CHECK_INT(t.moved, 1);
	armtab_sort(&t);
	CHECK_INT(armtab_count(&t, 0), 1);
	CHECK_INT(armtab_count(&t, 1), 0);
	CHECK_INT(armtab_gather(&t, ARMTAB_ALL, 1, keys), 1);
	armtab_free(&t);
}

static void
test_windows(void)
{
	struct armtab t;
	uint32_t k;

	armtab_init(&t, &one, 1, 1);
	k = armtab_key(&t, STR("a"), 0);
	CHECK(armtab_window(&t, k, -60, 0) && armtab_window(&t, k, 0, 60) && armtab_window(&t, k, 60, 60));
	CHECK(!armtab_window(&t, k, 59, 120) && !armtab_window(&t, k, 0, 60));
	CHECK(armtab_window(&t, armtab_key(&t, STR("b"), 0), 0, 60));
	armtab_free(&t);
}

/* Whatever order keys come in, and whatever the table's key: one order. */
static void
test_order(void)
{
	struct armtab a, b;
	struct ratio_key ka[100], kb[100];

	armtab_init(&a, &one, 2, 2);
	armtab_init(&b, &other, 2, 2);
	for (int i = 0; i < 100; i++) {
		add(&a, i, 0, i);
		add(&b, 99 - i, 0, 99 - i);
	}
	armtab_sort(&a);
	armtab_sort(&b);
	CHECK_INT(armtab_gather(&a, 0, 1, ka), 100);
	CHECK_INT(armtab_gather(&b, 0, 1, kb), 100);
	CHECK(memcmp(ka, kb, sizeof(ka)) == 0);
	armtab_free(&a);
	armtab_free(&b);
}

static void
test_values(void)
{
	struct armtab t;
	struct ratio_key keys[4];
	double v[8];
	uint32_t a, b;

	armtab_init(&t, &one, 2, 2);
	a = add(&t, 1, 0, 0);
	b = add(&t, 2, 1, 0);
	for (int i = 1; i <= 5; i++)
		armtab_value(&t, 1, a, i == 5 ? ARMTAB_BEFORE : ARMTAB_NOW, i);
	armtab_value(&t, 1, b, ARMTAB_NOW, 9);
	armtab_sort(&t);
	CHECK_INT(armtab_all_values(&t, 1), 6);
	CHECK_INT(armtab_all_values(&t, 0), 0);
	CHECK_INT(armtab_values(&t, 0, 1, ARMTAB_NOW, v), 4);
	CHECK(v[0] + v[1] + v[2] + v[3] == 10);
	CHECK_INT(armtab_values(&t, ARMTAB_ALL, 1, ARMTAB_NOW, v), 5);
	CHECK_INT(armtab_values(&t, 0, 1, ARMTAB_BEFORE, v), 1);
	CHECK_INT(armtab_gather(&t, 0, 1, keys), 1);
	memset(keys, 0, sizeof(keys));
	armtab_below(&t, 0, 1, ARMTAB_NOW, 3, keys);
	armtab_below(&t, 0, 1, ARMTAB_BEFORE, 3, keys);
	CHECK(keys[0].now.y == 3 && keys[0].now.n == 4);
	CHECK(keys[0].before.y == 0 && keys[0].before.n == 1);
	armtab_free(&t);
}

int
main(void)
{
	test_totals();
	test_one_time();
	test_out();
	test_windows();
	test_order();
	test_values();
	return test_end();
}
