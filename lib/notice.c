#include "notice.h"

#include <stdlib.h>

#include "mem.h"
#include "msg.h"
#include "num.h"
#include "rules.h"
#include "str.h"
#include "unit.h"
#include "when.h"

#define SUBJECT_MAX	4096	/* bytes */

/* An alert that the message tells of. */
struct told {
	const struct alert *alert;
	const struct ledger_item *item;	/* NULL: told of before */
	enum ledger_sign sign;
	int64_t since_us;		/* of the episode told, perhaps not the row's */
	int rank;			/* of the severity: 0 is the gravest */
	size_t order;			/* in the table */
};

struct work {
	const struct notice_of *of;
	struct notice *n;
	struct told *told;		/* OWNED: in the message, the gravest first */
	size_t ntold;
	struct told *also;		/* OWNED: fires besides */
	size_t nalso;
	size_t firing, over;		/* of told */
	size_t absent;			/* items that have no row */
};

/*
 * Words.
 */

static struct str
bytes(const char *from, const char *to)
{
	return (struct str){ from, (size_t)(to - from) };
}

/* The two largest units: "2 d 3 h", "5 min". */
static void
put_span(struct buf *b, int64_t us)
{
	int64_t s = us > 0 ? us / WHEN_SEC : 0;

	if (s >= 86400)
		buf_printf(b, "%lld d %lld h", (long long)(s / 86400), (long long)(s % 86400 / 3600));
	else if (s >= 3600)
		buf_printf(b, "%lld h %lld min", (long long)(s / 3600), (long long)(s % 3600 / 60));
	else if (s >= 60)
		buf_printf(b, "%lld min", (long long)(s / 60));
	else
		buf_printf(b, "%lld s", (long long)s);
}

/* Labels without their quotes: tier=edge host=a. */
static void
put_labels(struct buf *b, struct str labels)
{
	struct str name, value;

	while (labels_next(&labels, &name, &value)) {
		buf_byte(b, ' ');
		buf_add(b, name);
		buf_byte(b, '=');
		buf_add(b, value);
	}
}

/* The term that an alert's condition is; false: it has none, or none that we know. */
static bool
term_of(const struct alert *a, struct rule_term *t)
{
	struct rule rule;
	bool missing[RULES_TERMS];

	if (a->condition.n == 0 || rule_parse(a->condition, &rule, missing) || rule.n != 1 || missing[0])
		return false;
	*t = rule.term[0];
	return true;
}

/* The value with its unit, or as it stands. */
static void
put_value(struct buf *b, const struct alert *a)
{
	struct rule_term t;
	double v;

	if (term_of(a, &t) && num_double(a->value, &v))
		unit_put_beside(b, v, t.threshold, t.unit);
	else
		buf_add(b, a->value);
}

/* "latency_ms_p99 > 500 ms"; of a table that does not say of which figure, the number. */
static void
put_threshold(struct buf *b, const struct alert *a)
{
	struct rule_term t;

	if (!term_of(a, &t)) {
		buf_add(b, a->condition.n ? a->condition : a->threshold);
		return;
	}
	buf_add(b, t.operand);
	buf_printf(b, " %s ", rule_op_text[t.op]);
	unit_put(b, t.threshold, t.unit);
}

static int
rank_of(struct str severity)
{
	if (str_eq(severity, STR("critical")))
		return 0;
	return str_eq(severity, STR("warning")) ? 1 : 2;
}

static enum letter_colour
colour_of(const struct told *t)
{
	static const enum letter_colour by_rank[] = { LETTER_RED, LETTER_AMBER, LETTER_BLUE };

	return t->sign == LEDGER_OVER ? LETTER_GREEN : by_rank[t->rank];
}

/*
 * What is in the message.
 */

static int
by_gravity(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->sign != y->sign)
		return x->sign == LEDGER_FIRING ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void
take(struct work *w, const struct alert *a, const struct ledger_item *item, bool *in)
{
	size_t order = (size_t)(a - w->of->table->alert);
	struct told t = { a, item, item ? item->sign : LEDGER_FIRING,
	    item ? item->since_us : a->since_us, rank_of(a->severity), order };

	in[order] = true;
	w->told[w->ntold++] = t;
	w->firing += t.sign == LEDGER_FIRING;
	w->over += t.sign == LEDGER_OVER;
}

