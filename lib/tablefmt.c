#include "tablefmt.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "logkey.h"
#include "logspec.h"
#include "logvar.h"
#include "msg.h"
#include "str.h"

static bool PRINTF(2, 3)
wrong(struct tablefmt *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->why, sizeof(t->why), fmt, ap);
	va_end(ap);
	return false;
}

/* What a column of this name most likely is. */
static struct event_field
guess(struct str name)
{
	for (size_t i = 0; i < LOGKEYS; i++) {
		const struct logkey *k = &logkey[i];

		/* From the top of the table down, so that the earlier one wins. */
		if (str_eq(name, str_of(k->path)))
			return (struct event_field){ .name = name, .col = k->col, .as = k->as,
			    .rank = (uint8_t)(LOGKEYS - i) };
	}
	return logvar_own(name);
}

static bool
add(struct tablefmt *t, struct event_field f, size_t cell)
{
	if (t->n == EVENT_FIELDS)
		return wrong(t, "more than %d columns", EVENT_FIELDS);
	t->from[t->n] = (uint16_t)cell;
	t->field[t->n++] = f;
	return true;
}

static size_t
cell_of(const struct tablefmt *t, struct str name)
{
	size_t i = 0;

	while (i < t->cells && !str_eq(t->name[i], name))
		i++;
	return i;
}

/* In a log without a header all columns are there, and no row ever is. */
static bool
add_spec(struct tablefmt *t, struct str spec)
{
	struct logspec item;
	size_t cell;

	while (spec.n) {
		if (!logspec_next(&spec, &item, &t->when, t->why, sizeof(t->why)))
			return false;
		cell = cell_of(t, item.key);
		if (cell == t->cells && t->cells)
			return wrong(t, "the header has no column \"%.*s\"", STRF(item.key));
		if (!add(t, item.field, cell))
			return false;
	}
	return true;
}

static bool
add_asked(struct tablefmt *t, struct str columns)
{
	struct str name;

	if (!add(t, logvar_own(event_col_name[EVENT_TIME]), 0))
		return false;
	while (str_cut(&columns, ',', &name))
		if (!str_eq(name, event_col_name[EVENT_TIME]) && !add(t, logvar_own(name), 0))
			return false;
	return true;
}

bool
tablefmt_open(struct tablefmt *t, struct str spec, const struct str *header, size_t n,
    const char *columns)
{
	memset(t, 0, sizeof(*t));
	t->cells = n;
	t->name = mem_array(n ? n : 1, sizeof(*t->name));
	for (size_t i = 0; i < n; i++)
		t->name[i] = arena_dup(&t->text, header[i]);
	if (spec.n)
		return add_spec(t, spec);
	if (n == 0)
		return add_asked(t, str_of(columns));
	for (size_t i = 0; i < n; i++) {
		if (t->name[i].n == 0)
			return wrong(t, "column %zu of the header has no name", i + 1);
		if (!add(t, guess(t->name[i]), i))
			return false;
	}
	return true;
}

bool
tablefmt_is_header(const struct tablefmt *t, const struct str *cell, size_t n)
{
	if (n != t->cells)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!str_eq(cell[i], t->name[i]))
			return false;
	return true;
}

bool
tablefmt_row(struct tablefmt *t, const struct str *cell, size_t n, struct str *field)
{
	if (n != t->cells)
		return wrong(t, "%zu fields under a header of %zu", n, t->cells);
	for (size_t i = 0; i < t->n; i++)
		field[i] = cell[t->from[i]];
	return true;
}

void
tablefmt_close(struct tablefmt *t)
{
	free(t->name);
	arena_free(&t->text);
	memset(t, 0, sizeof(*t));
}
