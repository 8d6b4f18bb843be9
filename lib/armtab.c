/* armtab.c - see armtab.h. */
#include "armtab.h"

#include <stdlib.h>
#include <string.h>

struct armtab_key {
	int64_t until;		/* us: the end of the last window */
	int16_t arm;
	bool active, moved;
	uint32_t place;		/* among the keys gathered */
};

/* What armtab_sort and the judges take for a key, once. */
#define WORK_PER_KEY	(sizeof(uint32_t) + sizeof(struct place) + 2 * sizeof(struct ratio_key))

struct place {
	uint64_t hash;
	uint32_t key;
};

void
armtab_init(struct armtab *t, const struct hash_key *key, size_t metrics, size_t times)
{
	*t = (struct armtab){ .metrics = metrics, .times = times };
	map_init(&t->keys, key);
	t->values = mem_array(metrics, sizeof(*t->values));
}

void
armtab_free(struct armtab *t)
{
	for (size_t m = 0; t->values && m < t->metrics; m++)
		free(t->values[m].v);
	free(t->values);
	free(t->key);
	free(t->total);
	free(t->order);
	map_free(&t->keys);
	*t = (struct armtab){ 0 };
}

size_t
armtab_bytes(const struct armtab *t)
{
	size_t per_key = sizeof(*t->key) + t->times * t->metrics * sizeof(*t->total) + WORK_PER_KEY;
	size_t bytes = map_bytes(&t->keys) + t->keys.n * per_key;

	for (size_t m = 0; m < t->metrics; m++)
		bytes += t->values[m].n * (sizeof(struct armtab_value) + sizeof(double));
	return bytes;
}

static size_t
first_total(const struct armtab *t, uint32_t key, enum armtab_time time)
{
	return ((size_t)key * t->times + (time == ARMTAB_BEFORE)) * t->metrics;
}

static void
add_key(struct armtab *t, uint32_t k, int arm)
{
	size_t n = t->times * t->metrics;

	t->key = mem_grow(t->key, &t->key_cap, (size_t)k + 1, sizeof(*t->key));
	t->key[k] = (struct armtab_key){ .until = INT64_MIN, .arm = (int16_t)arm };
	t->total = mem_grow(t->total, &t->total_cap, ((size_t)k + 1) * n, sizeof(*t->total));
	memset(t->total + k * n, 0, n * sizeof(*t->total));
}

uint32_t
armtab_key(struct armtab *t, struct str key, int arm)
{
	bool added;
	uint32_t k = map_put(&t->keys, key, &added);

	if (added) {
		add_key(t, k, arm);
	} else if (t->key[k].arm != arm && !t->key[k].moved) {
		t->key[k].moved = true;
		t->moved++;
	}
	return k;
}

bool
armtab_window(struct armtab *t, uint32_t key, int64_t start_us, int64_t end_us)
{
	struct armtab_key *k = &t->key[key];

	if (start_us < k->until)
		return false;
	k->until = end_us;
	return true;
}

void
armtab_active(struct armtab *t, uint32_t key)
{
	t->key[key].active = true;
}

struct ratio_total *
armtab_total(struct armtab *t, uint32_t key, enum armtab_time time)
{
	return t->total + first_total(t, key, time);
}

void
armtab_value(struct armtab *t, size_t metric, uint32_t key, enum armtab_time time, double v)
{
	struct armtab_values *a = &t->values[metric];

	a->v = mem_grow(a->v, &a->cap, a->n + 1, sizeof(*a->v));
	a->v[a->n++] = (struct armtab_value){ v, key, time == ARMTAB_BEFORE };
}

static int
by_hash(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

void
armtab_sort(struct armtab *t)
{
	struct place *p = mem_array((size_t)t->keys.n + 1, sizeof(*p));

	for (uint32_t k = 0; k < t->keys.n; k++) {
		struct str s = map_key(&t->keys, k);

		p[k] = (struct place){ hash_bytes(&hash_published, s.p, s.n), k };
	}
	qsort(p, t->keys.n, sizeof(*p), by_hash);
	t->order = mem_array((size_t)t->keys.n + 1, sizeof(*t->order));
	for (uint32_t k = 0; k < t->keys.n; k++)
		t->order[k] = p[k].key;
	free(p);
}

static bool
is_in(const struct armtab_key *k, int arm)
{
	return k->active && !k->moved && (arm == ARMTAB_ALL || k->arm == arm);
}

size_t
armtab_count(const struct armtab *t, int arm)
{
	size_t n = 0;

	for (uint32_t k = 0; k < t->keys.n; k++)
		n += is_in(&t->key[k], arm);
	return n;
}

size_t
armtab_gather(const struct armtab *t, int arm, size_t metric, struct ratio_key *keys)
{
	size_t n = 0;

	for (uint32_t i = 0; i < t->keys.n; i++) {
		uint32_t k = t->order[i];

		if (!is_in(&t->key[k], arm))
			continue;
		t->key[k].place = (uint32_t)n;
		keys[n].now = t->total[first_total(t, k, ARMTAB_NOW) + metric];
		keys[n].before = (struct ratio_total){ 0, 0 };
		if (t->times > 1)
			keys[n].before = t->total[first_total(t, k, ARMTAB_BEFORE) + metric];
		n++;
	}
	return n;
}

size_t
armtab_all_values(const struct armtab *t, size_t metric)
{
	return t->values[metric].n;
}

size_t
armtab_values(const struct armtab *t, int arm, size_t metric, enum armtab_time time, double *values)
{
	const struct armtab_values *a = &t->values[metric];
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].before == (time == ARMTAB_BEFORE) && is_in(&t->key[a->v[i].key], arm))
			values[n++] = a->v[i].v;
	return n;
}

void
armtab_below(const struct armtab *t, int arm, size_t metric, enum armtab_time time, double q,
    struct ratio_key *keys)
{
	const struct armtab_values *a = &t->values[metric];

	for (size_t i = 0; i < a->n; i++) {
		const struct armtab_key *k = &t->key[a->v[i].key];
		struct ratio_total *v;

		if (a->v[i].before != (time == ARMTAB_BEFORE) || !is_in(k, arm))
			continue;
		v = time == ARMTAB_BEFORE ? &keys[k->place].before : &keys[k->place].now;
		v->y += a->v[i].v <= q;
		v->n += 1;
	}
}
