#include "prefix.h"

#include "str.h"
#include "when.h"

/* The next word and the blanks behind it; false: nothing is left behind it. */
static bool
cut_word(struct str *s, struct str *word)
{
	size_t n = str_chr(*s, ' ');

	if (n == 0 || n == s->n)
		return false;
	*word = (struct str){ s->p, n };
	*s = str_from(*s, n);
	while (s->n && *s->p == ' ')
		*s = str_from(*s, 1);
	return s->n > 0;
}

static bool
is_time(struct str s)
{
	int64_t us;

	return when_iso(s, &us);
}

static bool
cut_container(struct str *s)
{
	struct str stamp, stream, flag;

	return cut_word(s, &stamp) && is_time(stamp) && cut_word(s, &stream) &&
	    (str_eq(stream, STR("stdout")) || str_eq(stream, STR("stderr"))) &&
	    cut_word(s, &flag) && str_eq(flag, STR("F"));
}

static bool
cut_compose(struct str *s)
{
	struct str name, bar;

	return cut_word(s, &name) && cut_word(s, &bar) && str_eq(bar, STR("|"));
}

/* "<190>", which is there or not. */
static void
cut_priority(struct str *s)
{
	size_t n = 1;

	if (s->n == 0 || *s->p != '<')
		return;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (n > 1 && n <= 4 && n < s->n && s->p[n] == '>')
		*s = str_from(*s, n + 1);
}

/* "Nov 20 12:00:00 ", RFC 3164. */
static bool
cut_bsd_time(struct str *s)
{
	static const struct str months = { "JanFebMarAprMayJunJulAugSepOctNovDec", 36 };
	struct str month, day, clock;
	size_t at;

	if (!cut_word(s, &month) || month.n != 3 || !cut_word(s, &day) || day.n > 2)
		return false;
	at = str_find(months, month);
	return at < months.n && at % 3 == 0 && cut_word(s, &clock) &&
	    clock.n == 8 && clock.p[2] == ':' && clock.p[5] == ':';
}

/* Both of RFC 3164 end in "host tag: "; the host may be missing. */
static bool
cut_tag(struct str *s)
{
	struct str word;

	for (int i = 0; i < 2; i++)
		if (!cut_word(s, &word))
			return false;
		else if (word.p[word.n - 1] == ':')
			return true;
	return false;
}

/* "1 time host app pid msgid - ", RFC 5424, without structured data. */
static bool
cut_rfc5424(struct str *s)
{
	struct str word;

	for (int i = 0; i < 7; i++)
		if (!cut_word(s, &word) || (i == 0 && !str_eq(word, STR("1"))) ||
		    (i == 1 && !is_time(word)) || (i == 6 && !str_eq(word, STR("-"))))
			return false;
	return true;
}

static bool
cut_syslog(struct str *s)
{
	struct str start, word;

	cut_priority(s);
	start = *s;
	if (cut_rfc5424(s))
		return true;
	*s = start;
	if (cut_word(s, &word) && is_time(word))
		return cut_tag(s);
	*s = start;
	return cut_bsd_time(s) && cut_tag(s);
}

static bool
cut_quotes(struct str *s)
{
	if (s->n < 2 || *s->p != '"' || s->p[s->n - 1] != '"')
		return false;
	*s = (struct str){ s->p + 1, s->n - 2 };
	return true;
}

static bool
cut(enum prefix kind, struct str *s)
{
	switch (kind) {
	case PREFIX_CONTAINER:	return cut_container(s);
	case PREFIX_COMPOSE:	return cut_compose(s);
	case PREFIX_SYSLOG:	return cut_syslog(s);
	case PREFIX_BLANKS:	*s = str_trim(*s); return true;
	case PREFIX_QUOTES:	return cut_quotes(s);
	default:		return false;
	}
}

struct str
prefix_cut(enum prefix kind, struct str line)
{
	struct str s = line;

	return cut(kind, &s) ? s : line;
}
