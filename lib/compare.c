/* compare.c - see compare.h. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "perm.h"
#include "prop.h"
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
	return (struct perm_how){ cuped, how->rounds ? how->rounds : rounds, how->seed,
	    how->alpha };
}

/* Replaces p and interval by those of a permutation of keys, which it shuffles. */
static const char *
permute(const struct compare_how *how, const struct pair *p, bool cuped, struct verdict *v)
{
	struct perm_how perm = perm_how(how, p, cuped);
	struct perm_result r;
	const char *why = p->crossover ? perm_pairs(p->keys, p->n_t, &perm, &r) :
	    perm_labels(p->keys, p->n_c, p->n_t, &perm, &r);

	v->df = NAN;
	if (why) {		/* and what a t distribution says does not hold */
		v->stat = v->p = v->lo = v->hi = v->rel_lo = v->rel_hi = NAN;
		return why;
	}
	if (isnan(v->se))	/* one cohort had no variance: t's own is the other's */
		v->se = v->diff == 0 ? NAN : fabs(v->diff / r.t);
	v->stat = r.t;
	v->p = r.p;
	v->lo = v->diff - r.critical * v->se;
	v->hi = v->diff + r.critical * v->se;
	if (v->est_c > 0) {
		v->rel = v->diff / v->est_c;
		v->rel_lo = v->lo / v->est_c;
		v->rel_hi = v->hi / v->est_c;
	}
	v->rounds = perm.rounds;
	v->seed = (double)perm.seed;
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
		why = permute(how, p, cuped, v);
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
	size_t n;			/* values */
	double per_share;		/* change of the quantile for one of the share */
};

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *
find_quantile(const struct armtab *tab, size_t metric, int arm, enum armtab_time time, double v,
    double alpha, struct quantile *to)
{
	double *sorted = mem_array(armtab_all_values(tab, metric) + 1, sizeof(*sorted));
	const char *why;

	to->n = armtab_values(tab, arm, metric, time, sorted);
	qsort(sorted, to->n, sizeof(*sorted), ascending);
	why = trial_quantile(sorted, to->n, v, alpha, &to->q);
	to->per_share = sqrt(to->q.var * (double)to->n / (v * (1 - v)));
	free(sorted);
	return why;
}

static void
clear(struct ratio_key *keys, size_t n)
{
	memset(keys, 0, n * sizeof(*keys));
}

/* The keys' values at or below a quantile of control, and one of treatment. */
static void
count_below(struct pair *p, const struct armtab *tab, size_t metric, int c, int t, double q_c,
    double q_t)
{
	clear(p->keys, p->n_c + p->n_t);
	if (p->crossover) {
		armtab_below(tab, ARMTAB_ALL, metric, ARMTAB_BEFORE, q_c, p->keys);
		armtab_below(tab, ARMTAB_ALL, metric, ARMTAB_NOW, q_t, p->keys);
	} else {
		armtab_below(tab, c, metric, ARMTAB_NOW, q_c, p->keys);
		armtab_below(tab, t, metric, ARMTAB_NOW, q_t, p->keys + p->n_c);
	}
	pair_sum(p);
}

/* The difference of quantiles of the same keys, each a sum of keys' parts. */
static const char *
pair_quantiles(const struct pair *p, double alpha, const struct quantile *c, const struct quantile *t,
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
	return trial_compare_pair(&s, alpha, r);
}

static const char *
split_quantiles(const struct pair *p, double alpha, const struct quantile *c,
    const struct quantile *t, double q, struct trial_result *r, double *deff)
{
	double deff_c, deff_t;
	struct trial_arm ac = trial_quantile_arm(&c->q, c->n, q, p->c.as.var, &deff_c);
	struct trial_arm at = trial_quantile_arm(&t->q, t->n, q, p->t.as.var, &deff_t);

	*deff = (ac.var + at.var) / (c->q.var + t->q.var);
	return trial_compare(&ac, &at, alpha, r);
}

/* The quantile of both cohorts together. */
static const char *
pooled_quantile(const struct armtab *tab, size_t metric, int c, int t, bool crossover, double v,
    double alpha, double *q)
{
	size_t room = armtab_all_values(tab, metric), n;
	double *all = mem_array(2 * room + 1, sizeof(*all));
	struct trial_quantile found;
	const char *why;

	n = armtab_values(tab, crossover ? ARMTAB_ALL : c, metric,
	    crossover ? ARMTAB_BEFORE : ARMTAB_NOW, all);
	n += armtab_values(tab, crossover ? ARMTAB_ALL : t, metric, ARMTAB_NOW, all + n);
	qsort(all, n, sizeof(*all), ascending);
	why = trial_quantile(all, n, v, alpha, &found);
	*q = found.q;
	free(all);
	return why;
}

static const char *
compare_quantile(const struct compare_how *how, struct pair *p, const struct armtab *tab,
    size_t metric, const struct metric *m, int c, int t, struct verdict *v)
{
	bool x = p->crossover, perm;
	double q = (double)m->f.q / HIST_Q_ONE, pooled;
	struct quantile qc, qt;
	struct trial_result r = trial_undefined;
	const char *why_c = find_quantile(tab, metric, x ? ARMTAB_ALL : c,
	    x ? ARMTAB_BEFORE : ARMTAB_NOW, q, how->alpha, &qc);
	const char *why_t = find_quantile(tab, metric, x ? ARMTAB_ALL : t, ARMTAB_NOW, q,
	    how->alpha, &qt);
	const char *why;

	v->method = STR("quantile");
	count_below(p, tab, metric, c, t, qc.q.q, qt.q.q);
	pair_tell(p, 1, v);
	v->est_c = qc.q.q;
	v->est_t = qt.q.q;
	why = why_c ? why_c : why_t ? why_t : pair_wrong(p);
	if (!why)
		why = pair_flat(p);
	if (why)
		return why;
	perm = wants_perm(how, p);
	why = x ? pair_quantiles(p, how->alpha, &qc, &qt, &r) :
	    split_quantiles(p, how->alpha, &qc, &qt, q, &r, &v->deff);
	tell(&r, 1, v);
	if (why || !perm)
		return why;
	v->method = STR("quantile+perm");
	why = pooled_quantile(tab, metric, c, t, x, q, how->alpha, &pooled);
	if (why)
		return why;
	count_below(p, tab, metric, c, t, pooled, pooled);
	return permute(how, p, false, v);
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
	pair_close(&p);
	return why;
}
