#include "logfmt.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "buf.h"
#include "logvar.h"
#include "msg.h"
#include "scan.h"
#include "str.h"

/* How a field ends: at its literal, which is looked for so or so. */
enum how { HOW_TEXT, HOW_ADDRESS, HOW_LIST, HOW_QUOTED, HOW_STRICT };

#define TEXT_MAX	(64 * 1024)	/* bytes of a format */

/* ---- compiling ---- */

/* What is known while the text is read. */
struct compile {
	struct logfmt *f;
	struct str rest;		/* of the format's text */
	struct buf text;		/* OWNED: the format, unquoted */
	struct buf lit;			/* OWNED: literal bytes since the last field */
	struct buf name;		/* OWNED */
	struct buf spec;		/* OWNED: of the %{...}t being joined */
	size_t joined;			/* 1 + the field that spec belongs to */
};

static bool PRINTF(2, 3)
wrong(struct logfmt *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_name_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return (unsigned)(u | 0x20) - 'a' < 26 || (unsigned)u - '0' < 10 || c == '_';
}

static struct str
trim_all(struct str s)
{
	while (s.n && strchr(" \t\r\n", *s.p))
		s = str_from(s, 1);
	while (s.n && strchr(" \t\r\n;", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The word at the start of *s, if it is this one or starts like it. */
static bool
cut_word(struct str *s, struct str start, struct str *word)
{
	size_t n = 0;

	if (!str_starts(*s, start))
		return false;
	while (n < s->n && !strchr(" \t\r\n", s->p[n]))
		n++;
	*word = (struct str){ s->p, n };
	*s = trim_all(str_from(*s, n));
	return true;
}

/* One piece in quotes, from *s; \" and \\ and \' mean the second byte. */
static bool
cut_quoted(struct str *s, struct buf *to)
{
	char quote = *s->p;
	size_t i;

	for (i = 1; i < s->n && s->p[i] != quote; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n && strchr("\"'\\", s->p[i + 1]))
			i++;
		buf_byte(to, s->p[i]);
	}
	if (i == s->n)
		return false;
	*s = trim_all(str_from(*s, i + 1));
	return true;
}

/* nginx.conf may have comments between the pieces. */
static struct str
behind_comments(struct str s)
{
	while (s.n && *s.p == '#')
		s = trim_all(str_from(s, str_chr(s, '\n')));
	return s;
}

/* Bare text; no line of a log has a line break in it, so it is a blank like those around it. */
static void
add_bare(struct str s, struct buf *to)
{
	while (s.n) {
		size_t n = str_chr(s, '\n');

		if (n == s.n) {
			buf_add(to, s);
			return;
		}
		buf_add(to, trim_all((struct str){ s.p, n }));
		buf_byte(to, ' ');
		s = trim_all(str_from(s, n));
	}
}

/*
 * The format itself, out of what was pasted: a whole statement, its quoted
 * pieces, or the bare text.
 */
static bool
unquote(struct compile *c, struct str s)
{
	struct str word;
	bool statement;

	s = trim_all(s);
	statement = cut_word(&s, STR("log_format "), &word);
	if (statement && s.n && !strchr("'\"", *s.p))
		cut_word(&s, STR(""), &word);	/* its name */
	if (cut_word(&s, STR("escape="), &word)) {
		c->f->escaped = !str_eq(word, STR("escape=none"));
		statement = true;
	}
	if (!statement)
		statement = cut_word(&s, STR("LogFormat "), &word);
	if (statement)
		s = behind_comments(s);
	if (!(s.n && (*s.p == '\'' || (statement && *s.p == '"')))) {
		add_bare(s, &c->text);
		return s.n > 0 || wrong(c->f, "the format is empty");
	}
	while (s.n && strchr("'\"", *s.p))
		if (!cut_quoted(&s, &c->text))
			return wrong(c->f, "a quote is not closed in the format");
		else
			s = behind_comments(s);
	return c->text.n > 0 || wrong(c->f, "the format is empty");
}

/* nginx: $ and a name; Apache: % and a directive.  Whichever comes first. */
static bool
is_apache(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] == '$' && (s.p[i + 1] == '{' || is_name_byte(s.p[i + 1])))
			return false;
		if (s.p[i] == '%')
			return true;
	}
	return false;
}

