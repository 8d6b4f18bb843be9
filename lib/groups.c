#include "groups.h"

#include <stdlib.h>

#include "str.h"
#include "tsv.h"

#define ROOM_BEHIND	STR("\0\0\0\0\0\0\0\0")	/* which cells.h may read */

void
groups_init(struct groups *g, struct cells *cells, const struct str *label, size_t labels)
{
	*g = (struct groups){ .cells = cells, .labels = labels };
	for (size_t i = 0; i < labels; i++)
		g->label[i].name = label[i];
	buf_init(&g->key, UINT32_MAX);
	buf_init(&g->other, UINT32_MAX);
	buf_init(&g->total, UINT32_MAX);
}

static struct str
escaped(struct arena *a, struct str raw)
{
	char *p = arena_alloc(a, TSV_ROOM(raw.n));

	return (struct str){ p, (size_t)(tsv_put(p, raw) - p) };
}

bool
groups_expect(struct groups *g, struct str spec, const char **why)
{
	size_t eq = str_chr(spec, '='), i = 0;
	struct str value;

	while (i < g->labels && !str_eq(g->label[i].name, (struct str){ spec.p, eq }))
		i++;
	*why = "want LABEL=VALUE,VALUE,... of a label that is grouped by";
	if (eq + 1 >= spec.n || i == g->labels)
		return false;
	spec = str_from(spec, eq + 1);
	if (!g->label[i].value)
		g->label[i].value = mem_array(GROUPS_VALUES, sizeof(struct str));
	while (str_cut(&spec, ',', &value)) {
		*why = "a value is empty";
		if (value.n == 0)
			return false;
		*why = "too many values";
		if (g->label[i].n == GROUPS_VALUES)
			return false;
		g->label[i].value[g->label[i].n++] = escaped(&g->texts, value);
	}
	g->expected = 1;
	for (i = 0; i < g->labels; i++)
		g->expected *= g->label[i].n ? g->label[i].n : 1;
	*why = "too many combinations";
	return g->expected <= GROUPS_EXPECTED;
}

static void
end_key(struct buf *b, struct cells_key *k)
{
	size_t n = b->n;

	buf_add(b, ROOM_BEHIND);
	k->labels = (struct str){ b->p, n };
}

/*
 * The labels of the i-th combination of expected values; what is not expected
 * is as in `like`.
 */
static void
combine(struct groups *g, struct str like, size_t i, struct cells_key *k)
{
	buf_reset(&g->key);
	for (size_t l = 0; l < g->labels; l++) {
		const struct groups_label *label = &g->label[l];
		struct str own = { NULL, 0 };

		(void)str_cut(&like, '\t', &own);
		if (l)
			buf_byte(&g->key, '\t');
		buf_add(&g->key, label->n ? label->value[i % label->n] : own);
		i /= label->n ? label->n : 1;
	}
	end_key(&g->key, k);
}

static void
make_expected(struct groups *g, const struct cells_key *like)
{
	for (size_t i = 0; i < g->expected; i++) {
		struct cells_key k = *like;
		uint64_t hash;
		bool added;

		combine(g, like->labels, i, &k);
		hash = cells_hash(g->cells, &k);
		if (!cells_find(g->cells, &k, hash))
			(void)cells_make(g->cells, &k, hash);
		if (g->max)
			(void)map_put(&g->known, k.labels, &added);
	}
}

/* True when labels are of the first groups, or now become one. */
static bool
admit(struct groups *g, struct str labels)
{
	bool added;

	if (map_get(&g->known, labels) != MAP_NONE)
		return true;
	if (g->known.n >= g->max)
		return false;
	(void)map_put(&g->known, labels, &added);
	return true;
}

static struct cell *
make(void *ctx, const struct cells_key *k, uint64_t hash)
{
	struct groups *g = ctx;
	struct cells_key other = *k;
	struct cell *c;

	if (g->max && !admit(g, k->labels)) {
		g->folded++;
		other.labels = (struct str){ g->other.p, g->other.n - ROOM_BEHIND.n };
		k = &other;
		hash = cells_hash(g->cells, k);
		c = cells_find(g->cells, k, hash);
		if (c)
			return c;
	}
	c = cells_make(g->cells, k, hash);
	make_expected(g, k);
	return c;
}

bool
groups_start(struct groups *g)
{
	struct cells_key k;
	struct hash_key key;

	if (!hash_key_random(&key))
		return false;
	map_init(&g->known, &key);
	for (size_t i = 0; i < g->labels; i++) {
		if (i) {
			buf_byte(&g->other, '\t');
			buf_byte(&g->total, '\t');
		}
		buf_add(&g->other, GROUPS_OTHER);
	}
	end_key(&g->other, &k);
	end_key(&g->total, &k);
	g->cells->no_labels = k.labels;
	if (g->max || g->expected) {
		g->cells->make = make;
		g->cells->make_ctx = g;
	}
	return true;
}

bool
groups_is_total(const struct groups *g, struct str labels)
{
	return str_eq(labels, g->cells->no_labels);
}

bool
groups_all_expected(const struct groups *g)
{
	for (size_t i = 0; i < g->labels; i++)
		if (g->label[i].n == 0)
			return false;
	return g->expected > 0;
}

void
groups_fill(struct groups *g, int64_t start, uint32_t width)
{
	make_expected(g, &(struct cells_key){ start, width, { NULL, 0 } });
}

void
groups_free(struct groups *g)
{
	for (size_t i = 0; i < g->labels; i++)
		free(g->label[i].value);
	map_free(&g->known);
	arena_free(&g->texts);
	buf_free(&g->key);
	buf_free(&g->other);
	buf_free(&g->total);
}
