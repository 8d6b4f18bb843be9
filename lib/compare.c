/* compare.c - see compare.h. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "perm.h"
#include "prop.h"
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
	size_t keys = p->n_c + p->n_t;
	uint32_t rounds = keys >= COMPARE_MANY ? COMPARE_FEWER : COMPARE_ROUNDS;

	if (!p->how->rounds && (u128)keys * rounds > PERM_WORK_MAX)
		rounds = (uint32_t)(PERM_WORK_MAX / keys);
	return (struct perm_how){ cuped, p->how->rounds ? p->how->rounds : rounds, p->how->seed,
	    p->how->alpha };
}

/* Replaces p and interval by those of a permutation of keys, which it shuffles. */
static const char *
permute(const struct pair *p, struct ratio_key *keys, bool cuped, struct verdict *v)
{
	struct perm_how how = perm_how(p, cuped);
	struct perm_result r;
	const char *why = p->how->crossover ? perm_pairs(keys, p->n_t, &how, &r) :
	    perm_labels(keys, p->n_c, p->n_t, &how, &r);

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
	v->rounds = how.rounds;
	v->seed = (double)how.seed;
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
		why = permute(p, p->keys, cuped, v);
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
find_quantile(const struct pair *p, const struct armtab *tab, size_t metric, int arm,
    enum armtab_time time, double v, struct quantile *to)
{
	double *sorted = mem_array(armtab_all_values(tab, metric) + 1, sizeof(*sorted));
	const char *why;

	to->n = armtab_values(tab, arm, metric, time, sorted);
	qsort(sorted, to->n, sizeof(*sorted), ascending);
	why = trial_quantile(sorted, to->n, v, p->how->alpha, &to->q);
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
	if (p->how->crossover) {
		armtab_below(tab, ARMTAB_ALL, metric, ARMTAB_BEFORE, q_c, p->keys);
		armtab_below(tab, ARMTAB_ALL, metric, ARMTAB_NOW, q_t, p->keys);
	} else {
		armtab_below(tab, c, metric, ARMTAB_NOW, q_c, p->keys);
		armtab_below(tab, t, metric, ARMTAB_NOW, q_t, p->keys + p->n_c);
	}
	sum_arms(p);
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
compare_quantile(struct pair *p, const struct armtab *tab, size_t metric, const struct metric *m,
    int c, int t, struct verdict *v)
{
	bool x = p->how->crossover, perm;
	double q = (double)m->f.q / HIST_Q_ONE, pooled;
	struct quantile qc, qt;
	struct trial_result r = trial_undefined;
	const char *why_c = find_quantile(p, tab, metric, x ? ARMTAB_ALL : c,
	    x ? ARMTAB_BEFORE : ARMTAB_NOW, q, &qc);
	const char *why_t = find_quantile(p, tab, metric, x ? ARMTAB_ALL : t, ARMTAB_NOW, q, &qt);
	const char *why;

	v->method = STR("quantile");
	count_below(p, tab, metric, c, t, qc.q.q, qt.q.q);
	tell_arms(p, 1, v);
	v->est_c = qc.q.q;
	v->est_t = qt.q.q;
	why = why_c ? why_c : why_t ? why_t : arms_wrong(p);
	if (!why)
		why = both_flat(p);
	if (why)
		return why;
	perm = wants_perm(p);
	why = x ? pair_quantiles(p, &qc, &qt, &r) : split_quantiles(p, &qc, &qt, q, &r, &v->deff);
	tell(&r, 1, v);
	if (why || !perm)
		return why;
	v->method = STR("quantile+perm");
	why = pooled_quantile(tab, metric, c, t, x, q, p->how->alpha, &pooled);
	if (why)
		return why;
	count_below(p, tab, metric, c, t, pooled, pooled);
	return permute(p, p->keys, false, v);
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
	free(p.keys);
	return why;
}
