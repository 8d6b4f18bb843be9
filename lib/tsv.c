#include "tsv.h"

#include <stdarg.h>
#include <stdio.h>

#include "msg.h"
#include "num.h"
#include "scan.h"
#include "str.h"

#define TIME	STR("time")

void
tsv_open(struct tsv *t, struct in *in)
{
	memset(t, 0, sizeof(*t));
	t->in = in;
	t->time = -1;
	buf_init(&t->names, IN_TSV_LINE_MAX);
}

static enum tsv_what PRINTF(2, 3)
bad(struct tsv *t, const char *fmt, ...)
{
	int n = t->in->lineno ? snprintf(t->why, sizeof(t->why), "%s:%llu: ", TSV_AT(t)) :
	    snprintf(t->why, sizeof(t->why), "%s: ", in_name(t->in));
	va_list ap;

	if (n < 0 || (size_t)n >= sizeof(t->why))
		return TSV_BAD;
	va_start(ap, fmt);
	vsnprintf(t->why + n, sizeof(t->why) - (size_t)n, fmt, ap);
	va_end(ap);
	return TSV_BAD;
}

static size_t
split_all(struct tsv *t)
{
	return scan_split(t->line.p, t->line.n, '\t', t->end, TSV_COLS);
}

/* The fields of the row just split, as if they were a header's names. */
static enum tsv_what
bind(struct tsv *t, size_t n)
{
	buf_reset(&t->names);
	buf_add(&t->names, t->line);
	t->line = buf_str(&t->names);
	t->n = t->want = n;
	t->time = -1;
	t->bound = true;
	for (size_t i = 0; i < n; i++) {
		t->name[i] = tsv_field(t, (int)i);
		if (t->name[i].n == 0)
			return bad(t, "column %zu of the header has no name", i + 1);
		if (tsv_col(t, t->name[i]) != (int)i)
			return bad(t, "column \"%.*s\" stands twice in the header", STRF(t->name[i]));
		if (str_eq(t->name[i], TIME))
			t->time = (int)i;
	}
	return TSV_HEADER;
}

static bool
number(struct str s)
{
	size_t sign = s.n && s.p[0] == '-';

	return s.n > sign && s.p[sign] >= '0' && s.p[sign] <= '9';
}

static bool
names_time(const struct tsv *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(tsv_field(t, (int)i), TIME))
			return true;
	return false;
}

/* A line that is no row of the bound header: a new header, or a mistake. */
static enum tsv_what
odd_line(struct tsv *t)
{
	size_t n = split_all(t);
	bool timed = t->bound && (size_t)t->time < n && number(tsv_field(t, t->time));

	if (n > TSV_COLS)
		return bad(t, "more than %d columns", TSV_COLS);
	if (!timed && names_time(t, n))
		return bind(t, n);
	if (!t->bound)
		return bad(t, "no header: the first line must name the columns, one of them \"time\"; "
		    "cmon-parse makes such rows of a log");
	if (n != t->n)
		return bad(t, "%zu fields under a header of %zu columns", n, t->n);
	return bad(t, "column \"time\": not a number: \"%.*s\"", STRF(tsv_field(t, t->time)));
}

/* The next line; *n is how many fields it has, of which those that are wanted are found. */
static bool
next_line(struct tsv *t, size_t *n)
{
	if (t->want == t->n) {
		if (!in_line(t->in, &t->line))
			return false;
		*n = split_all(t);
		return true;
	}
	if (!in_line_counted(t->in, &t->line, '\t', n))
		return false;
	++*n;
	if (LIKELY(*n == t->n))
		(void)scan_split(t->line.p, t->line.n, '\t', t->end, t->want);
	return true;
}

enum tsv_what
tsv_next(struct tsv *t)
{
	size_t n;

	if (!next_line(t, &n)) {
		if (t->in->dropped)
			return bad(t, "a line is over %zu bytes", t->in->max);
		if (!t->bound)
			return bad(t, "no input, not even a header: the program before this one has failed");
		return TSV_END;
	}
	if (UNLIKELY(t->in->dropped))
		return bad(t, "the line before is over %zu bytes", t->in->max);
	if (UNLIKELY(t->in->unended))
		return bad(t, "the last line has no newline: the input was cut short");
	if (LIKELY(n == t->n && number(tsv_field(t, t->time))))
		return TSV_ROW;
	return odd_line(t);
}

