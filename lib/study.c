/* study.c - see study.h. */
#include "study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

void
studies_init(struct studies *s, struct metric_set *set, const struct hash_key *key)
{
	memset(s, 0, sizeof(*s));
	s->set = set;
	s->key = *key;
	s->now_us = INT64_MIN;
	s->start_us = STUDY_NEVER;
	map_init(&s->names, key);
}

static void
study_free(struct study *u)
{
	for (size_t i = 0; i < u->arms; i++)
		free(u->arm[i].moments);
	free(u->use);
	free(u->day);
	armtab_free(&u->tab);
}

void
studies_free(struct studies *s)
{
	for (size_t i = 0; i < s->n; i++)
		study_free(&s->s[i]);
	free(s->s);
	map_free(&s->names);
	arena_free(&s->text);
	memset(s, 0, sizeof(*s));
}

/* --- what it is judged by --- */

const char *
study_add_use(struct metric_set *set, struct study_use *use, size_t *n, struct str name, bool more,
    const struct experiment_guard *guard)
{
	const char *why = *n == METRIC_MAX ? "too many metrics" :
	    metric_set_add(set, name, more, &use[*n].metric);

	if (!why)
		use[(*n)++].guard = guard;
	return why;
}

const char *
study_goals(struct metric_set *set, const struct experiment *e, struct study_use *use, size_t *n,
    struct str *bad)
{
	const char *why = NULL;

	for (size_t i = 0; !why && i < e->metrics; i++) {
		*bad = e->metric[i].name;
		why = study_add_use(set, use, n, *bad, e->metric[i].more, NULL);
	}
	return why;
}

const char *
study_guards(struct metric_set *set, const struct experiment *e, struct study_use *use, size_t *n,
    struct str *bad)
{
	const char *why = NULL;

	for (size_t i = 0; !why && i < e->guards; i++) {
		bool more;

		*bad = e->guard[i].metric;
		more = metric_wants_more(bad);
		why = study_add_use(set, use, n, *bad, more, &e->guard[i]);
	}
	return why;
}

/* --- which experiment, which cohort --- */

static struct study *
add_study(struct studies *s, struct str name, const struct study_use *use, size_t uses)
{
	bool added;
	struct study *u;

	(void)map_put(&s->names, name, &added);
	s->s = mem_grow(s->s, &s->cap, s->n + 1, sizeof(*s->s));
	u = &s->s[s->n++];
	*u = (struct study){ .name = arena_dup(&s->text, name), .start_us = s->start_us,
	    .end_us = INT64_MAX, .uses = uses, .first_us = INT64_MAX, .last_us = INT64_MIN };
	u->use = mem_array(uses + 1, sizeof(*u->use));
	for (size_t i = 0; i < uses; i++) {
		u->use[i] = use[i];
		u->goals += !use[i].guard;
	}
	return u;
}

static int
add_arm(struct study *u, struct str name)
{
	u->arm[u->arms] = (struct study_arm){ .name = name,
	    .moments = mem_array(u->uses + 1, sizeof(struct stats_moments)) };
	return (int)u->arms++;
}

void
studies_plan(struct studies *s, const struct experiment *e, const struct study_use *use, size_t uses)
{
	struct study *u = add_study(s, e->name, use, uses);

	s->planned = true;
	u->e = e;
	u->start_us = e->start_us;
	u->end_us = e->end_us;
	u->crossover = e->assign.period_us > 0;
	for (size_t i = 0; i < e->assign.n; i++)
		add_arm(u, e->cohort[i].name);
	armtab_init(&u->tab, &s->key, uses, 2);
	if (u->start_us >= 0 && u->start_us < u->end_us && u->end_us / WHEN_DAY < STUDY_DAYS) {
		u->days = (size_t)((u->end_us - 1) / WHEN_DAY - u->start_us / WHEN_DAY + 1);
		u->day = mem_array(u->days, sizeof(*u->day));
	}
}

static struct study *
study_of(struct studies *s, struct str name)
{
	uint32_t i = map_get(&s->names, name);
	struct study *u;

	if (i != MAP_NONE)
		return &s->s[i];
	if (s->planned) {
		if (!s->unplanned.n)
			s->unplanned = arena_dup(&s->text, name);
		return NULL;
	}
	if (s->n == STUDY_MAX)
		return NULL;
	u = add_study(s, name, s->use, s->uses);
	add_arm(u, s->control);
	armtab_init(&u->tab, &s->key, s->uses, u->start_us == STUDY_NEVER ? 1 : 2);
	return u;
}

