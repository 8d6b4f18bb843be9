#include "rules.h"

#include <stdlib.h>

#include "buf.h"
#include "msg.h"
#include "num.h"
#include "str.h"

enum {
	ID, SEVERITY, CONDITION, THRESHOLD, CLEAR, FOR, KEEP, MIN_N, MAX_AGE, NODATA,
	CHANNELS, INHIBITED_BY, ESCALATE, ESCALATE_TO, ENABLED, SUMMARY, CAUSES, RUNBOOK
};

static const char *const names[] = {
	"id", "severity", "condition", "threshold", "clear", "for", "keep", "min_n",
	"max_age", "nodata", "channels", "inhibited_by", "escalate", "escalate_to",
	"enabled", "summary", "causes", "runbook", NULL
};

const char *const rule_op_text[] = { ">", ">=", "<", "<=", "==", "!=" };
const char *const rule_severity_text[] = { "info", "warning", "critical", NULL };
static const char *const nodata_text[] = { "keep", "ok", "alert", NULL };

bool
rule_holds(enum rule_op op, double value, double threshold)
{
	switch (op) {
	case OP_GT: return value > threshold;
	case OP_GE: return value >= threshold;
	case OP_LT: return value < threshold;
	case OP_LE: return value <= threshold;
	case OP_EQ: return value == threshold;
	case OP_NE: return value != threshold;
	}
	return false;
}

void
rule_put_term(struct buf *b, const struct rule_term *t)
{
	buf_add(b, t->operand);
	buf_printf(b, " %s ", rule_op_text[t->op]);
	num_add_double(b, t->threshold);
}

void
rule_put_finding(struct buf *b, const struct rule_term *t, double value)
{
	static const char *const open[] = { "", "age(", "lag(" };

	buf_add(b, str_of(open[t->of]));
	buf_add(b, t->column);
	buf_add(b, t->of == OF_VALUE ? STR(" ") : STR(") "));
	unit_put_beside(b, value, t->threshold, t->unit);
	if (!rule_holds(t->op, value, t->threshold))
		return;
	buf_printf(b, " %s ", rule_op_text[t->op]);
	unit_put(b, t->threshold, t->unit);
}

/* --- the condition --- */

static size_t
name_length(struct str s)
{
	size_t i = 0;

	while (i < s.n && !strchr(" \t{}()<>=!&,\"", s.p[i]))
		i++;
	return i;
}

static const char *
parse_op(struct str *rest, enum rule_op *op)
{
	static const enum rule_op longest_first[] = { OP_GE, OP_LE, OP_EQ, OP_NE, OP_GT, OP_LT };

	for (size_t i = 0; i < countof(longest_first); i++) {
		struct str text = str_of(rule_op_text[longest_first[i]]);

		if (str_starts(*rest, text)) {
			*op = longest_first[i];
			*rest = str_trim(str_from(*rest, text.n));
			return NULL;
		}
	}
	return "an operator is missing: > >= < <= == !=";
}

/* "window" is no label: it is taken out of the selector. */
static const char *
take_window(struct rule_term *t)
{
	struct select *s = &t->select;
	size_t i = 0;

	t->window_us = RULE_ANY_WINDOW;
	while (i < s->n && !str_eq(s->match[i].label, STR("window")))
		i++;
	if (i == s->n)
		return NULL;
	if (s->match[i].how != SELECT_IS || !num_duration(s->match[i].value, &t->window_us))
		return "window takes a duration: {window=5m}";
	memmove(&s->match[i], &s->match[i + 1], (--s->n - i) * sizeof(s->match[0]));
	return NULL;
}

static const char *
parse_operand(struct str *rest, struct rule_term *t)
{
	const char *why, *start = rest->p;
	bool call;

	t->of = OF_VALUE;
	if (str_starts(*rest, STR("age(")))
		t->of = OF_AGE;
	else if (str_starts(*rest, STR("lag(")))
		t->of = OF_LAG;
	call = t->of != OF_VALUE;
	if (call)
		*rest = str_trim(str_from(*rest, 4));
	t->column = (struct str){ rest->p, name_length(*rest) };
	*rest = str_trim(str_from(*rest, t->column.n));
	if (t->column.n == 0)
		return "a column's name is missing";
	why = select_parse(rest, &t->select);
	if (why)
		return why;
	*rest = str_trim(*rest);
	if (call) {
		if (!str_starts(*rest, STR(")")))
			return ") is missing after age( or lag(";
		*rest = str_trim(str_from(*rest, 1));
	}
	t->operand = str_trim((struct str){ start, (size_t)(rest->p - start) });
	t->unit = call ? unit_seconds : unit_of(t->column);
	return take_window(t);
}

