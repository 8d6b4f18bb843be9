/*
 * ttl.h - what a time to live costs one object, and the one that costs least.
 *
 *	struct ttl_object o = { .rate = 1, .change = 1 / 3600.0, .miss = 1, .stale = 10 };
 *	struct ttl_point best = ttl_best(&o);		// 25.9 s, 96.3 % hits
 *
 * Requests arrive at random (Poisson) and the object changes at random; it is
 * kept for T seconds from a fill, in a cache that evicts nothing sooner.  Then
 * a fill is followed by rate T hits, of which those after the first change are
 * stale:
 *
 *	hit ratio = rate T / (1 + rate T)
 *	cost/s = rate (miss + stale rate (T - (1 - exp(-change T)) / change)
 *	         + storage T) / (1 + rate T)
 *
 * THE COST OF A STALE HIT IS THE OPERATOR'S NUMBER: where it is 0, or nothing
 * ever changes, the best T is 0 or infinite, as storage costs more or less than
 * rate misses.
 *
 * Ownership: none.  Errors: NaN, where a rate or a cost is negative or not finite.
 */
#ifndef TTL_H
#define TTL_H

#include "base.h"

struct ttl_object {
	double rate, change;		/* requests and changes a second */
	double miss, stale;		/* cost of a miss, of a stale hit */
	double storage;			/* cost of a second in the cache */
};

struct ttl_point {
	double ttl_s;
	double hit_ratio, stale_share;	/* of all requests */
	double cost;			/* a second */
};

struct ttl_point ttl_at(const struct ttl_object *o, double ttl_s);

/* To 1e-12 of ttl_s; it may be 0 (do not cache) or infinite (keep). */
struct ttl_point ttl_best(const struct ttl_object *o);

#endif
