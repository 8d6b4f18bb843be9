#include "figure.h"

#include "num.h"
#include "str.h"

#define DECIMALS	4
#define PCT_SCALE	1000000		/* 100 % with DECIMALS decimals */
#define Q_DECIMALS	7		/* of a percentile: p99.9999999 */

#define BIT(k)		(UINT32_C(1) << (k))
#define HITS		(BIT(CELL_HIT) | BIT(CELL_STALE) | BIT(CELL_REVAL))
#define LOOKUPS		(HITS | BIT(CELL_MISS))
#define SERVED		(LOOKUPS | BIT(CELL_PASS))
#define CLASSIFIED	(SERVED | BIT(CELL_SYNTH) | BIT(CELL_CACHE_ERROR))
#define REQUESTS	BIT(CELL_REQUESTS)
#define BODIES		(BIT(CELL_HIT_BYTES) | BIT(CELL_MISS_BYTES))
#define FROM_CACHE	FIGURE_CACHE
#define FROM_BODIES	(FIGURE_CACHE | FIGURE_BYTES)
#define FROM_STATUS	FIGURE_STATUS

static const struct {
	const char *name;
	enum figure_kind kind;
	unsigned from;
	uint32_t part, base;
} fixed[] = {
	{ "requests", FIGURE_COUNT, 0, REQUESTS, 0 },
	{ "hits", FIGURE_COUNT, FROM_CACHE, HITS, 0 },
	{ "stale", FIGURE_COUNT, FROM_CACHE, BIT(CELL_STALE), 0 },
	{ "reval", FIGURE_COUNT, FROM_CACHE, BIT(CELL_REVAL), 0 },
	{ "misses", FIGURE_COUNT, FROM_CACHE, BIT(CELL_MISS), 0 },
	{ "passes", FIGURE_COUNT, FROM_CACHE, BIT(CELL_PASS), 0 },
	{ "synths", FIGURE_COUNT, FROM_CACHE, BIT(CELL_SYNTH), 0 },
	{ "cache_errors", FIGURE_COUNT, FROM_CACHE, BIT(CELL_CACHE_ERROR), 0 },
	{ "hit_pct", FIGURE_PCT, FROM_CACHE, HITS, LOOKUPS },
	{ "miss_pct", FIGURE_REST_PCT, FROM_CACHE, HITS, LOOKUPS },
	{ "byte_hit_pct", FIGURE_PCT, FROM_BODIES, BIT(CELL_HIT_BYTES), BODIES },
	{ "offload_pct", FIGURE_REST_PCT, FROM_CACHE, BIT(CELL_ORIGIN), SERVED },
	{ "coverage_pct", FIGURE_PCT, FROM_CACHE, CLASSIFIED, REQUESTS },
	{ "share_pct", FIGURE_SHARE, 0, REQUESTS, 0 },
	{ "errors", FIGURE_COUNT, FROM_STATUS, BIT(CELL_ERRORS), 0 },
	{ "error_pct", FIGURE_PCT, FROM_STATUS, BIT(CELL_ERRORS), REQUESTS },
	{ "s1xx", FIGURE_COUNT, FROM_STATUS, BIT(CELL_1XX), 0 },
	{ "s2xx", FIGURE_COUNT, FROM_STATUS, BIT(CELL_2XX), 0 },
	{ "s3xx", FIGURE_COUNT, FROM_STATUS, BIT(CELL_3XX), 0 },
	{ "s4xx", FIGURE_COUNT, FROM_STATUS, BIT(CELL_4XX), 0 },
	{ "s5xx", FIGURE_COUNT, FROM_STATUS, BIT(CELL_5XX), 0 },
	{ "bytes", FIGURE_COUNT, FIGURE_BYTES, BIT(CELL_BYTES), 0 },
	{ "hit_bytes", FIGURE_COUNT, FROM_BODIES, BIT(CELL_HIT_BYTES), 0 },
	{ "miss_bytes", FIGURE_COUNT, FROM_BODIES, BIT(CELL_MISS_BYTES), 0 },
	{ "origin", FIGURE_COUNT, FROM_CACHE, BIT(CELL_ORIGIN), 0 },
	{ "rps", FIGURE_RATE, 0, REQUESTS, 0 },
};

static const struct {
	const char *name;
	enum figure_kind kind;
	unsigned keep;
} stats[] = {
	{ "n", FIGURE_N, 0 },
	{ "sum", FIGURE_SUM, CELL_SUM },
	{ "sumsq", FIGURE_SUMSQ, CELL_SUMSQ },
	{ "min", FIGURE_MIN, CELL_MIN },
	{ "max", FIGURE_LARGEST, CELL_MAX },
	{ "avg", FIGURE_AVG, CELL_SUM },
};

