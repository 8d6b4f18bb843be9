/* experiment.c - see experiment.h. */
#include "experiment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msg.h"
#include "num.h"
#include "pins.h"
#include "when.h"

#define COVERAGE_SCALE	7	/* decimals of a percentage, as ASSIGN_ALL has */
#define WORDS_MAX	128	/* bytes of all words of a column */
#define NO_SALT		STR("(none)")
#define ONE_SEC		INT64_C(1000000)

const char *const experiment_field_name[] = {
	"name", "endpoint", "cohorts", "start", "duration", "status", "scheme", "salt",
	"coverage", "period", "washout", "pins", "metrics", "guardrails", "min_gain",
	"owner", "note", NULL
};

/* --- fields --- */

static bool
made_of(struct str s, const char *marks)
{
	if (s.n == 0 || s.n > EXPERIMENT_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], low = (char)(c | 0x20);

		if (!(c >= '0' && c <= '9') && !(low >= 'a' && low <= 'z') && (!c || !strchr(marks, c)))
			return false;
	}
	return true;
}

static bool
is_name(struct str s)
{
	return made_of(s, "._-");
}

/* The number of the word in the field; missing where it is empty. */
static int
read_word(struct table *t, enum experiment_field f, const char *const *words, size_t n, int missing)
{
	struct str s = table_field(t, f);
	char list[WORDS_MAX];
	size_t at = 0;

	if (s.n == 0)
		return missing;
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(words[i])))
			return (int)i;
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "", words[i]);
	table_wrong(t, f, "unknown word \"%.*s\": none of %s", STRF(s), list);
	return missing;
}

/* A duration of whole seconds, in microseconds. */
static int64_t
read_span(struct table *t, enum experiment_field f, int64_t missing)
{
	struct str s = table_field(t, f);
	int64_t us = missing;

	if (s.n && (!num_duration(s, &us) || us % ONE_SEC))
		table_wrong(t, f, "not a duration of whole seconds (90s, 5m, 2h, 7d): \"%.*s\"", STRF(s));
	return us;
}

static void
read_name(struct experiments *x, struct table *t, struct experiment *e)
{
	const struct experiment *same;

	e->name = e->field[EXPERIMENT_NAME];
	same = experiments_named(x, e->name);
	if (!is_name(e->name))
		table_wrong(t, EXPERIMENT_NAME, "\"%.*s\" is no name: up to %d letters, digits, . _ and -",
		    STRF(e->name), EXPERIMENT_NAME_MAX);
	else if (same)
		table_wrong(t, EXPERIMENT_NAME, "\"%.*s\" is the name of line %llu too",
		    STRF(e->name), (unsigned long long)same->line);
}

/* --- cohorts --- */

static bool
read_cohort(struct table *t, struct experiment *e, struct str text)
{
	struct assign *a = &e->assign;
	struct str name = { NULL, 0 }, weight = { NULL, 0 }, ttl = { NULL, 0 };
	bool timed;
	int64_t w = 0, us = 0;

	(void)(str_cut(&text, ':', &name) && str_cut(&text, ':', &weight));
	timed = str_cut(&text, ':', &ttl);
	name = str_trim(name);
	weight = str_trim(weight);
	ttl = str_trim(ttl);
	if (!is_name(name) || weight.n == 0 || text.p) {
		table_wrong(t, EXPERIMENT_COHORTS, "not name:weight or name:weight:ttl, with a name of letters, "
		    "digits, . _ and -: \"%.*s\"", STRF(name));
		return false;
	}
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(e->cohort[i].name, name)) {
			table_wrong(t, EXPERIMENT_COHORTS, "\"%.*s\" stands twice", STRF(name));
			return false;
		}
	if (a->rest) {
		table_wrong(t, EXPERIMENT_COHORTS, "only the last weight can be \"*\", the rest");
		return false;
	}
	a->rest = str_eq(weight, STR("*"));
	if (!a->rest && (!num_fixed(weight, EXPERIMENT_WEIGHT_SCALE, &w) || w <= 0)) {
		table_wrong(t, EXPERIMENT_COHORTS, "\"%.*s\": its weight is no number above 0: \"%.*s\"",
		    STRF(name), STRF(weight));
		return false;
	}
	if (timed && (!num_duration(ttl, &us) || us % ONE_SEC)) {
		table_wrong(t, EXPERIMENT_COHORTS, "\"%.*s\": its ttl is no duration of whole seconds "
		    "(90s, 5m, 2h): \"%.*s\"", STRF(name), STRF(ttl));
		return false;
	}
	e->cohort[a->n].name = name;
	e->cohort[a->n].ttl = ttl;
	e->cohort[a->n].ttl_s = timed ? us / ONE_SEC : EXPERIMENT_NO_TTL;
	a->weight[a->n++] = (uint64_t)w;
	return true;
}

