/* pair: the keys of both cohorts, split or the same at two times, and why they cannot be compared. */
#include "pair.h"

#include "str.h"
#include "test.h"

static const struct hash_key any = { { 1, 2 } };

static struct armtab tab;

static void
key(const char *name, int arm, double y, double n, double y0, double n0)
{
	uint32_t k = armtab_key(&tab, str_of(name), arm);

	armtab_active(&tab, k);
	*armtab_total(&tab, k, ARMTAB_NOW) = (struct ratio_total){ y, n };
	*armtab_total(&tab, k, ARMTAB_BEFORE) = (struct ratio_total){ y0, n0 };
}

static void
start(void)
{
	armtab_init(&tab, &any, 1, 2);
}

static void
open_pair(struct pair *p, bool crossover)
{
	armtab_sort(&tab);
	pair_open(p, &tab, 0, 0, 1, crossover);
}

static void
end(struct pair *p)
{
	pair_close(p);
	armtab_free(&tab);
}

static void
test_split(void)
{
	struct verdict v;
	struct pair p;

	start();
	key("a", 0, 1, 10, 0, 0);
	key("b", 0, 5, 30, 0, 0);
	key("c", 1, 6, 20, 0, 0);
	key("d", 1, 9, 20, 0, 0);
	key("e", 1, 0, 20, 0, 0);
	open_pair(&p, false);
	CHECK(p.n_c == 2 && p.n_t == 3 && !pair_wrong(&p) && !pair_flat(&p));
	CHECK(pair_top(&p) == 0.3);
	verdict_init(&v);
	pair_tell(&p, 100, &v);
	CHECK(v.keys_c == 2 && v.keys_t == 3 && v.n_c == 40 && v.n_t == 60 && v.top == 0.3);
	CHECK(v.est_c == 15 && v.est_t == 25);
	CHECK(fabs(v.neff_c - 1600.0 / 1000) < 1e-12 && fabs(v.neff_t - 3) < 1e-12);
	end(&p);
}

/* All keys are in both: before is control, now is treatment; and they stay as they were. */
static void
test_crossover(void)
{
	struct pair p;

	start();
	key("a", 0, 1, 10, 4, 10);
	key("b", 1, 5, 30, 1, 20);
	open_pair(&p, true);
	CHECK(p.n_c == 0 && p.n_t == 2 && p.c.n == 30 && p.c.y == 5 && p.t.n == 40 && p.t.y == 6);
	CHECK(p.keys[0].now.n + p.keys[1].now.n == 40);
	/* other totals */
	for (size_t i = 0; i < 2; i++)
		p.keys[i].now.y += 1;
	pair_sum(&p);
	CHECK(p.t.y == 8 && p.c.y == 5);
	end(&p);
}

static void
test_wrong(void)
{
	struct pair p;

	start();
	key("a", 0, 1, 10, 0, 0);
	key("c", 1, 6, 20, 0, 0);
	key("d", 1, 9, 20, 0, 0);
	open_pair(&p, false);
	CHECK(!strcmp(pair_wrong(&p), "one key in control"));
	end(&p);

	start();
	key("a", 0, 1, 10, 0, 0);
	key("b", 0, 2, 10, 0, 0);
	open_pair(&p, false);
	CHECK(!strcmp(pair_wrong(&p), "no keys in treatment"));
	end(&p);

	/* One cohort without variance can be compared, two cannot. */
	start();
	key("a", 0, 5, 10, 0, 0);
	key("b", 0, 5, 10, 0, 0);
	key("c", 1, 6, 20, 0, 0);
	key("d", 1, 9, 20, 0, 0);
	open_pair(&p, false);
	CHECK(!pair_wrong(&p) && !pair_flat(&p) && p.why_c);
	for (size_t i = p.n_c; i < p.n_c + p.n_t; i++)
		p.keys[i].now.y = 20;
	pair_sum(&p);
	CHECK(!pair_wrong(&p) && pair_flat(&p));
	end(&p);
}

int
main(void)
{
	test_split();
	test_crossover();
	test_wrong();
	return test_end();
}