int
tsv_col(const struct tsv *t, struct str name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->name[i], name))
			return (int)i;
	return -1;
}

void
tsv_want(struct tsv *t, int col)
{
	t->want = (size_t)(col > t->time ? col : t->time) + 1;
}

void
tsv_close(struct tsv *t)
{
	buf_free(&t->names);
}

static char *
put_hex(char *to, char c)
{
	static const char digit[] = "0123456789ABCDEF";
	unsigned char u = (unsigned char)c;

	*to++ = '\\';
	*to++ = 'x';
	*to++ = digit[u >> 4];
	*to++ = digit[u & 15];
	return to;
}

static char *
put_short(char *to, char c)
{
	*to++ = '\\';
	*to++ = c;
	return to;
}

/* U+0080 to U+009F: controls, which terminals obey. */
static bool
is_c1(const char *p)
{
	return (unsigned char)p[0] == 0xc2 && (unsigned char)p[1] < 0xa0;
}

char *
tsv_put(char *to, struct str s)
{
	for (;;) {
		size_t n = scan_copy_plain(to, s.p, s.n);

		to += n;
		s = str_from(s, n);
		if (s.n == 0)
			return to;
		n = str_utf8(s);
		if (n > 1 && !is_c1(s.p)) {
			memcpy(to, s.p, n);
			to += n;
			s = str_from(s, n);
			continue;
		}
		switch (*s.p) {
		case '\t': to = put_short(to, 't'); break;
		case '\n': to = put_short(to, 'n'); break;
		case '\r': to = put_short(to, 'r'); break;
		case '\\': to = put_short(to, '\\'); break;
		default:   to = put_hex(to, *s.p);
		}
		s = str_from(s, 1);
	}
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the escape at s stands for, its length in *used; -1: none. */
static int
escape(struct str s, size_t *used)
{
	*used = 2;
	if (s.n < 2)
		return -1;
	switch (s.p[1]) {
	case 't': return '\t';
	case 'n': return '\n';
	case 'r': return '\r';
	case '\\': return '\\';
	case 'x':
		*used = 4;
		if (s.n < 4 || hex(s.p[2]) < 0 || hex(s.p[3]) < 0)
			return -1;
		return 16 * hex(s.p[2]) + hex(s.p[3]);
	default:
		return -1;
	}
}

bool
tsv_unescape(struct buf *b, struct str field)
{
	for (;;) {
		size_t n = str_chr(field, '\\');
		int c;

		buf_add(b, (struct str){ field.p, n });
		field = str_from(field, n);
		if (field.n == 0)
			return true;
		c = escape(field, &n);
		if (c < 0)
			return false;
		buf_byte(b, (char)c);
		field = str_from(field, n);
	}
}

bool
tsv_is_escaped(struct str s)
{
	while (s.n) {
		size_t n = str_utf8(s);

		if (n == 0 || (n > 1 && is_c1(s.p)) ||
		    (n == 1 && ((unsigned char)*s.p < 0x20 || *s.p == 0x7f)))
			return false;
		if (*s.p == '\\' && escape(s, &n) < 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

static char *
start(struct tsv_row *r, size_t n)
{
	char *to = out_room(r->out, n + 1);

	if (r->n++)
		*to++ = '\t';
	return to;
}

void
tsv_text(struct tsv_row *r, struct str raw)
{
	char *to = start(r, TSV_ROOM(raw.n));

	out_used(r->out, raw.n ? tsv_put(to, raw) : to);
}

void
tsv_as_is(struct tsv_row *r, struct str field)
{
	char *to = start(r, field.n);

	if (field.n)
		memcpy(to, field.p, field.n);
	out_used(r->out, to + field.n);
}

void
tsv_int(struct tsv_row *r, int64_t v)
{
	out_used(r->out, num_put_i64(start(r, NUM_MAX), v));
}

void
tsv_fixed(struct tsv_row *r, int64_t v, int scale)
{
	out_used(r->out, num_put_fixed(start(r, NUM_MAX), v, scale));
}

void
tsv_time(struct tsv_row *r, int64_t us)
{
	tsv_fixed(r, us, 6);
}

void
tsv_end_row(struct tsv_row *r)
{
	out_byte(r->out, '\n');
	r->n = 0;
}
