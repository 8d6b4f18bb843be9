/* outlook.c - see outlook.h. */
#include "outlook.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "mem.h"
#include "msg.h"
#include "plan.h"
#include "str.h"
#include "verdict.h"
#include "when.h"

void
outlook_open(struct outlook *o, const struct metric_set *set, const struct study_use *use,
    size_t uses, const struct hash_key *key, const struct outlook_how *how)
{
	*o = (struct outlook){ .how = *how, .set = set, .use = use, .uses = uses, .first_us = INT64_MAX,
	    .experiment = -1, .endpoint = -1 };
	armtab_init(&o->pool, key, uses, 2);
	buf_init(&o->raw, IN_TSV_LINE_MAX);
}

void
outlook_close(struct outlook *o)
{
	armtab_free(&o->pool);
	if (o->e)
		places_close(&o->places);
	buf_free(&o->raw);
	*o = (struct outlook){ 0 };
}

void
outlook_experiment(struct outlook *o, struct experiments *x, const struct experiment *e)
{
	o->e = e;
	(void)places_open(&o->places, x, NULL);
}

size_t
outlook_bytes(const struct outlook *o)
{
	return armtab_bytes(&o->pool);
}

/* --- rows in --- */

bool
outlook_bind(struct outlook *o, const struct tsv *t)
{
	if (!o->e)
		return true;
	o->experiment = tsv_col(t, STR("experiment"));
	o->endpoint = tsv_col(t, STR("endpoint"));
	if (o->e->endpoint.n == 0 || o->experiment >= 0 || o->endpoint >= 0)
		return true;
	snprintf(o->why, sizeof(o->why), "%s:%llu: no column \"endpoint\": \"%.*s\" is of one: run cmon-key before",
	    TSV_AT(t), STRF(o->e->name));
	return false;
}

/* As cmon-cohort(1) finds it: by name where the row has one, or by endpoint. */
static bool
is_of_experiment(const struct outlook *o, const struct tsv *t)
{
	struct str named = o->experiment < 0 ? STR("") : tsv_field(t, o->experiment);

	if (named.n && !str_eq(named, STR("(none)")))
		return str_eq(named, o->e->name);
	return o->e->endpoint.n == 0 || (o->endpoint >= 0 && str_eq(tsv_field(t, o->endpoint), o->e->endpoint));
}

/* Would its key be dealt to a cohort?  False and a reason: nobody can tell. */
static bool
is_dealt(struct outlook *o, const struct tsv *t, const struct metric_row *row, bool *dealt)
{
	struct placed at;

	*dealt = !o->e;
	if (!o->e || !is_of_experiment(o, t) || row->end_us > o->e->start_us)
		return true;
	buf_reset(&o->raw);
	if (!tsv_unescape(&o->raw, row->key)) {
		snprintf(o->why, sizeof(o->why), "%s:%llu: a key with a bad escape: \"%.*s\"", TSV_AT(t),
		    STRF(row->key));
		return false;
	}
	if (!places_key(&o->places, o->e, buf_str(&o->raw), row->start_us, &at)) {
		snprintf(o->why, sizeof(o->why), "SHA-256 failed");
		return false;
	}
	*dealt = at.arm >= 0;
	return true;
}

static bool
is_counted_twice(struct outlook *o, const struct tsv *t, const struct metric_row *row, uint32_t key)
{
	if (row->event || armtab_window(&o->pool, key, row->start_us, row->end_us))
		return false;
	snprintf(o->why, sizeof(o->why), "%s:%llu: rows of a key come in order of time, each window once",
	    TSV_AT(t));
	return true;
}

