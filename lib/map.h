/*
 * map.h - a hash table from byte strings to small numbers: the n-th distinct
 * key is number n.  What belongs to a key lives in the caller's own array
 * under that number.
 *
 *	struct map m;
 *	map_init(&m, &key);
 *	uint32_t i = map_put(&m, name, &added);
 *	if (added)
 *		count = grow(count, i), count[i] = 0;
 *	count[i]++;
 *
 * Keys come from logs, so attackers choose them: the hash is SipHash-1-3
 * under the caller's random key, and the order of keys is their order of
 * arrival, so the random key never shows.
 *
 * Many keys are bound by memory latency.  Hash a batch, map_prefetch() each,
 * then map_put_hashed(): three times as fast beyond the caches.
 *
 * Ownership: the map copies keys; map_key() borrows until map_free().
 * Errors: none are returned (mem.h); at most MAP_NONE keys, which the caller
 * keeps by its memory budget.
 */
#ifndef MAP_H
#define MAP_H

#include "base.h"
#include "hash.h"
#include "mem.h"

#define MAP_NONE	UINT32_MAX

struct map {
	uint32_t n;		/* keys */

	/* private from here */
	struct map_slot *slot;	/* OWNED, mask + 1 of them, or NULL */
	size_t mask;
	struct map_entry *entry; /* OWNED, by number */
	size_t entries;		/* capacity of entry */
	struct arena text;	/* OWNED: the keys' bytes */
	struct hash_key key;
};

void	 map_init(struct map *m, const struct hash_key *key);
uint32_t map_put(struct map *m, struct str key, bool *added);
uint32_t map_get(const struct map *m, struct str key);	/* MAP_NONE: not there */
struct str map_key(const struct map *m, uint32_t i);
size_t	 map_bytes(const struct map *m);	/* memory held, for a budget */
void	 map_free(struct map *m);

/* The same in two steps, for batches. */
uint64_t map_hash(const struct map *m, struct str key);
void	 map_prefetch(const struct map *m, uint64_t hash);
uint32_t map_put_hashed(struct map *m, struct str key, uint64_t hash, bool *added);

#endif
