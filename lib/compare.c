/* compare.c - see compare.h. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "perm.h"
#include "prop.h"
#include "quantile.h"
#include "stats.h"
#include "str.h"
#include "trial.h"

const char *const compare_method_name[COMPARE_METHODS] = {
	"auto", "delta", "cuped", "crossover", "perm", "welch", "newcombe", "request-z"
};

/* --- what is found, in units of y / n --- */

static void
tell(const struct trial_result *r, double scale, struct verdict *v)
{
	v->diff = scale * r->diff;
	v->lo = scale * r->lo;
	v->hi = scale * r->hi;
	v->se = scale * r->se;
	v->rel = r->rel;
	v->rel_lo = r->rel_lo;
	v->rel_hi = r->rel_hi;
	v->stat = r->t;
	v->df = r->df;
	v->p = r->p;
}

static bool
too_few(const struct pair *p)
{
	return !(fmin(p->c.n_eff, p->t.n_eff) >= COMPARE_KEYS && pair_top(p) <= COMPARE_TOP);
}

static bool
wants_perm(const struct compare_how *how, const struct pair *p)
{
	return p->why_c || p->why_t || how->method == COMPARE_PERM ||
	    (how->method == COMPARE_AUTO && too_few(p));
}

static struct perm_how
perm_how(const struct compare_how *how, const struct pair *p, bool cuped)
{
	size_t keys = p->n_c + p->n_t;
	uint32_t rounds = keys >= COMPARE_MANY ? COMPARE_FEWER : COMPARE_ROUNDS;

	if (!how->rounds && (u128)keys * rounds > PERM_WORK_MAX)
		rounds = (uint32_t)(PERM_WORK_MAX / keys);
	return (struct perm_how){ .cuped = cuped, .rounds = how->rounds ? how->rounds : rounds,
	    .seed = how->seed, .alpha = how->alpha };
}

/* A permutation of keys, which are scratch space afterwards; judged as in perm.h. */
static const char *
deal_anew(const struct compare_how *how, const struct pair *p, bool cuped, const double *judged,
    struct perm_result *r, struct verdict *v)
{
	struct perm_how perm = perm_how(how, p, cuped);

	perm.judged = judged;
	v->rounds = perm.rounds;
	v->seed = (double)perm.seed;
	return p->crossover ? perm_pairs(p->keys, p->n_t, &perm, r) :
	    perm_labels(p->keys, p->n_c, p->n_t, &perm, r);
}

/* What a t distribution says does not hold. */
static void
untell(struct verdict *v)
{
	v->stat = v->df = v->p = v->lo = v->hi = v->rel_lo = v->rel_hi = NAN;
}

/* Replaces p and interval by those of a permutation. */
static const char *
permute(const struct compare_how *how, const struct pair *p, bool cuped, const double *judged,
    struct verdict *v)
{
	struct perm_result r;
	const char *why = deal_anew(how, p, cuped, judged, &r, v);

	if (why) {
		untell(v);
		return why;
	}
	if (isnan(v->se))	/* one cohort had no variance: t's own is the other's */
		v->se = v->diff == 0 ? NAN : fabs(v->diff / r.t);
	v->stat = judged ? v->stat : r.t;
	v->df = NAN;
	v->p = r.p;
	v->lo = v->diff - r.critical * v->se;
	v->hi = v->diff + r.critical * v->se;
	if (v->est_c > 0) {
		v->rel = v->diff / v->est_c;
		v->rel_lo = v->lo / v->est_c;
		v->rel_hi = v->hi / v->est_c;
	}
	return NULL;
}

static double
share_var(const struct ratio_arm *a)
{
	return a->as.est * (1 - a->as.est) / a->n;
}

static void
tell_deff(const struct pair *p, double scale, struct verdict *v)
{
	double naive = share_var(&p->c) + share_var(&p->t);

	if (naive > 0)
		v->deff = v->se * v->se / (scale * scale) / naive;
}

/* --- ratios --- */

/* With CUPED where there is a past to learn from; *cuped says whether. */
static const char *
by_keys(const struct compare_how *how, const struct pair *p, double scale, bool *cuped,
    struct verdict *v)
{
	enum compare_method method = how->method;
	struct ratio_cuped past;
	struct trial_result r;
	const char *why;

	*cuped = false;
	if (p->why_c || p->why_t) {
		v->diff = v->est_t - v->est_c;
		return NULL;
	}
	if (method != COMPARE_DELTA) {
		why = ratio_cuped(p->keys, p->n_c, p->keys + p->n_c, p->n_t, how->alpha, &past);
		*cuped = !why;
		if (why && method == COMPARE_CUPED)
			return why;
	}
	if (!*cuped) {
		why = trial_compare(&p->c.as, &p->t.as, how->alpha, &r);
		tell(&r, scale, v);
		return why;
	}
	v->est_c = scale * past.c.est;
	v->est_t = scale * past.t.est;
	tell(&past.r, scale, v);
	return NULL;
}

