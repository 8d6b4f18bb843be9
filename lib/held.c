/* held.c - see held.h. */
#include "held.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "definition.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "state.h"
#include "str.h"
#include "when.h"

#define WAY_OUT	"start another experiment, or cmon-cohort --allow-change"
#define KIND		"cmon-cohort-state"
#define VERSION_NOW	2	/* 1 has no end */

static const char *const columns[] = { "name", "since", "coverage", "end", "definition", NULL };

struct held_row {
	struct str name, definition;	/* in text */
	int64_t since_us, coverage;
	int64_t end_us;			/* 0: not known */
};

struct rows {
	struct held_row *row;		/* OWNED */
	size_t n, cap;
	struct arena text;		/* OWNED */
	bool changed;			/* since they were read */
};

static struct held_row *
row_of(const struct rows *r, struct str name)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->row[i].name, name))
			return &r->row[i];
	return NULL;
}

static struct held_row *
new_row(struct rows *r, struct str name)
{
	r->row = mem_grow(r->row, &r->cap, r->n + 1, sizeof(*r->row));
	r->row[r->n] = (struct held_row){ .name = arena_dup(&r->text, name) };
	return &r->row[r->n++];
}

static enum state_got
read_rows(struct rows *r, const char *path)
{
	struct state s;
	enum state_got got = state_read(&s, path, KIND, VERSION_NOW);

	*r = (struct rows){ 0 };
	if (got == STATE_REFUSED)
		die("%s", s.why);
	if (got == STATE_FORMER)
		warn("%s", s.why);
	while (got != STATE_NONE && state_next(&s)) {
		struct held_row *row = new_row(r, state_field(&s, state_col(&s, "name")));

		row->since_us = state_int(&s, state_col(&s, "since"));
		row->coverage = state_int(&s, state_col(&s, "coverage"));
		row->end_us = state_int(&s, state_col(&s, "end"));
		row->definition = arena_dup(&r->text, state_field(&s, state_col(&s, "definition")));
	}
	state_close(&s);
	return got;
}

static void
free_rows(struct rows *r)
{
	free(r->row);
	arena_free(&r->text);
}

static void
say_change(const char *file, const struct experiment *e, struct str was, struct str is, table_say *say)
{
	char text[TABLE_SAY_MAX];
	struct str old, new;

	definition_differ(was, is, &old, &new);
	snprintf(text, sizeof(text), "%s:%llu: \"%.*s\" runs, and had %.*s when it began, not %.*s: "
	    "keys would change their TTL: " WAY_OUT, file,
	    (unsigned long long)e->line, STRF(e->name), STRF(old), STRF(new));
	say(text);
}

static void
say_less(const char *file, const struct experiment *e, int64_t was, table_say *say)
{
	char text[TABLE_SAY_MAX], room[NUM_MAX + 1];

	*num_put_fixed(room, was, 7) = '\0';
	snprintf(text, sizeof(text), "%s:%llu: \"%.*s\" runs, and had a coverage of %s %%, which can only "
	    "grow: " WAY_OUT, file, (unsigned long long)e->line, STRF(e->name), room);
	say(text);
}

/* Whoever looks at results and then chooses when to decide finds what is not there. */
static bool
end_moved(const char *file, const struct experiment *e, int64_t was_us, int64_t now_us, table_say *say)
{
	bool over = now_us >= was_us;
	char text[TABLE_SAY_MAX], was[NUM_MAX + 1], is[NUM_MAX + 1];

	if (was_us == 0 || e->end_us == was_us || (e->end_us > was_us && !over))
		return false;
	*when_put_iso(was, was_us) = '\0';
	*when_put_iso(is, e->end_us) = '\0';
	snprintf(text, sizeof(text), "%s:%llu: \"%.*s\" was to end at %s, not at %s: %s: keep the duration, "
	    WAY_OUT, file, (unsigned long long)e->line, STRF(e->name), was, is, e->end_us > was_us ?
	    "it is over, and to go on until something is found is to find what is not there" :
	    "to decide as soon as the result pleases is to find what is not there");
	say(text);
	return true;
}