/* Times that byte stands in what a conversion of strftime(3) writes. */
static unsigned
inside_conversion(char conversion, char byte)
{
	switch (conversion) {
	case 'T': return byte == ':' ? 2 : 0;
	case 'R': return byte == ':' ? 1 : 0;
	case 'F': return byte == '-' ? 2 : 0;
	case 'D': return byte == '/' ? 2 : 0;
	default:  return 0;
	}
}

/* Times that byte stands in what this field holds. */
static unsigned
count_inside(const struct compile *c, const struct event_field *f, char byte)
{
	struct str shape = { NULL, 0 };
	unsigned n = 0;

	switch (f->as) {
	case AS_CLF:	  shape = STR("20/Nov/2026:12:02:43 +0000"); break;
	case AS_ISO:	  shape = STR("2026-11-20T12:02:43+00:00"); break;
	case AS_REQUEST:  shape = STR("GET / HTTP/1.1"); break;
	case AS_STRPTIME: shape = buf_str(&c->spec); break;
	default:	  return 0;
	}
	for (size_t i = 0; i < shape.n; i++) {
		n += shape.p[i] == byte;
		if (f->as != AS_STRPTIME || shape.p[i] != '%' || i + 1 == shape.n)
			continue;
		n += inside_conversion(shape.p[i + 1], byte);
	}
	return n;
}

static bool
is_strict(enum event_as as)
{
	switch (as) {
	case AS_CLF:
	case AS_ISO:
	case AS_EPOCH:
	case AS_STRPTIME:
	case AS_COUNT:
	case AS_STATUS:
		return true;
	default:
		return false;
	}
}

/* May the field hold what a client typed, unquoted? */
static bool
is_free(enum event_as as)
{
	return as == AS_TEXT || as == AS_URL || as == AS_REQUEST;
}

/* Values of nginx's upstreams come one a server asked: "a, b : c". */
static bool
is_list(const struct event_field *f)
{
	return (f->as == AS_S && f->col != EVENT_LATENCY) || str_starts(f->name, STR("upstream_"));
}

static enum how
how_it_ends(const struct event_field *f, char stop, struct str before)
{
	if (is_strict(f->as))
		return HOW_STRICT;
	if (stop == '"' && str_ends(before, STR("\"")))
		return HOW_QUOTED;
	if (stop == ' ' && f->as == AS_ADDRESS)
		return HOW_ADDRESS;
	return stop == ' ' && is_list(f) ? HOW_LIST : HOW_TEXT;
}

/* Bytes that the field has in nearly all lines; 0: any number. */
static unsigned char
usual_width(const struct event_field *f)
{
	if (f->as == AS_CLF)
		return WHEN_CLF_LEN;
	if (f->as == AS_STATUS)
		return sizeof("200") - 1;
	if (f->as == AS_S && f->col == EVENT_LATENCY)
		return sizeof("0.001") - 1;
	return str_eq(f->name, STR("remote_user")) ? sizeof("-") - 1 : 0;
}

/* A longer time or number is none: the field began too early. */
static uint32_t
longest(const struct event_field *f)
{
	switch (f->as) {
	case AS_CLF:	return WHEN_CLF_LEN;
	case AS_ISO:
	case AS_EPOCH:
	case AS_COUNT:
	case AS_STATUS:	return 40;
	default:	return UINT32_MAX;
	}
}

/* How the last field ends, now that the literal behind it is known. */
static bool
end_field(struct compile *c, bool last)
{
	struct logfmt *f = c->f;
	struct event_field *field = &f->field[f->n - 1];
	struct logfmt_op *op = &f->op[f->n - 1];
	struct str before = f->n > 1 ? f->op[f->n - 2].lit : f->lead;
	size_t n;

	op->lit = arena_dup(&f->text, buf_str(&c->lit));
	op->eat = (unsigned char)op->lit.n;
	if (op->lit.n > UINT8_MAX)
		return wrong(f, "more than %d bytes between two fields", UINT8_MAX);
	op->again = -1;
	if (op->lit.n == 0 && !last)
		return wrong(f, "nothing stands between \"%.*s\" and the field behind it: "
		    "nobody can tell where one ends", STRF(field->name));
	if (op->lit.n) {
		op->stop = *op->lit.p;
		op->pass = (unsigned char)count_inside(c, field, op->stop);
		n = op->lit.n < 8 ? op->lit.n : 8;
		memcpy(&op->word, op->lit.p, n);
		memset(&op->mask, 0xff, n);
		op->how = (unsigned char)how_it_ends(field, op->stop, before);
		op->plain = op->pass == 0 && op->how != HOW_LIST && op->lit.n <= 8 && !last;
		op->inside = op->how == HOW_QUOTED ? '\\' : op->how == HOW_ADDRESS ? ',' : op->stop;
		op->width = usual_width(field);
		op->far = op->how == HOW_QUOTED || field->as == AS_CLF;
		op->max = longest(field);
	}
	buf_reset(&c->lit);
	return true;
}

