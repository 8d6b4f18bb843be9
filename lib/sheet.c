#include "sheet.h"

#include <stdlib.h>

#include "msg.h"
#include "num.h"
#include "str.h"
#include "unit.h"
#include "when.h"

void
sheets_open(struct sheets *s)
{
	*s = (struct sheets){ .n = 0 };
}

void
sheets_close(struct sheets *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->sheet[i].cell);
	arena_free(&s->text);
	*s = (struct sheets){ .n = 0 };
}

static void
add(struct sheets *s, struct sheet *h, const struct str *field, const struct tsv *t)
{
	struct str *to = h->cell + h->rows++ * h->cols;

	for (size_t i = 0; i < h->cols; i++) {
		struct str f = field ? field[i] : tsv_field(t, (int)i);
		char date[NUM_MAX];
		int64_t us;

		if (!field && (int)i >= h->labels && unit_moment(t->name[i], f, &us))
			f = (struct str){ date, (size_t)(when_put_iso(date, us) - date) };
		else if (f.n == 0 && (int)i < h->labels)
			f = STR("(all)");
		to[i] = arena_dup(&s->text, str_head(f, SHEET_CELL_MAX));
	}
}

void
sheets_header(struct sheets *s, const struct tsv *t)
{
	struct sheet *h;

	if (s->n == SHEETS) {
		s->more++;
		return;
	}
	h = &s->sheet[s->n++];
	*h = (struct sheet){ .cols = t->n < LETTER_COLS ? t->n : LETTER_COLS };
	if (tsv_col(t, STR("window")) == t->time + 1)
		h->labels = t->time;
	h->cell = mem_array((SHEET_ROWS + 1) * h->cols, sizeof(*h->cell));
	add(s, h, t->name, t);
}

void
sheets_row(struct sheets *s, const struct tsv *t)
{
	struct sheet *h = &s->sheet[s->n - 1];

	if (s->more)
		return;
	h->seen++;
	if (h->rows <= SHEET_ROWS)
		add(s, h, NULL, t);
}

void
sheets_write(const struct sheets *s, struct letter *l)
{
	struct buf b;

	buf_init(&b, MSG_MAX);
	for (size_t i = 0; i < s->n; i++) {
		const struct sheet *h = &s->sheet[i];

		letter_table(l, h->cell, h->rows, h->cols);
		buf_reset(&b);
		if (h->seen == 0)
			buf_add(&b, STR("No rows."));
		else if (h->seen >= h->rows)
			buf_printf(&b, "... of %llu rows", (unsigned long long)h->seen);
		if (b.n)
			letter_para(l, buf_str(&b));
	}
	if (s->more) {
		buf_reset(&b);
		buf_printf(&b, "... and %llu more tables", (unsigned long long)s->more);
		letter_para(l, buf_str(&b));
	}
	buf_free(&b);
}
