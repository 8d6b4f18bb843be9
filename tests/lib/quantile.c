/* quantile: limits against every pair of values, p against limits, and how often either is wrong. */
#include "quantile.h"

#include "rng.h"
#include "stats.h"
#include "test.h"

#define N	2000

struct values {
	double x[N];
	struct quantile_arm arm;
};

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Steps of a distribution: values, and how many are at most that. */
struct step {
	double x, up_to;
};

static void
draw(struct values *v, struct rng *rng, size_t n, const struct step *s, double q)
{
	for (size_t i = 0; i < n; i++) {
		double u = rng_unit(rng);
		size_t k = 0;

		while (u >= s[k].up_to)
			k++;
		v->x[i] = s[k].x;
	}
	qsort(v->x, n, sizeof(*v->x), ascending);
	v->arm = (struct quantile_arm){ v->x, n, sqrt(q * (1 - q) / (double)n) };
}

/* Exponential, in units of which the values are whole. */
static void
draw_whole(struct values *v, struct rng *rng, size_t n, double times, double unit, double q)
{
	for (size_t i = 0; i < n; i++) {
		double u = -times * log(1 - rng_unit(rng));

		v->x[i] = unit > 0 ? floor(u / unit) * unit : u;
	}
	qsort(v->x, n, sizeof(*v->x), ascending);
	v->arm = (struct quantile_arm){ v->x, n, sqrt(q * (1 - q) / (double)n) };
}

static struct quantile_pair
pair_of(const struct values *c, const struct values *t, double q)
{
	return (struct quantile_pair){ q, c->arm, t->arm };
}

/* --- against brute force --- */

static double
off(const struct quantile_arm *a, double v, double x)
{
	double below = 0, up_to = 0;

	for (size_t i = 0; i < a->n; i++) {
		below += a->sorted[i] < x;
		up_to += a->sorted[i] <= x;
	}
	return fmax(0, fmax(v - up_to / (double)a->n, below / (double)a->n - v)) / a->share_se;
}

static void
test_truth(void)
{
	static struct values c, t;
	struct rng rng;

	rng_seed(&rng, 7);
	for (int i = 0; i < 300; i++) {
		double q = i % 3 ? 0.8 : 0.5, critical = 1 + rng_unit(&rng), lo = INFINITY, hi = -INFINITY;
		double rel_hi = -INFINITY, apart = INFINITY;
		struct quantile_limits l;
		struct quantile_pair p;

		draw_whole(&c, &rng, 40 + rng_below(&rng, 40), 20, i % 4, q);
		draw_whole(&t, &rng, 40 + rng_below(&rng, 40), 24, i % 4, q);
		p = pair_of(&c, &t, q);
		quantile_limits(&p, critical, &l);
		critical *= QUANTILE_SLACK;
		for (size_t k = 0; k < c.arm.n; k++) {
			double a = off(&c.arm, q, c.x[k]);

			apart = fmin(apart, hypot(a, off(&t.arm, q, c.x[k])));
			for (size_t m = 0; a <= critical && m < t.arm.n; m++) {
				apart = fmin(apart, hypot(off(&c.arm, q, t.x[m]), off(&t.arm, q, t.x[m])));
				if (hypot(a, off(&t.arm, q, t.x[m])) > critical)
					continue;
				lo = fmin(lo, t.x[m] - c.x[k]);
				hi = fmax(hi, t.x[m] - c.x[k]);
				rel_hi = fmax(rel_hi, t.x[m] / c.x[k] - 1);
			}
		}
		apart /= QUANTILE_SLACK;
		CHECK(fabs(apart - quantile_apart(&p)) < 1e-9);
		CHECK(l.lo == lo && l.hi == hi && fabs(l.rel_hi - rel_hi) < 1e-9);
	}
}

static void
test_edges(void)
{
	static struct values c, t;
	static const struct step same[] = { { 10, 1 } }, zero[] = { { 0, 1 } };
	struct quantile_limits l;
	struct quantile_pair p;
	struct rng rng;

	rng_seed(&rng, 1);
	draw(&c, &rng, 100, same, 0.95);
	draw(&t, &rng, 100, same, 0.95);
	p = pair_of(&c, &t, 0.95);
	quantile_limits(&p, 1.96, &l);
	CHECK(quantile_apart(&p) == 0 && l.lo == 0 && l.hi == 0 && l.rel_lo == 0 && l.rel_hi == 0);
	/* Beyond all values, and a ratio to 0. */
	quantile_limits(&p, 3, &l);
	CHECK(isinf(l.hi) && l.hi > 0 && isinf(l.lo) && l.lo < 0 && isinf(l.rel_hi));
	draw(&c, &rng, 100, zero, 0.95);
	p = pair_of(&c, &t, 0.95);
	quantile_limits(&p, 1.96, &l);
	CHECK(l.lo == 10 && l.hi == 10 && isnan(l.rel_hi) && quantile_apart(&p) > 1.96);
}

