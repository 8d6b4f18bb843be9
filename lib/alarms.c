#include "alarms.h"

#include <stdlib.h>

#include "num.h"
#include "str.h"
#include "when.h"

#define TEXT_MAX	(256 * 1024)	/* bytes of a piece of text made here */

enum {
	ID, RULE, LABELS, SEVERITY, CHANNELS, STATE, SINCE, FIRED, RESOLVED, KEEP_SINCE, SEEN, LOUD,
	VALUE, PREV_SINCE, PREV_FIRED, PREV_RESOLVED, FLAGS, CONDITION,
	COLS
};

static const char *const names[COLS + 1] = {
	"id", "rule", "labels", "severity", "channels", "state", "since_us", "fired_us", "resolved_us",
	"keep_since_us", "seen_us", "loud_us", "value", "prev_since_us", "prev_fired_us",
	"prev_resolved_us", "flags", "condition", NULL
};

bool
alarms_open(struct alarms *a, const struct rules *r, const struct hash_key *key)
{
	*a = (struct alarms){ .rules = r };
	map_init(&a->map, key);
	map_init(&a->firing, key);
	buf_init(&a->text, TEXT_MAX);
	a->known = mem_array(r->n, sizeof(*a->known));
	return sha256_open(&a->sha);
}

void
alarms_close(struct alarms *a)
{
	free(a->one);
	free(a->known);
	map_free(&a->map);
	map_free(&a->firing);
	arena_free(&a->arena);
	buf_free(&a->text);
	sha256_close(&a->sha);
	*a = (struct alarms){ 0 };
}

/* The one of that name, made if there is none; NULL: libcrypto failed. */
static struct alarm *
get(struct alarms *a, struct str rule_id, struct str labels)
{
	char id[SHA256_HEX];
	struct alarm *one;
	bool added;
	uint32_t i;

	if (!alerts_id(&a->sha, rule_id, labels, id))
		return NULL;
	i = map_put(&a->map, (struct str){ id, sizeof(id) }, &added);
	if (!added)
		return &a->one[i];
	a->one = mem_grow(a->one, &a->cap, (size_t)i + 1, sizeof(*a->one));
	a->n = a->map.n;
	one = &a->one[i];
	*one = (struct alarm){ .watched = UINT32_MAX };
	one->rule_id = arena_dup(&a->arena, rule_id);
	one->labels = arena_dup(&a->arena, labels);
	return one;
}

/* --- the state --- */

/* Are these the labels that the rule leaves open? */
static bool
fits(const struct rule *rule, struct str labels)
{
	struct str name, value;
	size_t n = 0;

	for (; labels_next(&labels, &name, &value); n++)
		if (n == rule->labels || !str_eq(rule->label[n], name))
			return false;
	return n == rule->labels || n == 0;
}

static void
find_rule(const struct alarms *a, struct alarm *one)
{
	struct str id = one->rule_id;
	const struct rule *rule;

	one->nodata = str_ends(id, STR(ALARMS_NODATA));
	if (one->nodata)
		id.n -= sizeof(ALARMS_NODATA) - 1;
	rule = rules_find(a->rules, id);
	if (rule && rule->enabled && fits(rule, one->labels) &&
	    (!one->nodata || rule->nodata == NODATA_ALERT))
		one->rule = rule;
}

/*
 * What the state says of the value: of a rule that judges another figure now,
 * it is none.  Version 2 does not say; its values are taken as they are.
 */
static void
read_condition(struct alarms *a, struct alarm *one, struct str condition)
{
	struct str operand;

	if (!one->rule) {
		one->condition = arena_dup(&a->arena, condition);
		return;
	}
	operand = one->rule->term[0].operand;
	if (condition.n && !(str_starts(condition, operand) &&
	    str_starts(str_from(condition, operand.n), STR(" "))))
		one->valued = false;
}

static struct str
condition_of(const struct alarm *one)
{
	if (one->nodata)
		return (struct str){ NULL, 0 };
	return one->rule ? one->rule->judged : one->condition;
}

