/* groups: what is expected is there; beyond so many, all is one. */
#include "groups.h"

#include "str.h"
#include "test.h"

static const struct str labels[] = { { "host", 4 }, { "tier", 4 } };
static struct cell_plan plan;

static void
add(struct cells *t, int64_t start, const char *text)
{
	static char room[64];
	struct cells_key k = { start, 60, { room, strlen(text) } };

	memset(room, 0, sizeof(room));
	memcpy(room, text, strlen(text));
	*cells_event(t) = (struct cell_event){ .weight = 1 };
	CHECK(cells_add(t, &k));
}

/* What is in the table: "start labels requests" in order. */
static void
check_cells(struct cells *t, const char *want)
{
	const struct cell *c;
	char got[1024] = "";
	size_t n = 0;

	CHECK(cells_begin(t));
	while (cells_next(t, &c) && c) {
		struct str l = cell_labels(&plan, c);

		n += (size_t)snprintf(got + n, sizeof(got) - n, "%lld %.*s %llu\n", (long long)c->start,
		    (int)l.n, l.p, (unsigned long long)cell_count(&plan, c, CELL_REQUESTS));
	}
	CHECK_STR(str_of(got), want);
}

static void
start(struct groups *g, struct cells *t, const char *const *expect, uint64_t max)
{
	const char *why;

	CHECK(cells_open(t, &plan, 1 << 20));
	groups_init(g, t, labels, countof(labels));
	for (; expect && *expect; expect++)
		CHECK(groups_expect(g, str_of(*expect), &why));
	g->max = max;
	CHECK(groups_start(g));
}

static void
end(struct groups *g, struct cells *t)
{
	cells_close(t);
	groups_free(g);
}

int
main(void)
{
	static const char *const tiers[] = { "tier=edge,kv", NULL };
	static const char *const all[] = { "tier=edge,kv", "host=a", "tier=t\tb", NULL };
	static const char *const wrong[] = { "", "tier", "tier=", "colo=x", "tier=a,,b", "tier=a," };
	struct groups g;
	struct cells t;
	const char *why;

	cell_plan_init(&plan);
	cell_plan_lay(&plan);

	start(&g, &t, tiers, 0);
	CHECK(!groups_all_expected(&g));
	add(&t, 60, "a\tkv");
	add(&t, 120, "b\tother");
	CHECK(cells_flush(&t));
	check_cells(&t, "60 a\tedge 0\n60 a\tkv 1\n120 b\tedge 0\n120 b\tkv 0\n120 b\tother 1\n");
	end(&g, &t);

	start(&g, &t, all, 0);
	CHECK(groups_all_expected(&g));
	groups_fill(&g, 60, 60);
	check_cells(&t, "60 a\tedge 0\n60 a\tkv 0\n60 a\tt\\tb 0\n");
	CHECK(groups_is_total(&g, STR("\t")) && !groups_is_total(&g, STR("a\t")));
	end(&g, &t);

	start(&g, &t, NULL, 2);
	add(&t, 60, "a\tx");
	add(&t, 60, "b\tx");
	add(&t, 60, "c\tx");
	add(&t, 60, "d\tx");
	add(&t, 60, "a\tx");
	add(&t, 120, "d\tx");
	add(&t, 120, "b\tx");
	check_cells(&t, "60 (other)\t(other) 2\n60 a\tx 2\n60 b\tx 1\n120 (other)\t(other) 1\n120 b\tx 1\n");
	CHECK_INT(g.folded, 3);
	end(&g, &t);

	start(&g, &t, NULL, 0);
	for (size_t i = 0; i < countof(wrong); i++)
		CHECK(!groups_expect(&g, str_of(wrong[i]), &why) && why);
	end(&g, &t);
	cell_plan_free(&plan);
	return test_end();
}
