/* ttl.c - see ttl.h. */
#include <float.h>

#include "stats.h"
#include "ttl.h"

/* change * ttl is looked for between their exponentials, by halving. */
#define LOG_LOW		(-230.0)
#define LOG_HIGH	6.6		/* exp(-exp(6.6)) is below DBL_MIN */
#define HALVINGS	64

static bool
amount(double v)
{
	return v >= 0 && v <= DBL_MAX;
}

static bool
object_ok(const struct ttl_object *o)
{
	return amount(o->rate) && amount(o->change) && amount(o->miss) && amount(o->stale)
	    && amount(o->storage);
}

/* exp(-v)'s remainders: 1 - exp(-v), and 1 - (1 + v) exp(-v) without cancellation. */
static double
changed(double v)
{
	return -expm1(-v);
}

static double
changed_twice(double v)
{
	return stats_gamma(2, v).lower;
}

struct ttl_point
ttl_at(const struct ttl_object *o, double ttl_s)
{
	struct ttl_point at = { NAN, NAN, NAN, NAN };
	double v = o->change * ttl_s, hits = o->rate * ttl_s, stale_s = 0;

	if (!object_ok(o) || !(ttl_s >= 0))
		return at;
	if (isinf(ttl_s)) {
		at = (struct ttl_point){ ttl_s, 1, o->change > 0, o->storage };
		at.cost += o->stale * o->rate * at.stale_share;
		return at;
	}
	/* seconds of a life that are stale: (v - (1 - exp(-v))) / change */
	if (v > 0)
		stale_s = (v * changed(v) - changed_twice(v)) / o->change;
	at.ttl_s = ttl_s;
	at.hit_ratio = hits / (1 + hits);
	at.stale_share = o->rate * stale_s / (1 + hits);
	at.cost = o->rate / (1 + hits)
	    * (o->miss + o->stale * o->rate * stale_s + o->storage * ttl_s);
	return at;
}

/*
 * The cost's slope by T has the sign of
 *	stale (1 - e + rate/change (1 - (1 + v) e)) - (miss - storage/rate),
 * v = change T, e = exp(-v), which rises with v.
 */
struct ttl_point
ttl_best(const struct ttl_object *o)
{
	double gain = o->miss - o->storage / o->rate, ratio = o->rate / o->change;
	double low = LOG_LOW, high = LOG_HIGH;

	if (!object_ok(o))
		return ttl_at(o, NAN);
	if (o->rate == 0 || gain <= 0)
		return ttl_at(o, 0);
	if (o->change == 0 || o->stale * (1 + ratio) <= gain)
		return ttl_at(o, INFINITY);
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2, v = exp(middle);

		if (o->stale * (changed(v) + ratio * changed_twice(v)) < gain)
			low = middle;
		else
			high = middle;
	}
	return ttl_at(o, exp(low) / o->change);
}