static void
read_flags(struct alarm *one, struct str flags)
{
	const struct alert row = { .flags = flags };
	struct str none;

	one->escalated = alert_flag(&row, STR("escalated"), &none);
	one->removed = alert_flag(&row, STR("removed"), &none);
	one->gone = alert_flag(&row, STR("gone"), &none);
}

static bool
load_row(struct alarms *a, const struct state *s, const int col[COLS])
{
	struct alarm *one = get(a, state_field(s, col[RULE]), state_field(s, col[LABELS]));

	if (!one)
		return false;
	if (!alert_state_of(state_field(s, col[STATE]), &one->e.state))
		one->e.state = ALERT_INACTIVE;
	one->severity = arena_dup(&a->arena, state_field(s, col[SEVERITY]));
	one->channels = arena_dup(&a->arena, state_field(s, col[CHANNELS]));
	one->e.since = state_int(s, col[SINCE]);
	one->e.fired = state_int(s, col[FIRED]);
	one->e.resolved = state_int(s, col[RESOLVED]);
	one->e.keep_since = state_int(s, col[KEEP_SINCE]);
	one->e.prev_since = state_int(s, col[PREV_SINCE]);
	one->e.prev_fired = state_int(s, col[PREV_FIRED]);
	one->e.prev_resolved = state_int(s, col[PREV_RESOLVED]);
	one->seen_us = state_int(s, col[SEEN]);
	one->loud_us = state_int(s, col[LOUD]);
	one->valued = num_double(state_field(s, col[VALUE]), &one->value);
	read_flags(one, state_field(s, col[FLAGS]));
	find_rule(a, one);
	read_condition(a, one, state_field(s, col[CONDITION]));
	return true;
}

bool
alarms_load(struct alarms *a, struct state *s)
{
	int col[COLS];

	for (size_t i = 0; i < COLS; i++)
		col[i] = state_col(s, names[i]);
	while (state_next(s))
		if (!load_row(a, s, col))
			return false;
	return true;
}

/*
 * What has to be remembered: all that is or was alight, and for rules that
 * alert on the lack of data whom to miss.
 */
static bool
worth_keeping(const struct alarm *one)
{
	return one->e.state != ALERT_INACTIVE ||
	    (one->rule && one->rule->nodata == NODATA_ALERT && !one->nodata &&
	    one->rule->labels && one->labels.n && !one->gone);
}

static void
put_double(struct state_writer *w, const struct alarm *one)
{
	char room[NUM_MAX];
	size_t n = one->valued ? (size_t)(num_put_double(room, one->value) - room) : 0;

	state_put(w, (struct str){ room, n });
}

static void
add_word(struct buf *b, const char *word)
{
	if (b->n)
		buf_byte(b, ',');
	buf_add(b, str_of(word));
}

static void
save_row(const struct alarms *a, uint32_t i, struct state_writer *w)
{
	const struct alarm *one = &a->one[i];
	struct buf flags;

	buf_init(&flags, TEXT_MAX);
	if (one->escalated)
		add_word(&flags, "escalated");
	if (one->removed)
		add_word(&flags, "removed");
	if (one->gone)
		add_word(&flags, "gone");
	state_put(w, map_key(&a->map, i));
	state_put(w, one->rule_id);
	state_put(w, one->labels);
	state_put(w, one->severity);
	state_put(w, one->channels);
	state_put(w, str_of(alert_state_text[one->e.state]));
	state_put_int(w, one->e.since);
	state_put_int(w, one->e.fired);
	state_put_int(w, one->e.resolved);
	state_put_int(w, one->e.keep_since);
	state_put_int(w, one->seen_us);
	state_put_int(w, one->loud_us);
	put_double(w, one);
	state_put_int(w, one->e.prev_since);
	state_put_int(w, one->e.prev_fired);
	state_put_int(w, one->e.prev_resolved);
	state_put(w, buf_str(&flags));
	state_put(w, condition_of(one));
	state_end_row(w);
	buf_free(&flags);
}

void
alarms_save(const struct alarms *a, struct state_writer *w, int64_t now_us, uint64_t gaps)
{
	state_start(w, ALARMS_STATE, ALARMS_VERSION, now_us, gaps, names);
	for (uint32_t i = 0; i < a->n; i++)
		if (worth_keeping(&a->one[i]))
			save_row(a, i, w);
}

