/* winners.c - see winners.h. */
#include "winners.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "definition.h"
#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

#define SKEW	(10 * 60 * WHEN_SEC)	/* by which clocks may differ */

/* --- choosing --- */

static struct winner *
winner_of(struct winners *w, struct str experiment)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->w[i].experiment, experiment))
			return &w->w[i];
	w->w = mem_grow(w->w, &w->cap, w->n + 1, sizeof(*w->w));
	w->w[w->n] = (struct winner){ .experiment = arena_dup(&w->text, experiment), .time_us = INT64_MIN };
	return &w->w[w->n++];
}

void
winners_add(struct winners *w, const struct verdict *v)
{
	bool promote = v->decision == VERDICT_PROMOTE;
	struct winner *to;

	w->rows++;
	if (v->decision == VERDICT_UNDECIDED)
		return;
	w->decided++;
	to = winner_of(w, v->experiment);
	if (v->time_us < to->time_us)
		return;
	if (v->time_us > to->time_us)
		to->promote = to->twice = false;
	to->time_us = v->time_us;
	if (!promote)
		return;
	to->twice |= to->promote && !str_eq(to->treatment, v->treatment);
	to->promote = true;
	to->treatment = arena_dup(&w->text, v->treatment);
	to->metric = arena_dup(&w->text, v->metric);
	to->endpoint = arena_dup(&w->text, v->endpoint);
	to->definition = arena_dup(&w->text, v->definition);
	to->diff = v->diff;
	to->lo = v->lo;
	to->hi = v->hi;
	to->confidence = v->confidence;
	to->ttl_s = v->ttl_s;
}

void
winners_free(struct winners *w)
{
	free(w->w);
	arena_free(&w->text);
	*w = (struct winners){ 0 };
}

/* --- reading --- */