/* "$host$request_uri": the first ends where the path begins. */
static bool
part_at_slash(struct compile *c, const struct event_field *next)
{
	const struct event_field *f = &c->f->field[c->f->n - 1];

	return c->lit.n == 0 && f->col == EVENT_VHOST &&
	    next->col == EVENT_URL && next->as == AS_URL;
}

/* "$uri$is_args$args", "%U%q": the path and its query are one URL. */
static bool
is_query_of(struct compile *c, struct str name)
{
	const struct event_field *f = &c->f->field[c->f->n - 1];
	size_t mark = c->lit.n;

	if (f->col != EVENT_URL || f->as != AS_URL ||
	    !(mark == 0 || (mark == 1 && *c->lit.p == '?')))
		return false;
	return str_eq(name, STR("is_args")) || str_eq(name, STR("args")) ||
	    str_eq(name, STR("query_string")) || str_eq(name, STR("query"));
}

static bool
add_field(struct compile *c, struct event_field field)
{
	struct logfmt *f = c->f;

	if (f->n && is_query_of(c, field.name)) {
		/* With its query it is the better URL. */
		f->field[f->n - 1].rank = 5;
		buf_reset(&c->lit);
		return true;
	}
	if (f->n == LOGFMT_FIELDS)
		return wrong(f, "more than %d fields", LOGFMT_FIELDS);
	if (f->n && part_at_slash(c, &field)) {
		buf_byte(&c->lit, '/');
		if (!end_field(c, false))
			return false;
		f->op[f->n - 1].eat = 0;
	} else if (f->n) {
		if (!end_field(c, false))
			return false;
	} else {
		f->lead = arena_dup(&f->text, buf_str(&c->lit));
		buf_reset(&c->lit);
	}
	field.name = arena_dup(&f->text, field.name);
	f->field[f->n++] = field;
	return true;
}

/* Up to what ends it, from the text that follows "${" or "%{". */
static bool
cut_braced(struct compile *c, struct str *arg)
{
	size_t n = str_chr(c->rest, '}');

	if (n == c->rest.n)
		return wrong(c->f, "a { is not closed in the format");
	*arg = (struct str){ c->rest.p, n };
	c->rest = str_from(c->rest, n + 1);
	return true;
}

static bool
nginx_variable(struct compile *c)
{
	struct str name = { c->rest.p, 0 };

	if (c->rest.n && *c->rest.p == '{') {
		c->rest = str_from(c->rest, 1);
		if (!cut_braced(c, &name))
			return false;
	} else {
		while (name.n < c->rest.n && is_name_byte(c->rest.p[name.n]))
			name.n++;
		c->rest = str_from(c->rest, name.n);
	}
	if (name.n == 0)
		return wrong(c->f, "a $ without a name in the format");
	return add_field(c, logvar_nginx(name));
}

static bool
nginx_text(struct compile *c)
{
	while (c->rest.n) {
		char b = *c->rest.p;

		c->rest = str_from(c->rest, 1);
		if (b != '$')
			buf_byte(&c->lit, b);
		else if (!nginx_variable(c))
			return false;
	}
	return true;
}

/* ---- Apache's times, which may come in pieces ---- */

/*
 * A piece of a time as it stands in the whole: Apache's words in braces, and
 * without a word on whether the request began or ended then.
 */
static void
add_spec(struct compile *c, struct str spec)
{
	bool word = str_chr(spec, '%') == spec.n;

	if (str_starts(spec, STR("begin:")))
		spec = str_from(spec, 6);
	else if (str_starts(spec, STR("end:")))
		spec = str_from(spec, 4);

	buf_add(&c->spec, word ? STR("%{") : STR(""));
	buf_add(&c->spec, spec);
	buf_add(&c->spec, word ? STR("}") : STR(""));
}

