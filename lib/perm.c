/* perm.c - see perm.h. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "deal.h"
#include "mem.h"
#include "perm.h"
#include "rng.h"

/* |t| equal but for the order of summation is a tie, and a tie counts. */
#define TIE	(1 - 1e-9)

static const struct ratio_total *
time_of(const struct ratio_key *key, bool before)
{
	return before ? &key->before : &key->now;
}

/*
 * What a round of a permutation adds up: over keys, the sums of
 *	v = (residual now, n now, residual before, n before)
 * and of its products, v0 v0, v0 v1, v0 v2, v0 v3, v1 v1 ... v3 v3.  Residuals are
 * from the ratio of all keys, which no relabelling changes; an arm's own ratio is
 * then a small correction to them.
 */
enum { VALUES = 4, SUMS = 14 };

struct tally {
	double k, sum[SUMS];
};

static void
parts_of(const struct ratio_total *now, const struct ratio_total *before, double part[SUMS])
{
	const double v[VALUES] = { now->y, now->n, before->y, before->n };
	size_t m = VALUES;

	for (size_t i = 0; i < VALUES; i++) {
		part[i] = v[i];
		for (size_t j = i; j < VALUES; j++)
			part[m++] = v[i] * v[j];
	}
}

/* The sum over keys of (a . v) (b . v). */
static double
tally_product(const struct tally *s, const double a[VALUES], const double b[VALUES])
{
	double sum = 0;
	size_t m = VALUES;

	for (size_t i = 0; i < VALUES; i++) {
		sum += a[i] * b[i] * s->sum[m++];
		for (size_t j = i + 1; j < VALUES; j++)
			sum += (a[i] * b[j] + a[j] * b[i]) * s->sum[m++];
	}
	return sum;
}

/* The ratios of a tally less those of all keys, their variances and covariance. */
struct off {
	double now, before;
	double var, var_before, cov;
};

static struct off
tally_off(const struct tally *s)
{
	double now = s->sum[0] / s->sum[1], before = s->sum[2] / s->sum[3];
	double u[VALUES] = { 1 / s->sum[1], -now / s->sum[1], 0, 0 };
	double w[VALUES] = { 0, 0, 1 / s->sum[3], -before / s->sum[3] };
	double over = s->k / (s->k - 1);

	return (struct off){
		now, before, tally_product(s, u, u) * over,
		tally_product(s, w, w) * over, tally_product(s, u, w) * over,
	};
}

/* An undefined statistic counts as beyond any other: p may only grow. */
static double
studentised(double diff, double var)
{
	double t = diff / sqrt(var);

	return isnan(t) ? INFINITY : t;
}

static double
split_t(const struct tally *c, const struct tally *t, bool cuped)
{
	struct off oc = tally_off(c), ot = tally_off(t);
	double diff = ot.now - oc.now, var = oc.var + ot.var, cov, before, theta;

	if (!cuped)
		return studentised(diff, var);
	cov = oc.cov + ot.cov;
	before = oc.var_before + ot.var_before;
	theta = cov / before;
	diff -= theta * (ot.before - oc.before);
	return studentised(diff, var - theta * (2 * cov - theta * before));
}

static double
paired_t(const struct tally *s)
{
	struct off o = tally_off(s);

	return studentised(o.now - o.before, o.var + o.var_before - 2 * o.cov);
}

/* The totals of one time over all keys. */
static const char *
sum_up(const struct ratio_key *keys, size_t k, bool before, struct ratio_total *sum)
{
	long double y = 0, n = 0;

	for (size_t i = 0; i < k; i++) {
		y += time_of(&keys[i], before)->y;
		n += time_of(&keys[i], before)->n;
	}
	*sum = (struct ratio_total){ (double)y, (double)n };
	if (!isfinite(sum->y) || !isfinite(sum->n))
		return "a total is not finite";
	return sum->n > 0 ? NULL : before ? "no requests before" : "no requests";
}

/* Replaces y by residuals from the ratio of all keys, of each time by itself. */
static const char *
centre(struct ratio_key *keys, size_t k, bool cuped)
{
	struct ratio_total now, before = { 0, 0 };
	const char *why = sum_up(keys, k, false, &now);

	if (!why && cuped)
		why = sum_up(keys, k, true, &before);
	for (size_t i = 0; !why && i < k; i++) {
		keys[i].now.y = ratio_residual(&keys[i].now, now.y, now.n);
		if (cuped)
			keys[i].before.y = ratio_residual(&keys[i].before, before.y, before.n);
		else
			keys[i].before = (struct ratio_total){ 0, 0 };
	}
	return why;
}

