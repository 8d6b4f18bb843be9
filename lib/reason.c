#include "reason.h"

#include <inttypes.h>

#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

#define TEXT_MAX	(256 * 1024)	/* bytes about one alert */
#define MINUTE_US	(60 * WHEN_SEC)

static void
add_time(struct buf *b, const char *word, int64_t us)
{
	char room[NUM_MAX];

	buf_add(b, str_of(word));
	buf_add(b, (struct str){ room, (size_t)(when_put_iso(room, us) - room) });
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
		rule_put_term(&b, t);
		if (t->clear != t->threshold) {
			buf_add(&b, STR(" (clear "));
			num_add_double(&b, t->clear);
			buf_byte(&b, ')');
		}
	}
	buf_add(&b, STR("; for "));
	unit_put_span(&b, rule->for_us);
	buf_add(&b, STR(", keep "));
	unit_put_span(&b, rule->keep_us);
	buf_add(&b, STR(", max_age "));
	unit_put_span(&b, alarms_max_age(rule, interval_us));
	if (!rule->enabled)
		buf_add(&b, STR("; disabled"));
	buf_byte(&b, '\n');
	out_shown(o, buf_str(&b));
	buf_free(&b);
}

static void
add_row(struct buf *b, const struct sample *f, int64_t now)
{
	add_time(b, "    row of ", f->end_us - f->window_us);
	if (f->window_us) {
		buf_add(b, STR(", "));
		unit_put_span(b, f->window_us);
		buf_add(b, STR(" long"));
	}
	buf_add(b, STR(", ended "));
	unit_put_span(b, now - f->end_us);
	buf_add(b, STR(" ago"));
	if (f->n != UINT64_MAX)
		buf_printf(b, ", %" PRIu64 " requests", f->n);
	buf_byte(b, '\n');
}

/* Why there is no row: a name mistyped, labels that nothing has, or the total that is not there. */
static void
add_no_row(struct buf *b, const struct rule_term *t, bool has_column)
{
	buf_add(b, STR(": no such row: "));
	if (!has_column) {
		buf_add(b, STR("no row has a figure \""));
		buf_add(b, t->column);
		buf_add(b, STR("\"\n"));
	} else if (t->select.n == 0 && t->window_us == RULE_ANY_WINDOW) {
		buf_add(b, STR("those with the figure have labels, and this is the total "
		    "(cmon-agg -T), or have not ended\n"));
	} else {
		buf_add(b, STR("those with the figure have other labels"));
		buf_add(b, t->window_us == RULE_ANY_WINDOW ? STR("") : STR(" or windows"));
		buf_add(b, STR(" (one that is not named must be empty), or have not ended\n"));
	}
}

static void
add_term(struct buf *b, const struct watch *w, const struct rule *rule, size_t i,
    const struct term_verdict *v, const struct judge_run *run)
{
	const struct rule_term *t = &rule->term[i];

	buf_add(b, STR("  "));
	buf_add(b, t->operand);
	if (v->what == TERM_NO_ROW) {
		add_no_row(b, t, watch_has_column(w, rule, i));
		return;
	}
	if (v->what == TERM_NO_VALUE) {
		buf_add(b, STR(": no value in the newest row\n"));
	} else {
		buf_add(b, STR(" = "));
		num_add_double(b, v->value);
		buf_printf(b, ", %s ", rule_op_text[t->op]);
		num_add_double(b, v->limit);
		if (v->limit != t->threshold)
			buf_add(b, STR(" (clear)"));
	}
	if (v->what == TERM_OLD) {
		buf_add(b, STR(": not judged, the row is older than "));
		unit_put_span(b, alarms_max_age(rule, run->interval));
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
		unit_put_span(b, run->now - e->since);
		buf_add(b, STR(" of "));
		unit_put_span(b, one->rule->for_us);
	}
	if (e->since)
		buf_byte(b, '\n');
	if (e->keep_since && one->rule) {
		add_time(b, "  fine since ", e->keep_since);
		buf_add(b, STR(", resolved after "));
		unit_put_span(b, one->rule->keep_us);
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
			add_term(&b, w, one->rule, i, &term[i], run);
	}
	add_rest(&b, one);
	out_shown(o, buf_str(&b));
	buf_free(&b);
}

void
reason_gaps(const struct judge_run *run, const char *state)
{
	int64_t apart = (run->now - run->last + MINUTE_US / 2) / MINUTE_US * MINUTE_US;
	struct buf b;

	buf_init(&b, MSG_MAX);
	unit_put_span(&b, apart);
	buf_add(&b, STR(" apart, where --interval is "));
	unit_put_span(&b, run->interval);
	buf_add(&b, STR(": so \"for\" and \"keep\" begin anew each time, and are never reached: say --interval "));
	unit_put_span(&b, apart);
	warn("%s: runs are %.*s", state, STRF(buf_str(&b)));
	buf_free(&b);
}