/* The time whose pieces have been read becomes its field's. */
static bool
end_times(struct compile *c)
{
	struct logfmt *f = c->f;
	struct event_field *field;
	struct str bad;

	if (!c->joined)
		return true;
	field = &f->field[c->joined - 1];
	if (f->ntimes == LOGFMT_TIMES)
		return wrong(f, "more than %d times", LOGFMT_TIMES);
	if (!when_compile(&f->when[f->ntimes], buf_str(&c->spec), &bad))
		return wrong(f, "the time format \"%.*s\" is not understood, or no complete time: \"%.*s\"",
		    STRF(buf_str(&c->spec)), STRF(bad));
	field->when = &f->when[f->ntimes++];
	buf_reset(&c->spec);
	c->joined = 0;
	return true;
}

static bool
is_complete(struct str spec)
{
	struct when_format whole;
	struct str bad;

	return when_compile(&whole, spec, &bad);
}

/* Is it the next piece of the time before, which it or that one needs? */
static bool
is_next_piece(const struct compile *c, struct str spec)
{
	return c->joined && c->joined == c->f->n &&
	    !(is_complete(buf_str(&c->spec)) && is_complete(spec));
}

static bool
apache_time(struct compile *c, struct event_field field, struct str arg)
{
	if (is_next_piece(c, arg)) {
		for (size_t i = 0; i < c->lit.n; i++) {
			buf_byte(&c->spec, c->lit.p[i]);
			if (c->lit.p[i] == '%')
				buf_byte(&c->spec, '%');
		}
		buf_reset(&c->lit);
	} else if (!end_times(c) || !add_field(c, field)) {
		return false;
	}
	add_spec(c, arg);
	c->joined = c->f->n;
	return true;
}

/* What may stand between % and the letter: !200,304 < > and {...}, any order. */
static bool
modifiers(struct compile *c, struct str *arg, bool *final)
{
	*arg = (struct str){ NULL, 0 };
	*final = false;
	while (c->rest.n) {
		char b = *c->rest.p;

		if (!strchr("!<>,0123456789{", b))
			return true;
		c->rest = str_from(c->rest, 1);
		*final |= b == '>';
		if (b == '{' && !cut_braced(c, arg))
			return false;
	}
	return true;
}

/* %^ti %^to %^FB: the letter of a directive with a longer name. */
static char
long_directive(struct compile *c)
{
	static const struct { struct str name; char letter; } names[] = {
		{ { "ti", 2 }, LOGVAR_TRAILER_IN }, { { "to", 2 }, LOGVAR_TRAILER_OUT },
		{ { "FB", 2 }, 'F' },
	};

	for (size_t i = 0; i < countof(names); i++)
		if (str_starts(c->rest, names[i].name)) {
			c->rest = str_from(c->rest, names[i].name.n);
			return names[i].letter;
		}
	return 0;
}

static bool
apache_directive(struct compile *c)
{
	struct str at = c->rest, arg;
	struct event_field field;
	bool final;
	char letter = 0;

	if (!modifiers(c, &arg, &final))
		return false;
	if (c->rest.n) {
		letter = *c->rest.p;
		c->rest = str_from(c->rest, 1);
		if (letter == '^')
			letter = long_directive(c);
	}
	buf_reset(&c->name);
	if (!letter || !logvar_apache(&c->name, letter, arg, &field))
		return wrong(c->f, "no such directive: \"%%%.*s\"",
		    STRF(((struct str){ at.p, at.n - c->rest.n })));
	field.rank = (uint8_t)(field.rank + final);
	if (letter != 't')
		return add_field(c, field);
	if (arg.n)
		return apache_time(c, field, arg);
	buf_byte(&c->lit, '[');
	if (!add_field(c, field))
		return false;
	buf_byte(&c->lit, ']');
	return true;
}

/* In LogFormat and -F, \" is a quote, and \t and \n are what they are in C. */
static char
apache_escape(struct compile *c)
{
	char b = *c->rest.p;

	c->rest = str_from(c->rest, 1);
	return b == 't' ? '\t' : b == 'n' ? '\n' : b;
}

