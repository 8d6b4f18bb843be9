#include "promtext.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "prom.h"
#include "str.h"

static enum promtext_kind
wrong(struct promtext *p, const char *why, struct str what, const char *advice)
{
	p->why = why;
	p->what = what;
	p->advice = advice;
	return PROMTEXT_WRONG;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip_blanks(struct str *s)
{
	while (s->n && blank(s->p[0]))
		*s = str_from(*s, 1);
}

/* Up to a blank or the end. */
static struct str
take_word(struct str *s)
{
	struct str word = { s->p, 0 };

	while (word.n < s->n && !blank(s->p[word.n]))
		word.n++;
	*s = str_from(*s, word.n);
	return word;
}

/* Letters, digits and "_", not a digit first; of a metric also ':'. */
static struct str
take_name(struct str *s, bool metric)
{
	struct str name = { s->p, 0 };

	for (; name.n < s->n; name.n++) {
		char c = s->p[name.n];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' &&
		    !(metric && c == ':') && !(name.n && c >= '0' && c <= '9'))
			break;
	}
	*s = str_from(*s, name.n);
	return name;
}

/* Of a HELP text: only \\ and \n; a quote may be escaped for newer readers. */
static bool
is_escaped(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\\' && (++i == s.n || (s.p[i] != '\\' && s.p[i] != 'n')))
			return false;
	return true;
}

static bool
is_utf8(struct str s)
{
	while (s.n) {
		size_t n = str_utf8(s);

		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

/* After the '#'. */
static enum promtext_kind
comment(struct promtext *p, struct str s)
{
	struct str word;
	bool help;

	skip_blanks(&s);
	word = take_word(&s);
	help = str_eq(word, STR("HELP"));
	if (s.n == 0 || (!help && !str_eq(word, STR("TYPE"))))
		return PROMTEXT_BLANK;
	skip_blanks(&s);
	word = s;
	p->name = take_name(&s, true);
	if (s.n && !blank(s.p[0]))
		return wrong(p, "no metric name", take_word(&word), "a name is letters, digits and \"_\"");
	skip_blanks(&s);
	p->text = s;
	if (p->name.n == 0 || s.n == 0)
		return PROMTEXT_BLANK;
	if (help && !is_escaped(s))
		return wrong(p, "a \"\\\" in HELP that escapes nothing", s, "write \"\\\\\"");
	return help ? PROMTEXT_HELP : PROMTEXT_TYPE;
}

/* After the opening quote; to where the escapes are undone. */
static enum promtext_kind
label_value(struct promtext *p, struct str *s, char **to, struct str *value)
{
	char *start = *to;

	for (; s->n; *s = str_from(*s, 1)) {
		char c = s->p[0];

		if (c == '"')
			break;
		if (c == '\\') {
			*s = str_from(*s, 1);
			c = s->n ? s->p[0] : '\0';
			if (c != '\\' && c != '"' && c != 'n')
				return wrong(p, "a \"\\\" in a label's value that escapes nothing",
				    (struct str){ start, (size_t)(*to - start) }, "write \"\\\\\"");
			c = c == 'n' ? '\n' : c;
		}
		*(*to)++ = c;
	}
	*value = (struct str){ start, (size_t)(*to - start) };
	if (s->n == 0)
		return wrong(p, "a label's value without closing quote", *value,
		    "a newline in a value is written \"\\n\"");
	*s = str_from(*s, 1);
	if (!is_utf8(*value))
		return wrong(p, "a label's value that is no UTF-8", *value, "convert it");
	return PROMTEXT_SAMPLE;
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(((const struct promtext_label *)a)->name,
	    ((const struct promtext_label *)b)->name);
}

static enum promtext_kind
sort_labels(struct promtext *p)
{
	/* NULL where there are none, which qsort(3) must not be given. */
	if (p->labels)
		qsort(p->label, p->labels, sizeof(*p->label), by_name);
	for (size_t i = 1; i < p->labels; i++)
		if (str_eq(p->label[i - 1].name, p->label[i].name))
			return wrong(p, "a label twice", p->label[i].name, "drop one");
	return PROMTEXT_SAMPLE;
}

/* After the '{'. */
static enum promtext_kind
labels(struct promtext *p, struct str *s)
{
	char *to;

	p->values = mem_grow(p->values, &p->values_cap, s->n + 1, 1);
	to = p->values;
	for (;;) {
		struct promtext_label l;
		struct str at;

		skip_blanks(s);
		if (str_starts(*s, STR("}")))
			break;
		at = *s;
		l.name = take_name(s, false);
		skip_blanks(s);
		if (l.name.n == 0 || !str_starts(*s, STR("=")))
			return wrong(p, "no label", at, "write NAME=\"VALUE\"; a name is letters, digits and \"_\"");
		*s = str_from(*s, 1);
		skip_blanks(s);
		if (!str_starts(*s, STR("\"")))
			return wrong(p, "a label's value without quotes", at, "write NAME=\"VALUE\"");
		*s = str_from(*s, 1);
		if (label_value(p, s, &to, &l.value) == PROMTEXT_WRONG)
			return PROMTEXT_WRONG;
		p->label = mem_grow(p->label, &p->label_cap, p->labels + 1, sizeof(*p->label));
		p->label[p->labels++] = l;
		skip_blanks(s);
		if (str_starts(*s, STR("}")))
			break;
		if (!str_starts(*s, STR(",")))
			return wrong(p, "no \",\" or \"}\" after a label", at, "write one");
		*s = str_from(*s, 1);
	}
	*s = str_from(*s, 1);
	return sort_labels(p);
}

static enum promtext_kind
sample(struct promtext *p, struct str s)
{
	struct str at = s, number;

	p->name = take_name(&s, true);
	if (p->name.n == 0)
		return wrong(p, "no metric name", take_word(&at), "a name is letters, digits and \"_\"");
	skip_blanks(&s);
	if (str_starts(s, STR("{"))) {
		s = str_from(s, 1);
		if (labels(p, &s) == PROMTEXT_WRONG)
			return PROMTEXT_WRONG;
		skip_blanks(&s);
	}
	number = take_word(&s);
	if (!prom_float(number, &p->value))
		return wrong(p, "no number", number, "a metric's name, its labels, then a decimal, NaN, +Inf or -Inf");
	if (s.n == 0)
		return PROMTEXT_SAMPLE;
	skip_blanks(&s);
	if (s.n == 0)
		return wrong(p, "a blank after the value", number, "end the line there");
	return wrong(p, "something after the value", s, "no timestamps, no exemplars: end the line there");
}

enum promtext_kind
promtext_line(struct promtext *p, struct str line)
{
	p->labels = 0;
	skip_blanks(&line);
	if (line.n == 0)
		return PROMTEXT_BLANK;
	if (line.p[0] == '#')
		return comment(p, str_from(line, 1));
	return sample(p, line);
}

void
promtext_free(struct promtext *p)
{
	free(p->label);
	free(p->values);
	*p = (struct promtext){ 0 };
}