static void
collect(struct work *w)
{
	const struct due_table *t = w->of->table;
	const struct due *d = w->of->due;
	bool all = d->repeat || w->of->rule->types;
	bool *in = mem_array(t->n + 1, sizeof(*in));

	w->told = mem_array(t->n + d->n + 1, sizeof(*w->told));
	w->also = mem_array(t->n + 1, sizeof(*w->also));
	for (size_t i = 0; i < d->n && !all; i++) {
		const struct alert *a = due_alert(t, &d->item[i].key);

		if (a)
			take(w, a, &d->item[i], in);
		else
			w->absent++;
	}
	for (size_t i = 0; i < t->n; i++) {
		const struct alert *a = &t->alert[i];

		if (in[i] || !due_fires(a, w->of->rule))
			continue;
		if (all)
			take(w, a, NULL, in);
		else
			w->also[w->nalso++] = (struct told){ a, NULL, LEDGER_FIRING, a->since_us,
			    rank_of(a->severity), i };
	}
	free(in);
	qsort(w->told, w->ntold, sizeof(*w->told), by_gravity);
	qsort(w->also, w->nalso, sizeof(*w->also), by_gravity);
}

/*
 * Subject and thread.
 */

/* Names of the rules, each once, NOTICE_NAMED at most. */
static void
put_rules(struct buf *b, const struct work *w)
{
	struct str named[NOTICE_NAMED];
	size_t n = 0, others = 0;

	for (size_t i = 0; i < w->ntold; i++) {
		struct str rule = w->told[i].alert->rule;
		size_t k = 0;

		while (k < n && !str_eq(named[k], rule))
			k++;
		if (k < n)
			continue;
		if (n < NOTICE_NAMED)
			named[n++] = rule;
		else
			others++;
	}
	for (size_t k = 0; k < n; k++) {
		buf_add(b, k ? STR(", ") : STR(""));
		buf_add(b, named[k]);
	}
	if (others)
		buf_add(b, STR(" and others"));
}

/*
 * What was found, where the row tells of this very episode and its figure is
 * fresh: the subject is all that a telephone shows at night.
 */
static void
put_finding(struct buf *b, const struct told *t)
{
	const struct alert *a = t->alert;
	struct rule_term term;
	struct str ignored;
	double v;

	if (t->sign != LEDGER_FIRING || a->state != ALERT_FIRING || t->since_us != a->since_us ||
	    alert_flag(a, STR("nodata"), &ignored) || alert_flag(a, STR("few"), &ignored) ||
	    !term_of(a, &term) || !num_double(a->value, &v))
		return;
	buf_add(b, STR(": "));
	rule_put_finding(b, &term, v);
}

static void
subject(struct work *w)
{
	struct buf *b = &w->n->subject;
	const char *still = w->of->due->repeat ? "STILL " : "";
	size_t over = w->over + w->absent;

	if (w->firing + over == 1) {
		buf_printf(b, "[%s%s]", still, w->firing ? "FIRING" : "RESOLVED");
	} else {
		buf_byte(b, '[');
		if (w->firing)
			buf_printf(b, "%sFIRING %zu", still, w->firing);
		if (w->firing && over)
			buf_add(b, STR(", "));
		if (over)
			buf_printf(b, "RESOLVED %zu", over);
		buf_byte(b, ']');
	}
	buf_byte(b, ' ');
	if (w->ntold == 1) {
		buf_add(b, w->told[0].alert->rule);
		buf_byte(b, ' ');
		buf_add(b, w->told[0].alert->severity);
		put_labels(b, w->told[0].alert->labels);
		put_finding(b, &w->told[0]);
	} else {
		buf_add(b, buf_str(&w->n->rules));
	}
}

/* Ids that all messages about an episode refer to: mail programs make a thread of them. */
static void
thread(struct work *w)
{
	const struct due *d = w->of->due;
	char since[NUM_MAX];

	for (size_t i = 0; i < d->n && i < NOTICE_THREAD; i++) {
		struct buf *b = &w->n->thread;

		if (i)
			buf_byte(b, ' ');
		for (size_t k = 0; k < sizeof(d->item[i].key); k++)
			buf_printf(b, "%02x", d->item[i].key.b[k]);
		buf_byte(b, '.');
		buf_add(b, bytes(since, num_put_fixed(since, d->item[i].since_us, 6)));
	}
}

/*
 * The letter.
 */

static void
fact_time(struct work *w, const char *name, int64_t us, const char *then, int64_t span_us)
{
	struct buf b;

	buf_init(&b, MSG_MAX);
	letter_time(&b, us);
	if (then) {
		buf_printf(&b, ", %s ", then);
		put_span(&b, span_us);
	}
	letter_fact(&w->n->letter, str_of(name), buf_str(&b));
	buf_free(&b);
}