static bool PRINTF(2, 3)
refuse(char why[WINNER_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, WINNER_WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

/* foreign: the header is none of verdicts, as c->why says; what is no row at all is said before. */
static bool
read_row(struct winners *w, struct verdict_columns *c, const struct tsv *t, bool foreign,
    char why[WINNER_WHY_MAX])
{
	struct str time = tsv_field(t, t->time);
	struct verdict v;
	int64_t us;

	if (!num_fixed(time, 6, &us))
		return refuse(why, "%s:%llu: column \"time\": not a number: \"%.*s\"", TSV_AT(t), STRF(time));
	if (foreign || !verdict_read(c, t, &v))
		return refuse(why, "%s", c->why);
	if (v.decision == VERDICT_PROMOTE && v.status != VERDICT_TREATMENT)
		return refuse(why, "%s:%llu: a verdict that says promote, and not that the treatment is better: "
		    "not what cmon-abtest(1) writes", TSV_AT(t));
	winners_add(w, &v);
	return true;
}

bool
winners_read(struct winners *w, struct tsv *t, char why[WINNER_WHY_MAX])
{
	struct verdict_columns c = { .why = "" };
	bool foreign = false;

	for (;;)
		switch (tsv_next(t)) {
		case TSV_HEADER:
			foreign = foreign || !verdict_bind(&c, t);
			break;
		case TSV_ROW:
			if (!read_row(w, &c, t, foreign, why))
				return false;
			break;
		case TSV_BAD:
			return refuse(why, "%s", t->why);
		case TSV_END:
			return !foreign || refuse(why, "%s", c.why);
		}
}

/* --- judging --- */

static bool PRINTF(3, 4)
no(char why[WINNER_WHY_MAX], const struct winner *w, const char *fmt, ...)
{
	int n = snprintf(why, WINNER_WHY_MAX, "\"%.*s\": ", STRF(w->experiment));
	va_list ap;

	if (n < 0 || n >= WINNER_WHY_MAX)
		return false;
	va_start(ap, fmt);
	vsnprintf(why + n, WINNER_WHY_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_new(const struct winner *w, const struct decisions *log, char why[WINNER_WHY_MAX])
{
	const struct decision *last = decisions_last(log, w->experiment);
	char room[NUM_MAX];
	struct str when;

	if (!last || !decision_is(last, DECISION_ACTION, DECISION_PROMOTE) ||
	    !str_eq(last->field[DECISION_DEFINITION], w->definition))
		return true;
	when = decision_time(last, room);
	return no(why, w, "was promoted at %.*s: --undo takes that back", STRF(when));
}

static bool
is_running(const struct winner *w, const struct winner_how *how, char why[WINNER_WHY_MAX])
{
	switch (w->e->status) {
	case EXPERIMENT_RUNNING:
		return true;
	case EXPERIMENT_DRAFT:
		return no(why, w, "is a draft in %s:%llu: the verdict is about another experiments file", how->file,
		    (unsigned long long)w->e->line);
	default:
		return no(why, w, "is completed in %s:%llu: nothing is promoted after that", how->file,
		    (unsigned long long)w->e->line);
	}
}

static bool
is_the_same(const struct winner *w, struct experiments *x, const struct winner_how *how,
    char why[WINNER_WHY_MAX])
{
	struct str judged, is;
	struct buf b;

	buf_init(&b, DEFINITION_MAX);
	if (!definition_put(x, w->e, &b)) {
		buf_free(&b);
		return no(why, w, "SHA-256 failed");
	}
	if (str_eq(buf_str(&b), w->definition)) {
		buf_free(&b);
		return true;
	}
	definition_differ(w->definition, buf_str(&b), &judged, &is);
	no(why, w, "was judged with %.*s, and %s:%llu has %.*s: that is another experiment", STRF(judged),
	    how->file, (unsigned long long)w->e->line, STRF(is));
	buf_free(&b);
	return false;
}

static bool
is_recent(const struct winner *w, const struct winner_how *how, char why[WINNER_WHY_MAX])
{
	char room[NUM_MAX];
	int n = (int)(when_put_iso(room, w->time_us) - room);

	if (w->time_us > how->now_us + SKEW)
		return no(why, w, "the verdict is of %.*s, which is in the future: is the clock right?", n, room);
	if (w->time_us < how->now_us - how->max_age_us)
		return no(why, w, "the verdict is of %.*s, older than --max-age: "
		    "run cmon-abtest again, on newer rows", n, room);
	return true;
}

/* What the row says is set must be what the file has; the same definition has seen to most of it. */
static bool
has_ttl(struct winner *w, char why[WINNER_WHY_MAX])
{
	const struct experiment *e = w->e;

	for (w->arm = 1; w->arm < e->assign.n && !str_eq(e->cohort[w->arm].name, w->treatment); w->arm++)
		;
	if (w->arm == e->assign.n)
		return no(why, w, "has no treatment \"%.*s\"", STRF(w->treatment));
	if (e->cohort[w->arm].ttl_s == EXPERIMENT_NO_TTL)
		return no(why, w, "\"%.*s\" has no ttl: cohorts are written name:weight:ttl", STRF(w->treatment));
	if (!str_eq(e->endpoint, w->endpoint) || w->ttl_s != (double)e->cohort[w->arm].ttl_s)
		return no(why, w, "the verdict's endpoint and ttl_s are not those of its definition");
	return true;
}

bool
winner_holds(struct winner *w, struct experiments *x, const struct decisions *log,
    const struct winner_how *how, char why[WINNER_WHY_MAX])
{
	w->e = experiments_named(x, w->experiment);
	if (!w->e)
		return no(why, w, "is not in %s: the verdict is about another file", how->file);
	if (w->twice)
		return no(why, w, "two treatments are to be promoted at once");
	return is_new(w, log, why) && is_running(w, how, why) && is_the_same(w, x, how, why) &&
	    is_recent(w, how, why) && has_ttl(w, why);
}
