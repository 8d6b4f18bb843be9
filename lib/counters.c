/* counters.c - see counters.h. */
#include "counters.h"

#include <stdio.h>

#include "msg.h"
#include "num.h"
#include "str.h"

#define BIT(k)	(UINT32_C(1) << (k))

static const struct {
	const char *name;
	enum cell_counter counter;
} counters[] = {
	{ "requests", CELL_REQUESTS }, { "hits", CELL_HIT }, { "misses", CELL_MISS },
	{ "passes", CELL_PASS }, { "synths", CELL_SYNTH }, { "cache_errors", CELL_CACHE_ERROR },
	{ "origin", CELL_ORIGIN }, { "errors", CELL_ERRORS }, { "bytes", CELL_BYTES },
	{ "hit_bytes", CELL_HIT_BYTES }, { "miss_bytes", CELL_MISS_BYTES },
};

void
counters_bind(struct counters *c, const struct tsv *t, int window)
{
	for (unsigned k = 0; k < CELL_COUNTERS; k++)
		c->col[k] = -1;
	for (size_t i = 0; i < countof(counters); i++) {
		int col = tsv_col(t, str_of(counters[i].name));

		c->col[counters[i].counter] = col > window ? col : -1;
	}
}

static bool
is_told(const struct counters *c, unsigned k)
{
	switch (k) {
	case CELL_MISS:
		return c->col[k] >= 0 || c->col[CELL_REQUESTS] >= 0;
	case CELL_MISS_BYTES:
		return c->col[k] >= 0 || c->col[CELL_BYTES] >= 0;
	default:
		return c->col[k] >= 0;
	}
}

const char *
counters_missing(const struct counters *c, uint32_t want)
{
	for (size_t i = 0; i < countof(counters); i++)
		if ((want & BIT(counters[i].counter)) && !is_told(c, counters[i].counter))
			return counters[i].name;
	return NULL;
}

bool
counters_wrong(const struct tsv *t, struct str column, const char *what, struct str field,
    char why[TSV_WHY_MAX])
{
	snprintf(why, TSV_WHY_MAX, "%s:%llu: column \"%.*s\": %s: \"%.*s\"", TSV_AT(t), STRF(column), what,
	    STRF(field));
	return false;
}

bool
counters_number(const struct tsv *t, int col, double *v, char why[TSV_WHY_MAX])
{
	struct str f;

	*v = 0;
	if (col < 0)
		return true;
	f = tsv_field(t, col);
	return f.n == 0 || num_double(f, v) || counters_wrong(t, t->name[col], "not a number", f, why);
}

static bool
is_whole(const struct counters *c, enum cell_counter whole, enum cell_counter part)
{
	return c->col[whole] < 0 || c->count[whole] >= c->count[part];
}

bool
counters_read(struct counters *c, const struct tsv *t, char why[TSV_WHY_MAX])
{
	double *n = c->count;

	c->unknown = 0;
	for (unsigned k = 0; k < CELL_COUNTERS; k++) {
		if (!counters_number(t, c->col[k], &n[k], why))
			return false;
		if (c->col[k] >= 0 && tsv_field(t, c->col[k]).n == 0)
			c->unknown |= BIT(k);
		if (n[k] < 0)
			return counters_wrong(t, t->name[c->col[k]], "less than 0", tsv_field(t, c->col[k]), why);
	}
	if (c->col[CELL_MISS] < 0)
		n[CELL_MISS] = n[CELL_REQUESTS] - n[CELL_HIT];
	if (c->col[CELL_MISS_BYTES] < 0)
		n[CELL_MISS_BYTES] = n[CELL_BYTES] - n[CELL_HIT_BYTES];
	if (!is_whole(c, CELL_REQUESTS, CELL_HIT))
		return counters_wrong(t, STR("hits"), "more than requests", tsv_field(t, c->col[CELL_HIT]), why);
	if (!is_whole(c, CELL_BYTES, CELL_HIT_BYTES))
		return counters_wrong(t, STR("hit_bytes"), "more than bytes", tsv_field(t, c->col[CELL_HIT_BYTES]),
		    why);
	return true;
}
