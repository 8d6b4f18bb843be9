/* compare.c - see compare.h. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "perm.h"
#include "prop.h"
#include "quantile.h"
#include "stats.h"
#include "str.h"
#include "trial.h"

const char *const compare_method_name[COMPARE_METHODS] = {
	"auto", "delta", "cuped", "crossover", "perm", "welch", "newcombe", "request-z"
};

/* The keys of both cohorts, and what is known of each cohort by itself. */
struct pair {
	const struct compare_how *how;
	struct ratio_key *keys;		/* OWNED: control's, then treatment's; crossover: all */
	size_t n_c, n_t;		/* crossover: n_c is 0 */
	struct ratio_arm c, t;
	const char *why_c, *why_t;
};

/* --- cohorts --- */

static bool
no_variance(const char *why)
{
	return why && strcmp(why, "no variance") == 0;
}

static void
swap_times(struct ratio_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ratio_total now = keys[i].now;

		keys[i].now = keys[i].before;
		keys[i].before = now;
	}
}

static void
sum_arms(struct pair *p)
{
	if (!p->how->crossover) {
		p->why_c = ratio_arm(p->keys, p->n_c, &p->c);
		p->why_t = ratio_arm(p->keys + p->n_c, p->n_t, &p->t);
		return;
	}
	p->why_t = ratio_arm(p->keys, p->n_t, &p->t);
	swap_times(p->keys, p->n_t);
	p->why_c = ratio_arm(p->keys, p->n_t, &p->c);
	swap_times(p->keys, p->n_t);
}

static void
gather(struct pair *p, const struct armtab *tab, size_t metric, int c, int t)
{
	size_t room = p->how->crossover ? armtab_count(tab, ARMTAB_ALL) :
	    armtab_count(tab, c) + armtab_count(tab, t);

	p->keys = mem_array(room + 1, sizeof(*p->keys));
	p->n_c = 0;
	if (!p->how->crossover)
		p->n_c = armtab_gather(tab, c, metric, p->keys);
	p->n_t = armtab_gather(tab, p->how->crossover ? ARMTAB_ALL : t, metric, p->keys + p->n_c);
	sum_arms(p);
}

/* The heaviest key's share of both cohorts. */
static double
top_of(const struct pair *p)
{
	return fmax(p->c.top * p->c.n, p->t.top * p->t.n) / (p->c.n + p->t.n);
}

static void
tell_arms(const struct pair *p, double scale, struct verdict *v)
{
	v->keys_c = (double)p->c.keys;
	v->keys_t = (double)p->t.keys;
	v->n_c = p->c.n;
	v->n_t = p->t.n;
	v->neff_c = p->c.n_eff;
	v->neff_t = p->t.n_eff;
	v->top = top_of(p);
	v->est_c = scale * p->c.as.est;
	v->est_t = scale * p->t.as.est;
}

static const char *
said_of(const char *why, bool treatment)
{
	static const struct {
		const char *why, *c, *t;
	} words[] = {
		{ "no keys", "no keys in control", "no keys in treatment" },
		{ "one key", "one key in control", "one key in treatment" },
		{ "no requests", "nothing to count in control", "nothing to count in treatment" },
	};

	for (size_t i = 0; i < countof(words); i++)
		if (strcmp(why, words[i].why) == 0)
			return treatment ? words[i].t : words[i].c;
	return why;
}

static const char *
arms_wrong(const struct pair *p)
{
	if (p->why_c && !no_variance(p->why_c))
		return said_of(p->why_c, false);
	if (p->why_t && !no_variance(p->why_t))
		return said_of(p->why_t, true);
	return NULL;
}

static const char *
both_flat(const struct pair *p)
{
	return p->why_c && p->why_t ? "no variance: all keys of a cohort have the same value" : NULL;
}

/* Not only in each cohort: in both. */
static bool
all_same(const struct pair *p)
{
	return no_variance(p->why_c) && no_variance(p->why_t) && p->c.as.est == p->t.as.est;
}

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
	return !(fmin(p->c.n_eff, p->t.n_eff) >= COMPARE_KEYS && top_of(p) <= COMPARE_TOP);
}

static bool
wants_perm(const struct pair *p)
{
	return p->why_c || p->why_t || p->how->method == COMPARE_PERM ||
	    (p->how->method == COMPARE_AUTO && too_few(p));
}

static struct perm_how
perm_how(const struct pair *p, bool cuped)
{
	uint32_t rounds = p->n_c + p->n_t >= COMPARE_MANY ? COMPARE_FEWER : COMPARE_ROUNDS;

	return (struct perm_how){ .cuped = cuped, .rounds = p->how->rounds ? p->how->rounds : rounds,
	    .seed = p->how->seed, .alpha = p->how->alpha };
}

