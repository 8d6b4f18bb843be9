#include "map.h"

#include <stdlib.h>

#include "str.h"

#define SLOTS_MIN	64	/* a power of two */

/*
 * Open addressing, linear probing, at most half full.  A slot is eight bytes,
 * so a probe rarely leaves its cache line; the tag spares most looks at the
 * entry.
 */
struct map_slot {
	uint32_t tag;		/* the hash's upper half */
	uint32_t number;	/* of the entry, plus 1; 0: free */
};

struct map_entry {
	uint64_t hash;
	const char *p;		/* in the arena */
	size_t n;
};

void
map_init(struct map *m, const struct hash_key *key)
{
	*m = (struct map){ .key = *key };
}

uint64_t
map_hash(const struct map *m, struct str key)
{
	return hash_bytes(&m->key, key.p, key.n);
}

void
map_prefetch(const struct map *m, uint64_t hash)
{
	if (m->slot)
		PREFETCH(&m->slot[hash & m->mask]);
}

static bool
same(const struct map_entry *e, struct str key, uint64_t hash)
{
	return e->hash == hash && str_eq((struct str){ e->p, e->n }, key);
}

/* The slot that holds key, or the free one where it belongs. */
static struct map_slot *
find(const struct map *m, struct str key, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	for (size_t i = hash & m->mask; ; i = (i + 1) & m->mask) {
		struct map_slot *s = &m->slot[i];

		if (s->number == 0 ||
		    (s->tag == tag && same(&m->entry[s->number - 1], key, hash)))
			return s;
	}
}

static void
grow(struct map *m)
{
	size_t slots = m->slot ? 2 * (m->mask + 1) : SLOTS_MIN;

	free(m->slot);
	m->slot = mem_array(slots, sizeof(*m->slot));
	m->mask = slots - 1;
	for (uint32_t k = 0; k < m->n; k++) {
		uint64_t hash = m->entry[k].hash;
		size_t i = hash & m->mask;

		while (m->slot[i].number)
			i = (i + 1) & m->mask;
		m->slot[i] = (struct map_slot){ (uint32_t)(hash >> 32), k + 1 };
	}
}

uint32_t
map_put_hashed(struct map *m, struct str key, uint64_t hash, bool *added)
{
	struct map_slot *s;
	struct str own;

	if (!m->slot || 2 * ((size_t)m->n + 1) > m->mask + 1)
		grow(m);
	s = find(m, key, hash);
	*added = s->number == 0;
	if (!*added)
		return s->number - 1;
	m->entry = mem_grow(m->entry, &m->entries, (size_t)m->n + 1, sizeof(*m->entry));
	own = arena_dup(&m->text, key);
	m->entry[m->n] = (struct map_entry){ hash, own.p, own.n };
	*s = (struct map_slot){ (uint32_t)(hash >> 32), ++m->n };
	return m->n - 1;
}

uint32_t
map_put(struct map *m, struct str key, bool *added)
{
	return map_put_hashed(m, key, map_hash(m, key), added);
}

uint32_t
map_get(const struct map *m, struct str key)
{
	/* The number of a free slot is 0, so one less is MAP_NONE. */
	return m->slot ? find(m, key, map_hash(m, key))->number - 1 : MAP_NONE;
}

struct str
map_key(const struct map *m, uint32_t i)
{
	return (struct str){ m->entry[i].p, m->entry[i].n };
}

size_t
map_bytes(const struct map *m)
{
	return (m->slot ? (m->mask + 1) * sizeof(*m->slot) : 0) +
	    m->entries * sizeof(*m->entry) + m->text.held;
}

void
map_free(struct map *m)
{
	free(m->slot);
	free(m->entry);
	arena_free(&m->text);
	*m = (struct map){ .key = m->key };
}
