/* perm.c - see perm.h. */
#include <float.h>
#include <stdlib.h>

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
 * and of its products.  Residuals are from the ratio of all keys, which no
 * relabelling changes; an arm's own ratio is then a small correction to them.
 */
struct tally {
	double k, v[4], vv[4][4];
};

static void
tally_add(struct tally *s, const struct ratio_total *now, const struct ratio_total *before)
{
	s->v[0] += now->y;
	s->v[1] += now->n;
	s->v[2] += before->y;
	s->v[3] += before->n;
	s->vv[0][0] += now->y * now->y;
	s->vv[0][1] += now->y * now->n;
	s->vv[0][2] += now->y * before->y;
	s->vv[0][3] += now->y * before->n;
	s->vv[1][1] += now->n * now->n;
	s->vv[1][2] += now->n * before->y;
	s->vv[1][3] += now->n * before->n;
	s->vv[2][2] += before->y * before->y;
	s->vv[2][3] += before->y * before->n;
	s->vv[3][3] += before->n * before->n;
}

/* The sum over keys of (a . v) (b . v). */
static double
tally_product(const struct tally *s, const double a[4], const double b[4])
{
	double sum = 0;

	for (size_t i = 0; i < 4; i++) {
		sum += a[i] * b[i] * s->vv[i][i];
		for (size_t j = i + 1; j < 4; j++)
			sum += (a[i] * b[j] + a[j] * b[i]) * s->vv[i][j];
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
	double now = s->v[0] / s->v[1], before = s->v[2] / s->v[3];
	double u[4] = { 1 / s->v[1], -now / s->v[1], 0, 0 };
	double w[4] = { 0, 0, 1 / s->v[3], -before / s->v[3] };
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

/* Puts a random set of the stratum's keys where control's were. */
static void
relabel(struct ratio_key *keys, const struct perm_stratum *s, struct rng *rng)
{
	bool front = s->control <= s->treatment;
	size_t n = s->control + s->treatment, few = front ? s->control : s->treatment;

	for (size_t i = 0; i < few; i++) {
		size_t to = front ? i : n - 1 - i;
		size_t from = (front ? i : 0) + (size_t)rng_below(rng, n - i);
		struct ratio_key key = keys[to];

		keys[to] = keys[from];
		keys[from] = key;
	}
}

static double
labelled_t(const struct ratio_key *keys, const struct perm_stratum *strata, size_t n_strata,
    bool cuped)
{
	struct tally c = { 0 }, t = { 0 };
	size_t i = 0;

	for (size_t s = 0; s < n_strata; s++) {
		size_t treatment = i + strata[s].control, end = treatment + strata[s].treatment;

		for (; i < treatment; i++)
			tally_add(&c, &keys[i].now, &keys[i].before);
		for (; i < end; i++)
			tally_add(&t, &keys[i].now, &keys[i].before);
		c.k += (double)strata[s].control;
		t.k += (double)strata[s].treatment;
	}
	return split_t(&c, &t, cuped);
}

/* Every key's two times in their order, or by lot. */
static double
flipped_t(const struct ratio_key *keys, size_t k, struct rng *rng)
{
	struct tally s = { .k = (double)k };
	uint64_t bits = 0;

	for (size_t i = 0; i < k; i++, bits >>= 1) {
		if (rng && i % 64 == 0)
			bits = rng_u64(rng);
		tally_add(&s, time_of(&keys[i], bits & 1), time_of(&keys[i], ~bits & 1));
	}
	return paired_t(&s);
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
how_wrong(const struct perm_how *how)
{
	if (!how->rounds || how->rounds > PERM_ROUNDS_MAX)
		return "no rounds, or too many";
	return how->alpha > 0 && how->alpha < 1 ? NULL : "alpha is not between 0 and 1";
}

/* p and the critical value, from out->t and |t| of every round. */
static void
rank(double *t, const struct perm_how *how, struct perm_result *out)
{
	double all = (double)how->rounds + 1, judged = how->judged ? *how->judged : fabs(out->t);
	/* p <= alpha has so many places at the top, the observed one's included */
	uint32_t allowed = (uint32_t)(how->alpha * all * (1 + 4 * DBL_EPSILON));

	out->beyond = 0;
	for (uint32_t i = 0; i < how->rounds; i++)
		if (t[i] >= judged * TIE)
			out->beyond++;
	out->p = (out->beyond + 1.0) / all;
	qsort(t, how->rounds, sizeof(*t), ascending);
	out->critical = allowed ? t[how->rounds - allowed] : INFINITY;
}

const char *
perm_labels(struct ratio_key *keys, const struct perm_stratum *strata, size_t n_strata,
    const struct perm_how *how, struct perm_result *out)
{
	size_t k = 0;
	struct rng rng;
	double *t;
	const char *why = how_wrong(how);

	*out = (struct perm_result){ NAN, NAN, 0, NAN };
	for (size_t s = 0; s < n_strata; s++)
		k += strata[s].control + strata[s].treatment;
	if (!why)
		why = centre(keys, k, how->cuped);
	if (why)
		return why;
	out->t = labelled_t(keys, strata, n_strata, how->cuped);
	if (!isfinite(out->t)) {
		out->t = NAN;
		return "the statistic is undefined";
	}
	rng_seed(&rng, how->seed);
	t = mem_array(how->rounds, sizeof(*t));
	for (uint32_t i = 0; i < how->rounds; i++) {
		size_t at = 0;

		for (size_t s = 0; s < n_strata; s++) {
			relabel(keys + at, &strata[s], &rng);
			at += strata[s].control + strata[s].treatment;
		}
		t[i] = fabs(labelled_t(keys, strata, n_strata, how->cuped));
	}
	rank(t, how, out);
	free(t);
	return NULL;
}

const char *
perm_pairs(struct ratio_key *keys, size_t k, const struct perm_how *how,
    struct perm_result *out)
{
	struct rng rng;
	double *t;
	const char *why = how_wrong(how);

	*out = (struct perm_result){ NAN, NAN, 0, NAN };
	if (!why)
		why = centre_pairs(keys, k);
	if (why)
		return why;
	out->t = flipped_t(keys, k, NULL);
	if (!isfinite(out->t)) {
		out->t = NAN;
		return "the statistic is undefined";
	}
	rng_seed(&rng, how->seed);
	t = mem_array(how->rounds, sizeof(*t));
	for (uint32_t i = 0; i < how->rounds; i++)
		t[i] = fabs(flipped_t(keys, k, &rng));
	rank(t, how, out);
	free(t);
	return NULL;
}
