#include "explain.h"

#include "scan.h"
#include "str.h"

enum {
	TEXT_WIDTH = 44,	/* of a field's text; longer ones are cut */
	BEFORE_MARK = 60,	/* bytes of the line shown before and */
	BEHIND_MARK = 40,	/* behind the place where it went wrong */
};

/* s as the stream writes it, cut to width. */
static void
add_shown(struct buf *b, struct str s, size_t width)
{
	size_t from = b->n;
	char *to;

	if (s.n > width)
		s.n = width;
	to = buf_room(b, TSV_ROOM(s.n));
	b->n = (size_t)(tsv_put(to, s) - b->p);
	if (b->n - from > width) {
		b->n = from + width - 3;
		buf_add(b, STR("..."));
	}
}

static void
pad(struct buf *b, size_t column)
{
	while (b->n < column)
		buf_byte(b, ' ');
}

static size_t
name_width(const struct format *f)
{
	size_t width = 5;

	for (size_t i = 0; i < f->n; i++)
		if (f->field[i].name.n > width)
			width = f->field[i].name.n;
	return width + 2;
}

/* "host=a  tier=edge": the columns of the row that come from no field, and are not empty. */
static void
add_given(struct buf *b, const struct event *e, struct str row)
{
	struct str value;
	bool any = false;

	for (size_t i = 0; i < e->n && str_cut(&row, '\t', &value); i++) {
		if (e->col[i].field >= 0 || value.n == 0)
			continue;
		buf_add(b, any ? STR("  ") : STR(""));
		buf_add(b, e->col[i].name);
		buf_byte(b, '=');
		buf_add(b, value);
		any = true;
	}
}

/* "method=GET  url=/a": the columns of the row that come from this field. */
static void
add_columns(struct buf *b, const struct event *e, int field, struct str row)
{
	struct str value;

	for (size_t i = 0; i < e->n && str_cut(&row, '\t', &value); i++) {
		if (e->col[i].field != field)
			continue;
		buf_add(b, e->col[i].name);
		buf_byte(b, '=');
		buf_add(b, value);
		buf_add(b, STR("  "));
	}
	while (b->n && b->p[b->n - 1] == ' ')
		b->n--;
}

/* The row a field; `n` of them, the rest was not reached. */
static void
show_fields(struct out *o, const struct format *f, const struct event *e,
    const struct str *field, size_t n, struct str row)
{
	size_t width = name_width(f);
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&b);
		buf_add(&b, f->field[i].name);
		pad(&b, width);
		add_shown(&b, field[i], TEXT_WIDTH);
		if (row.n) {
			pad(&b, width + TEXT_WIDTH + 2);
			add_columns(&b, e, (int)i, row);
		}
		buf_byte(&b, '\n');
		out_shown(o, buf_str(&b));
	}
	/* What comes of other than one field: of options, and of what a cache word says. */
	buf_reset(&b);
	pad(&b, width + TEXT_WIDTH + 2);
	if (row.n)
		add_given(&b, e, row);
	if (b.n > width + TEXT_WIDTH + 2) {
		buf_byte(&b, '\n');
		out_shown(o, buf_str(&b));
	}
	buf_free(&b);
}

/* The line around `stop`, and a mark below that byte. */
static void
show_place(struct out *o, struct str line, size_t stop, const char *why)
{
	size_t from = stop > BEFORE_MARK ? stop - BEFORE_MARK : 0, mark;
	struct str rest = str_from(line, from);
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	if (rest.n > BEFORE_MARK + BEHIND_MARK)
		rest.n = BEFORE_MARK + BEHIND_MARK;
	buf_add(&b, from ? STR("\n...") : STR("\n"));
	add_shown(&b, (struct str){ rest.p, stop - from }, SIZE_MAX / 8);
	mark = b.n - 1;
	add_shown(&b, str_from(rest, stop - from), SIZE_MAX / 8);
	buf_byte(&b, '\n');
	mark += b.n;
	pad(&b, mark);
	buf_printf(&b, "^ %s\n", why);
	out_shown(o, buf_str(&b));
	buf_free(&b);
}

/* What is wrong with a record that was read; a field of CSV has no place in line. */
static void
show_fault(struct out *o, const struct format *f, const struct event *e,
    const struct str *field, struct str line)
{
	struct str s = e->bad_field < 0 ? line : field[e->bad_field];

	if (f->kind != FORMAT_CSV && s.p) {
		show_place(o, line, (size_t)(s.p - line.p), e->why);
		return;
	}
	out_byte(o, '\n');
	if (e->bad_field >= 0) {
		out_shown(o, f->field[e->bad_field].name);
		out_add(o, STR(": "));
	}
	out_add(o, str_of(e->why));
	out_byte(o, '\n');
}

static void
show_format(struct out *o, const struct format *f)
{
	if (f->name) {
		out_add(o, STR("format: "));
		out_add(o, str_of(f->name));
		out_add(o, STR("\n\n"));
	}
}

bool
explain(struct out *o, struct format *f, struct event *e, struct str line)
{
	struct str field[EVENT_FIELDS] = { { NULL, 0 } };
	struct buf row;
	bool ok = false;
	char *to;

	show_format(o, f);
	if (!format_read(f, line, field)) {
		size_t n = f->stop_field > 0 ? (size_t)f->stop_field : 0;

		show_fields(o, f, e, field, n, (struct str){ NULL, 0 });
		show_place(o, line, f->stop, f->why);
		return false;
	}
	buf_init(&row, SIZE_MAX / 2);
	to = buf_room(&row, event_room(e, line.n));
	switch (event_row(e, field, line, &to)) {
	case EVENT_ROW:
		ok = true;
		show_fields(o, f, e, field, f->n, (struct str){ row.p, (size_t)(to - row.p - 1) });
		break;
	case EVENT_LEFT_OUT:
		ok = true;
		show_fields(o, f, e, field, f->n, (struct str){ NULL, 0 });
		out_add(o, STR("\nread, and left out by --since, --until or --sample\n"));
		break;
	case EVENT_BAD:
		show_fields(o, f, e, field, f->n, (struct str){ NULL, 0 });
		show_fault(o, f, e, field, line);
		break;
	}
	buf_free(&row);
	return ok;
}
