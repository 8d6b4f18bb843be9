#include "fragments.h"

#include "num.h"
#include "str.h"

#define SECOND	1000000		/* microseconds */
#define PERCENT	4		/* decimals */

bool
fragments_open(struct fragments *f, int64_t ttl_us, size_t mem)
{
	bool keyed = f->replay.keyed, rules = f->replay.rules;

	if (!replay_open(&f->replay, ttl_us, mem))
		return false;
	f->replay.keyed = keyed;
	f->replay.rules = rules;
	return true;
}

const char *
fragments_bind(struct fragments *f, const struct tsv *t)
{
	if (tsv_col(t, STR("window")) == t->time + 1)
		return "rows of metrics have lost the order of requests: give the events themselves";
	f->cache_col = tsv_col(t, str_of(f->cache));
	f->method_col = tsv_col(t, str_of(f->method));
	f->status_col = tsv_col(t, STR("status"));
	f->bytes_col = tsv_col(t, STR("bytes"));
	f->weight_col = tsv_col(t, STR("weight"));
	return NULL;
}

static struct str
field(const struct tsv *t, int col)
{
	return col == -1 ? (struct str){ NULL, 0 } : tsv_field(t, col);
}

/* False where the cache took no part in it, or nobody knows which. */
static bool
read_outcome(struct fragments *f, const struct tsv *t, struct replay_event *e)
{
	struct str word = field(t, f->cache_col);

	e->logged = f->cache_col != -1;
	f->assumed |= !e->logged;
	if (!e->logged)
		return true;
	e->outcome = OUTCOME_NONE;
	while (e->outcome < OUTCOMES && !str_eq(word, outcome_name[e->outcome]))
		e->outcome++;
	f->unknown += e->outcome == OUTCOMES;
	return e->outcome >= OUTCOME_HIT && e->outcome <= OUTCOME_MISS;
}

/* RFC 9110, 15.1: final, and cacheable by default; 206 is but a part. */
static bool
may_be_kept(int64_t status)
{
	static const int64_t kept[] = { -1, 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501 };

	for (size_t i = 0; i < countof(kept); i++)
		if (status == kept[i])
			return true;
	return false;
}

static void
read_response(const struct fragments *f, const struct tsv *t, struct replay_event *e)
{
	struct str method = field(t, f->method_col), status = field(t, f->status_col),
	    bytes = field(t, f->bytes_col);

	e->status = e->bytes = -1;
	e->comparable = status.n + bytes.n > 0 && (method.n == 0 || str_eq(method, STR("GET"))) &&
	    (status.n == 0 || num_i64(status, &e->status)) && (bytes.n == 0 || num_i64(bytes, &e->bytes)) &&
	    may_be_kept(e->status);
}

const char *
fragments_add(struct fragments *f, const struct tsv *t, struct keys *keys, const struct key_rule *rule,
    struct str endpoint)
{
	struct replay_event e = { .endpoint = endpoint };
	struct str weight = field(t, f->weight_col);

	if (!num_fixed(tsv_field(t, t->time), 6, &e.time_us))
		return "column \"time\": not a number";
	if (weight.n && !str_eq(weight, STR("1")))
		return "column \"weight\": a sampled log has lost the requests that filled the cache: take a whole one";
	if (!f->any || e.time_us < f->first_us)
		f->first_us = e.time_us;
	if (!f->any || e.time_us > f->last_us)
		f->last_us = e.time_us;
	f->any = true;
	if (!read_outcome(f, t, &e))
		return NULL;
	read_response(f, t, &e);
	if (!replay_add(&f->replay, keys, rule, &e))
		return "the keys up to here take more than --mem: give it more, or a shorter part of the log";
	return NULL;
}

/* --- the report --- */

static void
put_name(struct tsv_row *r, const struct replay_part *p)
{
	static const struct str pseudo[] = {
		[REPLAY_BARE] = { "(bare)", 6 }, [REPLAY_ORDER] = { "(order)", 7 },
		[REPLAY_ENCODING] = { "(encoding)", 10 }, [REPLAY_CASE] = { "(case)", 6 },
		[REPLAY_KEY] = { "(key)", 5 },
	};
	struct buf b;
	char *end;

	if (p->kind != REPLAY_PARAM || p->name.n == 0) {
		tsv_as_is(r, p->kind == REPLAY_PARAM ? STR("(empty)") : pseudo[p->kind]);
		return;
	}
	/* A parameter may be called (order). */
	buf_init(&b, SIZE_MAX);
	end = buf_room(&b, TSV_ROOM(p->name.n) + 4);
	if (p->name.p[0] == '(') {
		memcpy(end, "\\x28", 4);
		end = tsv_put(end + 4, str_from(p->name, 1));
	} else {
		end = tsv_put(end, p->name);
	}
	tsv_as_is(r, (struct str){ b.p, (size_t)(end - b.p) });
	buf_free(&b);
}

static void
put_pct(struct tsv_row *r, uint64_t part, uint64_t whole)
{
	u128 scaled = (u128)part * 100 * 10000;

	if (whole)
		tsv_fixed(r, (int64_t)((scaled + whole / 2) / whole), PERCENT);
	else
		tsv_empty(r);
}

static void
put_count(struct tsv_row *r, uint64_t n)
{
	tsv_int(r, (int64_t)n);
}

static void
put_row(const struct fragments *f, struct tsv_row *r, const struct replay_part *p)
{
	const struct replay_endpoint *e = &f->replay.endpoint[p->endpoint];
	int64_t from = f->first_us / SECOND - (f->first_us % SECOND < 0);
	int64_t to = f->last_us / SECOND - (f->last_us % SECOND < 0) + 1;
	bool counted = p->kind == REPLAY_PARAM || p->kind == REPLAY_BARE;

	tsv_as_is(r, e->name.n ? e->name : STR("(none)"));
	put_name(r, p);
	tsv_int(r, from);
	tsv_int(r, to - from);
	put_count(r, p->requests);
	if (counted)
		put_count(r, p->values);
	else
		tsv_empty(r);
	put_count(r, p->keys);
	put_count(r, p->groups);
	put_count(r, p->hits);
	put_count(r, p->misses);
	put_count(r, p->gained);
	put_pct(r, e->hits, e->hits + e->misses);
	put_pct(r, e->hits + p->gained, e->hits + e->misses);
	put_count(r, p->compared);
	put_pct(r, p->same, p->compared);
	tsv_end_row(r);
}

void
fragments_write(struct fragments *f, struct out *o, uint64_t rows)
{
	static const char *const names[] = {
		"endpoint", "parameter", "time", "window", "requests", "values", "keys", "keys_without",
		"hits", "misses", "hits_gained", "hit_pct", "hit_pct_without", "compared", "same_pct",
	};
	struct tsv_row r = { o, 0 };

	for (size_t i = 0; i < countof(names); i++)
		tsv_as_is(&r, str_of(names[i]));
	tsv_end_row(&r);
	replay_sort(&f->replay);
	for (size_t i = 0; i < f->replay.parts && (rows == 0 || i < rows); i++)
		put_row(f, &r, &f->replay.part[i]);
}

void
fragments_close(struct fragments *f)
{
	replay_close(&f->replay);
}