/* A permutation of keys, which it shuffles; judged as in perm.h. */
static const char *
deal_anew(const struct pair *p, struct ratio_key *keys, bool cuped, const double *judged,
    struct perm_result *r, struct verdict *v)
{
	struct perm_how how = perm_how(p, cuped);
	struct perm_stratum all = { p->n_c, p->n_t };

	how.judged = judged;
	v->rounds = how.rounds;
	v->seed = (double)how.seed;
	return p->how->crossover ? perm_pairs(keys, p->n_t, &how, r) : perm_labels(keys, &all, 1, &how, r);
}

/* Replaces p and interval by those of a permutation. */
static const char *
permute(const struct pair *p, struct ratio_key *keys, bool cuped, const double *judged,
    struct verdict *v)
{
	struct perm_result r;
	const char *why = deal_anew(p, keys, cuped, judged, &r, v);

	if (why)
		return why;
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
by_keys(const struct pair *p, double scale, bool *cuped, struct verdict *v)
{
	enum compare_method method = p->how->method;
	struct ratio_cuped past;
	struct trial_result r;
	const char *why;

	*cuped = false;
	if (p->why_c || p->why_t) {
		v->diff = v->est_t - v->est_c;
		return NULL;
	}
	if (method != COMPARE_DELTA) {
		why = ratio_cuped(p->keys, p->n_c, p->keys + p->n_c, p->n_t, p->how->alpha, &past);
		*cuped = !why;
		if (why && method == COMPARE_CUPED)
			return why;
	}
	if (!*cuped) {
		why = trial_compare(&p->c.as, &p->t.as, p->how->alpha, &r);
		tell(&r, scale, v);
		return why;
	}
	v->est_c = scale * past.c.est;
	v->est_t = scale * past.t.est;
	tell(&past.r, scale, v);
	return NULL;
}

static const char *
paired(const struct pair *p, double scale, struct verdict *v)
{
	struct ratio_crossover x;
	const char *why;

	if (p->why_c || p->why_t) {
		v->diff = v->est_t - v->est_c;
		return NULL;
	}
	why = ratio_crossover(p->keys, p->n_t, p->how->alpha, &x);
	tell(&x.r, scale, v);
	return why;
}

static const char *
compare_ratio(const struct pair *p, const struct metric *m, struct verdict *v)
{
	bool cuped = false, perm = wants_perm(p);
	const char *why = p->how->crossover ? paired(p, m->scale, v) : by_keys(p, m->scale, &cuped, v);

	if (p->how->crossover)
		v->method = perm ? STR("crossover+perm") : STR("crossover");
	else if (cuped)
		v->method = perm ? STR("cuped+perm") : STR("cuped");
	else
		v->method = perm ? STR("delta+perm") : STR("delta");
	if (!why && perm)
		why = permute(p, p->keys, cuped, NULL, v);
	if (m->kind == METRIC_SHARE)
		tell_deff(p, m->scale, v);
	return why;
}

/* --- as if requests were independent --- */

static const char *
compare_requests(const struct pair *p, const struct metric *m, struct verdict *v)
{
	struct prop c = { (uint64_t)p->c.y, (uint64_t)p->c.n };
	struct prop t = { (uint64_t)p->t.y, (uint64_t)p->t.n };
	struct prop_interval i;
	struct prop_test r;
	const char *why;

	v->independent = true;
	v->method = str_of(compare_method_name[p->how->method]);
	if (m->kind != METRIC_SHARE || !(p->c.n < 0x1p63 && p->t.n < 0x1p63))
		return "this method is for shares of requests";
	why = prop_test(c, t, p->how->alpha, &r);
	i = p->how->method == COMPARE_NEWCOMBE ? prop_newcombe(c, t, p->how->alpha) : r.wald;
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
compare_welch(const struct pair *p, const struct metric *m, const struct stats_moments *c,
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
	why = trial_compare(&ac, &at, p->how->alpha, &r);
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
find_quantile(const struct pair *p, const struct quantiles *s, int arm, enum armtab_time time,
    struct quantile *to)
{
	const char *why;

	to->sorted = mem_array(armtab_all_values(s->tab, s->metric) + 1, sizeof(*to->sorted));
	to->n = armtab_values(s->tab, arm, s->metric, time, to->sorted);
	qsort(to->sorted, to->n, sizeof(*to->sorted), ascending);
	why = trial_quantile(to->sorted, to->n, s->v, p->how->alpha, &to->q);
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
	sum_arms(p);
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
pair_quantiles(const struct pair *p, const struct quantile *c, const struct quantile *t,
    struct trial_result *r)
{
	struct trial_pair s = { .est_c = c->q.q, .est_t = t->q.q, .df = (double)p->n_t - 1 };
	double over = (double)p->n_t / s.df;

	for (size_t i = 0; i < p->n_t; i++) {
		double u = t->per_share * ratio_residual(&p->keys[i].now, p->t.y, p->t.n) / p->t.n;
		double w = c->per_share * ratio_residual(&p->keys[i].before, p->c.y, p->c.n) / p->c.n;

		s.var_t += u * u * over;
		s.var_c += w * w * over;
		s.cov += u * w * over;
		s.var += (u - w) * (u - w) * over;
	}
	return trial_compare_pair(&s, p->how->alpha, r);
}

static const char *
split_quantiles(const struct pair *p, const struct quantile *c, const struct quantile *t, double q,
    struct trial_result *r, double *deff)
{
	double deff_c, deff_t;
	struct trial_arm ac = trial_quantile_arm(&c->q, c->n, q, p->c.as.var, &deff_c);
	struct trial_arm at = trial_quantile_arm(&t->q, t->n, q, p->t.as.var, &deff_t);

	*deff = (ac.var + at.var) / (c->q.var + t->q.var);
	return trial_compare(&ac, &at, p->how->alpha, r);
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
	double apart = quantile_apart(&s->shares), critical = stats_norm_critical(p->how->alpha);
	struct perm_result r;
	struct quantile_limits l;
	const char *why;

	v->p = fmin(1, 2 * stats_norm_upper(apart));
	if (perm && count_pooled(p, s)) {
		why = deal_anew(p, p->keys, false, &apart, &r, v);
		if (why)
			return why;
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
	return permute(p, p->keys, false, &t, v);
}

/* Whoever asks for the delta method gets it wherever there is a density. */
static bool
has_density(const struct pair *p, const struct quantiles *s)
{
	bool (*steps)(const struct quantile_arm *, double) =
	    p->how->method == COMPARE_DELTA ? quantile_tied : quantile_rough;

	return !steps(&s->shares.c, s->v) && !steps(&s->shares.t, s->v);
}

static const char *
judge_quantiles(struct pair *p, struct quantiles *s, struct verdict *v)
{
	struct trial_result r;
	bool perm, x = p->how->crossover;
	const char *why;

	measure_shares(p, s);
	tell_arms(p, 1, v);
	v->est_c = s->c.q.q;
	v->est_t = s->t.q.q;
	why = arms_wrong(p);
	if (why)
		return why;
	perm = p->how->method == COMPARE_PERM || (p->how->method == COMPARE_AUTO && too_few(p));
	if (perm)
		v->method = STR("quantile+perm");
	why = x ? pair_quantiles(p, &s->c, &s->t, &r) : split_quantiles(p, &s->c, &s->t, s->v, &r, &v->deff);
	if (!why && has_density(p, s))
		return by_density(p, s, &r, perm, v);
	if (!why)
		v->se = r.se;
	return by_shares(p, s, perm, v);
}

static const char *
compare_quantile(struct pair *p, const struct armtab *tab, size_t metric, const struct metric *m,
    int c, int t, struct verdict *v)
{
	bool x = p->how->crossover;
	struct quantiles s = { .tab = tab, .metric = metric, .arm_c = x ? ARMTAB_ALL : c,
	    .arm_t = x ? ARMTAB_ALL : t, .time_c = x ? ARMTAB_BEFORE : ARMTAB_NOW,
	    .v = (double)m->f.q / HIST_Q_ONE };
	const char *why_c = find_quantile(p, &s, s.arm_c, s.time_c, &s.c);
	const char *why_t = find_quantile(p, &s, s.arm_t, ARMTAB_NOW, &s.t);
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
by_method(struct pair *p, const struct armtab *tab, size_t metric, const struct metric *m,
    const struct compare_arm *c, const struct compare_arm *t, struct verdict *v)
{
	const char *why;

	if (m->kind == METRIC_QUANTILE)
		return compare_quantile(p, tab, metric, m, c->arm, t->arm, v);
	why = arms_wrong(p);
	if (why)
		return why;
	switch (p->how->method) {
	case COMPARE_WELCH:
		return compare_welch(p, m, &c->moments, &t->moments, v);
	case COMPARE_NEWCOMBE:
	case COMPARE_REQUEST_Z:
		return compare_requests(p, m, v);
	default:
		why = both_flat(p);
		return why ? why : compare_ratio(p, m, v);
	}
}

const char *
compare(const struct compare_how *how, const struct armtab *tab, size_t metric,
    const struct metric *m, const struct compare_arm *c, const struct compare_arm *t,
    struct verdict *v)
{
	struct pair p = { .how = how };
	const char *why = method_wrong(how);

	gather(&p, tab, metric, c->arm, t->arm);
	tell_arms(&p, m->scale, v);
	if (!why)
		why = by_method(&p, tab, metric, m, c, t, v);
	if (!isnan(v->p))
		v->confidence = 100 * (1 - v->p);
	if (!why)
		v->basis = VERDICT_JUDGED;
	else if (m->kind != METRIC_QUANTILE && all_same(&p))
		v->basis = VERDICT_SAME;
	free(p.keys);
	return why;
}
