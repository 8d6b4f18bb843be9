/* metric.c - see metric.h. */
#include "metric.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

#define BIT(k)		(UINT32_C(1) << (k))
#define COST		STR("cost_usd_avg")
#define FOLDED		STR("(other)")
#define NOT_ANY		STR("(none)")

void
metric_set_init(struct metric_set *s, struct str key)
{
	*s = (struct metric_set){ .key = key };
	s->m = mem_array(METRIC_MAX, sizeof(*s->m));
	tally_init(&s->tally);
	cell_plan_init(&s->plan);
}

void
metric_set_free(struct metric_set *s)
{
	free(s->m);
	tally_free(&s->tally);
	cell_plan_free(&s->plan);
	arena_free(&s->text);
	*s = (struct metric_set){ 0 };
}

bool
metric_wants_more(struct str *name)
{
	static const char *const better[] = { "hit_pct", "byte_hit_pct", "offload_pct" };
	bool more = str_starts(*name, STR("+"));

	if (more)
		*name = str_from(*name, 1);
	for (size_t i = 0; i < countof(better); i++)
		more |= str_eq(*name, str_of(better[i]));
	return more;
}

/* --- names --- */

static const char *
add_column(struct metric_set *s, struct metric *m)
{
	struct metric_column *c = s->column;

	for (m->at = 0; (size_t)m->at < s->columns; m->at++)
		if (str_eq(c[m->at].name, m->f.column))
			return NULL;
	if (s->columns == CELL_MEASURES)
		return "too many columns of numbers";
	c[s->columns] = (struct metric_column){ .name = m->f.column, .scale = m->f.scale };
	tally_number(&s->tally, m->f.column, m->f.scale, (int)s->columns++);
	return NULL;
}

static const char *
set_kind(struct metric_set *s, struct metric *m)
{
	m->scale = 1;
	switch (m->f.kind) {
	case FIGURE_PCT:
	case FIGURE_REST_PCT:
		m->kind = METRIC_SHARE;
		m->scale = 100;
		return NULL;
	case FIGURE_AVG:
		m->kind = METRIC_MEAN;
		if (s->prices && str_eq(m->name, COST)) {
			m->kind = METRIC_COST;
			return NULL;
		}
		return add_column(s, m);
	case FIGURE_QUANTILE:
		m->kind = METRIC_QUANTILE;
		if (m->f.q == 0 || m->f.q == HIST_Q_ONE)
			return "the least and the greatest value cannot be compared";
		return add_column(s, m);
	default:
		return "it is no share, mean or percentile: hit_pct, error_pct, latency_ms_avg, "
		    "latency_ms_p95";
	}
}

const char *
metric_set_add(struct metric_set *s, struct str name, bool more, size_t *i)
{
	struct metric m = { .more = more };
	const char *why;

	for (*i = 0; *i < s->n; ++*i)
		if (str_eq(s->m[*i].name, name))
			return s->m[*i].more == more ? NULL :
			    "in one place more of it is better, in another less";
	if (!figure_parse(&m.f, name, &s->text))
		return "no such metric: hit_pct, error_pct, latency_ms_avg, latency_ms_p95";
	if (s->n == METRIC_MAX)
		return "too many metrics";
	m.name = arena_dup(&s->text, name);
	why = set_kind(s, &m);
	if (!why)
		s->m[s->n++] = m;
	return why;
}

/* --- headers --- */

/* What is missing first is told. */
static void lack(struct metric *m, const char *fmt, ...) PRINTF(2, 3);

static void
lack(struct metric *m, const char *fmt, ...)
{
	va_list ap;

	if (*m->lack)
		return;
	va_start(ap, fmt);
	vsnprintf(m->lack, sizeof(m->lack), fmt, ap);
	va_end(ap);
}

static void
lack_column(struct metric *m, struct str name)
{
	lack(m, "no column \"%.*s\"", STRF(name));
}

static void
lack_from(struct metric *m, const struct tsv *t, unsigned from)
{
	static const struct {
		unsigned from;
		const char *name;
	} needs[] = { { FIGURE_CACHE, "cache" }, { FIGURE_STATUS, "status" }, { FIGURE_BYTES, "bytes" } };

	for (size_t i = 0; i < countof(needs); i++)
		if ((from & needs[i].from) && tsv_col(t, str_of(needs[i].name)) < 0)
			lack_column(m, str_of(needs[i].name));
}