static bool
apache_text(struct compile *c)
{
	while (c->rest.n) {
		char b = *c->rest.p;

		c->rest = str_from(c->rest, 1);
		if (b == '\\' && c->rest.n) {
			buf_byte(&c->lit, apache_escape(c));
		} else if (b != '%') {
			buf_byte(&c->lit, b);
		} else if (c->rest.n && *c->rest.p == '%') {
			buf_byte(&c->lit, b);
			c->rest = str_from(c->rest, 1);
		} else if (!apache_directive(c)) {
			return false;
		}
	}
	return true;
}

/* Which field to try longer, when one does not match. */
static void
find_agains(struct logfmt *f)
{
	int again = -1;

	for (size_t i = 0; i < f->n; i++) {
		f->op[i].again = (int16_t)again;
		if (f->op[i].how == HOW_TEXT && f->op[i].lit.n && is_free(f->field[i].as))
			again = (int)i;
	}
}

static bool
compile(struct compile *c, struct str text)
{
	struct logfmt *f = c->f;

	if (!unquote(c, text))
		return false;
	if (c->text.over)
		return wrong(f, "the format is over %d bytes", TEXT_MAX);
	c->rest = buf_str(&c->text);
	f->apache = is_apache(c->rest);
	if (!(f->apache ? apache_text(c) : nginx_text(c)))
		return false;
	if (f->n == 0)
		return wrong(f, "the format names no field: neither $name nor %%letter");
	if (!end_field(c, true) || !end_times(c))
		return false;
	find_agains(f);
	return true;
}

bool
logfmt_compile(struct logfmt *f, struct str text)
{
	struct compile c = { .f = f, .joined = 0 };
	bool ok;

	memset(f, 0, sizeof(*f));
	f->escaped = true;
	buf_init(&c.text, TEXT_MAX);
	buf_init(&c.lit, TEXT_MAX);
	buf_init(&c.name, TEXT_MAX);
	buf_init(&c.spec, TEXT_MAX);
	ok = compile(&c, text);
	buf_free(&c.text);
	buf_free(&c.lit);
	buf_free(&c.name);
	buf_free(&c.spec);
	return ok;
}

/* ---- reading ---- */

static inline bool
stands_at(const struct logfmt_op *op, const char *p, const char *end)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((word ^ op->word) & op->mask) == 0 && (size_t)(end - p) >= op->lit.n &&
	    (op->lit.n <= 8 || memcmp(p + 8, op->lit.p + 8, op->lit.n - 8) == 0);
}

/* Does an odd number of backslashes stand before p? */
static bool
is_escaped(const char *begin, const char *p)
{
	size_t n = 0;

	while (p > begin && p[-1] == '\\')
		p--, n++;
	return n & 1;
}

/*
 * Does the stop at q belong to the field that begins at p: a quote behind a
 * backslash, a blank in "a, b : c"?
 */
static bool
is_inside(enum how how, const char *p, const char *q, const char *end)
{
	if (how == HOW_QUOTED)
		return is_escaped(p, q);
	if (how != HOW_ADDRESS && how != HOW_LIST)
		return false;
	if (q > p && q[-1] == ',')
		return true;
	return how == HOW_LIST && ((q - p > 1 && q[-1] == ':' && q[-2] == ' ') ||
	    (end - q > 2 && q[1] == ':' && q[2] == ' '));
}

/*
 * Where the field that begins at p ends, looked for from `from` on; NULL:
 * nowhere.  The last literal must end the line.
 */
static const char *
end_of_odd(const struct logfmt_op *op, const char *p, const char *from, const char *end,
    bool last)
{
	unsigned pass = from == p ? op->pass : 0;

	if (UNLIKELY(op->lit.n == 0))
		return from == p ? end : NULL;
	if (UNLIKELY(last && op->how == HOW_TEXT))
		return (size_t)(end - p) >= op->lit.n && from == p &&
		    stands_at(op, end - op->lit.n, end) ? end - op->lit.n : NULL;
	for (;; from++) {
		from = scan_byte(from, end, op->stop);
		if (UNLIKELY(from == end))
			return NULL;
		if (UNLIKELY(pass)) {
			pass--;
			continue;
		}
		if (is_inside((enum how)op->how, p, from, end))
			continue;
		if (stands_at(op, from, end) && (size_t)(from - p) <= op->max &&
		    (!last || from + op->lit.n == end))
			return from;
		if (op->how == HOW_STRICT || op->how == HOW_ADDRESS || last)
			return NULL;
	}
}

