#include "watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "alerts.h"
#include "num.h"
#include "select.h"
#include "str.h"

#define KEY_MAX	(64 * 1024)	/* bytes of an alert's labels */

/* A term under the header at hand. */
struct watch_bound {
	uint32_t rule, term;
	int value, requests;	/* columns; requests may be -1 */
	int col[SELECT_MAX];	/* of its selector's labels */
};

void
watch_open(struct watch *w, const struct rules *r, const struct hash_key *key, int64_t now_us)
{
	*w = (struct watch){ .rules = r, .now_us = now_us };
	map_init(&w->map, key);
	buf_init(&w->key, KEY_MAX + NUM_MAX);
	buf_init(&w->text, KEY_MAX);
	w->total = mem_array(r->n, sizeof(*w->total));
	w->column = mem_array(r->n * RULES_TERMS, sizeof(*w->column));
	for (uint32_t i = 0; i < r->n; i++) {
		struct watched *one = watch_add(w, i, (struct str){ NULL, 0 });

		w->total[i] = (uint32_t)(one - w->one);
		one->seen = r->rule[i].labels == 0;
	}
}

void
watch_keep(struct watch *w)
{
	w->keep = true;
}

/* The key of the map: a rule's number and its labels. */
static uint32_t
number_of(struct watch *w, uint32_t rule, struct str labels)
{
	struct watched *one;
	bool added;
	uint32_t i;

	buf_reset(&w->key);
	buf_add(&w->key, (struct str){ (const char *)&rule, sizeof(rule) });
	buf_add(&w->key, labels);
	i = map_put(&w->map, buf_str(&w->key), &added);
	if (!added)
		return i;
	w->one = mem_grow(w->one, &w->cap, (size_t)i + 1, sizeof(*w->one));
	one = &w->one[i];
	*one = (struct watched){ .rule = rule, .labels = arena_dup(&w->arena, labels) };
	one->sample = arena_alloc(&w->arena, w->rules->rule[rule].n * sizeof(*one->sample));
	memset(one->sample, 0, w->rules->rule[rule].n * sizeof(*one->sample));
	w->n = w->map.n;
	return i;
}

struct watched *
watch_add(struct watch *w, uint32_t rule, struct str labels)
{
	uint32_t i = number_of(w, rule, labels);	/* which may move w->one */

	return &w->one[i];
}

/* --- reading --- */

static void
bind_terms(struct watch *w, const struct metrics *m)
{
	int requests = tsv_col(m->tsv, STR("requests"));

	w->bounds = 0;
	for (uint32_t i = 0; i < w->rules->n; i++) {
		const struct rule *rule = &w->rules->rule[i];

		for (uint32_t k = 0; rule->enabled && k < rule->n; k++) {
			const struct rule_term *term = &rule->term[k];
			struct watch_bound b = { i, k, tsv_col(m->tsv, term->column), requests, { 0 } };

			if (b.value <= m->window)
				continue;
			w->column[i * RULES_TERMS + k] = true;
			if (!select_bind(&term->select, m, b.col))
				continue;
			if (requests <= m->window)
				b.requests = -1;
			w->bound = mem_grow(w->bound, &w->bound_cap, w->bounds + 1, sizeof(*w->bound));
			w->bound[w->bounds++] = b;
		}
	}
}

/* Who the row at hand is for, by the values of the labels left open. */
static const char *
find(struct watch *w, const struct watch_bound *b, const struct tsv *t, uint32_t *one)
{
	const struct rule_term *term = &w->rules->rule[b->rule].term[b->term];

	*one = w->total[b->rule];
	if (!term->spread)
		return NULL;
	buf_reset(&w->text);
	for (size_t i = 0; i < term->select.n; i++)
		if (term->select.match[i].how != SELECT_IS)
			labels_add(&w->text, term->select.match[i].label, tsv_field(t, b->col[i]));
	if (w->text.over)
		return "labels of more than 64 KiB";
	*one = number_of(w, b->rule, buf_str(&w->text));
	return NULL;
}

