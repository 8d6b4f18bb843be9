#include "select.h"

#include "str.h"

static size_t
span(struct str s, const char *stops)
{
	size_t i = 0;

	while (i < s.n && !strchr(stops, s.p[i]))
		i++;
	return i;
}

static const char *
value_of(struct str *rest, struct select_match *m)
{
	bool quoted = str_starts(*rest, STR("\""));
	size_t n;

	if (quoted)
		*rest = str_from(*rest, 1);
	n = quoted ? str_chr(*rest, '"') : span(*rest, ",}\" =");
	m->value = (struct str){ rest->p, n };
	if (quoted && n == rest->n)
		return "a quote that does not end";
	*rest = str_trim(str_from(*rest, n + quoted));
	if (!quoted && str_eq(m->value, STR("*"))) {
		if (m->how == SELECT_NOT)
			return "!=* can never hold: a label that is empty is left out";
		m->how = SELECT_ANY;
	} else if (!quoted && str_chr(m->value, '*') < n) {
		return "* stands alone: there are no patterns (a value with a * goes in quotes)";
	}
	return NULL;
}

const char *
select_match(struct str *rest, struct select_match *m)
{
	size_t n = span(*rest, "=!,{}\"");

	m->label = str_trim((struct str){ rest->p, n });
	m->how = SELECT_IS;
	*rest = str_from(*rest, n);
	if (m->label.n == 0)
		return "a label's name is missing";
	if (str_starts(*rest, STR("!"))) {
		m->how = SELECT_NOT;
		*rest = str_from(*rest, 1);
	}
	if (!str_starts(*rest, STR("=")))
		return "= or != is missing after a label's name";
	*rest = str_trim(str_from(*rest, 1));
	return value_of(rest, m);
}

/* Keeps the matches in order; false: the label is there already. */
static bool
insert(struct select *s, struct select_match m)
{
	size_t i = s->n++;

	for (; i > 0 && str_cmp(s->match[i - 1].label, m.label) >= 0; i--) {
		if (str_eq(s->match[i - 1].label, m.label))
			return false;
		s->match[i] = s->match[i - 1];
	}
	s->match[i] = m;
	return true;
}

const char *
select_parse(struct str *rest, struct select *s)
{
	s->n = 0;
	if (!str_starts(*rest, STR("{")))
		return NULL;
	do {
		struct select_match m;
		const char *why;

		*rest = str_trim(str_from(*rest, 1));
		if (s->n == SELECT_MAX)
			return "too many labels in one selector";
		why = select_match(rest, &m);
		if (why)
			return why;
		if (!insert(s, m))
			return "a label stands twice in one selector";
	} while (str_starts(*rest, STR(",")));
	if (!str_starts(*rest, STR("}")))
		return "} is missing at the end of a selector";
	*rest = str_from(*rest, 1);
	return NULL;
}

bool
select_is(const struct select_match *m, struct str value)
{
	if (m->how == SELECT_ANY)
		return value.n > 0;
	return str_eq(m->value, value) == (m->how == SELECT_IS) &&
	    (m->how == SELECT_IS || value.n > 0);
}

bool
metrics_bind(struct metrics *m, const struct tsv *t)
{
	*m = (struct metrics){ t, (size_t)t->time, t->time + 1 };
	return (size_t)m->window < t->n && str_eq(t->name[m->window], STR("window"));
}

bool
metrics_partial(const struct tsv *t)
{
	int window = tsv_col(t, STR("window"));

	return window == t->time + 1 && tsv_col(t, STR("metric")) > window &&
	    tsv_col(t, STR("bin")) > window && tsv_col(t, STR("value")) > window;
}

size_t
metrics_filled(const struct metrics *m)
{
	size_t filled = 0;

	for (size_t i = 0; i < m->labels; i++)
		filled += tsv_field(m->tsv, (int)i).n > 0;
	return filled;
}

bool
select_bind(const struct select *s, const struct metrics *m, int *col)
{
	for (size_t i = 0; i < s->n; i++) {
		col[i] = tsv_col(m->tsv, s->match[i].label);
		if (col[i] >= (int)m->labels)
			return false;
		if (col[i] < 0 && !select_is(&s->match[i], (struct str){ NULL, 0 }))
			return false;
	}
	return true;
}

bool
select_row(const struct select *s, const int *col, const struct metrics *m, size_t filled)
{
	for (size_t i = 0; i < s->n; i++) {
		struct str value = { NULL, 0 };

		if (col[i] >= 0)
			value = tsv_field(m->tsv, col[i]);
		if (!select_is(&s->match[i], value))
			return false;
		filled -= value.n > 0;
	}
	return filled == 0;
}