/* The counters that some metric is from: events are read for those alone. */
static void
keep_counters(struct metric_set *s)
{
	uint32_t want = BIT(CELL_REQUESTS);

	for (size_t i = 0; i < s->n; i++) {
		want |= s->m[i].f.part | s->m[i].f.base;
		for (size_t k = 0; s->m[i].kind == METRIC_COST && k < s->prices->n; k++)
			want |= s->prices->price[k].counters;
	}
	for (; want; want &= want - 1)
		cell_keep(&s->plan, (enum cell_counter)CTZ64(want));
}

static void
bind_events(struct metric_set *s, const struct tsv *t)
{
	keep_counters(s);
	tally_bind(&s->tally, t, &s->plan);
	for (size_t i = 0; i < s->n; i++) {
		struct metric *m = &s->m[i];

		lack_from(m, t, m->f.from);
		if (m->kind == METRIC_COST) {
			for (size_t k = 0; k < s->prices->n; k++)
				lack_from(m, t, s->prices->price[k].from);
		} else if (m->f.column.n && tsv_col(t, m->f.column) < 0) {
			lack_column(m, m->f.column);
		}
	}
}

static int
bind_stat(const struct metric_set *s, const struct tsv *t, struct str column, const char *stat)
{
	char name[IN_TSV_LINE_MAX / 256];
	int n = snprintf(name, sizeof(name), "%.*s_%s", STRF(column), stat), col;

	if (n < 0 || (size_t)n >= sizeof(name))
		return -1;
	col = tsv_col(t, (struct str){ name, (size_t)n });
	return col > s->metrics.window ? col : -1;
}

static void
lack_counters(const struct metric_set *s, struct metric *m, uint32_t want)
{
	const char *missing = counters_missing(&s->counters, want);

	if (missing)
		lack_column(m, str_of(missing));
}

static void
lack_prices(const struct metric_set *s, struct metric *m)
{
	lack_counters(s, m, BIT(CELL_REQUESTS));
	for (size_t k = 0; k < s->prices->n; k++) {
		const struct price *p = &s->prices->price[k];

		lack_counters(s, m, p->counters);
		if (p->tier.n)
			lack(m, "totals by key do not say the tier \"%.*s\" of a price: give events", STRF(p->tier));
	}
}

static void
bind_totals(struct metric_set *s, const struct tsv *t)
{
	counters_bind(&s->counters, t, s->metrics.window);
	for (size_t i = 0; i < s->columns; i++) {
		struct metric_column *c = &s->column[i];

		c->n = bind_stat(s, t, c->name, "n");
		c->sum = bind_stat(s, t, c->name, "sum");
		c->sumsq = bind_stat(s, t, c->name, "sumsq");
	}
	for (size_t i = 0; i < s->n; i++) {
		struct metric *m = &s->m[i];

		if (m->kind == METRIC_SHARE)
			lack_counters(s, m, m->f.part | m->f.base);
		else if (m->kind == METRIC_COST)
			lack_prices(s, m);
		else if (m->kind == METRIC_QUANTILE)
			lack(m, "totals by key have no values of \"%.*s\": give events", STRF(m->f.column));
		else if (s->column[m->at].sum < 0)
			lack(m, "no column \"%.*s_sum\"", STRF(m->f.column));
		else if (s->column[m->at].n < 0)
			lack_counters(s, m, BIT(CELL_REQUESTS));
	}
}

static bool
needs_column(struct metric_set *s, const struct tsv *t, struct str name, int *col)
{
	*col = tsv_col(t, name);
	if (*col >= 0 && (s->events || (size_t)*col < s->metrics.labels))
		return true;
	snprintf(s->why, sizeof(s->why), "%s:%llu: no %s \"%.*s\": %s", TSV_AT(t),
	    s->events ? "column" : "label", STRF(name), s->events ?
	    str_eq(name, s->key) ? "cmon-key(1) adds keys, --key names another column" :
	    "cmon-cohort(1) adds experiment and cohort" :
	    "group by experiment, cohort and key");
	return false;
}

