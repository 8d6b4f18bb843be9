/* assess.c - see assess.h. */
#include "assess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assign.h"
#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

const struct assess_how assess_default = {
	.compare = { .alpha = 0.05, .seed = 1 },
	.adjust = TRIAL_HOLM,
	.min_gain = NAN,
	.min_keys = 20,
	.min_requests = 1000,
};

/* What is judged at a time. */
struct bench {
	const struct assess_how *how;
	const struct studies *studies;
	const struct study *u;
	const struct metric_set *set;
	struct verdict *v;		/* by use, then treatment */
};

size_t
assess_room(const struct study *u)
{
	return u->uses * (u->arms > 1 ? u->arms - 1 : 1);
}

static size_t
treatments(const struct study *u)
{
	return u->arms > 1 ? u->arms - 1 : 1;
}

static struct verdict *
verdict_of(const struct bench *b, size_t use, size_t treatment)
{
	return &b->v[use * treatments(b->u) + treatment];
}

static const struct metric *
metric_of(const struct bench *b, size_t use)
{
	return &b->set->m[b->u->use[use].metric];
}

struct iso {
	char s[NUM_MAX + 1];
};

static struct iso
iso(int64_t us)
{
	struct iso t = { "" };

	*when_put_iso(t.s, us) = '\0';
	return t;
}

/* --- what makes a whole experiment invalid --- */

static double
srm(const struct study *u)
{
	uint64_t n[ASSIGN_ARMS];
	double weight[ASSIGN_ARMS];
	struct trial_srm r;

	for (size_t i = 0; i < u->arms; i++) {
		n[i] = armtab_count(&u->tab, (int)i);
		weight[i] = u->e ? assign_share(&u->e->assign, i) : 1;
	}
	return trial_srm(n, weight, u->arms, &r) ? NAN : r.p;
}

static void
say_srm(const struct study *u, struct verdict *v)
{
	char room[VERDICT_REASON_MAX / 2];
	size_t n = 0;

	*room = '\0';
	for (size_t i = 0; i < u->arms && n < sizeof(room); i++)
		n += (size_t)snprintf(room + n, sizeof(room) - n, "%s%zu in %.*s", i ? ", " : "",
		    armtab_count(&u->tab, (int)i), STRF(u->arm[i].name));
	verdict_say(v, "sample ratio mismatch: %s do not fit the weights (p = %.2g): keys of one cohort "
	    "are lost, gained or assigned otherwise", room, v->srm_p);
}

static bool
not_begun(const struct bench *b, struct verdict *v)
{
	const struct study *u = b->u;

	if (u->requests > 0)
		return false;
	if (u->start_us == STUDY_NEVER || u->start_us == INT64_MAX)
		verdict_say(v, "no rows");
	else if (b->how->now_us < u->start_us)
		verdict_say(v, "it has not begun: the start is %s, and now is %s", iso(u->start_us).s,
		    iso(b->how->now_us).s);
	else
		verdict_say(v, "no rows since the start, %s", iso(u->start_us).s);
	return true;
}

/* Says why nothing can be found at all. */
static bool
study_wrong(const struct bench *b, struct verdict *v)
{
	const struct study *u = b->u;

	if (*u->spoilt) {
		verdict_say(v, "%s", u->spoilt);
		return true;
	}
	if (not_begun(b, v))
		return true;
	if (u->unknown > 0)
		verdict_say(v, "rows of a cohort \"%s\" that the experiment does not have", u->unknown_name);
	if (u->tab.moved && !b->how->allow_moved)
		verdict_say(v, "%llu keys are in two cohorts: the assignment changed while it ran",
		    (unsigned long long)u->tab.moved);
	else if (v->srm_p < ASSESS_SRM)
		say_srm(u, v);
	return *v->reason != '\0';
}

/* --- one verdict --- */

static void
name(const struct bench *b, size_t use, size_t treatment, struct verdict *v)
{
	const struct study *u = b->u;

	verdict_init(v);
	v->time_us = b->how->now_us;
	v->experiment = u->name;
	v->metric = metric_of(b, use)->name;
	v->control = u->arm[0].name;
	if (u->arms > 1)
		v->treatment = u->arm[treatment + 1].name;
	if (u->e) {
		v->endpoint = u->e->endpoint;
		if (u->e->cohort[treatment + 1].ttl_s != EXPERIMENT_NO_TTL)
			v->ttl_s = (double)u->e->cohort[treatment + 1].ttl_s;
	}
}