static struct str
join(struct arena *a, struct str x, const char *between, struct str y)
{
	size_t k = strlen(between), n = x.n + k + y.n;
	char *p = arena_alloc(a, n);

	memcpy(p, x.p, x.n);
	memcpy(p + x.n, between, k);
	memcpy(p + x.n + k, y.p, y.n);
	return (struct str){ p, n };
}

struct str
figure_kept(struct str column, int *scale, struct arena *a)
{
	static const struct {
		struct str tail;
		int scale;
	} times[] = { { { "_us", 3 }, 0 }, { { "_ms", 3 }, 3 }, { { "_s", 2 }, 6 } };

	for (size_t i = 0; i < countof(times); i++) {
		struct str stem = { column.p, column.n - times[i].tail.n };

		if (column.n <= times[i].tail.n || !str_ends(column, times[i].tail))
			continue;
		*scale = times[i].scale;
		return join(a, stem, "", times[0].tail);
	}
	if (str_eq(column, STR("bytes")) || str_ends(column, STR("_bytes"))) {
		*scale = 0;
		return arena_dup(a, column);
	}
	*scale = 6;
	return join(a, column, "_", STR("millionths"));
}

/* "p99.9" is 999000000. */
static bool
percentile(struct str stat, uint32_t *q)
{
	int64_t v;

	if (stat.n < 2 || stat.p[0] != 'p' || stat.p[1] < '0' || stat.p[1] > '9' ||
	    !num_fixed(str_from(stat, 1), Q_DECIMALS, &v) || v > HIST_Q_ONE)
		return false;
	*q = (uint32_t)v;
	return true;
}

bool
figure_stat(struct figure *f, struct str column, struct str stat, struct arena *a)
{
	size_t i = 0;

	*f = (struct figure){ .kind = FIGURE_QUANTILE };
	if (column.n == 0)
		return false;
	f->column = arena_dup(a, column);
	if (str_eq(stat, STR("uniq"))) {
		f->kind = FIGURE_UNIQ;
		f->kept = f->column;
		f->name = join(a, stat, "_", column);
		return true;
	}
	while (i < countof(stats) && !str_eq(stat, str_of(stats[i].name)))
		i++;
	if (i < countof(stats))
		f->kind = stats[i].kind;
	else if (!percentile(stat, &f->q))
		return false;
	f->kept = figure_kept(column, &f->scale, a);
	f->name = join(a, column, "_", stat);
	return true;
}

bool
figure_parse(struct figure *f, struct str name, struct arena *a)
{
	size_t cut = name.n;

	for (size_t i = 0; i < countof(fixed); i++) {
		if (!str_eq(name, str_of(fixed[i].name)))
			continue;
		*f = (struct figure){ str_of(fixed[i].name), fixed[i].kind, fixed[i].from,
		    fixed[i].part, fixed[i].base, { 0 }, { 0 }, 0, 0, 0 };
		return true;
	}
	if (str_starts(name, STR("uniq_")))
		return figure_stat(f, str_from(name, 5), STR("uniq"), a);
	while (cut && name.p[cut - 1] != '_')
		cut--;
	return cut && figure_stat(f, (struct str){ name.p, cut - 1 }, str_from(name, cut), a);
}

static unsigned
keep_of(enum figure_kind kind)
{
	for (size_t i = 0; i < countof(stats); i++)
		if (stats[i].kind == kind)
			return stats[i].keep;
	/* A quantile's ends are exact. */
	return CELL_HIST | CELL_MIN | CELL_MAX;
}

bool
figure_keep(struct figure *f, struct cell_plan *p)
{
	if (f->kind < FIGURE_N) {
		for (unsigned k = 0; k < CELL_COUNTERS; k++)
			if ((f->part | f->base) & BIT(k))
				cell_keep(p, (enum cell_counter)k);
		return true;
	}
	f->at = f->kind == FIGURE_UNIQ ? cell_keep_distinct(p, f->kept) :
	    cell_keep_measure(p, f->kept, keep_of(f->kind));
	return f->at >= 0;
}

static u128
sum_of(const struct cell_plan *p, const struct cell *c, uint32_t counters)
{
	u128 sum = 0;

	for (; counters; counters &= counters - 1)
		sum += cell_count(p, c, (enum cell_counter)CTZ64(counters));
	return sum;
}

static char *
put_fraction(char *to, uint64_t part, int decimals)
{
	if (part == 0)
		return to;
	*to++ = '.';
	for (uint64_t unit = num_pow10[decimals - 1]; part; unit /= 10) {
		*to++ = (char)('0' + part / unit);
		part %= unit;
	}
	return to;
}

