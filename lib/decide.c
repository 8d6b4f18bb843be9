/* decide.c - see decide.h. */
#include "decide.h"

#include <math.h>

#include "num.h"
#include "path.h"
#include "quote.h"
#include "str.h"
#include "tsv.h"

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
decide_undo_line(const struct decide *by, const char *config, const struct forms *forms,
    struct str experiment, struct str *line)
{
	struct buf b;
	bool ok;

	buf_init(&b, SIZE_MAX / 2);	/* whole, or not at all: decision_fits() */
	ok = put_undo_line(&b, config, forms, experiment);
	if (ok) {
		char *room = arena_alloc(by->text, TSV_ROOM(b.n));

		*line = (struct str){ room, (size_t)(tsv_put(room, buf_str(&b)) - room) };
	}
	buf_free(&b);
	return ok;
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