static void
find(const struct bench *b, size_t use, size_t treatment, double srm_p)
{
	const struct study *u = b->u;
	const struct metric *m = metric_of(b, use);
	struct verdict *v = verdict_of(b, use, treatment);
	struct compare_how how = b->how->compare;
	struct compare_arm c = { 0, u->arm[0].moments[use] }, t = { (int)treatment + 1, { 0 } };
	const char *why = NULL;
	bool wrong;

	name(b, use, treatment, v);
	v->srm_p = srm_p;
	how.crossover = u->crossover;
	wrong = study_wrong(b, v);
	if (u->arms < 2) {
		verdict_say(v, "no other cohort than \"%.*s\"", STRF(u->arm[0].name));
	} else if (*m->lack) {
		verdict_say(v, "%s", m->lack);
	} else if (m->kind == METRIC_QUANTILE && u->weighted) {
		verdict_say(v, "percentiles of sampled events (weight) have no known error");
	} else if (u->requests > 0) {
		t.moments = u->arm[treatment + 1].moments[use];
		why = compare(&how, &u->tab, use, m, &c, &t, v);
		if (why)
			verdict_say(v, "%s", why);
		if (!wrong && (!why || (u->use[use].guard && v->basis == VERDICT_SAME)))
			v->status = VERDICT_INCONCLUSIVE;
	}
}

/* --- several verdicts --- */

static void
adjust(const struct bench *b)
{
	size_t n = b->u->goals * treatments(b->u);
	struct trial_p *p = mem_array(n + 1, sizeof(*p));

	for (size_t i = 0; i < n; i++)
		p[i].p = b->v[i].status == VERDICT_INVALID ? NAN : b->v[i].p;
	trial_adjust(p, n, b->how->adjust);
	for (size_t i = 0; i < n; i++)
		b->v[i].p_adj = p[i].adjusted;
	free(p);
}

/* Treatment less control, such that above 0 is better. */
static double
gain(const struct bench *b, size_t use, double diff)
{
	return metric_of(b, use)->more ? diff : -diff;
}

static bool
few_keys(const struct bench *b, const struct verdict *v)
{
	return !(fmin(v->neff_c, v->neff_t) >= b->how->min_keys);
}

bool
assess_untrue(const struct study *u, const struct verdict *v)
{
	double requests = 0;

	for (size_t i = 0; i < u->arms; i++)
		requests += u->arm[i].requests;
	return v->independent && requests > (double)armtab_count(&u->tab, ARMTAB_ALL);
}

static void
rate(const struct bench *b, size_t use, size_t treatment)
{
	struct verdict *v = verdict_of(b, use, treatment);
	double p = b->u->use[use].guard ? v->p : v->p_adj;

	if (v->status == VERDICT_INVALID)
		return;
	if (assess_untrue(b->u, v)) {
		v->basis = VERDICT_UNJUDGED;
		verdict_say(v, "%.*s takes requests as independent, and keys have several: p is far too small",
		    STRF(v->method));
	}
	if (few_keys(b, v)) {
		v->basis = VERDICT_UNJUDGED;
		verdict_say(v, "few keys: %.3g and %.3g effective ones, %.3g are needed in each cohort: "
		    "pin the heaviest", v->neff_c, v->neff_t, b->how->min_keys);
	} else if (p <= b->how->compare.alpha && (v->lo > 0 || v->hi < 0))
		v->status = gain(b, use, v->lo > 0 ? v->lo : v->hi) > 0 ? VERDICT_TREATMENT : VERDICT_CONTROL;
}

/* --- guardrails --- */

bool
assess_holds(const struct verdict *v, const struct experiment_guard *g)
{
	double worst = g->upper ? v->hi : -v->lo;

	if (g->relative)
		worst = 100 * (g->upper ? v->rel_hi : -v->rel_lo);
	switch (v->basis) {
	case VERDICT_JUDGED:
		return worst <= g->margin;
	case VERDICT_SAME:	/* where nothing happened, nothing became worse */
		return true;
	case VERDICT_UNJUDGED:
		break;
	}
	return false;
}

static const char *
guard_word(const struct verdict *v, bool holds)
{
	return holds ? "holds" : v->basis == VERDICT_UNJUDGED ? "cannot be judged, and so does not hold" :
	    "does not hold";
}

static void
say_guard(const struct bench *b, size_t use, size_t treatment)
{
	const struct experiment_guard *g = b->u->use[use].guard;
	struct verdict *v = verdict_of(b, use, treatment);
	double worst = g->relative ? 100 * (g->upper ? v->rel_hi : v->rel_lo) : g->upper ? v->hi : v->lo;
	bool holds = assess_holds(v, g);

	verdict_say(v, "guardrail %.*s%s%.6g%s %s", STRF(g->metric), g->upper ? "<=+" : ">=-", g->margin,
	    g->relative ? "%" : "", guard_word(v, holds));
	if (v->basis == VERDICT_JUDGED && isfinite(worst))
		verdict_say(v, "%+.3g%s is %s possible", worst, g->relative ? "%" : "", holds ? "the worst" :
		    "still");
}

/* --- decisions --- */

double
assess_min_gain(const struct assess_how *how, const struct study *u, const struct metric_set *set)
{
	if (u->e && u->e->min_gain >= 0)
		return u->e->min_gain;
	if (!isnan(how->min_gain))
		return how->min_gain;
	return str_ends(set->m[u->use[0].metric].name, STR("_pct")) ? ASSESS_GAIN_PCT : 0;
}