static bool
is_power_of_ten(uint64_t v)
{
	for (size_t i = 0; i < countof(num_pow10); i++)
		if (v == num_pow10[i])
			return true;
	return false;
}

/* Any weights could be shares; typing errors are rarely a power of ten. */
static bool
weights_add_up(struct table *t, struct assign *a)
{
	const uint64_t hundred = 100 * num_pow10[EXPERIMENT_WEIGHT_SCALE];
	char room[NUM_MAX + 1];
	uint64_t total = 0;
	bool same = true;

	for (size_t i = 0; i < a->n; i++) {
		if (ADD_OVERFLOW(total, a->weight[i], &total) || total > INT64_MAX) {
			table_wrong(t, EXPERIMENT_COHORTS, "the weights are too large");
			return false;
		}
		same &= a->weight[i] == a->weight[0];
	}
	if (a->rest && total < hundred) {
		a->weight[a->n - 1] = hundred - total;
		return true;
	}
	if (!a->rest && (same || (total >= num_pow10[EXPERIMENT_WEIGHT_SCALE] && is_power_of_ten(total))))
		return true;
	*num_put_fixed(room, (int64_t)total, EXPERIMENT_WEIGHT_SCALE) = '\0';
	table_wrong(t, EXPERIMENT_COHORTS, a->rest ? "nothing is left for \"*\": the other weights add up to %s" :
	    "the weights add up to %s, not to 1, 100 or another power of ten, nor are they all the same", room);
	return false;
}

static bool
read_cohorts(struct table *t, struct experiment *e)
{
	struct str list = e->field[EXPERIMENT_COHORTS], one;

	while (str_cut(&list, ',', &one)) {
		if (e->assign.n == ASSIGN_ARMS) {
			table_wrong(t, EXPERIMENT_COHORTS, "more than %d cohorts", ASSIGN_ARMS);
			return false;
		}
		if (!read_cohort(t, e, one))
			return false;
	}
	if (e->assign.n < 2) {
		table_wrong(t, EXPERIMENT_COHORTS, "an experiment has two cohorts or more: control:50:5m,treatment:50:10m");
		return false;
	}
	return weights_add_up(t, &e->assign);
}

static void
read_assignment(struct experiments *x, struct table *t, struct experiment *e)
{
	struct str salt = e->field[EXPERIMENT_SALT], share = e->field[EXPERIMENT_COVERAGE];
	struct assign *a = &e->assign;
	bool sound = read_cohorts(t, e);
	int64_t exposed = (int64_t)ASSIGN_ALL;
	const char *why;

	a->scheme = (enum assign_scheme)read_word(t, EXPERIMENT_SCHEME, assign_scheme_name,
	    ASSIGN_SCHEMES, ASSIGN_CMON1);
	a->salt = salt.n == 0 ? e->name : str_eq(salt, NO_SALT) ? (struct str){ NULL, 0 } : salt;
	/* A name that is none was said. */
	if (salt.n && a->salt.n && !made_of(a->salt, "._:/@+=-"))
		table_wrong(t, EXPERIMENT_SALT, "\"%.*s\" is no salt: up to %d letters, digits and ._:/@+=-, or (none)",
		    STRF(a->salt), EXPERIMENT_NAME_MAX);
	if (str_ends(share, STR("%")))
		share.n--;
	if (share.n && (!num_fixed(share, COVERAGE_SCALE, &exposed) || exposed <= 0 ||
	    exposed > (int64_t)ASSIGN_ALL)) {
		table_wrong(t, EXPERIMENT_COVERAGE, "not a percentage above 0, up to 100: \"%.*s\"", STRF(share));
		exposed = (int64_t)ASSIGN_ALL;
	}
	a->exposed = (uint64_t)exposed;
	a->period_us = read_span(t, EXPERIMENT_PERIOD, 0);
	if (sound && (why = assign_init(a, &x->sha)) != NULL)
		table_wrong(t, EXPERIMENT_COHORTS, "%s", why);
}

/* --- time --- */

