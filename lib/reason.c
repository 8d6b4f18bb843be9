#include "reason.h"

#include <inttypes.h>

#include "num.h"
#include "str.h"
#include "when.h"

#define TEXT_MAX	(256 * 1024)	/* bytes about one alert */

static void
add_double(struct buf *b, double v)
{
	char room[NUM_MAX];

	buf_add(b, (struct str){ room, (size_t)(num_put_double(room, v) - room) });
}

static void
add_time(struct buf *b, const char *word, int64_t us)
{
	char room[NUM_MAX];

	buf_add(b, str_of(word));
	buf_add(b, (struct str){ room, (size_t)(when_put_iso(room, us) - room) });
}

/* 5m, 90s, 1h30m: no more than two parts. */
static void
add_span(struct buf *b, int64_t us)
{
	static const struct { int64_t s; char unit; } parts[] = {
		{ 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' }
	};
	int64_t s = us / 1000000;
	int said = 0;

	for (size_t i = 0; i < countof(parts) && said < 2; i++)
		if (s >= parts[i].s) {
			buf_printf(b, "%" PRId64 "%c", s / parts[i].s, parts[i].unit);
			s %= parts[i].s;
			said++;
		}
	if (!said)
		buf_add(b, STR("0s"));
}

static void
add_operand(struct buf *b, const struct rule_term *t)
{
	static const char *const open[] = { "", "age(", "lag(" };

	buf_add(b, str_of(open[t->of]));
	buf_add(b, t->column);
	if (t->select.n || t->window_us != RULE_ANY_WINDOW)
		buf_byte(b, '{');
	for (size_t i = 0; i < t->select.n; i++) {
		const struct select_match *m = &t->select.match[i];

		if (i)
			buf_byte(b, ',');
		buf_add(b, m->label);
		buf_add(b, m->how == SELECT_NOT ? STR("!=") : STR("="));
		buf_add(b, m->how == SELECT_ANY ? STR("*") : m->value);
	}
	if (t->window_us != RULE_ANY_WINDOW) {
		buf_add(b, t->select.n ? STR(",window=") : STR("window="));
		add_span(b, t->window_us);
	}
	if (t->select.n || t->window_us != RULE_ANY_WINDOW)
		buf_byte(b, '}');
	if (t->of != OF_VALUE)
		buf_byte(b, ')');
}

void
reason_rule(struct out *o, const struct rule *rule, int64_t interval_us)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_add(&b, rule->id);
	buf_printf(&b, ": %s when ", rule_severity_text[rule->severity]);
	for (size_t i = 0; i < rule->n; i++) {
		const struct rule_term *t = &rule->term[i];

		if (i)
			buf_add(&b, STR(" & "));
		add_operand(&b, t);
		buf_printf(&b, " %s ", rule_op_text[t->op]);
		add_double(&b, t->threshold);
		if (t->clear != t->threshold) {
			buf_add(&b, STR(" (clear "));
			add_double(&b, t->clear);
			buf_byte(&b, ')');
		}
	}
	buf_add(&b, STR("; for "));
	add_span(&b, rule->for_us);
	buf_add(&b, STR(", keep "));
	add_span(&b, rule->keep_us);
	buf_add(&b, STR(", max_age "));
	add_span(&b, alarms_max_age(rule, interval_us));
	if (!rule->enabled)
		buf_add(&b, STR("; disabled"));
	buf_byte(&b, '\n');
	out_add(o, buf_str(&b));
	buf_free(&b);
}

static void
add_row(struct buf *b, const struct sample *f, int64_t now)
{
	add_time(b, "    row of ", f->end_us - f->window_us);
	if (f->window_us) {
		buf_add(b, STR(", "));
		add_span(b, f->window_us);
		buf_add(b, STR(" long"));
	}
	buf_add(b, STR(", ended "));
	add_span(b, now - f->end_us);
	buf_add(b, STR(" ago"));
	if (f->n != UINT64_MAX)
		buf_printf(b, ", %" PRIu64 " requests", f->n);
	buf_byte(b, '\n');
}