/* Words in parentheses stand for keys in no cohort. */
static bool
is_outside(struct str cohort)
{
	return str_starts(cohort, STR("(")) && !str_eq(cohort, STR("(unknown)"));
}

/* Its number, or -1. */
static int
arm_of(struct studies *s, struct study *u, struct str cohort)
{
	for (size_t i = 0; i < u->arms; i++)
		if (str_eq(u->arm[i].name, cohort))
			return (int)i;
	if (u->e || u->arms == ASSIGN_ARMS || cohort.p[0] == '(')
		return -1;
	return add_arm(u, arena_dup(&s->text, cohort));
}

/* --- times --- */

static void
note_time(struct studies *s, const struct metric_row *row)
{
	int64_t last = row->end_us > row->start_us ? row->end_us - 1 : row->end_us;

	if (row->end_us > s->now_us)
		s->now_us = row->end_us;
	for (int64_t d = row->start_us / WHEN_DAY; d <= last / WHEN_DAY; d++)
		if (d >= 0 && d < STUDY_DAYS)
			s->day[d / 8] |= (unsigned char)(1U << (d % 8));
}

size_t
studies_days(const struct studies *s, int64_t from_us, int64_t to_us, size_t *seen)
{
	size_t n = 0;

	*seen = 0;
	for (int64_t d = from_us / WHEN_DAY; d <= (to_us - 1) / WHEN_DAY; d++) {
		if (d < 0 || d >= STUDY_DAYS)
			continue;
		n++;
		*seen += s->day[d / 8] >> (d % 8) & 1;
	}
	return n;
}

static bool
since_start(const struct study *u, const struct metric_row *row)
{
	return u->start_us == STUDY_NEVER || row->start_us >= u->start_us;
}

static bool
spans(const struct metric_row *row, int64_t us)
{
	return row->start_us < us && us < row->end_us;
}

/* No window may hold rows of two kinds. */
static bool
window_wrong(struct studies *s, const struct study *u, const struct metric_row *row)
{
	int64_t period = u->crossover ? u->e->assign.period_us : 0;
	int64_t last = row->end_us - (row->end_us > row->start_us);
	char iso[NUM_MAX + 1];

	if (u->start_us != STUDY_NEVER && spans(row, u->start_us)) {
		*when_put_iso(iso, u->start_us) = '\0';
		snprintf(s->why, sizeof(s->why), "this window holds the start of \"%.*s\", %s: "
		    "choose windows that begin there (cmon-agg -w)", STRF(u->name), iso);
		return true;
	}
	if (period && row->end_us > u->start_us && row->start_us / period != last / period) {
		snprintf(s->why, sizeof(s->why), "this window is in two periods of \"%.*s\": "
		    "choose windows that divide them (cmon-agg -w)", STRF(u->name));
		return true;
	}
	return false;
}

/* --- rows --- */

/* The key as it was assigned: in a crossover, before any exchange. */
static int
base_arm(const struct study *u, int arm, int64_t us)
{
	return u->crossover ? assign_at(&u->e->assign, arm, us) : arm;
}

static void
add_totals(struct studies *s, struct study *u, uint32_t key, enum armtab_time time, int arm, bool now)
{
	struct ratio_total *to = armtab_total(&u->tab, key, time);

	for (size_t i = 0; i < u->uses; i++) {
		size_t m = u->use[i].metric;
		struct ratio_total v = metric_total(s->set, m);
		struct stats_moments moments;
		double value;
		uint64_t n;

		to[i].y += v.y;
		to[i].n += v.n;
		if (!now)
			continue;
		moments = metric_moments(s->set, m);
		stats_merge(&u->arm[arm].moments[i], &moments);
		n = metric_value(s->set, m, &value);
		u->weighted |= n > 1;
		if (n)
			armtab_value(&u->tab, i, key, time, value);
	}
}

