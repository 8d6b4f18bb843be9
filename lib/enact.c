/* enact.c - see enact.h. */
#include "enact.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "edit.h"
#include "num.h"
#include "path.h"
#include "render.h"
#include "slurp.h"
#include "str.h"
#include "when.h"

static bool PRINTF(2, 3)
no(char why[ENACT_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, ENACT_WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_rollback(const struct decision *d)
{
	return decision_is(d, DECISION_ACTION, DECISION_ROLLBACK);
}

static bool
is_promotion(const struct decision *d)
{
	return decision_is(d, DECISION_ACTION, DECISION_PROMOTE);
}

static struct str
text_of(const struct ttlfile *f)
{
	return (struct str){ f->text, f->bytes };
}

/* --- the TTLs --- */

/* The last good one, or the damage, to be looked into. */
static void
stage_former(struct enact *e)
{
	char tail[sizeof(".damaged.") + NUM_MAX];

	if (e->sound)
		snprintf(tail, sizeof(tail), ".1");
	else
		snprintf(tail, sizeof(tail), ".damaged.%" PRId64, e->now_us / WHEN_SEC);
	if (e->sound || e->ttls->text)
		batch_add(&e->batch, path_beside(&e->text, e->path, tail), text_of(e->ttls));
}

static bool
set_rows(struct enact *e, struct edit *text, const struct decision *d, char why[ENACT_WHY_MAX])
{
	char reason[CHANGE_WHY_MAX];
	struct change c = decision_change(d);

	return change_set(&c, e->ttls, text, e->force, reason) || no(why, "%s:%s", e->config, reason);
}

/* The TTLs as they are to be, as text and as rows. */
static bool
make_ttls(struct enact *e, const struct decision *d, size_t n, bool resumed, struct edit *text,
    const struct ttlfile **rows, char why[ENACT_WHY_MAX])
{
	*rows = e->ttls;
	for (size_t i = 0; i < n; i++)
		if (!is_rollback(&d[i])) {
			if (!set_rows(e, text, &d[i], why))
				return false;
		} else if (!resumed) {		/* if it was, they are sound, and so restored */
			*rows = e->defaults;
			edit_close(text);
			edit_open(text, text_of(e->defaults));
		}
	return true;
}

static bool
stage_forms(struct enact *e, const struct ttlfile *rows, char why[ENACT_WHY_MAX])
{
	char reason[RENDER_WHY_MAX];
	bool ok = true;

	for (size_t i = 0; ok && i < e->forms->n; i++) {
		const struct form *form = &e->forms->form[i];
		struct buf text;

		buf_init(&text, RENDER_MAX);
		ok = render(&text, &form->render, rows, reason) || no(why, "%s: %s", form->path, reason);
		if (ok)
			batch_add(&e->batch, form->path, buf_str(&text));
		buf_free(&text);
	}
	return ok;
}

static bool
stage_ttls(struct enact *e, const struct decision *d, size_t n, bool resumed, char why[ENACT_WHY_MAX])
{
	const struct ttlfile *rows;
	struct edit text;
	bool ok;

	edit_open(&text, text_of(e->ttls));
	ok = make_ttls(e, d, n, resumed, &text, &rows, why);
	if (ok && !str_eq(buf_str(&text.text), text_of(e->ttls)))
		stage_former(e);
	if (ok)
		batch_add(&e->batch, e->path, buf_str(&text.text));
	edit_close(&text);
	return ok && stage_forms(e, rows, why);
}

/* --- experiments --- */

static bool
complete(struct enact *e, struct edit *text, const struct decision *d, char why[ENACT_WHY_MAX])
{
	const struct experiment *x = experiments_named(e->x, d->field[DECISION_EXPERIMENT]);

	/* Whoever took it out, or completed it, since that was begun has done this. */
	return !x || x->status == EXPERIMENT_COMPLETED ||
	    edit_set(text, x->line, STR("status"), x->field[EXPERIMENT_STATUS], STR("completed")) ||
	    no(why, "%s:%llu: was changed while we read: try again", e->experiments, (unsigned long long)x->line);
}

static bool
stage_experiments(struct enact *e, const struct decision *d, size_t n, char why[ENACT_WHY_MAX])
{
	struct edit text;
	char *bytes;
	size_t size, promotions = 0;
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		promotions += is_promotion(&d[i]);
	if (!promotions)
		return true;
	if (!slurp(e->experiments, EDIT_MAX, &bytes, &size))
		return no(why, "%s: %s", e->experiments, strerror(errno));
	edit_open(&text, (struct str){ bytes, size });
	for (size_t i = 0; ok && i < n; i++)
		ok = !is_promotion(&d[i]) || complete(e, &text, &d[i], why);
	if (ok)
		batch_add(&e->batch, e->experiments, buf_str(&text.text));
	edit_close(&text);
	free(bytes);
	return ok;
}

/* --- both --- */

bool
enact_stage(struct enact *e, const struct decision *d, size_t n, bool resumed, char why[ENACT_WHY_MAX])
{
	return stage_ttls(e, d, n, resumed, why) && stage_experiments(e, d, n, why);
}

void
enact_commit(struct enact *e)
{
	batch_commit(&e->batch);
}

void
enact_close(struct enact *e)
{
	arena_free(&e->text);
}
