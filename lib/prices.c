/* prices.c - see prices.h. */
#include "prices.h"

#include <math.h>
#include <stdlib.h>

#include "figure.h"
#include "msg.h"
#include "num.h"
#include "str.h"
#include "unit.h"

static const char *const names[] = { "what", "tier", "price_usd", "per", "note", NULL };
enum { WHAT, TIER, PRICE_USD, PER };

static bool
read_what(struct prices *p, struct table *t, struct price *to)
{
	static const char *const counts[] = {
		"requests", "hits", "misses", "passes", "errors", "bytes", "hit_bytes", "miss_bytes"
	};
	struct str s = table_field(t, WHAT);
	struct figure f;

	for (size_t i = 0; i < countof(counts); i++)
		if (str_eq(s, str_of(counts[i])) && figure_parse(&f, s, &p->text)) {
			to->counters = f.part;
			to->from = f.from;
			return true;
		}
	table_wrong(t, WHAT, "not one of requests, hits, misses, passes, errors, bytes, hit_bytes, "
	    "miss_bytes: \"%.*s\"", STRF(s));
	return false;
}

/* "1000000", "1GB": how many of it the price is for. */
static bool
read_per(struct table *t, double *per)
{
	struct str s = table_field(t, PER);
	const char *why;

	*per = 1;
	if (s.n == 0)
		return true;
	why = unit_read(s, unit_of(table_field(t, WHAT)), per);
	if (!why && *per > 0)
		return true;
	table_wrong(t, PER, "%s: \"%.*s\"", why ? why : "not above 0", STRF(s));
	return false;
}

static void
read_price(struct prices *p, struct table *t)
{
	struct str s = table_field(t, PRICE_USD);
	struct price price = { .tier = arena_dup(&p->text, table_field(t, TIER)) };
	double per, usd;

	if (!read_what(p, t, &price) || !read_per(t, &per))
		return;
	if (!num_double(s, &usd) || usd < 0) {
		table_wrong(t, PRICE_USD, "not a number from 0 up: \"%.*s\"", STRF(s));
		return;
	}
	price.usd = usd / per;
	if (!isfinite(price.usd)) {
		table_wrong(t, PER, "the price of one is beyond all numbers");
		return;
	}
	if (p->n == PRICES_MAX) {
		table_wrong(t, TABLE_ROW, "more than %d prices", PRICES_MAX);
		return;
	}
	p->price = mem_grow(p->price, &p->cap, p->n + 1, sizeof(*p->price));
	p->price[p->n++] = price;
}

bool
prices_read(struct prices *p, const char *path, table_say *say)
{
	struct table t;

	*p = (struct prices){ 0 };
	table_open(&t, path, names, say);
	while (table_next(&t))
		read_price(p, &t);
	if (p->n == 0)
		table_wrong(&t, TABLE_ROW, "no price");
	return table_close(&t);
}

void
prices_free(struct prices *p)
{
	free(p->price);
	arena_free(&p->text);
	*p = (struct prices){ 0 };
}