static void
add_term(struct buf *b, const struct rule *rule, size_t i, const struct term_verdict *v,
    const struct judge_run *run)
{
	const struct rule_term *t = &rule->term[i];

	buf_add(b, STR("  "));
	add_operand(b, t);
	if (v->what == TERM_NO_ROW) {
		buf_add(b, STR(": no such row\n"));
		return;
	}
	if (v->what == TERM_NO_VALUE) {
		buf_add(b, STR(": no value in the newest row\n"));
	} else {
		buf_add(b, STR(" = "));
		add_double(b, v->value);
		buf_printf(b, ", %s ", rule_op_text[t->op]);
		add_double(b, v->limit);
		if (v->limit != t->threshold)
			buf_add(b, STR(" (clear)"));
	}
	if (v->what == TERM_OLD) {
		buf_add(b, STR(": not judged, the row is older than "));
		add_span(b, alarms_max_age(rule, run->interval));
		buf_byte(b, '\n');
	} else if (v->what == TERM_FEW) {
		buf_printf(b, ": not judged, fewer than %" PRIu64 " requests\n", rule->min_n);
	} else if (v->what != TERM_NO_VALUE) {
		buf_add(b, v->what == TERM_TRUE ? STR(": yes\n") : STR(": no\n"));
	}
	add_row(b, v->sample, run->now);
}

static void
add_since(struct buf *b, const struct alarm *one, const struct judge_run *run)
{
	const struct episode *e = &one->e;

	if (e->since)
		add_time(b, "  since ", e->since);
	if (e->fired)
		add_time(b, ", firing since ", e->fired);
	if (e->resolved)
		add_time(b, ", resolved ", e->resolved);
	if (e->state == ALERT_PENDING && one->rule) {
		buf_add(b, STR(": "));
		add_span(b, run->now - e->since);
		buf_add(b, STR(" of "));
		add_span(b, one->rule->for_us);
	}
	if (e->since)
		buf_byte(b, '\n');
	if (e->keep_since && one->rule) {
		add_time(b, "  fine since ", e->keep_since);
		buf_add(b, STR(", resolved after "));
		add_span(b, one->rule->keep_us);
		buf_byte(b, '\n');
	}
	if (e->prev_resolved) {
		add_time(b, "  the episode before began ", e->prev_since);
		add_time(b, " and ended ", e->prev_resolved);
		buf_byte(b, '\n');
	}
}

static void
add_rest(struct buf *b, const struct alarm *one)
{
	static const char *const policy[] = {
		"the state is frozen (nodata=keep)", "taken as fine (nodata=ok)",
		"the state is frozen, and the alert .nodata goes off (nodata=alert)"
	};

	if (one->blind && one->rule)
		buf_printf(b, "  cannot be judged%s: %s\n", one->few ? " for want of requests" : "",
		    one->few && one->rule->nodata == NODATA_ALERT ? policy[NODATA_KEEP] : policy[one->rule->nodata]);
	if (one->gap)
		buf_add(b, STR("  the run before this one was too long ago\n"));
	if (one->escalated)
		buf_add(b, STR("  escalated\n"));
	if (one->removed)
		buf_add(b, STR("  its rule was taken out, disabled, or has other labels now\n"));
	if (one->gone)
		buf_add(b, STR("  given up: no data for 7 days\n"));
	if (one->muted_by.n)
		buf_printf(b, "  muted by %.*s\n", (int)one->muted_by.n, one->muted_by.p);
}

void
reason_write(struct out *o, const struct watch *w,
    const struct alarm *one, const struct judge_run *run)
{
	struct term_verdict term[RULES_TERMS];
	struct buf b;
	bool few;

	buf_init(&b, TEXT_MAX);
	buf_printf(&b, "%s  ", alert_state_text[one->e.state]);
	buf_add(&b, one->rule_id);
	if (one->labels.n) {
		buf_byte(&b, '{');
		buf_add(&b, one->labels);
		buf_byte(&b, '}');
	}
	buf_byte(&b, '\n');
	add_since(&b, one, run);
	if (one->rule) {
		/* As it was judged: by the state before this run. */
		(void)watch_judge(w, &w->one[one->watched], run->now,
		    alarms_max_age(one->rule, run->interval),
		    one->before == ALERT_FIRING && !one->nodata, &few, term);
		for (size_t i = 0; i < one->rule->n; i++)
			add_term(&b, one->rule, i, &term[i], run);
	}
	add_rest(&b, one);
	out_add(o, buf_str(&b));
	buf_free(&b);
}