static void
take(struct watch *w, uint32_t one, uint32_t term, const struct sample *f)
{
	struct sample *old = &w->one[one].sample[term];

	if (f->end_us < old->end_us)
		return;
	if (f->end_us == old->end_us && f->window_us > old->window_us)
		return;
	*old = *f;
	w->one[one].seen |= w->rules->rule[w->one[one].rule].term[term].spread;
}

/* NaN and infinity, as printf(3), Python and JavaScript write them. */
static bool
is_undefined(struct str s)
{
	static const char *const words[] = { "nan", "-nan", "inf", "-inf", "+inf", "infinity", "-infinity" };

	for (size_t i = 0; i < countof(words); i++)
		if (str_eq_nocase(s, str_of(words[i])))
			return true;
	return false;
}

static const char *
read_sample(const struct watch_bound *b, const struct tsv *t, struct sample *f)
{
	struct str value = tsv_field(t, b->value);

	f->value = 0;
	f->valued = value.n > 0 && !is_undefined(value);
	f->n = UINT64_MAX;
	if (f->valued && !num_double(value, &f->value))
		return "not a number";
	if (b->requests >= 0) {
		double n;

		if (num_double(tsv_field(t, b->requests), &n) && n >= 0 && n < 1e18)
			f->n = (uint64_t)n;
	}
	return NULL;
}

static const char *
read_window(const struct tsv *t, int window, struct sample *f)
{
	int64_t start;

	if (!num_fixed(tsv_field(t, t->time), 6, &start) ||
	    !num_fixed(tsv_field(t, window), 6, &f->window_us) || f->window_us < 0)
		return "column \"time\" or \"window\": not a time";
	if (ADD_OVERFLOW(start, f->window_us, &f->end_us) || f->end_us <= 0)
		return "column \"time\": not a time since 1970";
	return NULL;
}

static void
keep(struct watch *w, uint32_t one, uint32_t term, const struct sample *f)
{
	w->past = mem_grow(w->past, &w->past_cap, w->pasts + 1, sizeof(*w->past));
	w->past[w->pasts] = (struct watch_past){ one, term, w->pasts, *f };
	w->pasts++;
}

static const char *
read_row(struct watch *w, const struct tsv *t, const struct metrics *m)
{
	size_t filled = metrics_filled(m);
	struct sample f = { 0 };
	uint32_t one;
	const char *why = read_window(t, m->window, &f);

	/* A window that has not ended has half its requests. */
	if (why || f.end_us > w->now_us)
		return why;
	for (size_t i = 0; i < w->bounds; i++) {
		const struct watch_bound *b = &w->bound[i];
		const struct rule_term *term = &w->rules->rule[b->rule].term[b->term];

		if ((term->window_us != RULE_ANY_WINDOW && term->window_us != f.window_us) ||
		    !select_row(&term->select, b->col, m, filled))
			continue;
		why = read_sample(b, t, &f);
		if (term->of == OF_LAG && !f.valued)
			continue;
		if (!why)
			why = find(w, b, t, &one);
		if (why)
			return why;
		if (w->keep)
			keep(w, one, b->term, &f);
		else
			take(w, one, b->term, &f);
	}
	return NULL;
}

bool
watch_read(struct watch *w, struct tsv *t, char why[WATCH_WHY_MAX])
{
	struct metrics m = { 0 };
	const char *wrong;

	for (;;)
		switch (tsv_next(t)) {
		case TSV_HEADER:
			if (!metrics_bind(&m, t)) {
				snprintf(why, WATCH_WHY_MAX, "%s:%llu: no metrics: "
				    "column \"window\" must stand right after \"time\"", TSV_AT(t));
				return false;
			}
			if (metrics_partial(t)) {
				snprintf(why, WATCH_WHY_MAX, "%s:%llu: these are partials: "
				    "cmon-agg --merge makes metrics of them", TSV_AT(t));
				return false;
			}
			bind_terms(w, &m);
			break;
		case TSV_ROW:
			wrong = read_row(w, t, &m);
			if (wrong) {
				snprintf(why, WATCH_WHY_MAX, "%s:%llu: %s", TSV_AT(t), wrong);
				return false;
			}
			break;
		case TSV_BAD:
			snprintf(why, WATCH_WHY_MAX, "%s", t->why);
			return false;
		case TSV_END:
			return true;
		}
}

