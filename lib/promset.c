#include "promset.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "msg.h"
#include "num.h"
#include "str.h"

/* A value column, and what it is in Prometheus. */
struct promset_column {
	struct str name, label;
	uint32_t family;
	int shift;
};

/* The newest value of one column in one series. */
struct promset_sample {
	uint32_t series, column;
	int64_t end;
	double value;
	bool there;
};

/* A sample as it will stand in the file. */
struct promset_line {
	struct str family, help;
	struct str labels, label;	/* the series' and the column's own */
	double value;
};

void
promset_init(struct promset *ps, const struct hash_key *key, uint32_t max)
{
	*ps = (struct promset){ .max = max };
	map_init(&ps->column_no, key);
	map_init(&ps->family_no, key);
	map_init(&ps->series_no, key);
	map_init(&ps->sample_no, key);
}

static bool PRINTF(2, 3)
fail(struct promset *ps, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ps->why, sizeof(ps->why), fmt, ap);
	va_end(ap);
	return false;
}

static bool
too_many(struct promset *ps)
{
	return fail(ps, "more than %u series: group by fewer labels, choose with --columns, "
	    "or raise --max-series", ps->max);
}

static bool
add_family(struct promset *ps, const struct prom_column *c, uint32_t *family)
{
	bool added;
	uint32_t i = *family = map_put(&ps->family_no, str_of(c->family), &added);

	if (!added)
		return str_eq(ps->help[i], str_of(c->help)) ? true :
		    fail(ps, "columns of different meaning become %s: rename one, "
			"or choose with --columns", c->family);
	ps->help = mem_grow(ps->help, &ps->help_cap, (size_t)i + 1, sizeof(*ps->help));
	ps->help[i] = arena_dup(&ps->text, str_of(c->help));
	return true;
}

bool
promset_column(struct promset *ps, struct str name, const struct prom_column *c, uint32_t *column)
{
	char said[sizeof(c->family) + sizeof(c->label) + 1];
	struct promset_column *col;
	bool added;
	uint32_t i;

	snprintf(said, sizeof(said), "%s %s", c->family, c->label);
	i = *column = map_put(&ps->column_no, str_of(said), &added);
	if (!added)
		return str_eq(ps->column[i].name, name) ? true :
		    fail(ps, "columns \"%.*s\" and \"%.*s\" both become %s: rename one, "
			"or choose with --columns", STRF(ps->column[i].name), STRF(name), c->family);
	if (i == PROMSET_COLUMNS)
		return fail(ps, "more than %d value columns in all", PROMSET_COLUMNS);
	ps->column = mem_grow(ps->column, &ps->column_cap, (size_t)i + 1, sizeof(*ps->column));
	col = &ps->column[i];
	*col = (struct promset_column){ .name = arena_dup(&ps->text, name), .shift = c->shift };
	col->label = arena_dup(&ps->text, str_of(c->label));
	return add_family(ps, c, &col->family);
}

bool
promset_knows(const struct promset *ps, struct str name)
{
	for (uint32_t i = 0; i < ps->column_no.n; i++)
		if (str_eq(ps->column[i].name, name))
			return true;
	return false;
}

bool
promset_brings(const struct promset *ps, uint32_t column, const char *label)
{
	struct str own = ps->column[column].label, name = str_of(label);

	return str_starts(own, name) && own.p[name.n] == '=';
}

int
promset_shift(const struct promset *ps, uint32_t column)
{
	return ps->column[column].shift;
}

bool
promset_series(struct promset *ps, struct str identity, struct str labels, uint32_t *series)
{
	bool added;
	uint32_t i = *series = map_put(&ps->series_no, identity, &added);

	if (!added)
		return true;
	if (i >= ps->max)
		return too_many(ps);
	ps->series = mem_grow(ps->series, &ps->series_cap, (size_t)i + 1, sizeof(*ps->series));
	ps->series[i] = arena_dup(&ps->text, labels);
	return true;
}

bool
promset_put(struct promset *ps, uint32_t series, uint32_t column, int64_t end, const double *value)
{
	const uint32_t key[2] = { series, column };
	struct promset_sample *s;
	bool added;
	uint32_t i = map_put(&ps->sample_no, (struct str){ (const char *)key, sizeof(key) }, &added);

	if (i >= ps->max)
		return too_many(ps);
	ps->sample = mem_grow(ps->sample, &ps->sample_cap, (size_t)i + 1, sizeof(*ps->sample));
	s = &ps->sample[i];
	if (added || end >= s->end)
		*s = (struct promset_sample){ series, column, end, value ? *value : 0, value };
	return true;
}

static int
by_place(const void *a, const void *b)
{
	const struct promset_line *x = a, *y = b;
	int d = str_cmp(x->family, y->family);

	if (d == 0)
		d = str_cmp(x->labels, y->labels);
	return d ? d : str_cmp(x->label, y->label);
}

bool
promset_finish(struct promset *ps)
{
	ps->line = mem_array(ps->sample_no.n, sizeof(*ps->line));
	for (uint32_t i = 0; i < ps->sample_no.n; i++) {
		const struct promset_sample *s = &ps->sample[i];
		const struct promset_column *c = &ps->column[s->column];

		if (s->there)
			ps->line[ps->lines++] = (struct promset_line){
			    map_key(&ps->family_no, c->family), ps->help[c->family],
			    ps->series[s->series], c->label, s->value };
	}
	qsort(ps->line, ps->lines, sizeof(*ps->line), by_place);
	for (size_t i = 1; i < ps->lines; i++) {
		const struct promset_line *l = &ps->line[i];

		if (by_place(l - 1, l) == 0)
			return fail(ps, "two series become %.*s{%.*s}: their labels differ only in "
			    "control characters or after %d bytes", STRF(l->family),
			    STRF(l->labels), PROM_VALUE_MAX);
	}
	return true;
}

static void
write_head(struct out *o, const struct promset_line *l)
{
	const struct str part[] = { STR("# HELP "), l->family, STR(" "), l->help,
	    STR("\n# TYPE "), l->family, STR(" gauge\n") };

	for (size_t i = 0; i < countof(part); i++)
		out_add(o, part[i]);
}

static void
write_line(struct out *o, const struct promset_line *l)
{
	out_add(o, l->family);
	if (l->labels.n || l->label.n) {
		out_byte(o, '{');
		out_add(o, l->labels);
		if (l->labels.n && l->label.n)
			out_byte(o, ',');
		out_add(o, l->label);
		out_byte(o, '}');
	}
	out_byte(o, ' ');
	out_used(o, num_put_double(out_room(o, NUM_MAX), l->value));
	out_byte(o, '\n');
}

void
promset_write(const struct promset *ps, struct out *o)
{
	for (size_t i = 0; i < ps->lines; i++) {
		const struct promset_line *l = &ps->line[i];

		if (i == 0 || !str_eq(l->family, l[-1].family))
			write_head(o, l);
		write_line(o, l);
	}
}

void
promset_free(struct promset *ps)
{
	map_free(&ps->column_no);
	map_free(&ps->family_no);
	map_free(&ps->series_no);
	map_free(&ps->sample_no);
	free(ps->column);
	free(ps->help);
	free(ps->series);
	free(ps->sample);
	free(ps->line);
	arena_free(&ps->text);
	*ps = (struct promset){ 0 };
}