static void
want_duration(const struct bench *b, struct verdict *v)
{
	const struct study *u = b->u;
	struct study_hole hole;
	size_t seen, days;

	if (b->how->now_us < u->end_us) {
		verdict_say(v, "it runs until %s, and now is %s", iso(u->end_us).s, iso(b->how->now_us).s);
		return;
	}
	days = studies_days(b->studies, u->start_us, u->end_us, &seen);
	if (seen < days)
		verdict_say(v, "rows on %zu of %zu days only: give all since the start", seen, days);
	else if (study_hole(u, &hole))
		verdict_say(v, "a hole: %.6g requests on %.10s, %.6g on the median day: give all rows of that day",
		    hole.requests, iso(hole.day_us).s, hole.median);
}

static void
want_method(const struct study *u, struct verdict *v)
{
	if (str_eq(v->method, STR("request-z")))
		verdict_say(v, "request-z never decides");
	if (u->tab.moved)
		verdict_say(v, "%llu keys are in two cohorts and were left out", (unsigned long long)u->tab.moved);
}

static void
want_samples(const struct bench *b, size_t treatment, struct verdict *v)
{
	const struct study *u = b->u;
	double c = u->arm[0].requests, t = u->arm[treatment + 1].requests;

	if (!(fmin(c, t) > b->how->min_requests))
		verdict_say(v, "%.6g and %.6g requests: more than %.6g are needed in each cohort", c, t,
		    b->how->min_requests);
	if (isnan(v->srm_p))
		verdict_say(v, "the numbers of keys cannot be checked");
}

static void
want_gain(const struct bench *b, struct verdict *v)
{
	double least = assess_min_gain(b->how, b->u, b->set);

	if (v->status == VERDICT_CONTROL)
		verdict_say(v, "control is better: %+.3g (%+.3g to %+.3g)", v->diff, v->lo, v->hi);
	else if (v->status == VERDICT_INCONCLUSIVE && v->p_adj <= b->how->compare.alpha && !few_keys(b, v))
		verdict_say(v, "the interval does not leave out 0: %+.3g to %+.3g", v->lo, v->hi);
	else if (v->status == VERDICT_INCONCLUSIVE && !few_keys(b, v))
		verdict_say(v, "no difference is seen: %+.3g (%+.3g to %+.3g)", v->diff, v->lo, v->hi);
	else if (v->status == VERDICT_TREATMENT && gain(b, 0, v->diff) < least)
		verdict_say(v, "a gain of %.3g is less than the %.3g that are asked for", gain(b, 0, v->diff),
		    least);
}

static void
want_guards(const struct bench *b, size_t treatment, struct verdict *v)
{
	for (size_t use = b->u->goals; use < b->u->uses; use++) {
		const struct verdict *g = verdict_of(b, use, treatment);

		if (!assess_holds(g, b->u->use[use].guard))
			verdict_say(v, "%.*s: %s", STRF(g->metric), g->reason);
	}
}

/* The reason gets all that is missing; true: nothing is. */
static bool
may_be_promoted(const struct bench *b, size_t treatment)
{
	struct verdict *v = verdict_of(b, 0, treatment);

	want_duration(b, v);
	if (v->status == VERDICT_INVALID)
		return false;
	want_method(b->u, v);
	want_samples(b, treatment, v);
	want_gain(b, v);
	want_guards(b, treatment, v);
	return *v->reason == '\0' && v->status == VERDICT_TREATMENT;
}

static void
decide(const struct bench *b)
{
	struct verdict *best = NULL;

	for (size_t t = 0; t < treatments(b->u); t++) {
		struct verdict *v = verdict_of(b, 0, t);

		v->decision = VERDICT_NO;
		if (!may_be_promoted(b, t))
			continue;
		v->decision = VERDICT_PROMOTE;
		if (best && gain(b, 0, v->diff) <= gain(b, 0, best->diff)) {
			v->decision = VERDICT_NO;
			verdict_say(v, "\"%.*s\" gains more", STRF(best->treatment));
		} else if (best) {
			best->decision = VERDICT_NO;
			verdict_say(best, "\"%.*s\" gains more", STRF(v->treatment));
		}
		if (v->decision == VERDICT_PROMOTE)
			best = v;
	}
	if (best)
		verdict_say(best, "better by %.3g (%+.3g to %+.3g), and all else holds", gain(b, 0, best->diff),
		    best->lo, best->hi);
}

void
assess(const struct assess_how *how, const struct studies *s, struct study *u,
    const struct metric_set *set, struct verdict *v)
{
	struct bench b = { how, s, u, set, v };
	double srm_p = srm(u);

	armtab_sort(&u->tab);
	for (size_t use = 0; use < u->uses; use++)
		for (size_t t = 0; t < treatments(u); t++)
			find(&b, use, t, srm_p);
	adjust(&b);
	for (size_t use = 0; use < u->uses; use++)
		for (size_t t = 0; t < treatments(u); t++) {
			rate(&b, use, t);
			if (u->use[use].guard)
				say_guard(&b, use, t);
		}
	if (how->decide && u->e)
		decide(&b);
}