/* --- history --- */

static int
by_end(const void *a, const void *b)
{
	const struct watch_past *x = a, *y = b;

	if (x->sample.end_us != y->sample.end_us)
		return x->sample.end_us < y->sample.end_us ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

bool
watch_span(struct watch *w, int64_t *first_us, int64_t *last_us)
{
	if (!w->pasts)
		return false;
	qsort(w->past, w->pasts, sizeof(*w->past), by_end);
	*first_us = w->past[0].sample.end_us;
	*last_us = w->past[w->pasts - 1].sample.end_us;
	return true;
}

void
watch_until(struct watch *w, int64_t now_us)
{
	for (; w->past_next < w->pasts; w->past_next++) {
		const struct watch_past *p = &w->past[w->past_next];

		if (p->sample.end_us > now_us)
			return;
		take(w, p->watched, p->term, &p->sample);
	}
}

void
watch_close(struct watch *w)
{
	free(w->one);
	free(w->total);
	free(w->column);
	free(w->past);
	free(w->bound);
	map_free(&w->map);
	arena_free(&w->arena);
	buf_free(&w->key);
	buf_free(&w->text);
	*w = (struct watch){ 0 };
}

bool
watch_has_rows(const struct watch *w, uint32_t rule)
{
	size_t terms = 0;

	for (size_t k = 0; k < w->rules->rule[rule].n; k++) {
		uint32_t i = 0;

		while (i < w->n && (w->one[i].rule != rule || !w->one[i].sample[k].end_us))
			i++;
		terms += i < w->n;
	}
	return terms == w->rules->rule[rule].n;
}

bool
watch_has_column(const struct watch *w, const struct rule *rule, size_t term)
{
	return w->column[(size_t)(rule - w->rules->rule) * RULES_TERMS + term];
}

/* --- judging --- */

static struct term_verdict
judge_term(const struct rule *rule, const struct rule_term *term, const struct sample *f,
    int64_t now_us, int64_t max_age_us, bool firing)
{
	struct term_verdict v = { .sample = f, .limit = firing ? term->clear : term->threshold };
	double now_s = (double)now_us / 1e6;

	v.what = TERM_NO_ROW;
	if (!f->end_us)
		return v;
	v.value = term->of == OF_VALUE ? f->value : term->of == OF_AGE ? now_s - f->value :
	    (double)(now_us - f->end_us) / 1e6;
	if (!f->valued)
		v.what = TERM_NO_VALUE;
	else if (term->of == OF_VALUE && now_us - f->end_us > max_age_us)
		v.what = TERM_OLD;
	else if (term->of == OF_VALUE && f->n < rule->min_n)
		v.what = TERM_FEW;
	else
		v.what = rule_holds(term->op, v.value, v.limit) ? TERM_TRUE : TERM_FALSE;
	return v;
}

enum verdict
watch_judge(const struct watch *w, const struct watched *one, int64_t now_us,
    int64_t max_age_us, bool firing, bool *few, struct term_verdict *term)
{
	const struct rule *rule = &w->rules->rule[one->rule];
	const struct watched *total = &w->one[w->total[one->rule]];
	size_t known_false = 0, known_true = 0, few_only = 0;

	for (size_t i = 0; i < rule->n; i++) {
		const struct sample *f = &(rule->term[i].spread ? one : total)->sample[i];

		term[i] = judge_term(rule, &rule->term[i], f, now_us, max_age_us, firing);
		known_false += term[i].what == TERM_FALSE;
		known_true += term[i].what == TERM_TRUE;
		few_only += term[i].what == TERM_FEW;
	}
	*few = few_only && known_true + few_only == rule->n;
	if (known_false)
		return VERDICT_FINE;
	return known_true == rule->n ? VERDICT_BREACH : VERDICT_UNKNOWN;
}
