#include "table.h"

#include <stdarg.h>
#include <stdio.h>

#include "buf.h"
#include "mem.h"
#include "msg.h"
#include "str.h"
#include "tsv.h"

void
table_open(struct table *t, const char *path, const char *const *names, table_say *say)
{
	*t = (struct table){ .path = path, .names = names, .say = say };
	/* in.h takes an argv, whose strings it does not write to either. */
	memcpy(&t->paths[0], &path, sizeof(path));
	in_open(&t->in, t->paths, TABLE_LINE_MAX);
}

void
table_wrong(struct table *t, size_t i, const char *fmt, ...)
{
	char text[TABLE_SAY_MAX];
	int n = snprintf(text, sizeof(text), "%s:%llu: ", t->path, (unsigned long long)t->line);
	va_list ap;

	if (n > 0 && (size_t)n < sizeof(text) && i != TABLE_ROW)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "column \"%s\": ", t->names[i]);
	if (n > 0 && (size_t)n < sizeof(text)) {
		va_start(ap, fmt);
		vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
		va_end(ap);
	}
	t->wrong = true;
	t->say(text);
}

static size_t
split(struct table *t, struct str line)
{
	size_t n = 0;

	for (struct str piece; n < TABLE_COLS && str_cut(&line, '\t', &piece);)
		t->field[n++] = piece;
	return line.n ? TABLE_COLS + 1 : n;
}

static void
unknown(struct table *t, struct str name)
{
	char list[TABLE_SAY_MAX / 2] = "";
	int n = 0;

	for (size_t i = 0; t->names[i] && n >= 0 && (size_t)n < sizeof(list); i++)
		n += snprintf(list + n, sizeof(list) - (size_t)n, "%s%s", i ? ", " : "", t->names[i]);
	if (str_chr(name, ' ') < name.n)
		table_wrong(t, TABLE_ROW, "unknown column \"%.*s\": one tab stands between two names", STRF(name));
	else
		table_wrong(t, TABLE_ROW, "unknown column \"%.*s\": none of %s", STRF(name), list);
}

static void
bind(struct table *t)
{
	size_t known = 0;

	while (t->names[known])
		t->col[known++] = -1;
	for (size_t c = 0; c < t->n; c++) {
		struct str name = str_trim(t->field[c]);
		size_t i = 0;

		while (i < known && !str_eq(name, str_of(t->names[i])))
			i++;
		if (i == known && t->others)
			continue;
		if (i == known)
			unknown(t, name);
		else if (t->col[i] != -1)
			table_wrong(t, TABLE_ROW, "column \"%.*s\" stands twice", STRF(name));
		else
			t->col[i] = (int)c;
	}
}

static bool
sound(struct table *t)
{
	if (t->fields > t->n) {
		table_wrong(t, TABLE_ROW, "%zu fields under a header of %zu columns: "
		    "one tab stands between two fields", t->fields, t->n);
		return false;
	}
	for (size_t i = 0; i < t->fields; i++)
		if (!tsv_is_escaped(t->field[i])) {
			table_wrong(t, TABLE_ROW, "field %zu is not UTF-8 or has a bad escape: "
			    "a backslash is written \\\\", i + 1);
			return false;
		}
	return true;
}

bool
table_next(struct table *t)
{
	struct str line;

	while (in_line(&t->in, &line)) {
		t->line = t->in.lineno;
		if (t->in.dropped) {
			table_wrong(t, TABLE_ROW, "a line is over %d bytes", TABLE_LINE_MAX);
			t->in.dropped = 0;
		}
		if (str_trim(line).n == 0 || *line.p == '#')
			continue;
		t->fields = split(t, line);
		if (t->fields > TABLE_COLS) {
			table_wrong(t, TABLE_ROW, "more than %d columns", TABLE_COLS);
			continue;
		}
		if (t->n == 0) {
			t->n = t->fields;
			bind(t);
		} else if (sound(t)) {
			return true;
		}
	}
	t->line = t->in.lineno;
	if (t->in.dropped)
		table_wrong(t, TABLE_ROW, "a line is over %d bytes", TABLE_LINE_MAX);
	if (t->n == 0)
		table_wrong(t, TABLE_ROW, "no header: the first line must name the columns");
	return false;
}

bool
table_close(struct table *t)
{
	in_close(&t->in);
	return !t->wrong;
}

struct str
table_field(const struct table *t, size_t i)
{
	int c = t->col[i];

	return c >= 0 && (size_t)c < t->fields ? str_trim(t->field[c]) : (struct str){ NULL, 0 };
}

struct str
table_label(const struct table *t, size_t i, struct arena *a)
{
	struct str field = table_field(t, i);
	struct buf raw;
	char *p;

	if (field.n == 0)
		return (struct str){ NULL, 0 };
	buf_init(&raw, TABLE_LINE_MAX);
	if (tsv_unescape(&raw, field)) {
		p = arena_alloc(a, TSV_ROOM(raw.n));
		field = (struct str){ p, (size_t)(tsv_put(p, buf_str(&raw)) - p) };
	} else {
		field = arena_dup(a, field);	/* it has been said: t->wrong */
	}
	buf_free(&raw);
	return field;
}