bool
outlook_add(struct outlook *o, const struct tsv *t, const struct metric_row *row)
{
	int64_t turn = row->start_us / o->how.period_us;
	int64_t last = row->end_us - (row->end_us > row->start_us);
	struct ratio_total *to;
	bool dealt;
	uint32_t k;

	if (!is_dealt(o, t, row, &dealt))
		return false;
	if (!dealt)
		return true;
	if (last / o->how.period_us != turn) {
		snprintf(o->why, sizeof(o->why), "%s:%llu: this window is in two periods: choose windows that "
		    "divide them, or a longer --period", TSV_AT(t));
		return false;
	}
	k = armtab_key(&o->pool, row->key, 0);
	if (is_counted_twice(o, t, row, k))
		return false;
	if (row->requests > 0)
		armtab_active(&o->pool, k);
	to = armtab_total(&o->pool, k, turn & 1 ? ARMTAB_NOW : ARMTAB_BEFORE);
	for (size_t i = 0; i < o->uses; i++) {
		struct ratio_total v = metric_total(o->set, o->use[i].metric);

		to[i].y += v.y;
		to[i].n += v.n;
	}
	if (row->start_us < o->first_us)
		o->first_us = row->start_us;
	return true;
}

/* --- plans out --- */

static const char *
reason_of(const struct outlook *o, const struct plan *p, enum plan_way way, const char *why)
{
	if (why)
		return o->e && o->first_us == INT64_MAX ? "no rows of its keys before its start" : why;
	if (isinf(p->way[way].days))
		return "keys differ for good, and more days do not change that";
	if (p->all.n_eff < OUTLOOK_KEYS || p->all.top > COMPARE_TOP)
		return "a few keys are too heavy for these figures to hold: pin them";
	return "";
}

static void
write_way(const struct outlook *o, struct tsv_row *row, const struct metric *m, enum plan_way way,
    const struct plan *p, double days, const char *why)
{
	const struct plan_one *w = &p->way[way];
	bool exact = o->how.exact;

	tsv_as_is(row, m->name);
	tsv_text(row, str_of(plan_way_name[way]));
	verdict_number(row, (double)p->all.keys, exact);
	verdict_number(row, p->all.n_eff, exact);
	verdict_number(row, p->all.top, exact);
	verdict_number(row, days, exact);
	verdict_number(row, m->scale * p->all.as.est, exact);
	verdict_number(row, m->scale * w->se, exact);
	verdict_number(row, m->scale * w->least, exact);
	verdict_number(row, 100 * w->power, exact);
	if (isinf(w->days))
		tsv_text(row, STR("never"));
	else
		verdict_number(row, ceil(w->days), exact);
	tsv_text(row, str_of(reason_of(o, p, way, why)));
	tsv_end_row(row);
}

/* Of the control and the smallest treatment, which decides what can be seen. */
static double
split_of(const struct experiment *e)
{
	double control = assign_share(&e->assign, 0), least = INFINITY, all = control;

	for (size_t i = 1; i < e->assign.n; i++) {
		double share = assign_share(&e->assign, i);

		all += share;
		least = fmin(least, share);
	}
	return all / control + all / least;
}

static void
write_use(struct outlook *o, struct out *out, size_t use, int64_t now_us)
{
	const struct metric *m = &o->set->m[o->use[use].metric];
	struct ratio_key *keys = mem_array(armtab_count(&o->pool, ARMTAB_ALL) + 1, sizeof(*keys));
	size_t n = armtab_gather(&o->pool, ARMTAB_ALL, use, keys);
	double days = n ? (double)(now_us - o->first_us) / (double)WHEN_DAY : NAN;
	struct plan_how how = { o->how.alpha, o->how.power, o->how.effect / m->scale, days,
	    o->e ? split_of(o->e) : PLAN_HALVES };
	const char *lack = m->kind == METRIC_QUANTILE ? "no plans for percentiles" : *m->lack ? m->lack : NULL;
	struct plan p;
	const char *why = plan_make(keys, lack ? 0 : n, &how, &p);

	for (int way = 0; way < PLAN_WAYS; way++) {
		struct tsv_row row = { out, 0 };

		tsv_time(&row, now_us);
		write_way(o, &row, m, (enum plan_way)way, &p, days, lack ? lack : why);
	}
	free(keys);
}

void
outlook_write(struct outlook *o, struct out *out, int64_t now_us)
{
	out_add(out, STR("time\tmetric\tmethod\tkeys\tneff\ttop\tdays\test\tse\tleast_effect\tpower\t"
	    "days_needed\treason\n"));
	if (o->e && now_us > o->e->start_us)
		now_us = o->e->start_us;
	armtab_sort(&o->pool);
	for (size_t i = 0; i < o->uses; i++)
		write_use(o, out, i, now_us);
}