static const char *
paired(const struct compare_how *how, const struct pair *p, double scale, struct verdict *v)
{
	struct ratio_crossover x;
	const char *why;

	if (p->why_c || p->why_t) {
		v->diff = v->est_t - v->est_c;
		return NULL;
	}
	why = ratio_crossover(p->keys, p->n_t, how->alpha, &x);
	tell(&x.r, scale, v);
	return why;
}

static const char *
compare_ratio(const struct compare_how *how, const struct pair *p, const struct metric *m,
    struct verdict *v)
{
	bool cuped = false, perm = wants_perm(how, p);
	const char *why = p->crossover ? paired(how, p, m->scale, v) : by_keys(how, p, m->scale, &cuped, v);

	if (p->crossover)
		v->method = perm ? STR("crossover+perm") : STR("crossover");
	else if (cuped)
		v->method = perm ? STR("cuped+perm") : STR("cuped");
	else
		v->method = perm ? STR("delta+perm") : STR("delta");
	if (!why && perm)
		why = permute(how, p, cuped, NULL, v);
	if (m->kind == METRIC_SHARE)
		tell_deff(p, m->scale, v);
	return why;
}

/* --- as if requests were independent --- */

static const char *
compare_requests(const struct compare_how *how, const struct pair *p, const struct metric *m,
    struct verdict *v)
{
	struct prop c = { (uint64_t)p->c.y, (uint64_t)p->c.n };
	struct prop t = { (uint64_t)p->t.y, (uint64_t)p->t.n };
	struct prop_interval i;
	struct prop_test r;
	const char *why;

	v->independent = true;
	v->method = str_of(compare_method_name[how->method]);
	if (m->kind != METRIC_SHARE || !(p->c.n < 0x1p63 && p->t.n < 0x1p63))
		return "this method is for shares of requests";
	why = prop_test(c, t, how->alpha, &r);
	i = how->method == COMPARE_NEWCOMBE ? prop_newcombe(c, t, how->alpha) : r.wald;
	v->diff = m->scale * r.diff;
	v->lo = m->scale * i.lo;
	v->hi = m->scale * i.hi;
	if (why)
		return why;
	v->stat = r.z;
	v->p = r.p;
	v->se = r.z != 0 ? fabs(v->diff / r.z) : NAN;
	v->rel = r.diff / p->c.as.est;
	return NULL;
}

static const char *
compare_welch(const struct compare_how *how, const struct metric *m, const struct stats_moments *c,
    const struct stats_moments *t, struct verdict *v)
{
	struct trial_arm ac = trial_mean(c), at = trial_mean(t);
	struct trial_result r;
	const char *why;

	v->independent = true;
	v->method = str_of(compare_method_name[COMPARE_WELCH]);
	if (m->kind != METRIC_MEAN)
		return "welch is for means of a column";
	if (isnan(ac.var) || isnan(at.var))
		return "no sums of squares, or too few values";
	why = trial_compare(&ac, &at, how->alpha, &r);
	tell(&r, 1, v);
	return why;
}

/* --- quantiles --- */

/* One cohort's: est, variance, and by how much a share's residual moves it. */
struct quantile {
	struct trial_quantile q;
	double *sorted;			/* OWNED: its values */
	size_t n;
	double per_share;		/* change of the quantile for one of the share */
};

/* Both, and where their values are. */
struct quantiles {
	const struct compare_how *how;
	const struct armtab *tab;
	size_t metric;
	int arm_c, arm_t;
	enum armtab_time time_c;
	double v;
	struct quantile c, t;
	struct quantile_pair shares;
};

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
find_quantile(const struct quantiles *s, int arm, enum armtab_time time,
    struct quantile *to)
{
	const char *why;

	to->sorted = mem_array(armtab_all_values(s->tab, s->metric) + 1, sizeof(*to->sorted));
	to->n = armtab_values(s->tab, arm, s->metric, time, to->sorted);
	qsort(to->sorted, to->n, sizeof(*to->sorted), ascending);
	why = trial_quantile(to->sorted, to->n, s->v, s->how->alpha, &to->q);
	to->per_share = sqrt(to->q.var * (double)to->n / (s->v * (1 - s->v)));
	return why;
}

