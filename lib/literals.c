#include "literals.h"

#include <stdlib.h>
#include <string.h>

#include "scan.h"

enum { PREFIX, EXACT, NOWHERE, HEAD };	/* cells of a row before the classes */

/*
 * What a cell that leads on holds: where a row begins, with ENDS if some texts
 * end there; or, with LIST, a list.
 */
#define LIST	(UINT32_C(1) << 31)
#define ENDS	(UINT32_C(1) << 30)
#define SHORT	32	/* bytes that scan_same() compares */

void
literals_add(struct literals *l, struct str text, unsigned flags)
{
	l->text = mem_grow(l->text, &l->cap, l->n + 1, sizeof(*l->text));
	l->text[l->n++] = (struct literals_text){ text, flags };
}

static void
list_add(struct literals *l, uint32_t number)
{
	l->list = mem_grow(l->list, &l->list_cap, l->listed + 1, sizeof(*l->list));
	l->list[l->listed++] = number;
}

/* So many texts, which are alike before byte `at`, as a list. */
static uint32_t
list_new(struct literals *l, const uint32_t *number, size_t n)
{
	size_t start = l->listed;

	for (size_t i = 0; i < n; i++)
		list_add(l, number[i]);
	list_add(l, LITERALS_NONE);
	return (uint32_t)start | LIST;
}

static size_t
row_new(struct literals *l)
{
	size_t at = l->used;

	l->row = mem_grow(l->row, &l->row_cap, at + l->width, sizeof(*l->row));
	memset(l->row + at, 0, l->width * sizeof(*l->row));
	l->used += l->width;
	return at;
}

/*
 * Those of the texts in `all` that go on with a byte of that class, or end
 * (HEAD and less: as PREFIX or EXACT), into `some`.
 */
static size_t
pick(const struct literals *l, const uint32_t *all, size_t n, size_t at, size_t cell, uint32_t *some)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		const struct literals_text *t = &l->text[all[i]];
		size_t own = at < t->text.n ? l->class[(unsigned char)t->text.p[at]] :
		    t->flags & LITERALS_EXACT ? EXACT : PREFIX;

		if (own == cell)
			some[found++] = all[i];
	}
	return found;
}

/* The node of n texts, more than zero, that are alike before byte `at`. */
static uint32_t
node(struct literals *l, const uint32_t *all, size_t n, size_t at)
{
	uint32_t *some;
	size_t row;

	if (at > 0 && n <= LITERALS_FEW)
		return list_new(l, all, n);
	some = mem_array(n, sizeof(*some));
	row = row_new(l);
	for (size_t cell = 0; cell < l->width; cell++) {
		size_t found = pick(l, all, n, at, cell, some);
		uint32_t to = 0;

		if (found)
			to = cell < HEAD ? list_new(l, some, found) : node(l, some, found, at + 1);
		l->row[row + cell] = to;
	}
	free(some);
	return (uint32_t)row | (l->row[row + PREFIX] ? ENDS : 0);
}

/* A class for each byte that occurs; false: too many. */
static bool
classify(struct literals *l, struct str s)
{
	for (size_t k = 0; k < s.n; k++) {
		uint8_t *c = &l->class[(unsigned char)s.p[k]];

		if (*c != NOWHERE)
			continue;
		if (l->width > UINT8_MAX)
			return false;
		*c = (uint8_t)l->width++;
	}
	return true;
}

static struct str
copy(struct literals *l, struct str s)
{
	char *p = arena_alloc(&l->copies, s.n + SCAN_SLACK);

	memset(p, 0, s.n + SCAN_SLACK);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

bool
literals_build(struct literals *l)
{
	uint32_t *all = mem_array(l->n, sizeof(*all));
	size_t bytes = 0;
	bool ok = true;

	l->width = HEAD;
	memset(l->class, NOWHERE, sizeof(l->class));
	for (uint32_t i = 0; i < l->n; i++) {
		struct str *s = &l->text[i].text;

		all[i] = i;
		bytes += s->n;
		*s = copy(l, *s);
		ok = ok && classify(l, *s);
	}
	ok = ok && bytes <= LITERALS_MAX;
	if (ok)
		(void)node(l, all, l->n, 0);
	free(all);
	return ok;
}

static bool
is_at(const struct literals_text *t, struct str s)
{
	if (s.n < t->text.n || (t->flags & LITERALS_EXACT && s.n != t->text.n))
		return false;
	return LIKELY(t->text.n - 1 < SHORT) ? scan_same(s.p, t->text.p, t->text.n) :
	    memcmp(s.p, t->text.p, t->text.n) == 0;
}

/* The first of a list, which ascends, that counts and is before best; all of it are at s. */
static uint32_t
first_of(const struct literals *l, uint32_t list, uint32_t best, bool (*holds)(void *ctx, uint32_t number),
    void *ctx)
{
	for (const uint32_t *i = &l->list[list & ~LIST]; *i < best; i++)
		if (!(l->text[*i].flags & LITERALS_IF) || holds(ctx, *i))
			return *i;
	return best;
}

/* The same of a list of those that may be at s. */
static uint32_t
first_at(const struct literals *l, uint32_t list, struct str s, uint32_t best,
    bool (*holds)(void *ctx, uint32_t number), void *ctx)
{
	for (const uint32_t *i = &l->list[list & ~LIST]; *i < best; i++) {
		const struct literals_text *t = &l->text[*i];

		if (is_at(t, s) && (!(t->flags & LITERALS_IF) || holds(ctx, *i)))
			return *i;
	}
	return best;
}

uint32_t
literals_first(const struct literals *l, struct str s,
    bool (*holds)(void *ctx, uint32_t number), void *ctx)
{
	const char *end = s.p + s.n;
	uint32_t best = LITERALS_NONE, at = 0;

	for (const char *p = s.p; p < end; p++) {
		at = l->row[at + l->class[(unsigned char)*p]];
		/* Most nodes only lead on. */
		if (LIKELY(at - 1 < ENDS - 1))
			continue;
		if (at == 0)
			return best;
		if (at & LIST)
			return first_at(l, at, s, best, holds, ctx);
		at -= ENDS;
		best = first_of(l, l->row[at + PREFIX], best, holds, ctx);
	}
	return l->row[at + EXACT] ? first_of(l, l->row[at + EXACT], best, holds, ctx) : best;
}

void
literals_free(struct literals *l)
{
	free(l->text);
	free(l->row);
	free(l->list);
	arena_free(&l->copies);
	*l = (struct literals){ 0 };
}