static inline bool
is_plain_end(const struct logfmt_op *op, const char *p, const char *q, const char *end)
{
	uint64_t word;

	memcpy(&word, q, sizeof(word));
	return ((word ^ op->word) & op->mask) == 0 && q + op->lit.n <= end &&
	    (size_t)(q - p) <= op->max && (q == p || q[-1] != op->inside);
}

static inline const char *
first_stop(const struct logfmt_op *op, const char *p, const char *end)
{
	return op->far ? scan_far_byte(p, end, op->stop) : scan_near_byte(p, op->stop);
}

/*
 * The same from the field's beginning, quickly for those that nothing odd is
 * about.  The time goes where a field waits for the end of the one before it:
 * so its usual width is tried, and the processor goes on from there while that
 * is checked.
 */
static inline const char *
end_of(const struct logfmt_op *op, const char *p, const char *end, bool last)
{
	const char *q = p + op->width;

	if (UNLIKELY(!op->plain))
		return end_of_odd(op, p, p, end, last);
	if (op->width && LIKELY(is_plain_end(op, p, q, end) && first_stop(op, p, end) == q))
		return q;
	q = first_stop(op, p, end);
	return LIKELY(is_plain_end(op, p, q, end)) ? q : end_of_odd(op, p, p, end, last);
}

/* The field that does not end, and where it begins. */
struct stop {
	size_t field;
	const char *p;
};

/* Says where field i, which begins at p, does not end as it should. */
static void
say_why(struct logfmt *f, struct str line, size_t i, const char *p)
{
	const struct logfmt_op *op = &f->op[i];
	const char *end = line.p + line.n, *at = p;

	if (op->lit.n)
		at = scan_byte(p, end, op->stop);
	f->stop_field = (int)i;
	f->stop = (size_t)(at - line.p);
	if (at == end)
		wrong(f, "the line ends inside \"%.*s\": no '%.*s' behind it",
		    STRF(f->field[i].name), STRF(op->lit));
	else if ((size_t)(at - p) > op->max)
		wrong(f, "\"%.*s\" is too long", STRF(f->field[i].name));
	else if (i + 1 == f->n && stands_at(op, at, end))
		wrong(f, "the line goes on behind its last field, \"%.*s\"",
		    STRF(f->field[i].name));
	else
		wrong(f, "no '%.*s' behind \"%.*s\"", STRF(op->lit), STRF(f->field[i].name));
}

/*
 * Finds the fields from p on.  False: the one that *stop says does not end,
 * though those before it were tried longer so many times.
 */
static inline bool
find_fields(const struct logfmt *f, const char *p, const char *end, struct str *field,
    int tries, struct stop *stop)
{
	const struct logfmt_op *op = f->op, *last = op + f->n - 1;

	for (; op <= last; op++, field++) {
		const char *q = end_of(op, p, end, op == last);

		while (UNLIKELY(!q)) {
			if (op->again < 0 || tries-- == 0) {
				*stop = (struct stop){ (size_t)(op - f->op), p };
				return false;
			}
			field -= op - f->op - op->again;
			op = &f->op[op->again];
			p = field->p;
			q = end_of_odd(op, p, p + field->n + 1, end, op == last);
		}
		*field = (struct str){ p, (size_t)(q - p) };
		p = q + op->eat;
	}
	return true;
}

bool
logfmt_read(struct logfmt *f, struct str line, struct str *field)
{
	const char *p = line.p + f->lead.n, *end = line.p + line.n;
	struct stop stop;

	assert(line.p);		/* has slack behind it, so it is somewhere */
	if (UNLIKELY(!str_starts(line, f->lead))) {
		f->stop = 0;
		f->stop_field = -1;
		return wrong(f, "the line does not start with '%.*s'", STRF(f->lead));
	}
	if (LIKELY(find_fields(f, p, end, field, LOGFMT_TRIES, &stop)))
		return true;
	/* What a person expects to hear is where the plain way ends. */
	if (!find_fields(f, p, end, field, 0, &stop))
		say_why(f, line, stop.field, stop.p);
	return false;
}

void
logfmt_close(struct logfmt *f)
{
	arena_free(&f->text);
	memset(f, 0, sizeof(*f));
}
