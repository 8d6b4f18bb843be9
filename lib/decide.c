/* decide.c - see decide.h. */
#include "decide.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "msg.h"
#include "num.h"
#include "path.h"
#include "quote.h"
#include "str.h"
#include "tsv.h"

static bool PRINTF(2, 3)
no(char why[DECIDE_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DECIDE_WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

static struct str
keep(const struct decide *by, const char *room, const char *end)
{
	return arena_dup(by->text, (struct str){ room, (size_t)(end - room) });
}

static struct str
keep_int(const struct decide *by, int64_t v)
{
	char room[NUM_MAX];

	return keep(by, room, num_put_i64(room, v));
}

static struct str
keep_number(const struct decide *by, double v)
{
	char room[NUM_MAX];

	return isfinite(v) ? keep(by, room, num_put_double(room, v)) : STR("");
}

static struct str
keep_time(const struct decide *by, int64_t us)
{
	char room[NUM_MAX];

	return keep(by, room, num_put_fixed(room, us, 6));
}

static void
begin(const struct decide *by, struct decision *d, struct str action, size_t changes)
{
	*d = (struct decision){ .field = { [DECISION_ACTION] = action, [DECISION_WINDOW] = STR("0") } };
	d->field[DECISION_TIME] = keep_time(by, by->now_us);
	d->field[DECISION_CHANGES] = keep_int(by, (int64_t)changes);
}

struct change
decide_change(const struct winner *w)
{
	int64_t control_s = w->e->cohort[0].ttl_s;

	return (struct change){ w->endpoint, control_s == EXPERIMENT_NO_TTL ? CHANGE_ANY : control_s,
	    w->e->cohort[w->arm].ttl_s, w->e->cohort[w->arm].ttl };
}

void
decide_promote(const struct decide *by, struct decision *d, const struct winner *w,
    const struct change *c, struct str undo)
{
	begin(by, d, DECISION_PROMOTE, change_count(c, by->ttls));
	d->field[DECISION_EXPERIMENT] = w->experiment;
	d->field[DECISION_ENDPOINT] = c->endpoint;
	d->field[DECISION_FROM_S] = keep_int(by, c->from_s);
	d->field[DECISION_TO_S] = keep_int(by, c->to_s);
	d->field[DECISION_METRIC] = w->metric;
	d->field[DECISION_DIFF] = keep_number(by, w->diff);
	d->field[DECISION_LO] = keep_number(by, w->lo);
	d->field[DECISION_HI] = keep_number(by, w->hi);
	d->field[DECISION_CONFIDENCE] = keep_number(by, w->confidence);
	d->field[DECISION_TREATMENT] = w->treatment;
	d->field[DECISION_JUDGED] = keep_time(by, w->time_us);
	d->field[DECISION_UNDO] = undo;
	d->field[DECISION_FROM] = change_row(c, by->ttls)->ttl;
	d->field[DECISION_TO] = c->to;
	d->field[DECISION_DEFINITION] = w->definition;
}

static bool
put_undo_line(struct buf *b, const char *config, const struct forms *forms, struct str experiment)
{
	struct buf path;
	bool ok;

	buf_init(&path, b->max);
	ok = path_absolute(&path, str_of(config));
	buf_add(b, STR("cmon-promote --config "));
	quote_sh(b, buf_str(&path));
	buf_free(&path);
	if (!ok || !forms_options(forms, b))
		return false;
	buf_add(b, str_starts(experiment, STR("-")) ? STR(" --undo -- ") : STR(" --undo "));
	quote_sh(b, experiment);
	return true;
}

bool
decide_undo_line(const struct decide *by, struct str experiment, struct str *line)
{
	struct buf b;
	bool ok;

	buf_init(&b, SIZE_MAX / 2);	/* whole, or not at all: decision_fits() */
	ok = put_undo_line(&b, by->config, by->forms, experiment);
	if (ok) {
		char *room = arena_alloc(by->text, TSV_ROOM(b.n));

		*line = (struct str){ room, (size_t)(tsv_put(room, buf_str(&b)) - room) };
	}
	buf_free(&b);
	return ok;
}

/* It sets no row that another does. */
static bool
is_alone(const struct winner *w, const struct change *c, const struct decision *made, size_t n,
    char why[DECIDE_WHY_MAX])
{
	for (size_t i = 0; i < n; i++) {
		struct change other = decision_change(&made[i]);

		if (change_meets(c, &other))
			return no(why, "\"%.*s\" and \"%.*s\" set the TTL of one endpoint: give one verdict",
			    STRF(w->experiment), STRF(made[i].field[DECISION_EXPERIMENT]));
	}
	return true;
}

bool
decide_winner(const struct decide *by, struct winner *w, const struct decision *made, size_t n,
    struct decision *d, char why[DECIDE_WHY_MAX])
{
	char reason[WINNER_WHY_MAX];
	struct change c;
	struct str undo;

	if (!winner_holds(w, by->x, by->log, by->how, reason))
		return no(why, "%s", reason);
	c = decide_change(w);
	if (!change_fits(&c, by->ttls, reason))
		return no(why, "%s:%s", by->config, reason);
	if (!is_alone(w, &c, made, n, why))
		return false;
	if (!decide_undo_line(by, w->experiment, &undo))
		return no(why, "the folder we are in: %s", strerror(errno));
	decide_promote(by, d, w, &c, undo);
	return decision_fits(d) || no(why, "\"%.*s\": its row, with the command that undoes it, would be over "
	    "1 MiB: fewer or shorter --write", STRF(w->experiment));
}

const struct decision *
decide_undoable(const struct decide *by, struct str experiment, char why[DECIDE_WHY_MAX])
{
	const struct decision *last = decisions_last(by->log, experiment);

	if (!last && experiment.n)
		no(why, "%s: no promotion of \"%.*s\"", by->log_path, STRF(experiment));
	else if (!last)
		no(why, "%s: no promotion that could be undone", by->log_path);
	else if (!decision_is(last, DECISION_ACTION, DECISION_PROMOTE))
		no(why, "%s: the promotion of \"%.*s\" is undone already", by->log_path, STRF(experiment));
	else
		return last;
	return NULL;
}

void
decide_undo(const struct decide *by, struct decision *d, const struct decision *promotion)
{
	static const enum decision_field same[] = { DECISION_EXPERIMENT, DECISION_ENDPOINT, DECISION_TREATMENT,
	    DECISION_DEFINITION };
	struct change c = decision_change(promotion);

	begin(by, d, DECISION_UNDONE, change_count(&c, by->ttls));
	for (size_t i = 0; i < countof(same); i++)
		d->field[same[i]] = promotion->field[same[i]];
	d->field[DECISION_FROM_S] = promotion->field[DECISION_TO_S];
	d->field[DECISION_TO_S] = promotion->field[DECISION_FROM_S];
	d->field[DECISION_FROM] = promotion->field[DECISION_TO];
	d->field[DECISION_TO] = promotion->field[DECISION_FROM];
}

void
decide_rollback(const struct decide *by, struct decision *d, size_t rows)
{
	begin(by, d, DECISION_ROLLBACK, rows);
}