static bool
add_row(struct studies *s, struct study *u, int arm, const struct metric_row *row)
{
	bool now = since_start(u, row);
	uint32_t k;

	if (!now && u->crossover)
		return true;
	k = armtab_key(&u->tab, row->key, base_arm(u, arm, row->start_us));
	if (!row->event && !armtab_window(&u->tab, k, row->start_us, row->end_us)) {
		snprintf(s->why, sizeof(s->why), "\"%.*s\": rows of a key come in order of time, each "
		    "window once (cmon-agg -m adds up hosts)", msg_len(row->key) < 100 ? msg_len(row->key) : 100,
		    row->key.p);
		return false;
	}
	if (now && row->requests > 0) {
		armtab_active(&u->tab, k);
		u->arm[arm].requests += row->requests;
	}
	add_totals(s, u, k, now && !(u->crossover && arm == 0) ? ARMTAB_NOW : ARMTAB_BEFORE, arm, now);
	return true;
}

/* A window of several days is taken as even. */
static void
note_days(struct study *u, const struct metric_row *row)
{
	int64_t last = row->end_us > row->start_us ? row->end_us - 1 : row->end_us;
	int64_t from = row->start_us / WHEN_DAY, n = last / WHEN_DAY - from + 1;

	for (int64_t d = from; d < from + n; d++) {
		int64_t i = d - u->start_us / WHEN_DAY;

		if (i < (int64_t)u->days)
			u->day[i] += row->requests / (double)n;
	}
}

static void
note_row(struct study *u, const struct metric_row *row, int arm)
{
	u->requests += row->requests;
	note_days(u, row);
	if (arm < 0 && is_outside(row->cohort)) {
		u->outside += row->requests;
	} else if (arm < 0) {
		if (u->unknown == 0)
			snprintf(u->unknown_name, sizeof(u->unknown_name), "%.*s", STRF(row->cohort));
		u->unknown += row->requests;
	}
	if (row->start_us < u->first_us)
		u->first_us = row->start_us;
	if (row->end_us > u->last_us)
		u->last_us = row->end_us;
}

bool
studies_add(struct studies *s, const struct metric_row *row)
{
	struct study *u = study_of(s, row->experiment);
	int arm;

	note_time(s, row);
	if (!u || row->start_us >= u->end_us)
		return true;
	if (window_wrong(s, u, row)) {
		if (!*u->spoilt)
			snprintf(u->spoilt, sizeof(u->spoilt), "%s", s->why);
		return u->e != NULL;
	}
	arm = is_outside(row->cohort) ? -1 : arm_of(s, u, row->cohort);
	if (since_start(u, row))
		note_row(u, row, arm);
	return arm < 0 || add_row(s, u, arm, row);
}

void
studies_pass(struct studies *s, const struct metric_row *row)
{
	note_time(s, row);
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of the days that have requests: those that have none must not make none the rule. */
static double
median_day(const double *day, size_t days)
{
	double *sorted = mem_array(days, sizeof(*sorted)), m = 0;
	size_t n = 0;

	for (size_t i = 0; i < days; i++)
		if (day[i] > 0)
			sorted[n++] = day[i];
	qsort(sorted, n, sizeof(*sorted), ascending);
	if (n)
		m = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	free(sorted);
	return m;
}

/* Is it so every week? */
static bool
is_usual(const double *day, size_t n, size_t i)
{
	bool other = false;

	for (size_t k = i % 7; k < n; k += 7) {
		if (k != i && day[i] < STUDY_HOLE * day[k])
			return false;
		other |= k != i && day[k] > 0;
	}
	return other;
}

bool
study_hole(const struct study *u, struct study_hole *hole)
{
	/* days that the start or the end cut are short by themselves */
	size_t from = u->start_us % WHEN_DAY != 0, to = u->days;

	if (to && u->end_us % WHEN_DAY != 0)
		to--;
	if (from >= to)
		return false;
	hole->median = median_day(u->day + from, to - from);
	for (size_t i = from; i < to; i++) {
		if (u->day[i] >= STUDY_HOLE * hole->median || is_usual(u->day + from, to - from, i - from))
			continue;
		hole->day_us = (u->start_us / WHEN_DAY + (int64_t)i) * WHEN_DAY;
		hole->requests = u->day[i];
		return true;
	}
	return false;
}

size_t
studies_bytes(const struct studies *s)
{
	size_t bytes = 0;

	for (size_t i = 0; i < s->n; i++)
		bytes += armtab_bytes(&s->s[i].tab);
	return bytes;
}
