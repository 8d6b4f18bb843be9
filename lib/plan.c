/* plan.c - see plan.h. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>

#include "mem.h"
#include "trial.h"

const char *const plan_way_name[PLAN_WAYS] = { "delta", "cuped", "crossover" };

/* The keys' totals of both halves, and of each by itself. */
static const char *
sum_halves(const struct ratio_key *keys, size_t n, struct ratio_arm *all, struct ratio_arm *odd,
    struct ratio_arm *even, const char **half_why)
{
	struct ratio_key *k = mem_array(n + 1, sizeof(*k));
	const char *why, *why_odd = ratio_arm(keys, n, odd), *why_even;

	for (size_t i = 0; i < n; i++)
		k[i].now = keys[i].before;
	why_even = ratio_arm(k, n, even);
	for (size_t i = 0; i < n; i++) {
		k[i].now.y += keys[i].now.y;
		k[i].now.n += keys[i].now.n;
	}
	why = ratio_arm(k, n, all);
	free(k);
	*half_why = why_odd ? why_odd : why_even;
	if (!why && !(odd->n > 0 && even->n > 0))
		*half_why = "all rows are in one period: a shorter --period is needed, or rows of more time";
	return why;
}

static struct plan_one
one(double split, double var, double floor, double varies, const struct plan_how *how)
{
	double se = sqrt(split * var);
	/* the standard error with which the effect is found */
	double want = how->effect / trial_effect(1, how->alpha, how->power);
	double left = want * want - split * floor;

	return (struct plan_one){
		se, trial_effect(se, how->alpha, how->power), trial_power(how->effect, se, how->alpha),
		left > 0 ? split * varies / left : INFINITY
	};
}

const char *
plan_make(const struct ratio_key *keys, size_t n, const struct plan_how *how, struct plan *p)
{
	const struct plan_one none = { NAN, NAN, NAN, NAN };
	struct ratio_arm odd, even;
	struct ratio_cuped both;
	const char *half, *why = sum_halves(keys, n, &p->all, &odd, &even, &half);
	double var = p->all.as.var, learnt;

	p->stays = p->varies = NAN;
	for (size_t i = 0; i < PLAN_WAYS; i++)
		p->way[i] = none;
	if (why)
		return why;
	p->way[PLAN_DELTA] = one(how->split, var, 0, NAN, how);
	p->way[PLAN_DELTA].days = NAN;
	/* the covariance of the halves, by way of theta */
	if (half || (half = ratio_cuped(keys, n, keys, n, how->alpha, &both)) != NULL)
		return half;
	p->stays = fmin(fmax(0, both.theta * even.as.var), var);
	p->varies = (var - p->stays) * how->days;
	learnt = p->stays * p->stays / var;
	p->way[PLAN_DELTA] = one(how->split, var, p->stays, p->varies, how);
	p->way[PLAN_CUPED] = one(how->split, var - learnt, p->stays - learnt, p->varies, how);
	p->way[PLAN_CROSSOVER] = one(PLAN_HALVES, p->varies / how->days, 0, p->varies, how);
	return NULL;
}