/* The keys' values at or below a value of control, and one of treatment. */
static void
count_below(struct pair *p, const struct quantiles *s, double at_c, double at_t)
{
	memset(p->keys, 0, (p->n_c + p->n_t) * sizeof(*p->keys));
	armtab_below(s->tab, s->arm_c, s->metric, s->time_c, at_c, p->keys);
	armtab_below(s->tab, s->arm_t, s->metric, ARMTAB_NOW, at_t, p->keys + p->n_c);
	pair_sum(p);
}

/*
 * The share's variance by keys: the larger of those just below the quantile and
 * up to it, which are far apart where values are tied, and never less than that
 * of independent values.
 */
static void
measure_shares(struct pair *p, struct quantiles *s)
{
	double c = s->v * (1 - s->v) / (double)s->c.n, t = s->v * (1 - s->v) / (double)s->t.n;

	count_below(p, s, nextafter(s->c.q.q, -INFINITY), nextafter(s->t.q.q, -INFINITY));
	c = fmax(c, p->c.as.var);
	t = fmax(t, p->t.as.var);
	count_below(p, s, s->c.q.q, s->t.q.q);
	c = fmax(c, p->c.as.var);
	t = fmax(t, p->t.as.var);
	s->shares = (struct quantile_pair){ .v = s->v, .c = { s->c.sorted, s->c.n, sqrt(c) },
	    .t = { s->t.sorted, s->t.n, sqrt(t) } };
}

/* The difference of quantiles of the same keys, each a sum of keys' parts. */
static const char *
pair_quantiles(const struct pair *p, const struct quantiles *s, struct trial_result *r)
{
	struct trial_pair both = { .est_c = s->c.q.q, .est_t = s->t.q.q, .df = (double)p->n_t - 1 };
	double over = (double)p->n_t / both.df;

	for (size_t i = 0; i < p->n_t; i++) {
		double u = s->t.per_share * ratio_residual(&p->keys[i].now, p->t.y, p->t.n) / p->t.n;
		double w = s->c.per_share * ratio_residual(&p->keys[i].before, p->c.y, p->c.n) / p->c.n;

		both.var_t += u * u * over;
		both.var_c += w * w * over;
		both.cov += u * w * over;
		both.var += (u - w) * (u - w) * over;
	}
	return trial_compare_pair(&both, s->how->alpha, r);
}

static const char *
split_quantiles(const struct pair *p, const struct quantiles *s, struct trial_result *r, double *deff)
{
	double deff_c, deff_t;
	struct trial_arm ac = trial_quantile_arm(&s->c.q, s->c.n, s->v, p->c.as.var, &deff_c);
	struct trial_arm at = trial_quantile_arm(&s->t.q, s->t.n, s->v, p->t.as.var, &deff_t);

	*deff = (ac.var + at.var) / (s->c.q.var + s->t.q.var);
	return trial_compare(&ac, &at, s->how->alpha, r);
}

/*
 * Counts by the quantile of both cohorts together or, where values are tied, by
 * what is just below it, if that has the likelier share; false: all are alike.
 */
static bool
count_pooled(struct pair *p, const struct quantiles *s)
{
	size_t n = s->c.n + s->t.n, at, below, up_to;
	double *all = mem_array(n, sizeof(*all)), q, want = s->v * (double)n;

	memcpy(all, s->c.sorted, s->c.n * sizeof(*all));
	memcpy(all + s->c.n, s->t.sorted, s->t.n * sizeof(*all));
	qsort(all, n, sizeof(*all), ascending);
	at = (size_t)fmax(ceil(want) - 1, 0);
	q = all[at];
	for (below = at; below > 0 && all[below - 1] == q;)
		below--;
	for (up_to = at + 1; up_to < n && all[up_to] == q;)
		up_to++;
	free(all);
	if (below > 0 && (up_to == n || want - (double)below < (double)up_to - want))
		q = nextafter(q, -INFINITY);
	count_below(p, s, q, q);
	return below > 0 || up_to < n;
}

/* By shares, whatever the values' steps: p and the interval are of one statistic. */
static const char *
by_shares(struct pair *p, const struct quantiles *s, bool perm, struct verdict *v)
{
	double apart = quantile_apart(&s->shares), critical = stats_norm_critical(s->how->alpha);
	struct perm_result r;
	struct quantile_limits l;
	const char *why;

	v->p = fmin(1, 2 * stats_norm_upper(apart));
	if (perm && count_pooled(p, s)) {
		why = deal_anew(s->how, p, false, &apart, &r, v);
		if (why) {
			untell(v);
			return why;
		}
		v->p = r.p;
		critical = r.critical;
	}
	quantile_limits(&s->shares, critical, &l);
	v->diff = v->est_t - v->est_c;
	v->stat = copysign(apart, v->diff);
	v->df = NAN;
	v->lo = l.lo;
	v->hi = l.hi;
	if (v->est_c > 0)
		v->rel = v->diff / v->est_c;
	v->rel_lo = l.rel_lo;
	v->rel_hi = l.rel_hi;
	return NULL;
}