static void
read_times(struct table *t, struct experiment *e)
{
	struct str start = e->field[EXPERIMENT_START], length = e->field[EXPERIMENT_DURATION];
	int64_t duration = read_span(t, EXPERIMENT_DURATION, 0);
	static const char *const words[] = { "draft", "running", "completed" };
	int status = read_word(t, EXPERIMENT_STATUS, words, countof(words), -1);

	e->status = status < 0 ? EXPERIMENT_DRAFT : (enum experiment_status)status;
	if (e->field[EXPERIMENT_STATUS].n == 0)
		table_wrong(t, EXPERIMENT_STATUS, "empty: write draft, running or completed");
	e->start_us = e->end_us = INT64_MAX;
	if (start.n && !when_any(start, &e->start_us))
		table_wrong(t, EXPERIMENT_START, "not a time (2026-11-20, 2026-11-20T12:00:00Z, Unix time): \"%.*s\"",
		    STRF(start));
	if (start.n && duration && ADD_OVERFLOW(e->start_us, duration, &e->end_us))
		e->end_us = INT64_MAX;
	if (e->status == EXPERIMENT_DRAFT)
		return;
	if (!start.n)
		table_wrong(t, EXPERIMENT_START, "empty: when do the new TTLs come into force?");
	/* What is no duration was said. */
	if (duration == 0 && (length.n == 0 || num_duration(length, &duration)))
		table_wrong(t, EXPERIMENT_DURATION, "%s: how long does it run?",
		    length.n ? "0" : "empty");
}

static void
read_washout(struct table *t, struct experiment *e)
{
	int64_t greatest = 0;

	for (size_t i = 0; i < e->assign.n; i++)
		if (e->cohort[i].ttl_s > greatest)
			greatest = e->cohort[i].ttl_s;
	e->washout_us = read_span(t, EXPERIMENT_WASHOUT, e->assign.period_us ? greatest * ONE_SEC : 0);
	if (e->assign.period_us && e->washout_us >= e->assign.period_us)
		table_wrong(t, EXPERIMENT_PERIOD, "nothing is left of a period after a washout of %lld s: "
		    "take a longer period", (long long)(e->washout_us / ONE_SEC));
	else if (e->end_us != INT64_MAX && e->washout_us >= e->end_us - e->start_us)
		table_wrong(t, EXPERIMENT_DURATION, "nothing is left of it after a washout of %lld s: "
		    "let it run longer", (long long)(e->washout_us / ONE_SEC));
}

/* --- what it is judged by --- */

static bool
is_metric(struct str s)
{
	return made_of(s, "._") && s.p[0] > '9';
}

static void
read_metrics(struct table *t, struct experiment *e)
{
	static const char *const better[] = { "hit_pct", "byte_hit_pct", "offload_pct" };
	struct str list = e->field[EXPERIMENT_METRICS], one;

	if (list.n == 0)
		list = STR("hit_pct");
	while (str_cut(&list, ',', &one)) {
		struct experiment_metric m;

		one = str_trim(one);
		m = (struct experiment_metric){ one, str_starts(one, STR("+")) };
		if (m.more)
			m.name = str_from(one, 1);
		for (size_t i = 0; i < countof(better); i++)
			m.more |= str_eq(m.name, str_of(better[i]));
		if (!is_metric(m.name))
			table_wrong(t, EXPERIMENT_METRICS, "not a metric (hit_pct, latency_ms_p95): \"%.*s\"", STRF(one));
		else if (e->metrics == EXPERIMENT_LIST_MAX)
			table_wrong(t, EXPERIMENT_METRICS, "more than %d", EXPERIMENT_LIST_MAX);
		else
			e->metric[e->metrics++] = m;
	}
}

static bool
read_guard(struct str text, struct experiment_guard *g)
{
	size_t upper = str_find(text, STR("<=+")), lower = str_find(text, STR(">=-"));
	size_t at = upper < text.n ? upper : lower;
	struct str number;

	if (at == text.n)
		return false;
	g->metric = str_trim((struct str){ text.p, at });
	g->upper = at == upper;
	number = str_trim(str_from(text, at + 3));
	g->relative = str_ends(number, STR("%"));
	if (g->relative)
		number.n--;
	return is_metric(g->metric) && num_double(number, &g->margin) && g->margin >= 0;
}

static void
read_guards(struct table *t, struct experiment *e)
{
	struct str list = e->field[EXPERIMENT_GUARDRAILS], one;

	while (str_cut(&list, ',', &one)) {
		struct experiment_guard g;

		if (!read_guard(one, &g))
			table_wrong(t, EXPERIMENT_GUARDRAILS, "not metric<=+number or metric>=-number "
			    "(latency_ms_p95<=+5%%): \"%.*s\"", STRF(one));
		else if (e->guards == EXPERIMENT_LIST_MAX)
			table_wrong(t, EXPERIMENT_GUARDRAILS, "more than %d", EXPERIMENT_LIST_MAX);
		else
			e->guard[e->guards++] = g;
	}
}