/* What the table's row says beyond the episode that is told. */
static void
notes(struct work *w, const struct told *t)
{
	static const struct {
		const char *flag, *says;
	} flags[] = {
		{ "nodata", "no fresh figure: the alert stays as it is until one comes" },
		{ "few", "too few requests to judge by: the alert and its value stay as they were" },
		{ "gap", "nobody was judging for a while" },
		{ "escalated", "escalated" },
		{ "removed", "its rule was removed" },
		{ "gone", "given up: its figures no longer come" },
	};
	const struct alert *a = t->alert;
	bool same = t->since_us == a->since_us;
	struct str ignored;

	if (t->sign == LEDGER_FIRING && !(same && a->state == ALERT_FIRING))
		letter_fact(&w->n->letter, STR("Note"), STR("this mail is late: it is over by now"));
	for (size_t i = 0; i < countof(flags); i++)
		if (same && alert_flag(a, str_of(flags[i].flag), &ignored))
			letter_fact(&w->n->letter, STR("Note"), str_of(flags[i].says));
}

static int64_t
flag_time(const struct alert *a, const char *name)
{
	struct str text;
	int64_t us;

	return alert_flag(a, str_of(name), &text) && num_fixed(text, 6, &us) ? us : 0;
}

/* When the episode that is told ended, as far as the row knows; 0: it does not. */
static int64_t
end_of(const struct told *t)
{
	const struct alert *a = t->alert;

	if (t->since_us == a->since_us)
		return a->resolved_us;
	return t->since_us == flag_time(a, "prev_since") ? flag_time(a, "prev_resolved") : 0;
}

static void
badge(struct work *w, const struct told *t)
{
	struct buf word, name;

	buf_init(&word, IN_TSV_LINE_MAX);
	buf_add(&word, t->sign == LEDGER_OVER ? STR("RESOLVED ") : STR("FIRING "));
	buf_add(&word, t->alert->severity);
	buf_init(&name, IN_TSV_LINE_MAX);
	buf_add(&name, t->alert->rule);
	put_labels(&name, t->alert->labels);
	letter_badge(&w->n->letter, colour_of(t), str_trim(buf_str(&word)), buf_str(&name));
	buf_free(&word);
	buf_free(&name);
}

static void
fact_figure(struct work *w, const struct told *t)
{
	struct buf b;

	buf_init(&b, IN_TSV_LINE_MAX);
	put_value(&b, t->alert);
	letter_fact(&w->n->letter, t->sign == LEDGER_OVER ? STR("Last value") : STR("Value now"), buf_str(&b));
	buf_reset(&b);
	put_threshold(&b, t->alert);
	letter_fact(&w->n->letter, STR("Threshold"), buf_str(&b));
	buf_free(&b);
}

static void
in_full(struct work *w, const struct told *t)
{
	const struct alert *a = t->alert;
	struct letter *l = &w->n->letter;
	int64_t end_us = end_of(t);

	badge(w, t);
	if (a->summary.n)
		letter_para(l, a->summary);
	fact_figure(w, t);
	if (t->since_us && end_us)
		fact_time(w, "Since", t->since_us, NULL, 0);
	else if (t->since_us)
		fact_time(w, "Since", t->since_us, "for", w->of->now_us - t->since_us);
	if (end_us)
		fact_time(w, "Over since", end_us, "after", end_us - t->since_us);
	notes(w, t);
	if (t->sign == LEDGER_OVER)
		return;
	letter_list(l, STR("Possible causes"), a->causes, ';');
	letter_link(l, STR("What to do"), a->runbook);
}

static void
rows_of(struct work *w, const struct told *t, size_t n)
{
	enum { COLS = 5 };
	struct str *cell = mem_array((n + 1) * COLS, sizeof(*cell)), *c = cell;
	struct arena text = { 0 };
	static const char *const head[COLS] = { "severity", "alert", "value", "threshold", "since" };

	for (size_t i = 0; i < COLS; i++)
		*c++ = str_of(head[i]);
	for (size_t i = 0; i < n; i++) {
		struct buf b;

		*c++ = t[i].alert->severity;
		buf_init(&b, IN_TSV_LINE_MAX);
		buf_add(&b, t[i].alert->rule);
		put_labels(&b, t[i].alert->labels);
		*c++ = arena_dup(&text, buf_str(&b));
		buf_reset(&b);
		put_value(&b, t[i].alert);
		*c++ = arena_dup(&text, buf_str(&b));
		buf_reset(&b);
		put_threshold(&b, t[i].alert);
		*c++ = arena_dup(&text, buf_str(&b));
		buf_reset(&b);
		letter_time(&b, t[i].since_us);
		*c++ = arena_dup(&text, buf_str(&b));
		buf_free(&b);
	}
	letter_table(&w->n->letter, cell, n + 1, COLS);
	arena_free(&text);
	free(cell);
}

struct count {
	struct str rule, severity;
	size_t firing, over;
};

static int
by_name(const void *a, const void *b)
{
	const struct told *x = *(const struct told *const *)a, *y = *(const struct told *const *)b;

	return str_cmp(x->alert->rule, y->alert->rule);
}