static void
test_rough(void)
{
	static struct values c;
	static const struct step gap[] = { { 1, 0.95 }, { 100, 1 } }, ties[] = { { 10, 0.9 }, { 11, 0.94 },
	    { 12, 0.96 }, { 13, 1 } };
	struct rng rng;

	rng_seed(&rng, 2);
	draw(&c, &rng, 1000, ties, 0.95);
	CHECK(quantile_tied(&c.arm, 0.95) && quantile_rough(&c.arm, 0.95));
	draw(&c, &rng, 1000, gap, 0.95);
	for (size_t i = 0; i < 1000; i++)	/* a gap alone, no two values tied */
		c.x[i] += (double)i * 1e-6;
	CHECK(!quantile_tied(&c.arm, 0.95) && quantile_rough(&c.arm, 0.95));
	draw_whole(&c, &rng, 1000, 20, 0, 0.95);
	CHECK(!quantile_rough(&c.arm, 0.95));
}

/* --- how often it is wrong --- */

struct found {
	double higher, lower, held;	/* shares of all runs */
};

#define RUNS	2000

/* Of cohorts whose quantiles truly differ by diff, or not: what is found at 5 %. */
static struct found
many(const struct step *sc, const struct step *st, double unit, double times, double diff)
{
	static struct values c, t;
	struct found f = { 0, 0, 0 };
	struct rng rng;

	rng_seed(&rng, 11);
	for (int i = 0; i < RUNS; i++) {
		struct quantile_limits l;
		struct quantile_pair p;
		double apart;

		if (sc) {
			draw(&c, &rng, N, sc, 0.95);
			draw(&t, &rng, N, st, 0.95);
		} else {
			draw_whole(&c, &rng, 1000, 20, unit, 0.95);
			draw_whole(&t, &rng, 1000, 20 * times, unit, 0.95);
		}
		p = pair_of(&c, &t, 0.95);
		apart = quantile_apart(&p);
		quantile_limits(&p, stats_norm_critical(0.05), &l);
		CHECK((apart > stats_norm_critical(0.05)) == (l.lo > 0 || l.hi < 0));
		f.higher += l.lo > 0;
		f.lower += l.hi < 0;
		f.held += l.hi < diff;		/* a guardrail whose margin is truly reached */
	}
	f.higher /= RUNS;
	f.lower /= RUNS;
	f.held /= RUNS;
	return f;
}

static void
test_alike(void)
{
	static const double units[] = { 0, 1, 5, 10, 40 };
	static const struct step edge[] = { { 10, 0.9499 }, { 20, 0.999 }, { 40, 1 } };

	for (size_t i = 0; i < countof(units); i++) {
		struct found f = many(NULL, NULL, units[i], 1, 0);

		CHECK(f.higher + f.lower <= 0.06);
		if (getenv("CMON_FIGURES"))
			fprintf(stderr, "alike, steps of %g: %.4f\n", units[i], f.higher + f.lower);
	}
	CHECK(many(edge, edge, 0, 0, 0).higher <= 0.025);
}

static void
test_differing(void)
{
	static const double units[] = { 0, 1, 5, 10 };

	for (size_t i = 0; i < countof(units); i++) {
		struct found f = many(NULL, NULL, units[i], 1.25, 0);

		if (getenv("CMON_FIGURES"))
			fprintf(stderr, "25 %% more, steps of %g: higher %.4f lower %.4f\n", units[i], f.higher, f.lower);
		CHECK(f.higher > 0.3 && f.lower <= 0.025);
	}
}

/* Margins truly reached: from well off the edge of a step to the worst, both cohorts at it. */
static void
test_guarded(void)
{
	static const struct step flat[] = { { 10, 0.8 }, { 20, 0.999 }, { 40, 1 } };
	static const struct step worse[] = { { 10, 0.8 }, { 20, 0.949 }, { 40, 1 } };
	static const struct step edge[] = { { 10, 0.80 }, { 20, 0.94999 }, { 40, 1 } };
	static const struct step low[] = { { 10, 0.95001 }, { 20, 0.97 }, { 40, 1 } };
	static const struct step far[] = { { 10, 0.80 }, { 20, 0.90 }, { 40, 1 } };
	struct found f[] = { many(flat, worse, 0, 0, 20), many(flat, edge, 0, 0, 20), many(low, edge, 0, 0, 30),
	    many(flat, far, 0, 0, 20) };

	for (size_t i = 0; i < countof(f); i++) {
		if (getenv("CMON_FIGURES"))
			fprintf(stderr, "worse %zu: held %.4f lower %.4f\n", i, f[i].held, f[i].lower);
		CHECK(f[i].held <= 0.055 && f[i].lower <= 0.03);	/* 0.05, and what 2000 runs leave open */
	}
	CHECK(f[3].higher > 0.99);
}

int
main(void)
{
	test_truth();
	test_edges();
	test_rough();
	test_alike();
	test_differing();
	test_guarded();
	return test_end();
}
