/* edit.c - see edit.h. */
#include "edit.h"

#include "str.h"

#define BOM	STR("\xef\xbb\xbf")

void
edit_open(struct edit *e, struct str text)
{
	buf_init(&e->text, EDIT_MAX);
	buf_add(&e->text, text);
}

void
edit_close(struct edit *e)
{
	buf_free(&e->text);
}

/* The next line, without what ends it; as table.h counts them. */
static bool
next_line(struct str *rest, struct str *line)
{
	if (rest->n == 0 || !str_cut(rest, '\n', line))
		return false;
	if (str_ends(*line, STR("\r")))
		line->n--;
	return true;
}

static bool
is_header(struct str line)
{
	return str_trim(line).n && line.p[0] != '#';
}

/* The number of the header's column of that name, or -1. */
static int
find_column(struct str text, struct str name)
{
	struct str line = { NULL, 0 }, field;
	int n = 0;

	while (next_line(&text, &line) && !is_header(line))
		;
	while (str_cut(&line, '\t', &field)) {
		if (str_eq(str_trim(field), name))
			return n;
		n++;
	}
	return -1;
}

static bool
find_line(struct str text, uint64_t number, struct str *line)
{
	for (uint64_t n = 0; next_line(&text, line);)
		if (++n == number)
			return true;
	return false;
}

bool
edit_set(struct edit *e, uint64_t number, struct str column, struct str was, struct str is)
{
	struct str text = buf_str(&e->text), line, field = { NULL, 0 };
	struct buf new;
	int at;

	if (str_starts(text, BOM))
		text = str_from(text, BOM.n);
	at = find_column(text, column);
	if (at < 0 || !find_line(text, number, &line))
		return false;
	for (int i = 0; i <= at; i++)
		if (!str_cut(&line, '\t', &field))
			return false;
	field = str_trim(field);
	if (!str_eq(field, was) || field.n == 0)
		return false;
	buf_init(&new, EDIT_MAX);
	buf_add(&new, (struct str){ e->text.p, (size_t)(field.p - e->text.p) });
	buf_add(&new, is);
	buf_add(&new, str_from(buf_str(&e->text), (size_t)(field.p + field.n - e->text.p)));
	if (new.over) {
		buf_free(&new);
		return false;
	}
	buf_free(&e->text);
	e->text = new;
	return true;
}