/* --- one run --- */

int64_t
alarms_max_age(const struct rule *rule, int64_t interval_us)
{
	if (rule->max_age_us >= 0)
		return rule->max_age_us;
	return 3 * interval_us > ALARMS_MAX_AGE_US ? 3 * interval_us : ALARMS_MAX_AGE_US;
}

/* The alarm, or the pair, for what is watched. */
static bool
join_one(struct alarms *a, uint32_t watched, const struct rule *rule, struct str labels)
{
	struct alarm *one = get(a, rule->id, labels);

	if (!one)
		return false;
	one->rule = rule;
	one->watched = watched;
	if (rule->nodata != NODATA_ALERT)
		return true;
	buf_reset(&a->text);
	buf_add(&a->text, rule->id);
	buf_add(&a->text, STR(ALARMS_NODATA));
	one = get(a, buf_str(&a->text), labels);
	if (!one)
		return false;
	one->rule = rule;
	one->nodata = true;
	one->watched = watched;
	return true;
}

/* One from the state: its rows may have stopped coming. */
static void
await(struct watch *w, const struct alarms *a, struct alarm *one)
{
	struct watched *watched = watch_add(w, (uint32_t)(one->rule - a->rules->rule), one->labels);

	one->watched = (uint32_t)(watched - w->one);
	if (one->labels.n)
		watched->seen = true;
}

/*
 * Joins alarms with what is watched.  Those of a rule whose rows have not come
 * stay; a rule that has none at all gets one without labels, so that its lack
 * of data shows.
 */
static bool
join(struct alarms *a, struct watch *w)
{
	memset(a->known, 0, a->rules->n * sizeof(*a->known));
	for (uint32_t i = 0; i < a->n; i++)
		if (a->one[i].rule && a->one[i].watched == UINT32_MAX)
			await(w, a, &a->one[i]);
	for (uint32_t i = 0; i < w->n; i++)
		if (w->one[i].seen)
			a->known[w->one[i].rule] = true;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct rule *rule = &a->rules->rule[w->one[i].rule];
		bool whole = w->one[i].labels.n == 0 && rule->labels;

		if (!rule->enabled || (!w->one[i].seen && (!whole || a->known[w->one[i].rule])))
			continue;
		if (!w->one[i].joined && !join_one(a, i, rule, w->one[i].labels))
			return false;
		w->one[i].joined = true;
	}
	return true;
}

static void
judge_end_of(struct alarm *one, const struct judge_run *run, bool *why)
{
	enum alert_state before = one->e.state;

	judge_end(&one->e, run);
	if (before == ALERT_FIRING)
		*why = true;
}

/* A rule that has alarms with labels has none without. */
static bool
stands_in(const struct alarms *a, const struct alarm *one)
{
	return one->rule->labels && one->labels.n == 0 && a->known[one->rule - a->rules->rule];
}

/* No data for so long that there is nothing to wait for. */
static bool
given_up(const struct alarm *one, int64_t now)
{
	return one->labels.n && one->seen_us && now - one->seen_us >= ALARMS_GIVE_UP_US;
}

static enum verdict
verdict_on(struct alarms *a, const struct watch *w, struct alarm *one, const struct judge_run *run)
{
	struct term_verdict term[RULES_TERMS];
	enum verdict v = watch_judge(w, &w->one[one->watched], run->now,
	    alarms_max_age(one->rule, run->interval), one->e.state == ALERT_FIRING && !one->nodata,
	    &one->few, term);

	if (stands_in(a, one))
		v = VERDICT_FINE;
	one->blind = v == VERDICT_UNKNOWN;
	if (!one->blind || !one->seen_us)
		one->seen_us = run->now;
	if (one->nodata) {
		v = one->blind && !one->few ? VERDICT_BREACH : VERDICT_FINE;
		one->blind = one->few = false;
		return v;
	}
	if (term[0].what == TERM_TRUE || term[0].what == TERM_FALSE) {
		one->valued = true;
		one->value = term[0].value;
	}
	return one->blind && one->rule->nodata == NODATA_OK ? VERDICT_FINE : v;
}