static int
by_count(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	size_t m = x->firing + x->over, n = y->firing + y->over;

	return m != n ? (m > n ? -1 : 1) : str_cmp(x->rule, y->rule);
}

/* One count a rule, the most first; returns how many rules there are. */
static size_t
count_rules(struct count *count, const struct told *t, size_t n)
{
	const struct told **sorted = mem_array(n, sizeof(const struct told *));
	size_t rules = 0;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &t[i];
	qsort(sorted, n, sizeof(const struct told *), by_name);
	for (size_t i = 0; i < n; i++) {
		const struct alert *a = sorted[i]->alert;

		if (rules == 0 || !str_eq(count[rules - 1].rule, a->rule))
			count[rules++] = (struct count){ a->rule, a->severity, 0, 0 };
		count[rules - 1].firing += sorted[i]->sign == LEDGER_FIRING;
		count[rules - 1].over += sorted[i]->sign == LEDGER_OVER;
	}
	free(sorted);
	qsort(count, rules, sizeof(*count), by_count);
	return rules;
}

static void
by_rule(struct work *w, const char *heading, const struct told *t, size_t n)
{
	enum { COLS = 4 };
	struct count *count = mem_array(n, sizeof(*count));
	size_t rules = count_rules(count, t, n), shown = rules < NOTICE_RULES ? rules : NOTICE_RULES;
	struct str cell[(NOTICE_RULES + 1) * COLS] = { STR("severity"), STR("rule"), STR("firing"),
	    STR("resolved") };
	char room[NOTICE_RULES][2][NUM_MAX];
	struct buf b;

	buf_init(&b, MSG_MAX);
	buf_printf(&b, "%s %zu more", heading, n);
	letter_heading(&w->n->letter, buf_str(&b));
	for (size_t i = 0; i < shown; i++) {
		struct str *c = cell + (i + 1) * COLS;

		c[0] = count[i].severity;
		c[1] = count[i].rule;
		c[2] = bytes(room[i][0], num_put_u64(room[i][0], count[i].firing));
		c[3] = bytes(room[i][1], num_put_u64(room[i][1], count[i].over));
	}
	letter_table(&w->n->letter, cell, shown + 1, COLS);
	if (rules > shown) {
		buf_reset(&b);
		buf_printf(&b, "... of %zu more rules", rules - shown);
		letter_para(&w->n->letter, buf_str(&b));
	}
	buf_free(&b);
	free(count);
}

static void
also(struct work *w)
{
	size_t shown = w->nalso < NOTICE_ALSO ? w->nalso : NOTICE_ALSO;

	if (w->nalso == 0)
		return;
	letter_heading(&w->n->letter, STR("Still firing, told before"));
	rows_of(w, w->also, shown);
	if (w->nalso > shown)
		by_rule(w, "Still firing:", w->also + shown, w->nalso - shown);
}

static void
letter(struct work *w)
{
	struct letter *l = &w->n->letter;
	size_t full = w->ntold < NOTICE_FULL ? w->ntold : NOTICE_FULL;
	struct buf b;

	letter_open(l, buf_str(&w->n->subject));
	for (size_t i = 0; i < full; i++)
		in_full(w, &w->told[i]);
	if (w->ntold > full)
		by_rule(w, "And", w->told + full, w->ntold - full);
	buf_init(&b, MSG_MAX);
	if (w->absent) {
		buf_printf(&b, "%zu more are no longer in the table.", w->absent);
		letter_para(l, buf_str(&b));
	}
	also(w);
	if (w->of->recent)
		recent_write(w->of->recent, l);
	if (w->of->link)
		letter_link(l, STR("See also"), str_of(w->of->link));
	buf_reset(&b);
	buf_printf(&b, "Written by %s at ", msg_prog());
	letter_time(&b, w->of->now_us);
	buf_add(&b, STR(", of alerts as they were at "));
	letter_time(&b, w->of->table->as_of_us);
	letter_small(l, buf_str(&b));
	buf_free(&b);
	letter_close(l);
}

void
notice_make(struct notice *n, const struct notice_of *of)
{
	struct work w = { .of = of, .n = n };

	*n = (struct notice){ .state = "mixed" };
	buf_init(&n->subject, SUBJECT_MAX);
	buf_init(&n->thread, SUBJECT_MAX);
	buf_init(&n->rules, SUBJECT_MAX);
	collect(&w);
	put_rules(&n->rules, &w);
	if (w.over + w.absent == 0)
		n->state = "firing";
	else if (w.firing == 0)
		n->state = "resolved";
	subject(&w);
	thread(&w);
	letter(&w);
	free(w.told);
	free(w.also);
}

void
notice_free(struct notice *n)
{
	buf_free(&n->subject);
	buf_free(&n->thread);
	buf_free(&n->rules);
	letter_free(&n->letter);
}
