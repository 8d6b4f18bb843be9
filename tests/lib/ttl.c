/* ttl.c - against a search over a grid, a simulation, and the ends. */
#include "rng.h"
#include "test.h"
#include "ttl.h"

static bool
near(double a, double b, double rtol)
{
	return fabs(a - b) <= rtol * fabs(b);
}

static double
magnitude(struct rng *rng, double low, double high)
{
	return pow(10, low + (high - low) * rng_unit(rng));
}

static void
test_grid(void)
{
	struct rng rng;
	unsigned inside = 0;

	rng_seed(&rng, 1);
	for (int i = 0; i < 500; i++) {
		struct ttl_object o = {
			magnitude(&rng, -4, 3), magnitude(&rng, -7, 0), magnitude(&rng, -1, 1),
			magnitude(&rng, -2, 2), magnitude(&rng, -6, 1)
		};
		struct ttl_point best = ttl_best(&o);

		CHECK(best.cost >= 0 && best.hit_ratio >= 0 && best.hit_ratio <= 1);
		CHECK(best.stale_share >= 0 && best.stale_share <= best.hit_ratio);
		for (double ttl = 1e-6; ttl < 1e12; ttl *= 1.3)
			CHECK(best.cost <= ttl_at(&o, ttl).cost * (1 + 1e-12));
		CHECK(best.cost <= ttl_at(&o, 0).cost && best.cost <= ttl_at(&o, INFINITY).cost);
		inside += best.ttl_s > 0 && isfinite(best.ttl_s);
	}
	CHECK(inside > 100 && inside < 400);
}

/* The worked example of the header; roughly sqrt(2 m / (k L mu)). */
static void
test_example(void)
{
	struct ttl_object o = { .rate = 1, .change = 1 / 3600.0, .miss = 1, .stale = 10 };
	struct ttl_point best = ttl_best(&o);

	CHECK(near(best.ttl_s, 25.9, 0.002) && near(best.hit_ratio, 0.963, 0.001));
	CHECK(near(best.stale_share, 0.00346, 0.001));
	/* the square root, where a ttl is many requests and few changes */
	o = (struct ttl_object){ .rate = 1e6, .change = 1e-9, .miss = 1, .stale = 1 };
	CHECK(near(ttl_best(&o).ttl_s, sqrt(2 / (1e6 * 1e-9)), 1e-6));
}

static void
test_ends(void)
{
	struct ttl_object o = { .rate = 1, .change = 0.01, .miss = 1 };

	/* staleness costs nothing: keep, or do not cache */
	CHECK(isinf(ttl_best(&o).ttl_s) && ttl_best(&o).hit_ratio == 1);
	CHECK(ttl_best(&o).stale_share == 1 && ttl_best(&o).cost == 0);
	o.storage = 2;
	CHECK(ttl_best(&o).ttl_s == 0 && ttl_best(&o).hit_ratio == 0 && ttl_best(&o).cost == 1);
	/* nothing changes */
	o = (struct ttl_object){ .rate = 1, .miss = 1, .stale = 5, .storage = 0.5 };
	CHECK(isinf(ttl_best(&o).ttl_s) && ttl_best(&o).stale_share == 0);
	CHECK(ttl_best(&o).cost == 0.5);
	/* nobody asks */
	o.rate = 0;
	CHECK(ttl_best(&o).ttl_s == 0);

	o.rate = -1;
	CHECK(isnan(ttl_best(&o).ttl_s) && isnan(ttl_at(&o, 1).cost));
	o.rate = NAN;
	CHECK(isnan(ttl_best(&o).ttl_s));
	o.rate = 1;
	o.miss = INFINITY;
	CHECK(isnan(ttl_best(&o).cost));
	o.miss = 1;
	CHECK(isnan(ttl_at(&o, -1).hit_ratio) && isnan(ttl_at(&o, NAN).ttl_s));
}

/* Requests, changes and expiry played through; 400,000 requests: about 0.3 %. */
static void
test_simulated(void)
{
	struct ttl_object o = { .rate = 2, .change = 0.1, .miss = 1, .stale = 1 };
	const double ttl_s = 5;
	const unsigned requests = 400000;
	double now = 0, filled = -INFINITY, change = 0;
	unsigned hits = 0, stale = 0;
	struct rng rng;

	rng_seed(&rng, 3);
	for (unsigned i = 0; i < requests; i++) {
		now -= log(1 - rng_unit(&rng)) / o.rate;
		if (now >= filled + ttl_s) {
			filled = now;
			change = now - log(1 - rng_unit(&rng)) / o.change;
			continue;
		}
		hits++;
		stale += now > change;
	}
	CHECK(near(hits / (double)requests, ttl_at(&o, ttl_s).hit_ratio, 0.003));
	CHECK(near(stale / (double)requests, ttl_at(&o, ttl_s).stale_share, 0.02));
}

int
main(void)
{
	test_grid();
	test_example();
	test_ends();
	test_simulated();
	return test_end();
}