/* The same for a crossover, whose two times have one ratio under the null. */
static const char *
centre_pairs(struct ratio_key *keys, size_t k)
{
	struct ratio_total now, before;
	const char *why = sum_up(keys, k, false, &now);
	const char *why_before = sum_up(keys, k, true, &before);
	double y = now.y + before.y, n = now.n + before.n;

	if (why || why_before)
		return why ? why : why_before;
	for (size_t i = 0; i < k; i++) {
		keys[i].now.y = ratio_residual(&keys[i].now, y, n);
		keys[i].before.y = ratio_residual(&keys[i].before, y, n);
	}
	return NULL;
}

/* --- rounds --- */

#define LINE	8	/* words of a cache line */

enum { GROUP = 4, SETS = 1 << GROUP, GROUPS = DEAL_BITS / GROUP, TOGETHER = 128 };

/*
 * Several rounds are dealt, a bit for each key, and then added up together:
 * for each four keys the sums of all 16 ways to deal them are made once, and a
 * round adds the one that it has drawn.
 */
struct rounds {
	const struct ratio_key *keys;	/* BORROWED, centred */
	size_t k, stride;		/* words between the bits of two rounds */
	bool pairs;			/* a bit swaps a key's times, and does not label it */
	uint64_t *bits;			/* OWNED: of TOGETHER rounds */
	struct tally set[TOGETHER];	/* of keys whose bit is set; with pairs of all keys */
	struct tally unset[TOGETHER];	/* of the others */
	double way[GROUPS][SETS][SUMS];	/* of the word of keys at hand */
};

static void
rounds_open(struct rounds *r, const struct ratio_key *keys, size_t k, bool pairs)
{
	/* an odd number of cache lines, lest the same word of all rounds falls on the same ones */
	*r = (struct rounds){ .keys = keys, .k = k, .pairs = pairs,
	    .stride = ((deal_words(k) / LINE + 1) | 1) * LINE };
	r->bits = mem_array(r->stride, TOGETHER * sizeof(*r->bits));
}

static void
rounds_close(struct rounds *r)
{
	free(r->bits);
}

/* The sums of both ways of two keys: by a bit each. */
static void
two_keys(double part[2][2][SUMS], double way[4][SUMS])
{
	for (size_t set = 0; set < 4; set++)
		for (size_t m = 0; m < SUMS; m++)
			way[set][m] = part[0][set & 1][m] + part[1][set >> 1][m];
}

/* The sums of four keys from i on, by their bits; there are none behind the last. */
static void
four_keys(const struct rounds *r, size_t i, double way[SETS][SUMS])
{
	double part[GROUP][2][SUMS] = { { { 0 } } }, low[4][SUMS], high[4][SUMS];

	for (size_t g = 0; g < GROUP && i + g < r->k; g++) {
		const struct ratio_key *key = &r->keys[i + g];

		parts_of(&key->now, &key->before, part[g][r->pairs ? 0 : 1]);
		if (r->pairs)
			parts_of(&key->before, &key->now, part[g][1]);
	}
	two_keys(part, low);
	two_keys(part + 2, high);
	for (size_t set = 0; set < SETS; set++)
		for (size_t m = 0; m < SUMS; m++)
			way[set][m] = low[set & 3][m] + high[set >> 2][m];
}

/* In fours, so that the processor need not wait for one addition to begin the next. */
static void
add_word(double to[SUMS], double way[GROUPS][SETS][SUMS], uint64_t bits)
{
	for (size_t g = 0; g < GROUPS; g += 4, bits >>= 4 * GROUP) {
		const double *a = way[g][bits % SETS], *b = way[g + 1][bits >> GROUP & (SETS - 1)];
		const double *c = way[g + 2][bits >> 2 * GROUP & (SETS - 1)];
		const double *d = way[g + 3][bits >> 3 * GROUP & (SETS - 1)];

		for (size_t m = 0; m < SUMS; m++)
			to[m] += (a[m] + b[m]) + (c[m] + d[m]);
	}
}

/* Adds up the first n rounds that were dealt. */
static void
rounds_add(struct rounds *r, size_t n)
{
	memset(r->set, 0, sizeof(r->set));
	memset(r->unset, 0, sizeof(r->unset));
	for (size_t w = 0; w < deal_words(r->k); w++) {
		for (size_t g = 0; g < GROUPS; g++)
			four_keys(r, w * DEAL_BITS + g * GROUP, r->way[g]);
		for (size_t i = 0; i < n; i++) {
			uint64_t bits = r->bits[i * r->stride + w];

			add_word(r->set[i].sum, r->way, bits);
			if (!r->pairs)
				add_word(r->unset[i].sum, r->way, ~bits);
		}
	}
}