static const char *
parse_term(struct str *rest, struct rule_term *t, bool *missing)
{
	const char *why = parse_operand(rest, t);
	struct str number;

	if (!why)
		why = parse_op(rest, &t->op);
	if (why)
		return why;
	number = (struct str){ rest->p, str_chr(*rest, '&') };
	*rest = str_from(*rest, number.n);
	number = str_trim(number);
	*missing = number.n == 0;
	if (*missing)
		return NULL;
	why = unit_read(number, t->unit, &t->threshold);
	t->clear = t->threshold;
	return why;
}

/*
 * The labels that =* and != leave open tell a rule's alerts apart.  All terms
 * that leave any open have to leave the same ones, so that rows can be joined.
 */
static const char *
join_labels(struct rule *rule)
{
	rule->labels = 0;
	for (size_t i = 0; i < rule->n; i++) {
		struct rule_term *t = &rule->term[i];
		size_t open = 0;
		bool first = rule->labels == 0;

		for (size_t k = 0; k < t->select.n; k++) {
			struct str label = t->select.match[k].label;

			if (t->select.match[k].how == SELECT_IS)
				continue;
			if (first)
				rule->label[rule->labels++] = label;
			else if (open >= rule->labels || !str_eq(rule->label[open], label))
				return "terms leave different labels open (=* or !=): "
				    "give each term the same ones, or none";
			open++;
		}
		t->spread = open > 0;
		if (open > 0 && open != rule->labels)
			return "terms leave different labels open (=* or !=): "
			    "give each term the same ones, or none";
	}
	return NULL;
}

const char *
rule_parse(struct str text, struct rule *rule, bool missing[RULES_TERMS])
{
	rule->n = 0;
	for (;;) {
		const char *why;

		if (rule->n == RULES_TERMS)
			return "too many terms";
		text = str_trim(text);
		why = parse_term(&text, &rule->term[rule->n], &missing[rule->n]);
		if (why)
			return why;
		rule->n++;
		if (text.n == 0)
			return join_labels(rule);
		text = str_from(text, 1);	/* the & that ended the term */
	}
}

/* --- one row --- */

/* A list for str_cut(), to which no bytes at an address are one empty piece. */
static struct str
list_of(struct str s)
{
	return s.n ? s : (struct str){ NULL, 0 };
}

static bool
plain_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s.p[i]))
			return false;
	return s.n > 0 && s.n <= RULES_ID_MAX;
}

static void
read_word(struct table *t, size_t col, const char *const *words, int *value)
{
	struct str s = table_field(t, col);
	struct buf list;

	if (s.n == 0)
		return;
	for (int i = 0; words[i]; i++)
		if (str_eq(s, str_of(words[i]))) {
			*value = i;
			return;
		}
	buf_init(&list, TABLE_SAY_MAX);
	for (int i = 0; words[i]; i++)
		buf_printf(&list, " %s", words[i]);
	table_wrong(t, col, "\"%.*s\" is none of:%.*s", STRF(s), STRF(buf_str(&list)));
	buf_free(&list);
}

static int64_t
read_span(struct table *t, size_t col, int64_t none)
{
	struct str s = table_field(t, col);
	int64_t us = none;

	if (s.n && !num_duration(s, &us))
		table_wrong(t, col, "not a duration (90s, 5m, 2h, 7d; empty for none): \"%.*s\"", STRF(s));
	return us;
}

static struct str
read_channels(struct rules *r, struct table *t, size_t col)
{
	struct str all = table_field(t, col), rest = list_of(all), one;

	while (str_cut(&rest, ',', &one))
		if (!plain_name(one)) {
			table_wrong(t, col, "\"%.*s\" is no channel: letters, digits, _ and -, "
			    "several with a comma and no blank between them", STRF(one));
			break;
		}
	return arena_dup(&r->text, all);
}

/* Where firing ends: never before the threshold that it began at. */
static bool
clear_is_right(enum rule_op op, double threshold, double clear)
{
	if (op == OP_GT || op == OP_GE)
		return clear <= threshold;
	return (op == OP_LT || op == OP_LE) && clear >= threshold;
}

