#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "msg.h"
#include "str.h"
#include "tsv.h"

void
report_init(struct report *r)
{
	*r = (struct report){ 0 };
}

void
report_free(struct report *r)
{
	free(r->column);
	arena_free(&r->names);
	report_init(r);
}

static bool PRINTF(2, 3)
bad(struct report *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	return false;
}

static struct figure *
add(struct report *r, bool named)
{
	r->column = mem_grow(r->column, &r->cap, r->columns + 1, sizeof(*r->column));
	r->column[r->columns] = (struct report_column){ .named = named };
	return &r->column[r->columns++].f;
}

bool
report_names(struct report *r, struct str list, bool named)
{
	struct str name;

	while (str_cut(&list, ',', &name))
		if (!figure_parse(add(r, named), name, &r->names))
			return bad(r, "no such column of metrics: \"%.*s\"", STRF(name));
	return true;
}

bool
report_stats(struct report *r, struct str spec, bool named)
{
	size_t colon = str_chr(spec, ':');
	struct str column = { spec.p, colon }, list = STR(REPORT_STATS), stat;

	if (colon < spec.n)
		list = str_from(spec, colon + 1);
	while (str_cut(&list, ',', &stat))
		if (!figure_stat(add(r, named), column, stat, &r->names))
			return bad(r, "no such statistic of \"%.*s\": \"%.*s\"", STRF(column),
			    STRF(stat));
	return true;
}

bool
report_uniqs(struct report *r, struct str list)
{
	struct str column;

	while (str_cut(&list, ',', &column))
		if (!figure_stat(add(r, true), column, STR("uniq"), &r->names))
			return bad(r, "an empty name");
	return true;
}

static bool
check(struct report *r, size_t i, bool events)
{
	const struct figure *f = &r->column[i].f;

	for (size_t k = 0; k < i; k++) {
		const struct figure *g = &r->column[k].f;

		if (str_eq(f->name, g->name))
			return bad(r, "column \"%.*s\" is asked for twice", STRF(f->name));
		if (events && f->kept.n && str_eq(f->kept, g->kept) && !str_eq(f->column, g->column))
			return bad(r, "\"%.*s\" and \"%.*s\" are kept under one name: ask for one",
			    STRF(g->column), STRF(f->column));
	}
	return true;
}

bool
report_check(struct report *r, const struct str *label, size_t labels, bool events)
{
	for (size_t i = 0; i < r->columns; i++) {
		struct str name = r->column[i].f.name;

		if (!check(r, i, events))
			return false;
		for (size_t k = 0; k < labels; k++)
			if (str_eq(label[k], name))
				return bad(r, "column \"%.*s\" would be a label and a number",
				    STRF(name));
	}
	return true;
}

const struct report_column *
report_missing(const struct report *r)
{
	for (size_t i = 0; i < r->columns; i++)
		if (r->column[i].named && !r->column[i].seen)
			return &r->column[i];
	return NULL;
}

bool
report_shares(const struct report *r)
{
	for (size_t i = 0; i < r->columns; i++)
		if (r->column[i].f.kind == FIGURE_SHARE)
			return true;
	return false;
}

void
report_header(const struct report *r, struct out *out, const struct str *label, size_t labels)
{
	struct tsv_row row = { out, 0 };

	for (size_t i = 0; i < labels; i++)
		tsv_as_is(&row, label[i]);
	tsv_as_is(&row, STR("time"));
	tsv_as_is(&row, STR("window"));
	for (size_t i = 0; i < r->columns; i++)
		if (r->column[i].seen)
			tsv_as_is(&row, r->column[i].f.name);
	tsv_end_row(&row);
}

void
report_row(const struct report *r, struct out *out, const struct cell_plan *plan,
    const struct cell *c, size_t labels, int64_t start, const struct figure_window *w)
{
	struct tsv_row row = { out, 0 };
	char room[FIGURE_MAX];

	if (labels)
		tsv_as_is(&row, cell_labels(plan, c));
	tsv_int(&row, start);
	tsv_int(&row, (int64_t)w->width);
	for (size_t i = 0; i < r->columns; i++) {
		const char *end;

		if (!r->column[i].seen)
			continue;
		end = figure_put(room, &r->column[i].f, plan, c, w);
		tsv_as_is(&row, (struct str){ room, (size_t)(end - room) });
	}
	tsv_end_row(&row);
}