static uint64_t *
round_bits(struct rounds *r, size_t i)
{
	return r->bits + i * r->stride;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
how_wrong(const struct perm_how *how, size_t k)
{
	if (!how->rounds || how->rounds > PERM_ROUNDS_MAX)
		return "no rounds, or too many";
	if ((u128)k * how->rounds > PERM_WORK_MAX)
		return "keys times --rounds are over 10^11, which takes too long: take fewer rounds";
	return how->alpha > 0 && how->alpha < 1 ? NULL : "alpha is not between 0 and 1";
}

/* p and the critical value, from out->t and |t| of every round. */
static void
rank(double *t, const struct perm_how *how, struct perm_result *out)
{
	double all = (double)how->rounds + 1, judged = how->judged ? *how->judged : fabs(out->t);
	/* p <= alpha has so many places at the top, the observed one's included */
	double places = how->alpha * all * (1 + 4 * DBL_EPSILON);
	uint32_t allowed = places < how->rounds ? (uint32_t)places : how->rounds;

	out->beyond = 0;
	for (uint32_t i = 0; i < how->rounds; i++)
		if (t[i] >= judged * TIE)
			out->beyond++;
	out->p = (out->beyond + 1.0) / all;
	qsort(t, how->rounds, sizeof(*t), ascending);
	out->critical = allowed ? t[how->rounds - allowed] : INFINITY;
}

/* The statistic of a round that was added up; `set' of the keys are control's. */
static double
round_t(struct rounds *r, size_t i, size_t set, bool cuped)
{
	r->set[i].k = (double)(r->pairs ? r->k : set);
	r->unset[i].k = (double)(r->k - set);
	return r->pairs ? paired_t(&r->set[i]) : split_t(&r->set[i], &r->unset[i], cuped);
}

/* Observed, and in every round, of labels by lot; `set' is control's number of keys. */
static const char *
permute(struct rounds *r, size_t set, const struct perm_how *how, struct perm_result *out)
{
	struct rng rng;
	double *t;

	deal_range(r->bits, r->k, 0, r->pairs ? 0 : set);
	rounds_add(r, 1);
	out->t = round_t(r, 0, set, how->cuped);
	if (!isfinite(out->t)) {
		out->t = NAN;
		return "the statistic is undefined";
	}
	rng_seed(&rng, how->seed);
	t = mem_array(how->rounds, sizeof(*t));
	for (uint32_t done = 0; done < how->rounds;) {
		uint32_t n = how->rounds - done < TOGETHER ? how->rounds - done : TOGETHER;

		for (uint32_t i = 0; i < n; i++)
			if (r->pairs)
				deal_coins(round_bits(r, i), r->k, &rng);
			else
				deal_set(round_bits(r, i), r->k, set, &rng);
		rounds_add(r, n);
		for (uint32_t i = 0; i < n; i++)
			t[done++] = fabs(round_t(r, i, set, how->cuped));
	}
	rank(t, how, out);
	free(t);
	return NULL;
}

static const char *
run(const struct ratio_key *keys, size_t k, bool pairs, size_t set, const struct perm_how *how,
    struct perm_result *out)
{
	struct rounds *r = mem_alloc(sizeof(*r));
	const char *why;

	rounds_open(r, keys, k, pairs);
	why = permute(r, set, how, out);
	rounds_close(r);
	free(r);
	return why;
}

const char *
perm_labels(struct ratio_key *keys, size_t control, size_t treatment, const struct perm_how *how,
    struct perm_result *out)
{
	const char *why = how_wrong(how, control + treatment);

	*out = (struct perm_result){ NAN, NAN, 0, NAN };
	if (!why)
		why = centre(keys, control + treatment, how->cuped);
	return why ? why : run(keys, control + treatment, false, control, how, out);
}

const char *
perm_pairs(struct ratio_key *keys, size_t k, const struct perm_how *how,
    struct perm_result *out)
{
	const char *why = how_wrong(how, k);

	*out = (struct perm_result){ NAN, NAN, 0, NAN };
	if (!why)
		why = centre_pairs(keys, k);
	return why ? why : run(keys, k, true, 0, how, out);
}
