/* change.c - see change.h. */
#include "change.h"

#include <stdarg.h>
#include <stdio.h>

#include "msg.h"
#include "str.h"

static bool PRINTF(3, 4)
no(char why[CHANGE_WHY_MAX], const struct ttlfile_row *row, const char *fmt, ...)
{
	int n = row ? snprintf(why, CHANGE_WHY_MAX, "%llu: \"%.*s\" ", (unsigned long long)row->line,
	    STRF(row->endpoint)) : snprintf(why, CHANGE_WHY_MAX, " ");
	va_list ap;

	if (n < 0 || n >= CHANGE_WHY_MAX)
		return false;
	va_start(ap, fmt);
	vsnprintf(why + n, CHANGE_WHY_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static bool
has(const struct change *c, const struct ttlfile_row *row)
{
	return c->endpoint.n == 0 || str_eq(c->endpoint, row->endpoint);
}

const struct ttlfile_row *
change_row(const struct change *c, const struct ttlfile *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (has(c, &f->row[i]))
			return &f->row[i];
	return NULL;
}

size_t
change_count(const struct change *c, const struct ttlfile *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += has(c, &f->row[i]);
	return n;
}

bool
change_meets(const struct change *a, const struct change *b)
{
	return a->endpoint.n == 0 || b->endpoint.n == 0 || str_eq(a->endpoint, b->endpoint);
}

static bool
row_fits(const struct change *c, const struct ttlfile_row *row, char why[CHANGE_WHY_MAX])
{
	if (row->ttl_s == c->to_s)
		return no(why, row, "has %.*s already: set the experiment completed", STRF(row->ttl));
	if (row->ttl_s != c->from_s)
		return no(why, row, "has %.*s, not the %lld s that it was compared with: somebody has changed it: "
		    "write those again, or set the experiment completed",
		    STRF(row->ttl), (long long)c->from_s);
	return true;
}

bool
change_fits(struct change *c, const struct ttlfile *f, char why[CHANGE_WHY_MAX])
{
	const struct ttlfile_row *first = change_row(c, f);

	if (!first)
		return no(why, NULL, "no row for the endpoint \"%.*s\": add one with the TTL that it has now",
		    STRF(c->endpoint));
	if (c->endpoint.n == 0 && !ttlfile_row(f, STR("")))
		return no(why, NULL, "no row with an empty endpoint, for all others: the change is to all endpoints");
	if (c->from_s == CHANGE_ANY)
		c->from_s = first->ttl_s;
	for (size_t i = 0; i < f->n; i++)
		if (has(c, &f->row[i]) && !row_fits(c, &f->row[i], why))
			return false;
	return true;
}

bool
change_set(const struct change *c, struct ttlfile *f, struct edit *text, bool force,
    char why[CHANGE_WHY_MAX])
{
	if (!change_row(c, f))
		return no(why, NULL, "no row for the endpoint \"%.*s\"", STRF(c->endpoint));
	for (size_t i = 0; i < f->n; i++) {
		struct ttlfile_row *row = &f->row[i];

		if (!has(c, row) || row->ttl_s == c->to_s)
			continue;
		if (row->ttl_s != c->from_s && !force)
			return no(why, row, "has %.*s now, not %lld s: somebody has changed it; --force writes %.*s "
			    "all the same", STRF(row->ttl), (long long)c->from_s, STRF(c->to));
		if (!edit_set(text, row->line, STR("ttl"), row->ttl, c->to))
			return no(why, row, "was changed while we read: try again");
		row->ttl = c->to;
		row->ttl_s = c->to_s;
	}
	return true;
}
