/* pins.c - see pins.h. */
#include "pins.h"

#include <stdio.h>

#include "buf.h"
#include "in.h"
#include "str.h"
#include "tsv.h"

struct pins {
	struct map *keys;	/* BORROWED */
	struct in in;
	struct buf raw;		/* OWNED: a key whose escapes are undone */
	size_t col;		/* of the key; SIZE_MAX: no header yet */
	table_say *say;		/* BORROWED */
	bool wrong;
};

static void
mistake(struct pins *p, const char *why)
{
	char text[TABLE_SAY_MAX];

	snprintf(text, sizeof(text), "%s:%llu: %s", p->in.path, (unsigned long long)p->in.lineno, why);
	p->say(text);
	p->wrong = true;
}

static void
bind(struct pins *p, struct str header)
{
	struct str name;

	for (size_t i = 0; p->col == SIZE_MAX && str_cut(&header, '\t', &name); i++)
		if (str_eq(str_trim(name), STR("key")))
			p->col = i;
}

static bool
nth(struct str line, size_t n, struct str *field)
{
	for (size_t i = 0; i <= n; i++)
		if (!str_cut(&line, '\t', field))
			return false;
	return true;
}

static void
row(struct pins *p, struct str line)
{
	struct str field;
	bool added;

	if (!nth(line, p->col, &field)) {
		mistake(p, "no field under \"key\"");
		return;
	}
	if (field.n == 0 || str_eq(field, STR("(none)")) || str_eq(field, STR("(other)")))
		return;
	buf_reset(&p->raw);
	if (tsv_unescape(&p->raw, field))
		map_put(p->keys, buf_str(&p->raw), &added);
	else
		mistake(p, "a bad escape: a backslash is written \\\\");
}

/* False: it is no use to read on. */
static bool
line_of(struct pins *p, struct str line)
{
	if (p->in.unended)
		mistake(p, "the last line has no newline: it was cut short");
	if (line.n == 0 || *line.p == '#')
		return true;
	if (p->col != SIZE_MAX) {
		row(p, line);
	} else {
		bind(p, line);
		if (p->col == SIZE_MAX)
			return false;
	}
	if (p->keys->n <= PINS_MAX)
		return true;
	mistake(p, "more than 100000 keys");
	return false;
}

bool
pins_read(struct map *pins, const char *path, table_say *say)
{
	struct pins p = { .keys = pins, .col = SIZE_MAX, .say = say };
	char *paths[2] = { NULL, NULL };
	struct str line;

	/* in.h takes an argv, whose strings it does not write to either. */
	memcpy(&paths[0], &path, sizeof(path));
	in_open(&p.in, paths, IN_TSV_LINE_MAX);
	buf_init(&p.raw, IN_TSV_LINE_MAX);
	while (in_line(&p.in, &line) && line_of(&p, line))
		;
	if (p.col == SIZE_MAX)
		mistake(&p, "the first line must name the columns, one of them \"key\"");
	if (p.in.dropped)
		mistake(&p, "a line is over 1 MiB");
	buf_free(&p.raw);
	in_close(&p.in);
	return !p.wrong;
}
