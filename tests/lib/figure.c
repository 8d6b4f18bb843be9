/* figure: names, roundings at their edges, quantiles against sorting. */
#include "figure.h"

#include "str.h"
#include "test.h"

static struct arena names;

struct bench {
	struct figure f;
	struct cell_plan plan;
	struct cell *cell;
};

static void
start(struct bench *b, const char *name)
{
	CHECK(figure_parse(&b->f, str_of(name), &names));
	cell_plan_init(&b->plan);
	CHECK(figure_keep(&b->f, &b->plan));
	cell_plan_lay(&b->plan);
	b->cell = mem_alloc(cell_size(&b->plan, 0));
	cell_birth(&b->plan, b->cell, 0, 60, (struct str){ NULL, 0 });
}

static void
put(struct bench *b, const char *metric, i128 value)
{
	const struct cell_metric *m = cell_metric(&b->plan, str_of(metric));

	CHECK(m && cell_put(&b->plan, b->cell, m->id, 0, value));
}

static const char *
text(struct bench *b, uint64_t of_window)
{
	static char room[FIGURE_MAX + 1];
	struct figure_window w = { of_window, 60 };

	*figure_put(room, &b->f, &b->plan, b->cell, &w) = '\0';
	return room;
}

static void
end(struct bench *b)
{
	cell_death(&b->plan, b->cell);
	free(b->cell);
	cell_plan_free(&b->plan);
}

/* hit_pct and miss_pct of hits among hits and misses. */
static void
check_pct(i128 hits, i128 misses, const char *hit, const char *miss)
{
	struct bench b;

	start(&b, "hit_pct");
	put(&b, "hit", hits);
	put(&b, "miss", misses);
	CHECK_STR(str_of(text(&b, 0)), hit);
	end(&b);
	start(&b, "miss_pct");
	put(&b, "hit", hits);
	put(&b, "miss", misses);
	CHECK_STR(str_of(text(&b, 0)), miss);
	end(&b);
}

static void
check_number(const char *name, const char *n, const char *sum, i128 count, i128 total, const char *want)
{
	struct bench b;

	start(&b, name);
	put(&b, n, count);
	put(&b, sum, total);
	CHECK_STR(str_of(text(&b, 0)), want);
	end(&b);
}

static void
check_roundings(void)
{
	struct bench b;

	check_pct(0, 0, "", "");
	check_pct(1, 0, "100", "0");
	check_pct(1, 2, "33.3333", "66.6667");
	check_pct(1, 1999999, "0.0001", "99.9999");	/* 0.00005: half, away from zero */
	check_pct(1, 2000001, "0", "100");
	check_pct(INT64_MAX, 0, "100", "0");
	check_pct(INT64_MAX, INT64_MAX, "50", "50");
	check_number("latency_ms_avg", "latency_us:n", "latency_us:sum", 3, 10000, "3.3333");
	check_number("latency_ms_avg", "latency_us:n", "latency_us:sum", 20001, 1, "0");
	check_number("latency_ms_avg", "latency_us:n", "latency_us:sum", 20, 1, "0.0001");
	check_number("latency_ms_avg", "latency_us:n", "latency_us:sum", 20, -1, "-0.0001");
	check_number("latency_ms_avg", "latency_us:n", "latency_us:sum", 21, -1, "0");
	check_number("latency_s_avg", "latency_us:n", "latency_us:sum", 4, 5, "0.0000013");
	check_number("ttfb_us_avg", "ttfb_us:n", "ttfb_us:sum", 4, 5, "1.25");
	check_number("size_bytes_avg", "size_bytes:n", "size_bytes:sum", 0, 0, "");
	check_number("age_sum", "age_millionths:n", "age_millionths:sum", 1, -1500000, "-1.5");
	check_number("latency_ms_sum", "latency_us:n", "latency_us:sum", 1,
	    (i128)(~(u128)0 >> 1), "170141183460469231731687303715884105.727");
	check_number("latency_ms_sumsq", "latency_us:n", "latency_us:sumsq", 1, 1500001, "1.500001");
	check_number("latency_ms_n", "latency_us:n", "latency_us:n", 2, 3, "5");

	start(&b, "share_pct");
	put(&b, "requests", 1);
	CHECK_STR(str_of(text(&b, 8)), "12.5");
	CHECK_STR(str_of(text(&b, 0)), "");
	end(&b);
	start(&b, "rps");
	put(&b, "requests", 100);
	CHECK_STR(str_of(text(&b, 0)), "1.6667");
	end(&b);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Every rank of n values to 1.1 %, the first and the last exactly. */
static void
check_quantiles(size_t n)
{
	static const char *const stats[] = { "0", "1", "12.5", "50", "95", "99", "99.9", "99.9999999", "100" };
	static int64_t v[2000];
	uint64_t seed = n;

	for (size_t i = 0; i < n; i++)
		v[i] = (int64_t)(test_random(&seed) >> (24 + test_random(&seed) % 40));
	qsort(v, n, sizeof(*v), by_value);
	for (size_t k = 0; k < countof(stats); k++) {
		char name[64];
		struct bench b;
		double q, want, got;
		size_t rank;

		snprintf(name, sizeof(name), "x_us_p%s", stats[k]);
		start(&b, name);
		for (size_t i = 0; i < n; i++)
			CHECK(cell_add(&b.plan, b.cell, &(struct cell_event){ .weight = 1, .has = 1,
			    .value = { v[i] } }));
		q = strtod(stats[k], NULL) / 100;
		rank = (size_t)ceil(q * (double)n - 1e-12);
		rank = rank ? rank : 1;
		want = (double)v[rank - 1];
		got = strtod(text(&b, 0), NULL);
		CHECK(fabs(got - want) <= want * 0.011);
		if (rank == 1 || rank == n)
			CHECK_INT(got, want);
		end(&b);
	}
}

static void
check_names(void)
{
	static const char *const none[] = { "", "requests2", "p50", "_p50", "latency_ms_", "latency_ms_p",
	    "latency_ms_p101", "latency_ms_p-1", "latency_ms_p1e1x", "uniq_", "latency_ms_median" };
	static const struct { const char *column, *kept; int scale; } kept[] = {
		{ "latency_ms", "latency_us", 3 }, { "latency_us", "latency_us", 0 },
		{ "latency_s", "latency_us", 6 }, { "bytes", "bytes", 0 },
		{ "req_bytes", "req_bytes", 0 }, { "age", "age_millionths", 6 },
		{ "_s", "_s_millionths", 6 }, { "kilobytes", "kilobytes_millionths", 6 },
	};
	struct figure f;

	for (size_t i = 0; i < countof(none); i++)
		CHECK(!figure_parse(&f, str_of(none[i]), &names));
	for (size_t i = 0; i < countof(kept); i++) {
		int scale;

		CHECK_STR(figure_kept(str_of(kept[i].column), &scale, &names), kept[i].kept);
		CHECK_INT(scale, kept[i].scale);
	}
	CHECK(figure_parse(&f, STR("a_b_ms_p99.95"), &names));
	CHECK_STR(f.column, "a_b_ms");
	CHECK_INT(f.q, 999500000);
	CHECK(figure_parse(&f, STR("uniq_a_p50"), &names) && f.kind == FIGURE_UNIQ);
	CHECK_STR(f.column, "a_p50");
}

int
main(void)
{
	check_names();
	check_roundings();
	check_quantiles(1);
	check_quantiles(2);
	check_quantiles(100);
	check_quantiles(2000);
	arena_free(&names);
	return test_end();
}