static void
read_numbers(struct table *t, struct rule *rule, const bool missing[RULES_TERMS])
{
	struct str threshold = table_field(t, THRESHOLD), clear = table_field(t, CLEAR);
	bool wanted = false;

	for (size_t i = 0; i < rule->n; i++) {
		struct rule_term *term = &rule->term[i];
		const char *why;

		if (!missing[i])
			continue;
		wanted = true;
		if (threshold.n == 0) {
			table_wrong(t, THRESHOLD, "empty, and the condition has no number after %s",
			    rule_op_text[term->op]);
			return;
		}
		why = unit_read(threshold, term->unit, &term->threshold);
		if (why) {
			table_wrong(t, THRESHOLD, "\"%.*s\" for \"%.*s\": %s", STRF(threshold), STRF(term->column), why);
			return;
		}
		term->clear = term->threshold;
		why = clear.n ? unit_read(clear, term->unit, &term->clear) : NULL;
		if (why) {
			table_wrong(t, CLEAR, "\"%.*s\" for \"%.*s\": %s", STRF(clear), STRF(term->column), why);
			return;
		}
		if (clear.n && !clear_is_right(term->op, term->threshold, term->clear)) {
			table_wrong(t, CLEAR, "%.*s is on the wrong side of %.*s: an alert of %s ends %s", STRF(clear),
			    STRF(threshold), rule_op_text[term->op],
			    term->op == OP_GT || term->op == OP_GE ? "at or below its threshold" :
			    term->op == OP_LT || term->op == OP_LE ? "at or above its threshold" :
			    "at the threshold alone: leave clear empty");
			return;
		}
	}
	if (!wanted && threshold.n)
		table_wrong(t, THRESHOLD, "of no use: every term of the condition has its own number");
	if (!wanted && clear.n)
		table_wrong(t, CLEAR, "of no use: it replaces the threshold column, "
		    "and every term of the condition has its own number");
}

static void
keep_judged(struct rules *r, struct rule *rule)
{
	struct buf b;

	buf_init(&b, TABLE_LINE_MAX);
	rule_put_term(&b, &rule->term[0]);
	rule->judged = arena_dup(&r->text, buf_str(&b));
	buf_free(&b);
}

static void
read_condition(struct rules *r, struct table *t, struct rule *rule)
{
	bool missing[RULES_TERMS] = { false };
	const char *why;

	rule->condition = arena_dup(&r->text, table_field(t, CONDITION));
	if (rule->condition.n == 0) {
		table_wrong(t, CONDITION, "empty: write a column, an operator and a number, as miss_pct > 15%%");
		return;
	}
	why = rule_parse(rule->condition, rule, missing);
	if (why)
		table_wrong(t, CONDITION, "\"%.*s\": %s", STRF(rule->condition), why);
	else
		read_numbers(t, rule, missing);
	if (!why)
		keep_judged(r, rule);
}

static void
read_id(struct rules *r, struct table *t, struct rule *rule)
{
	struct str id = table_field(t, ID);
	const struct rule *same = rules_find(r, id);

	if (!plain_name(id))
		table_wrong(t, ID, "\"%.*s\" is no id: up to %d letters, digits, _ and -%s",
		    STRF(id), RULES_ID_MAX,
		    t->fields == 1 ? "; one tab stands between two fields" : "");
	else if (same)
		table_wrong(t, ID, "\"%.*s\" is the id of line %llu too", STRF(id), (unsigned long long)same->line);
	rule->id = arena_dup(&r->text, id);
}

static void
read_escalation(struct rules *r, struct table *t, struct rule *rule)
{
	rule->escalate_us = read_span(t, ESCALATE, -1);
	rule->escalate_to = read_channels(r, t, ESCALATE_TO);
	if ((rule->escalate_us >= 0) != (rule->escalate_to.n > 0))
		table_wrong(t, rule->escalate_to.n ? ESCALATE : ESCALATE_TO,
		    "empty: after how long, and to which channels, go together");
}

static void
read_row(struct rules *r, struct table *t, struct rule *rule)
{
	static const char *const yes_no[] = { "no", "yes", "0", "1", NULL };
	int severity = -1, nodata = NODATA_KEEP, enabled = 1;
	struct str min_n = table_field(t, MIN_N);

	*rule = (struct rule){ .line = t->line };
	read_id(r, t, rule);
	read_condition(r, t, rule);
	read_word(t, SEVERITY, rule_severity_text, &severity);
	if (table_field(t, SEVERITY).n == 0)
		table_wrong(t, SEVERITY, "empty: write critical, warning or info");
	read_word(t, NODATA, nodata_text, &nodata);
	read_word(t, ENABLED, yes_no, &enabled);
	rule->severity = (enum rule_severity)severity;
	rule->nodata = (enum rule_nodata)nodata;
	rule->enabled = enabled % 2;
	rule->for_us = read_span(t, FOR, 0);
	rule->keep_us = read_span(t, KEEP, 0);
	rule->max_age_us = read_span(t, MAX_AGE, -1);
	if (min_n.n && !num_u64(min_n, &rule->min_n))
		table_wrong(t, MIN_N, "not a number of requests: \"%.*s\"", STRF(min_n));
	rule->channels = read_channels(r, t, CHANNELS);
	read_escalation(r, t, rule);
	rule->inhibitor_ids = arena_dup(&r->text, table_field(t, INHIBITED_BY));
	rule->summary = arena_dup(&r->text, table_field(t, SUMMARY));
	rule->causes = arena_dup(&r->text, table_field(t, CAUSES));
	rule->runbook = arena_dup(&r->text, table_field(t, RUNBOOK));
}

