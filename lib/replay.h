/*
 * replay.h - a log replayed as if the cache's keys ignored a part of the URL:
 * which parts split the cache, and how many misses would have been hits.
 *
 *	struct replay r;
 *	if (!replay_open(&r, ttl_us, mem_bytes))
 *		...errno...
 *	keys_take(&keys, &url);
 *	if (!replay_add(&r, &keys, rule, &event))
 *		...more than mem_bytes...
 *	replay_sort(&r);
 *	for (size_t i = 0; i < r.parts; i++)
 *		report(&r.part[i]);
 *	replay_close(&r);
 *
 * For each key K of the log and each part p of it, K without p names a group:
 * the keys that would be one.  A logged miss of K at time t is gained for p
 * when, of two copies,
 *
 *	K's own was not fetched within the TTL before t, and
 *	the group's was,
 *
 * the group's being fetched by each miss that is not gained.  So a miss in
 * spite of a fresh copy of its own, which says that such responses are not
 * kept, is never counted.  A revalidation fetches; without a TTL a hit shows
 * as well that a copy is there, and copies stay for ever.
 *
 * Whether p matters to the response is judged by each key's first one that a
 * cache may keep: groups in which all have the same status and size.
 *
 * All is exact: texts are kept, not hashes of them.
 *
 * Ownership: the replay owns all; parts are BORROWED until replay_close().
 * Errors: false, as said; replay_add() is not to be called again after it.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "base.h"
#include "buf.h"
#include "keys.h"
#include "map.h"
#include "outcome.h"

#define REPLAY_FOR_EVER		INT64_MAX
#define REPLAY_PARAMS_MAX	100	/* parameters of a URL; with more it is left out */

/* In the order of a report that has nothing else to go by. */
enum replay_kind {
	REPLAY_BARE,		/* all parameters without "=" */
	REPLAY_CASE,		/* the case of the path's letters */
	REPLAY_ENCODING,	/* percent-encoding, double slashes, dot segments */
	REPLAY_KEY,		/* whatever the key of the rules leaves out */
	REPLAY_ORDER,		/* the order of parameters */
	REPLAY_PARAM,		/* a parameter, by name */
};

struct replay_event {
	int64_t time_us;
	struct str endpoint;		/* "": none */
	bool logged;			/* the log says what the cache did: */
	enum outcome outcome;		/* HIT, STALE, REVAL or MISS */
	bool comparable;		/* the response is one that caches keep, */
	int64_t status, bytes;		/* with these; -1: not known */
};

struct replay_endpoint {
	struct str name;
	uint64_t hits, misses;
};

struct replay_part {
	enum replay_kind kind;
	struct str name;		/* of a parameter, in normal form */
	uint32_t endpoint;		/* number */
	uint64_t requests, hits, misses; /* whose URL has it */
	uint64_t values;		/* different ones; of a parameter */
	uint64_t keys;			/* that have it */
	uint64_t groups;		/* that they would be */
	uint64_t gained;		/* misses that would have been hits, with it or without */
	uint64_t compared, same;	/* groups with responses of two keys and more; alike */
};

struct replay {
	bool keyed;			/* the cache's key is that of the rules, not the URL */
	bool rules;			/* there are rules, whose key is a part to judge */
	struct replay_part *part;	/* OWNED */
	size_t parts;
	struct replay_endpoint *endpoint; /* OWNED, by number */
	uint64_t crowded;		/* events left out for their many parameters */

	/* private from here */
	int64_t ttl_us;
	size_t mem;
	struct key_rule as_logged;
	struct arena text;
	struct map endpoint_map, part_map, value_map, key_map, group_map;
	struct replay_key *key;		/* OWNED, by number */
	struct replay_group *group;
	struct replay_link *link;
	size_t links;
	size_t endpoint_cap, part_cap, key_cap, group_cap, link_cap;
	struct buf k, g, id, name;
};

bool	replay_open(struct replay *r, int64_t ttl_us, size_t mem) MUST_USE;

/* rule as keys_find() has it for the URL that keys_take() was given. */
bool	replay_add(struct replay *r, struct keys *keys, const struct key_rule *rule,
	    const struct replay_event *e) MUST_USE;

/* What gains most first, then what most requests have, then by name. */
void	replay_sort(struct replay *r);

void	replay_close(struct replay *r);

#endif