/* By the delta method. */
static const char *
by_density(struct pair *p, const struct quantiles *s, const struct trial_result *r, bool perm,
    struct verdict *v)
{
	double t = fabs(r->t);

	tell(r, 1, v);
	if (!perm || !count_pooled(p, s))
		return NULL;
	return permute(s->how, p, false, &t, v);
}

/* Whoever asks for the delta method gets it wherever there is a density. */
static bool
has_density(const struct quantiles *s)
{
	bool (*steps)(const struct quantile_arm *, double) =
	    s->how->method == COMPARE_DELTA ? quantile_tied : quantile_rough;

	return !steps(&s->shares.c, s->v) && !steps(&s->shares.t, s->v);
}

static const char *
judge_quantiles(struct pair *p, struct quantiles *s, struct verdict *v)
{
	struct trial_result r;
	bool perm;
	const char *why;

	measure_shares(p, s);
	pair_tell(p, 1, v);
	v->est_c = s->c.q.q;
	v->est_t = s->t.q.q;
	why = pair_wrong(p);
	if (why)
		return why;
	perm = s->how->method == COMPARE_PERM || (s->how->method == COMPARE_AUTO && too_few(p));
	if (perm)
		v->method = STR("quantile+perm");
	why = p->crossover ? pair_quantiles(p, s, &r) : split_quantiles(p, s, &r, &v->deff);
	if (!why && has_density(s))
		return by_density(p, s, &r, perm, v);
	if (!why)
		v->se = r.se;
	return by_shares(p, s, perm, v);
}

static const char *
compare_quantile(const struct compare_how *how, struct pair *p, const struct armtab *tab,
    size_t metric, const struct metric *m, int c, int t, struct verdict *v)
{
	bool x = p->crossover;
	struct quantiles s = { .how = how, .tab = tab, .metric = metric, .arm_c = x ? ARMTAB_ALL : c,
	    .arm_t = x ? ARMTAB_ALL : t, .time_c = x ? ARMTAB_BEFORE : ARMTAB_NOW,
	    .v = (double)m->f.q / HIST_Q_ONE };
	const char *why_c = find_quantile(&s, s.arm_c, s.time_c, &s.c);
	const char *why_t = find_quantile(&s, s.arm_t, ARMTAB_NOW, &s.t);
	const char *why = why_c ? why_c : why_t;

	v->method = STR("quantile");
	v->est_c = s.c.q.q;
	v->est_t = s.t.q.q;
	if (!why)
		why = judge_quantiles(p, &s, v);
	free(s.c.sorted);
	free(s.t.sorted);
	return why;
}

static const char *
method_wrong(const struct compare_how *how)
{
	if (how->method == COMPARE_CROSSOVER && !how->crossover)
		return "the experiment has no period: its cohorts never change places";
	if (how->crossover && how->method != COMPARE_AUTO && how->method != COMPARE_CROSSOVER &&
	    how->method != COMPARE_PERM)
		return "in a crossover each key is compared with itself: method auto, crossover or perm";
	return NULL;
}

static const char *
by_method(const struct compare_how *how, struct pair *p, const struct armtab *tab, size_t metric,
    const struct metric *m, const struct compare_arm *c, const struct compare_arm *t, struct verdict *v)
{
	const char *why;

	if (m->kind == METRIC_QUANTILE)
		return compare_quantile(how, p, tab, metric, m, c->arm, t->arm, v);
	why = pair_wrong(p);
	if (why)
		return why;
	switch (how->method) {
	case COMPARE_WELCH:
		return compare_welch(how, m, &c->moments, &t->moments, v);
	case COMPARE_NEWCOMBE:
	case COMPARE_REQUEST_Z:
		return compare_requests(how, p, m, v);
	default:
		why = pair_flat(p);
		return why ? why : compare_ratio(how, p, m, v);
	}
}

const char *
compare(const struct compare_how *how, const struct armtab *tab, size_t metric,
    const struct metric *m, const struct compare_arm *c, const struct compare_arm *t,
    struct verdict *v)
{
	struct pair p;
	const char *why = method_wrong(how);

	pair_open(&p, tab, metric, c->arm, t->arm, how->crossover);
	pair_tell(&p, m->scale, v);
	if (!why)
		why = by_method(how, &p, tab, metric, m, c, t, v);
	if (!isnan(v->p))
		v->confidence = 100 * (1 - v->p);
	if (!why)
		v->basis = VERDICT_JUDGED;
	else if (m->kind != METRIC_QUANTILE && pair_same(&p))
		v->basis = VERDICT_SAME;
	pair_close(&p);
	return why;
}