/* Whether e may be what it is now; what is new goes into the rows. */
static bool
check_one(struct rows *r, const char *file, const struct experiment *e, struct str definition,
    int64_t now_us, bool allow, table_say *say)
{
	struct held_row *row = row_of(r, e->name);
	int64_t coverage = (int64_t)e->assign.exposed;
	bool same = row && str_eq(row->definition, definition);

	if (same && row->coverage == coverage && row->end_us == e->end_us)
		return true;
	if (row && !allow && !same) {
		say_change(file, e, row->definition, definition, say);
		return false;
	}
	if (row && !allow && coverage < row->coverage) {
		say_less(file, e, row->coverage, say);
		return false;
	}
	if (row && !allow && end_moved(file, e, row->end_us, now_us, say))
		return false;
	if (!row)
		row = new_row(r, e->name);
	if (!same)
		row->since_us = now_us;
	row->definition = arena_dup(&r->text, definition);
	row->coverage = coverage;
	row->end_us = e->end_us;
	r->changed = true;
	return true;
}

static bool
check_all(struct rows *r, const char *file, struct experiments *x, int64_t now_us, bool allow, table_say *say)
{
	struct buf definition;
	bool all = true;

	buf_init(&definition, DEFINITION_MAX);
	for (size_t i = 0; i < x->n; i++) {
		const struct experiment *e = &x->e[i];

		if (e->status != EXPERIMENT_RUNNING || now_us < e->start_us)
			continue;
		buf_reset(&definition);
		if (!definition_put(x, e, &definition))
			die("SHA-256 failed");
		all &= check_one(r, file, e, buf_str(&definition), now_us, allow, say);
	}
	buf_free(&definition);
	return all;
}

static void
write_rows(const struct rows *r, const char *path, enum state_got got, int64_t now_us)
{
	struct state_writer w;

	state_start(&w, KIND, VERSION_NOW, now_us, 0, columns);
	for (size_t i = 0; i < r->n; i++) {
		state_put(&w, r->row[i].name);
		state_put_int(&w, r->row[i].since_us);
		state_put_int(&w, r->row[i].coverage);
		state_put_int(&w, r->row[i].end_us);
		state_put(&w, r->row[i].definition);
		state_end_row(&w);
	}
	if (!state_save(&w, path, got))
		die_sys("%s", path);
}

enum held
held_look(const char *path, const char *file, struct experiments *x, int64_t now_us, table_say *say)
{
	struct rows r;
	bool same;

	if (read_rows(&r, path) == STATE_NONE)
		die("%s: no such file: cmon-cohort -s writes it", path);
	same = check_all(&r, file, x, now_us, false, say);
	free_rows(&r);
	return same ? HELD_SAME : HELD_CHANGED;
}

enum held
held_check(const char *path, const char *file, struct experiments *x, int64_t now_us, bool allow,
    table_say *say)
{
	struct rows r;
	enum state_got got;
	bool same;
	int lock;

	read_rows(&r, path);
	same = check_all(&r, file, x, now_us, allow, say);
	if (!same || !r.changed) {
		free_rows(&r);
		return same ? HELD_SAME : HELD_CHANGED;
	}
	/* Somebody may have written since: read again, alone. */
	free_rows(&r);
	lock = state_lock(path);
	if (lock == -1 && errno == EWOULDBLOCK)
		return HELD_BUSY;
	if (lock == -1)
		die_sys("%s", path);
	got = read_rows(&r, path);
	same = check_all(&r, file, x, now_us, allow, say);
	if (same && r.changed)
		write_rows(&r, path, got, now_us);
	free_rows(&r);
	state_unlock(lock);
	return same ? HELD_SAME : HELD_CHANGED;
}