/* v * 10^-scale, exactly. */
static char *
put_exact(char *to, i128 v, int scale)
{
	u128 size = v < 0 ? -(u128)v : (u128)v;
	uint64_t unit = num_pow10[scale];

	if (v < 0)
		*to++ = '-';
	to = num_put_i128(to, (i128)(size / unit));
	return put_fraction(to, (uint64_t)(size % unit), scale);
}

/* v / by, by < 2^96, rounded. */
static char *
put_ratio(char *to, i128 v, u128 by, int decimals)
{
	u128 size = v < 0 ? -(u128)v : (u128)v, whole;
	uint64_t unit = num_pow10[decimals], part;

	if (by == 0)
		return to;
	whole = size / by;
	part = (uint64_t)((2 * (size % by) * unit + by) / (2 * by));
	if (part == unit) {
		whole++;
		part = 0;
	}
	if (v < 0 && (whole || part))
		*to++ = '-';
	return put_fraction(num_put_i128(to, (i128)whole), part, decimals);
}

static char *
put_pct(char *to, u128 part, u128 base, bool rest)
{
	i128 v;

	if (base == 0)
		return to;
	v = (i128)((2 * part * PCT_SCALE + base) / (2 * base));
	return put_exact(to, rest ? PCT_SCALE - v : v, DECIMALS);
}

static int
decimals(const struct figure *f)
{
	return f->scale < DECIMALS ? DECIMALS : f->scale + 1;
}

/* A value in the kept unit that need be no integer. */
static char *
put_value(char *to, const struct figure *f, double v)
{
	double unit = (double)num_pow10[decimals(f) - f->scale];
	bool negative = v < 0;

	v = (negative ? -v : v) * unit + 0.5;
	return put_exact(to, negative ? -(i128)v : (i128)v, decimals(f));
}

static char *
put_quantile(char *to, const struct figure *f, const struct cell *c,
    const struct cell_measure *m)
{
	const struct hist *h = cell_at(c, m->hist);
	int64_t min = *(const int64_t *)cell_at(c, m->min);
	int64_t max = *(const int64_t *)cell_at(c, m->max);
	uint64_t n = hist_total(h), rank;
	double v;

	if (!hist_quantile(h, f->q, &v))
		return to;
	rank = (uint64_t)(((u128)f->q * n + HIST_Q_ONE - 1) / HIST_Q_ONE);
	if (rank == n || v > (double)max)
		return put_exact(to, max, f->scale);
	if (rank <= 1 || v < (double)min)
		return put_exact(to, min, f->scale);
	return put_value(to, f, v);
}

static char *
put_stat(char *to, const struct figure *f, const struct cell_measure *m, const struct cell *c)
{
	uint64_t n = *(const uint64_t *)cell_at(c, m->n);

	switch (f->kind) {
	case FIGURE_N:
		return num_put_u64(to, n);
	case FIGURE_SUM:
		return put_exact(to, *(const i128 *)cell_at(c, m->sum), f->scale);
	case FIGURE_SUMSQ:
		return put_exact(to, *(const i128 *)cell_at(c, m->sumsq), 2 * f->scale);
	case FIGURE_AVG:
		return put_ratio(to, *(const i128 *)cell_at(c, m->sum),
		    (u128)n * num_pow10[f->scale], decimals(f));
	case FIGURE_MIN:
		return n ? put_exact(to, *(const int64_t *)cell_at(c, m->min), f->scale) : to;
	case FIGURE_LARGEST:
		return n ? put_exact(to, *(const int64_t *)cell_at(c, m->max), f->scale) : to;
	default:
		return put_quantile(to, f, c, m);
	}
}

char *
figure_put(char *to, const struct figure *f, const struct cell_plan *p, const struct cell *c,
    const struct figure_window *w)
{
	switch (f->kind) {
	case FIGURE_COUNT:
		return num_put_i128(to, (i128)sum_of(p, c, f->part));
	case FIGURE_PCT:
	case FIGURE_REST_PCT:
		return put_pct(to, sum_of(p, c, f->part), sum_of(p, c, f->base),
		    f->kind == FIGURE_REST_PCT);
	case FIGURE_SHARE:
		return put_pct(to, sum_of(p, c, f->part), w->requests, false);
	case FIGURE_RATE:
		return put_ratio(to, (i128)sum_of(p, c, f->part), w->width, DECIMALS);
	case FIGURE_UNIQ:
		return num_put_u64(to, hll_count(cell_at(c, p->distinct[f->at].hll)));
	default:
		return put_stat(to, f, &p->measure[f->at], c);
	}
}