bool
metric_set_bind(struct metric_set *s, const struct tsv *t)
{
	s->events = !metrics_bind(&s->metrics, t);
	s->at_experiment = s->at_cohort = -1;
	if (!needs_column(s, t, s->key, &s->at_key))
		return false;
	if (!s->keys_alone && (!needs_column(s, t, STR("experiment"), &s->at_experiment) ||
	    !needs_column(s, t, STR("cohort"), &s->at_cohort)))
		return false;
	if (s->events)
		bind_events(s, t);
	else
		bind_totals(s, t);
	return true;
}

/* --- rows --- */

static bool
read_sums(struct metric_set *s, const struct tsv *t)
{
	for (size_t i = 0; i < s->columns; i++) {
		struct metric_column *c = &s->column[i];

		if (!counters_number(t, c->n, &c->of_n, s->why) || !counters_number(t, c->sum, &c->of_sum, s->why) ||
		    !counters_number(t, c->sumsq, &c->of_sumsq, s->why))
			return false;
		if (c->n < 0)
			c->of_n = s->counters.count[CELL_REQUESTS];
	}
	return true;
}

static bool
read_window(struct metric_set *s, const struct tsv *t, struct metric_row *row)
{
	struct str time = tsv_field(t, t->time), window = tsv_field(t, s->metrics.window);
	int64_t width;

	if (!num_fixed(time, 6, &row->start_us) || row->start_us < -WHEN_END || row->start_us > WHEN_END)
		return counters_wrong(t, STR("time"), "not a time", time, s->why);
	if (!num_fixed(window, 6, &width) || width < 0 || width > WHEN_END)
		return counters_wrong(t, STR("window"), "not a number of seconds", window, s->why);
	row->end_us = row->start_us + width;
	return true;
}

/* A total by key leaves no other label in it. */
static bool
is_by_key(const struct metric_set *s, const struct metric_row *row)
{
	size_t named = s->keys_alone ? 1 : 3;

	if (row->key.n == 0 || (!s->keys_alone && (row->experiment.n == 0 || row->cohort.n == 0)))
		return false;
	return s->keys_alone || metrics_filled(&s->metrics) == named;
}

static enum metric_what
read_total(struct metric_set *s, const struct tsv *t, struct metric_row *row)
{
	if (!read_window(s, t, row))
		return METRIC_BAD;
	if (!is_by_key(s, row))
		return METRIC_TOTAL;
	if (!counters_read(&s->counters, t, s->why) || !read_sums(s, t))
		return METRIC_BAD;
	row->requests = s->counters.count[CELL_REQUESTS];
	if (s->counters.col[CELL_REQUESTS] < 0)
		row->requests = s->counters.count[CELL_HIT] + s->counters.count[CELL_MISS];
	return METRIC_TAKEN;
}

/* What cmon-agg would have counted of the event. */
static void
count_event(struct metric_set *s)
{
	const struct cell_event *e = &s->event;
	double w = (double)e->weight, bytes = w * (double)e->bytes, *count = s->counters.count;

	memset(s->counters.count, 0, sizeof(s->counters.count));
	count[e->outcome] = count[e->origin] = count[e->error] = count[e->status] = w;
	count[CELL_REQUESTS] = w;
	count[e->body] = count[CELL_BYTES] = bytes;
	count[CELL_NOTHING] = 0;
	s->counters.unknown = e->status == CELL_NOTHING ? BIT(CELL_ERRORS) : 0;
	for (size_t i = 0; i < s->columns; i++) {
		struct metric_column *c = &s->column[i];
		bool has = e->has & BIT(i);

		c->value = has ? (double)e->value[i] / (double)num_pow10[c->scale] : 0;
		c->of_n = has ? w : 0;
		c->of_sum = w * c->value;
	}
}

static enum metric_what
read_event(struct metric_set *s, const struct tsv *t, struct metric_row *row)
{
	struct cells_key key;
	int tier = tsv_col(t, STR("tier"));

	switch (tally_read(&s->tally, t, &s->event, &key)) {
	case TALLY_BAD:
		snprintf(s->why, sizeof(s->why), "%s", s->tally.why);
		return METRIC_BAD;
	case TALLY_SKIPPED:
		return METRIC_TOTAL;
	case TALLY_TAKEN:
		break;
	}
	row->start_us = row->end_us = s->tally.time;
	row->requests = (double)s->event.weight;
	s->tier = tier >= 0 ? tsv_field(t, tier) : (struct str){ NULL, 0 };
	count_event(s);
	return METRIC_TAKEN;
}