static void
read_gain(struct table *t, struct experiment *e)
{
	struct str s = e->field[EXPERIMENT_MIN_GAIN];

	e->min_gain = -1;
	if (s.n && (!num_double(s, &e->min_gain) || e->min_gain < 0))
		table_wrong(t, EXPERIMENT_MIN_GAIN, "not a number from 0 up: \"%.*s\"", STRF(s));
}

/* --- pinned keys --- */

/* path, from the folder of the experiments file; OWNED by the caller. */
static char *
beside(const char *file, struct str path)
{
	const char *slash = path.p[0] == '/' ? NULL : strrchr(file, '/');
	size_t folder = slash ? (size_t)(slash - file) + 1 : 0;
	char *to = mem_alloc(folder + path.n + 1);

	memcpy(to, file, folder);
	memcpy(to + folder, path.p, path.n);
	return to;
}

static void
read_pins(struct experiments *x, struct table *t, struct experiment *e)
{
	struct str name = e->field[EXPERIMENT_PINS];
	char *path;

	map_init(&e->pins, &x->key);
	if (name.n == 0)
		return;
	path = beside(t->path, name);
	if (access(path, R_OK) != 0)
		table_wrong(t, EXPERIMENT_PINS, "%s: %s: the name counts from the folder of this file", path,
		    strerror(errno));
	else if (!pins_read(&e->pins, path, t->say))
		table_wrong(t, EXPERIMENT_PINS, "this file has mistakes: \"%.*s\"", STRF(name));
	free(path);
}

/* --- the file --- */

static void
read_row(struct experiments *x, struct table *t, struct experiment *e)
{
	*e = (struct experiment){ .line = t->line };
	for (size_t f = 0; f < EXPERIMENT_FIELDS; f++) {
		struct str s = table_field(t, f);

		/* For str_cut(), bytes at no address are an empty list. */
		e->field[f] = s.n ? arena_dup(&x->text, s) : (struct str){ NULL, 0 };
	}
	read_name(x, t, e);
	e->endpoint = table_label(t, EXPERIMENT_ENDPOINT, &x->text);
	read_assignment(x, t, e);
	read_times(t, e);
	read_washout(t, e);
	read_pins(x, t, e);
	read_metrics(t, e);
	read_guards(t, e);
	read_gain(t, e);
}

static bool
one_row_in_both(const struct experiment *a, const struct experiment *b)
{
	/* What runs and yet has no end has a mistake, which was said. */
	return a->status == EXPERIMENT_RUNNING && b->status == EXPERIMENT_RUNNING &&
	    a->end_us != INT64_MAX && b->end_us != INT64_MAX &&
	    (a->endpoint.n == 0 || b->endpoint.n == 0 || str_eq(a->endpoint, b->endpoint)) &&
	    a->start_us < b->end_us && b->start_us < a->end_us;
}

static void
check_overlaps(const struct experiments *x, struct table *t)
{
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < i; k++)
			if (one_row_in_both(&x->e[i], &x->e[k])) {
				t->line = x->e[i].line;
				table_wrong(t, TABLE_ROW, "\"%.*s\" runs at the same time and for the same endpoint "
				    "as \"%.*s\" of line %llu: a key can keep one TTL only", STRF(x->e[i].name),
				    STRF(x->e[k].name), (unsigned long long)x->e[k].line);
			}
}

static int
by_start(const void *va, const void *vb)
{
	const struct experiment *a = va, *b = vb;

	if (a->start_us != b->start_us)
		return a->start_us < b->start_us ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

bool
experiments_read(struct experiments *x, const char *path, table_say *say)
{
	struct table t;

	*x = (struct experiments){ 0 };
	if (!sha256_open(&x->sha) || !hash_key_random(&x->key)) {
		say(x->sha.context ? "no random bytes from the system" : "libcrypto has no SHA-256");
		return false;
	}
	table_open(&t, path, experiment_field_name, say);
	while (table_next(&t)) {
		if (x->n == EXPERIMENTS_MAX) {
			table_wrong(&t, TABLE_ROW, "more than %d experiments", EXPERIMENTS_MAX);
			break;
		}
		x->e = mem_grow(x->e, &x->cap, x->n + 1, sizeof(*x->e));
		read_row(x, &t, &x->e[x->n]);
		x->n++;
	}
	check_overlaps(x, &t);
	if (x->n)
		qsort(x->e, x->n, sizeof(*x->e), by_start);
	return table_close(&t);
}

void
experiments_free(struct experiments *x)
{
	for (size_t i = 0; i < x->n; i++)
		map_free(&x->e[i].pins);
	free(x->e);
	arena_free(&x->text);
	sha256_close(&x->sha);
	*x = (struct experiments){ 0 };
}

const struct experiment *
experiments_named(const struct experiments *x, struct str name)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->e[i].name, name))
			return &x->e[i];
	return NULL;
}