static void
judge_one(struct alarms *a, const struct watch *w, struct alarm *one, const struct judge_run *run)
{
	struct judge_times times = { one->rule->for_us, one->rule->keep_us };
	enum verdict v = verdict_on(a, w, one, run);

	if (given_up(one, run->now))
		judge_end_of(one, run, &one->gone);
	else
		judge(&one->e, &times, v, run);
}

static void
step_one(struct alarms *a, const struct watch *w, struct alarm *one, const struct judge_run *run)
{
	int64_t since = one->e.since;

	one->before = one->e.state;
	one->gap = run->gap && one->e.state == ALERT_FIRING;
	one->muted_by = (struct str){ NULL, 0 };
	if (one->rule) {
		one->severity = str_of(rule_severity_text[one->rule->severity]);
		judge_one(a, w, one, run);
		one->channels = one->rule->channels;
	} else {
		one->blind = one->few = false;
		judge_end_of(one, run, &one->removed);
	}
	if (one->e.since > since && one->e.state != ALERT_RESOLVED)	/* a new episode */
		one->escalated = one->removed = one->gone = false;
}

/* --- muting --- */

/* "inhibitor inhibited value value ...": of the labels that both rules leave open. */
static struct str
meeting(struct alarms *a, uint32_t by, uint32_t rule, struct str labels)
{
	const struct rule *x = &a->rules->rule[by], *y = &a->rules->rule[rule];

	buf_reset(&a->text);
	buf_printf(&a->text, "%u %u", by, rule);
	for (size_t i = 0; i < x->labels; i++)
		for (size_t k = 0; k < y->labels; k++)
			if (str_eq(x->label[i], y->label[k])) {
				buf_byte(&a->text, '\t');
				buf_add(&a->text, labels_get(labels, x->label[i]));
			}
	return buf_str(&a->text);
}

static void
note_firing(struct alarms *a, const struct alarm *one)
{
	uint32_t by = (uint32_t)(one->rule - a->rules->rule);
	bool added;

	for (uint32_t i = 0; i < a->rules->n; i++)
		for (size_t k = 0; k < a->rules->rule[i].inhibitors; k++)
			if (a->rules->rule[i].inhibited_by[k] == by)
				map_put(&a->firing, meeting(a, by, i, one->labels), &added);
}

static struct str
inhibitor(struct alarms *a, const struct alarm *one)
{
	uint32_t rule = (uint32_t)(one->rule - a->rules->rule);

	for (size_t k = 0; k < one->rule->inhibitors; k++) {
		uint32_t by = one->rule->inhibited_by[k];

		if (map_get(&a->firing, meeting(a, by, rule, one->labels)) != MAP_NONE)
			return a->rules->rule[by].id;
	}
	return (struct str){ NULL, 0 };
}

static struct str
muted(struct alarms *a, const char *what, struct str who)
{
	buf_reset(&a->text);
	buf_add(&a->text, str_of(what));
	buf_add(&a->text, who);
	return arena_dup(&a->arena, buf_str(&a->text));
}

/* Nothing is known of it, so no timer runs. */
static bool
frozen(const struct alarm *one)
{
	return one->blind && one->rule && one->rule->nodata != NODATA_OK;
}

/* From when on it has been firing unheard, and is it time for more ears? */
static void
escalate(struct alarm *one, bool silenced, const struct judge_run *run)
{
	if (one->e.state != ALERT_FIRING || silenced) {
		one->loud_us = 0;
		return;
	}
	if (!one->loud_us)
		one->loud_us = run->now;
	else if (frozen(one))
		one->loud_us += run->now - run->last;
	if (one->rule && one->rule->escalate_us >= 0 &&
	    judge_reached(one->loud_us, one->rule->escalate_us, run))
		one->escalated = true;
}

static void
mute(struct alarms *a, struct alarm *one, const struct silences *s, const struct judge_run *run)
{
	const struct silence *by = NULL;
	struct str rule = { NULL, 0 };

	if (one->e.state != ALERT_INACTIVE)
		by = silences_find(s, one->rule_id, one->severity, one->labels, run->now);
	if (one->e.state != ALERT_INACTIVE && one->rule)
		rule = inhibitor(a, one);
	if (by)
		one->muted_by = muted(a, "silence:", by->id);
	else if (rule.n)
		one->muted_by = muted(a, "rule:", rule);
	escalate(one, by != NULL, run);
}