/* The first piece of list that is not in the other one. */
static bool
beyond(struct str list, struct str other, struct str *piece)
{
	struct str rest, name;

	list = list_of(list);
	while (str_cut(&list, ',', piece)) {
		bool in = false;

		for (rest = list_of(other); str_cut(&rest, ',', &name); )
			in |= str_eq(name, *piece);
		if (!in)
			return true;
	}
	return false;
}

bool
rule_unserved(const struct rule *rule, struct str served, struct str *channel)
{
	return rule->enabled &&
	    (beyond(rule->channels, served, channel) || beyond(rule->escalate_to, served, channel));
}

/* --- who mutes whom --- */

static void
resolve(struct rules *r, struct table *t, struct rule *rule)
{
	uint32_t found[RULES_NAMES] = { 0 };
	struct str list = list_of(rule->inhibitor_ids), one;

	t->line = rule->line;
	while (str_cut(&list, ',', &one)) {
		const struct rule *by = rules_find(r, one);

		if (!by)
			table_wrong(t, INHIBITED_BY, "no rule has the id \"%.*s\"", STRF(one));
		else if (rule->inhibitors == RULES_NAMES)
			table_wrong(t, INHIBITED_BY, "more than %d ids", RULES_NAMES);
		else
			found[rule->inhibitors++] = (uint32_t)(by - r->rule);
	}
	rule->inhibited_by = arena_alloc(&r->text, rule->inhibitors * sizeof(*found));
	memcpy(rule->inhibited_by, found, rule->inhibitors * sizeof(*found));
}

enum visit { NEW, OPEN, DONE };

/* A walk up from each rule; one that meets itself is a circle. */
static bool
circular(const struct rules *r, uint32_t i, enum visit *seen, uint32_t *stack)
{
	size_t depth = 0;

	if (seen[i] == DONE)
		return false;
	stack[depth++] = i;
	while (depth) {
		const struct rule *rule = &r->rule[stack[depth - 1]];
		uint32_t up = UINT32_MAX;

		seen[stack[depth - 1]] = OPEN;
		for (size_t k = 0; k < rule->inhibitors && up == UINT32_MAX; k++) {
			if (seen[rule->inhibited_by[k]] == OPEN)
				return true;
			if (seen[rule->inhibited_by[k]] == NEW)
				up = rule->inhibited_by[k];
		}
		if (up == UINT32_MAX)
			seen[stack[--depth]] = DONE;
		else
			stack[depth++] = up;
	}
	return false;
}

static void
check_circles(struct rules *r, struct table *t)
{
	enum visit *seen = mem_array(r->n, sizeof(*seen));
	uint32_t *stack = mem_array(r->n, sizeof(*stack));

	for (uint32_t i = 0; i < r->n; i++)
		if (circular(r, i, seen, stack)) {
			t->line = r->rule[i].line;
			table_wrong(t, INHIBITED_BY, "rules mute each other in a circle: take one out");
			break;
		}
	free(seen);
	free(stack);
}

bool
rules_read(struct rules *r, const char *path, table_say *say)
{
	struct table t;

	*r = (struct rules){ 0 };
	table_open(&t, path, names, say);
	while (table_next(&t)) {
		if (r->n == RULES_MAX) {
			table_wrong(&t, TABLE_ROW, "more than %d rules", RULES_MAX);
			break;
		}
		r->rule = mem_grow(r->rule, &r->cap, r->n + 1, sizeof(*r->rule));
		read_row(r, &t, &r->rule[r->n]);
		r->n++;
	}
	for (size_t i = 0; i < r->n; i++)
		resolve(r, &t, &r->rule[i]);
	check_circles(r, &t);
	return table_close(&t);
}

const struct rule *
rules_find(const struct rules *r, struct str id)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->rule[i].id, id))
			return &r->rule[i];
	return NULL;
}

void
rules_free(struct rules *r)
{
	free(r->rule);
	arena_free(&r->text);
	*r = (struct rules){ 0 };
}
