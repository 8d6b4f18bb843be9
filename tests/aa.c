/*
 * aa - totals by key of a made-up cache, dealt to cohorts again and again: what
 * cmon-abtest says of cohorts that were treated alike, or were not.
 *
 *	aa --experiments 300 | cmon-abtest --start 1795737600
 *
 * Keys are asked for by Zipf, at random (Poisson), at a rate that drifts from
 * day to day by 30 % (lognormal); each is kept for a TTL from its fill, in a
 * cache without limit.  There are 7 days before the start, 14 after it.  The
 * arrivals are drawn once; only the labels differ between experiments.
 */
#include <math.h>
#include <stdlib.h>

#include "mem.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "rng.h"
#include "tsv.h"

#define DAYS_BEFORE	7
#define DAYS		21
#define DAY_S		86400.0
#define DRIFT		0.3		/* sigma of the logarithm */
#define PI		3.14159265358979323846
#define MANY		50.0		/* from which on a Poisson is drawn as a normal */

static struct {
	bool crossover;
	uint64_t experiments, keys, pinned, requests, seed, share, treated, ttl, zipf;
} cfg = {
	.experiments = 100, .keys = 2000, .requests = 100000, .seed = 1, .share = 50, .ttl = 300,
	.zipf = 90,
};

static const struct opt opts[] = {
	{ 0, "crossover", NULL, OPT_FLAG, &cfg.crossover, "cohorts change places every day" },
	{ 0, "experiments", "N", OPT_COUNT, &cfg.experiments, "so many (100)" },
	{ 0, "keys", "K", OPT_COUNT, &cfg.keys, "so many (2000)" },
	{ 0, "pinned", "N", OPT_COUNT, &cfg.pinned, "the heaviest N are in no cohort (0)" },
	{ 0, "requests", "N", OPT_COUNT, &cfg.requests, "a day, of all keys (100000)" },
	{ 0, "seed", "N", OPT_COUNT, &cfg.seed, "other arrivals and labels (1)" },
	{ 0, "share", "PERCENT", OPT_COUNT, &cfg.share, "of keys in treatment (50)" },
	{ 0, "treated", "SECONDS", OPT_COUNT, &cfg.treated, "the treatment's TTL (as the control's)" },
	{ 0, "ttl", "SECONDS", OPT_COUNT, &cfg.ttl, "the control's TTL (300)" },
	{ 0, "zipf", "N", OPT_COUNT, &cfg.zipf, "the exponent, in hundredths (90)" },
};
static const struct opt_prog prog = {
	"aa", "", "write totals by key of cohorts dealt at random", opts, countof(opts)
};

struct count {
	uint64_t hits, misses;
};

/* A key's days under either TTL. */
struct key {
	struct count day[2][DAYS];
};

static double
normal(struct rng *r)
{
	double u = 1 - rng_unit(r);

	return sqrt(-2 * log(u)) * cos(2 * PI * rng_unit(r));
}

static double
exponential(struct rng *r)
{
	return -log(1 - rng_unit(r));
}

static uint64_t
poisson(struct rng *r, double mean)
{
	double sum = 0;
	uint64_t n = 0;

	if (mean > MANY)
		return (uint64_t)fmax(0, floor(mean + sqrt(mean) * normal(r) + 0.5));
	while ((sum += exponential(r)) < mean)
		n++;
	return n;
}

/* One day of a key; *fresh is until when it is in the cache. */
static struct count
one_day(struct rng *r, double rate, double begin, double ttl, double *fresh)
{
	struct count c = { 0, 0 };
	double end = begin + DAY_S, t = begin;

	while (t < end) {
		if (t < *fresh) {
			c.hits += poisson(r, rate * (fmin(*fresh, end) - t));
			t = *fresh;
			continue;
		}
		t += exponential(r) / rate;
		if (t >= end)
			break;
		c.misses++;
		*fresh = t + ttl;
	}
	return c;
}