static struct str
label(const struct tsv *t, int col)
{
	return col < 0 ? (struct str){ NULL, 0 } : tsv_field(t, col);
}

static bool
is_none(struct str s)
{
	return s.n == 0 || str_eq(s, NOT_ANY);
}

enum metric_what
metric_set_read(struct metric_set *s, const struct tsv *t, struct metric_row *row)
{
	enum metric_what what;

	*row = (struct metric_row){ .event = s->events, .experiment = label(t, s->at_experiment),
	    .cohort = label(t, s->at_cohort), .key = label(t, s->at_key) };
	if (str_eq(row->key, FOLDED) || str_eq(row->cohort, FOLDED) || str_eq(row->experiment, FOLDED)) {
		(void)!counters_wrong(t, str_eq(row->key, FOLDED) ? s->key : STR("cohort"),
		    "stands for many; do not fold keys (--max-groups)", FOLDED, s->why);
		return METRIC_BAD;
	}
	what = s->events ? read_event(s, t, row) : read_total(s, t, row);
	if (what != METRIC_TAKEN)
		return what;
	if (is_none(row->key) || (!s->keys_alone && (is_none(row->experiment) || is_none(row->cohort))))
		return METRIC_OUTSIDE;
	return METRIC_TAKEN;
}

/* --- what it adds --- */

static double
sum_of(const struct metric_set *s, uint32_t which)
{
	double sum = 0;

	for (; which; which &= which - 1)
		sum += s->counters.count[CTZ64(which)];
	return sum;
}

static double
cost_of(const struct metric_set *s)
{
	double usd = 0;

	for (size_t i = 0; i < s->prices->n; i++) {
		const struct price *p = &s->prices->price[i];

		if (p->tier.n == 0 || str_eq(p->tier, s->tier))
			usd += p->usd * sum_of(s, p->counters);
	}
	return usd;
}

struct ratio_total
metric_total(const struct metric_set *s, size_t i)
{
	const struct metric *m = &s->m[i];
	struct ratio_total v = { 0, 0 };

	switch (m->kind) {
	case METRIC_SHARE:
		/* What nobody counted is not 0: a guardrail must not hold by it. */
		if ((m->f.part | m->f.base) & s->counters.unknown)
			break;
		v.y = sum_of(s, m->f.part);
		v.n = sum_of(s, m->f.base);
		if (m->f.kind == FIGURE_REST_PCT)
			v.y = v.n - v.y;
		break;
	case METRIC_MEAN:
		v.y = s->column[m->at].of_sum;
		v.n = s->column[m->at].of_n;
		break;
	case METRIC_COST:
		v.y = cost_of(s);
		v.n = s->counters.count[CELL_REQUESTS];
		break;
	case METRIC_QUANTILE:
		break;
	}
	return v;
}

struct stats_moments
metric_moments(const struct metric_set *s, size_t i)
{
	const struct metric_column *c = &s->column[s->m[i].at];
	struct stats_moments m = { 0 };

	if (s->m[i].kind != METRIC_MEAN || !(c->of_n >= 1) || c->of_n > 0x1p53)
		return m;
	m.n = (uint64_t)c->of_n;
	m.mean = c->of_sum / c->of_n;
	/* one value has no deviation, whatever the rounding of its square says */
	if (!s->events && m.n > 1)
		m.m2 = c->sumsq < 0 ? NAN :
		    fmax(0, stats_products(c->of_sumsq, c->of_n, c->of_sum, c->of_sum) / c->of_n);
	return m;
}

uint64_t
metric_value(const struct metric_set *s, size_t i, double *value)
{
	const struct metric *m = &s->m[i];

	if (m->kind != METRIC_QUANTILE || !s->events || !(s->event.has & BIT(m->at)))
		return 0;
	*value = s->column[m->at].value;
	return s->event.weight;
}