bool
alarms_step(struct alarms *a, struct watch *w, const struct silences *s, const struct judge_run *run)
{
	if (!join(a, w))
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		step_one(a, w, &a->one[i], run);
	map_free(&a->firing);
	for (uint32_t i = 0; i < a->n; i++)
		if (a->one[i].e.state == ALERT_FIRING && a->one[i].rule && !a->one[i].nodata)
			note_firing(a, &a->one[i]);
	for (uint32_t i = 0; i < a->n; i++)
		mute(a, &a->one[i], s, run);
	return true;
}

/* --- the table --- */

static int
by_name(const void *x, const void *y)
{
	const struct alarm *const *a = x, *const *b = y;
	int d = str_cmp((*a)->rule_id, (*b)->rule_id);

	return d ? d : str_cmp((*a)->labels, (*b)->labels);
}

const struct alarm **
alarms_order(const struct alarms *a)
{
	const struct alarm **order = mem_array(a->n, sizeof(const struct alarm *));

	for (uint32_t i = 0; i < a->n; i++)
		order[i] = &a->one[i];
	qsort(order, a->n, sizeof(const struct alarm *), by_name);
	return order;
}

bool
alarm_shown(const struct alarm *one)
{
	return one->e.state != ALERT_INACTIVE || one->before != ALERT_INACTIVE || one->rule;
}

static void
add_time(struct buf *b, size_t start, const char *word, int64_t us)
{
	char room[NUM_MAX];

	if (b->n > start)
		buf_byte(b, ',');
	buf_add(b, str_of(word));
	buf_add(b, (struct str){ room, (size_t)(when_put(room, us) - room) });
}

static void
add_flags(struct buf *b, const struct alarm *one)
{
	const struct { bool is; const char *word; } flags[] = {
		{ one->blind && !one->few, "nodata" }, { one->blind && one->few, "few" },
		{ one->gap, "gap" }, { one->escalated, "escalated" },
		{ one->removed, "removed" }, { one->gone, "gone" },
	};
	size_t start = b->n;

	for (size_t i = 0; i < countof(flags); i++)
		if (flags[i].is) {
			if (b->n > start)
				buf_byte(b, ',');
			buf_add(b, str_of(flags[i].word));
		}
	if (one->e.prev_resolved) {
		add_time(b, start, "prev_since=", one->e.prev_since);
		add_time(b, start, "prev_resolved=", one->e.prev_resolved);
	}
}

/* The pieces are made behind one another, and cut when none will move. */
struct alert
alarms_row(struct alarms *a, const struct alarm *one, int64_t now_us)
{
	struct buf *b = &a->text;
	size_t at[4];
	struct alert row = {
		.time_us = now_us, .state = one->e.state, .severity = one->severity,
		.rule = one->rule_id, .labels = one->labels, .since_us = one->e.since,
		.fired_us = one->e.fired, .resolved_us = one->e.resolved, .muted_by = one->muted_by,
		.condition = condition_of(one),
	};

	buf_reset(b);
	if (one->valued)
		num_add_double(b, one->value);
	at[0] = b->n;
	if (one->rule && !one->nodata)
		num_add_double(b, one->rule->term[0].threshold);
	at[1] = b->n;
	buf_add(b, one->channels);
	if (one->rule && one->escalated) {
		if (one->channels.n)
			buf_byte(b, ',');
		buf_add(b, one->rule->escalate_to);
	}
	at[2] = b->n;
	add_flags(b, one);
	at[3] = b->n;
	row.value = (struct str){ b->p, at[0] };
	row.threshold = (struct str){ b->p + at[0], at[1] - at[0] };
	row.channels = (struct str){ b->p + at[1], at[2] - at[1] };
	row.flags = (struct str){ b->p + at[2], at[3] - at[2] };
	if (one->rule) {
		row.summary = one->rule->summary;
		row.causes = one->rule->causes;
		row.runbook = one->rule->runbook;
	}
	return row;
}