static struct key *
live(struct rng *r)
{
	struct key *keys = mem_array(cfg.keys, sizeof(*keys));
	double sum = 0, ttl[2] = { (double)cfg.ttl, (double)(cfg.treated ? cfg.treated : cfg.ttl) };

	for (uint64_t k = 0; k < cfg.keys; k++)
		sum += pow((double)k + 1, -(double)cfg.zipf / 100);
	for (uint64_t k = 0; k < cfg.keys; k++) {
		double rate = (double)cfg.requests / DAY_S * pow((double)k + 1, -(double)cfg.zipf / 100) / sum;
		double fresh[2] = { 0, 0 };

		for (int d = 0; d < DAYS; d++) {
			double today = rate * exp(DRIFT * normal(r) - DRIFT * DRIFT / 2);

			keys[k].day[0][d] = one_day(r, today, d * DAY_S, ttl[0], &fresh[0]);
			keys[k].day[1][d] = keys[k].day[0][d];
			if (ttl[1] != ttl[0])
				keys[k].day[1][d] = one_day(r, today, d * DAY_S, ttl[1], &fresh[1]);
		}
	}
	return keys;
}

static void
write_row(struct tsv_row *row, uint64_t e, uint64_t k, int arm, int day, int days, struct count c)
{
	char name[2][NUM_MAX];
	const int64_t start = INT64_C(1795132800);	/* 2026-11-20 */

	tsv_as_is(row, (struct str){ name[0], (size_t)(num_put_u64(name[0], e + 1) - name[0]) });
	tsv_as_is(row, arm < 0 ? STR("(pinned)") : arm ? STR("treatment") : STR("control"));
	tsv_as_is(row, (struct str){ name[1], (size_t)(num_put_u64(name[1], k + 1) - name[1]) });
	tsv_int(row, start + day * INT64_C(86400));
	tsv_int(row, days * INT64_C(86400));
	tsv_int(row, (int64_t)(c.hits + c.misses));
	tsv_int(row, (int64_t)c.hits);
	tsv_int(row, (int64_t)c.misses);
	tsv_end_row(row);
}

static struct count
sum_days(const struct key *key, int arm, int from, int to)
{
	struct count c = { 0, 0 };

	for (int d = from; d < to; d++) {
		c.hits += key->day[arm][d].hits;
		c.misses += key->day[arm][d].misses;
	}
	return c;
}

static void
deal(struct tsv_row *row, struct rng *r, const struct key *keys, uint64_t e)
{
	for (uint64_t k = 0; k < cfg.keys; k++) {
		int arm = rng_below(r, 100) < cfg.share;

		if (k < cfg.pinned)
			arm = -1;
		for (int d = DAYS_BEFORE; cfg.crossover && d < DAYS; d++)
			write_row(row, e, k, arm < 0 ? arm : arm ^ (d & 1), d, 1,
			    keys[k].day[arm < 0 ? 0 : arm ^ (d & 1)][d]);
		if (cfg.crossover)
			continue;
		write_row(row, e, k, arm, 0, DAYS_BEFORE, sum_days(&keys[k], 0, 0, DAYS_BEFORE));
		write_row(row, e, k, arm, DAYS_BEFORE, DAYS - DAYS_BEFORE,
		    sum_days(&keys[k], arm < 0 ? 0 : arm, DAYS_BEFORE, DAYS));
	}
}

int
main(int argc, char *argv[])
{
	struct key *keys;
	struct rng r;
	struct out o;
	struct tsv_row row = { &o, 0 };

	if (opt_parse(&prog, argc, argv) < argc)
		opt_wrong(&prog, "there are no operands");
	if (!cfg.keys || cfg.keys > 10000000 || cfg.zipf > 300 || !cfg.ttl)
		opt_wrong(&prog, "a number is out of range");
	rng_seed(&r, cfg.seed);
	keys = live(&r);
	out_open(&o, NULL);
	out_add(&o, STR("experiment\tcohort\tkey\ttime\twindow\trequests\thits\tmisses\n"));
	for (uint64_t e = 0; e < cfg.experiments; e++)
		deal(&row, &r, keys, e);
	free(keys);
	return out_close(&o);
}
