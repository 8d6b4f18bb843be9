/* when.c - see when.h. */
#include "when.h"

#include "num.h"

#define YEAR_MIN	1970
#define YEAR_MAX	2200

/* ---- the calendar ---- */

/*
 * Both ways after Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms": years begin in March, so that the leap day is a year's last,
 * and repeat every 400 (an era of 146097 days; 719468 of them lie between
 * 0000-03-01 and 1970-01-01).
 */
int64_t
when_days(int y, int m, int d)
{
	int64_t year = (int64_t)y - (m <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void
when_civil(int64_t us, struct when_civil *c)
{
	int64_t day = when_div(us, WHEN_DAY), rest = when_mod(us, WHEN_DAY);
	int64_t z = day + 719468;
	int64_t era = when_div(z, 146097), of_era = when_mod(z, 146097);
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;		/* 0 is March */

	c->d = (int)(of_year - (153 * month + 2) / 5 + 1);
	c->m = (int)(month < 10 ? month + 3 : month - 9);
	c->y = (int)(year + era * 400 + (c->m <= 2));
	c->us = (int)(rest % WHEN_SEC);
	rest /= WHEN_SEC;
	c->hh = (int)(rest / 3600);
	c->mm = (int)(rest / 60 % 60);
	c->ss = (int)(rest % 60);
	c->weekday = (int)when_mod(day + 4, 7);	/* 1970 began on a Thursday */
}

static bool
leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static bool
date_exists(int y, int m, int d)
{
	static const signed char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return y >= YEAR_MIN && y <= YEAR_MAX && m >= 1 && m <= 12 &&
	    d >= 1 && d <= days[m - 1] + (m == 2 && leap(y));
}

/* What was read, none of it negative, as a time; false if there is none such. */
static bool
stamp(const struct when_civil *c, int offset_s, int64_t *us)
{
	if (!date_exists(c->y, c->m, c->d) || c->hh > 23 || c->mm > 59 || c->ss > 60)
		return false;
	*us = (((when_days(c->y, c->m, c->d) * 24 + c->hh) * 60 + c->mm) * 60 +
	    c->ss - offset_s) * WHEN_SEC + c->us;
	return true;
}

/* ---- reading, piece by piece; what fails may have moved the cursor ---- */

struct cursor {
	const char *p, *end;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A slice without bytes may have no address to count from. */
static struct cursor
cursor(struct str s)
{
	static const char none[1];

	return s.n ? (struct cursor){ s.p, s.p + s.n } : (struct cursor){ none, none };
}

static bool
at(const struct cursor *c, char want)
{
	return c->p < c->end && *c->p == want;
}

static bool
skip(struct cursor *c, char want)
{
	if (!at(c, want))
		return false;
	c->p++;
	return true;
}

/* At least min digits, and no more than max are taken. */
static inline bool
number(struct cursor *c, int min, int max, int *v)
{
	int n = 0;

	*v = 0;
	for (; n < max && c->p < c->end && is_digit(*c->p); n++)
		*v = *v * 10 + (*c->p++ - '0');
	return n >= min;
}

/* Digits after a point, as microseconds: any number of them, cut at six. */
static bool
fraction(struct cursor *c, int *us)
{
	static const int units[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	const char *from = c->p;

	if (!number(c, 1, 6, us))
		return false;
	*us *= units[c->p - from];
	while (c->p < c->end && is_digit(*c->p))
		c->p++;
	return true;
}

/* A name by its first three letters in lower case, and the rest of it. */
struct name {
	uint32_t head;
	char tail[7];
};

#define HEAD(a, b, c)	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16)

static const struct name months[] = {
	{ HEAD('j', 'a', 'n'), "uary" }, { HEAD('f', 'e', 'b'), "ruary" },
	{ HEAD('m', 'a', 'r'), "ch" }, { HEAD('a', 'p', 'r'), "il" },
	{ HEAD('m', 'a', 'y'), "" }, { HEAD('j', 'u', 'n'), "e" },
	{ HEAD('j', 'u', 'l'), "y" }, { HEAD('a', 'u', 'g'), "ust" },
	{ HEAD('s', 'e', 'p'), "tember" }, { HEAD('o', 'c', 't'), "ober" },
	{ HEAD('n', 'o', 'v'), "ember" }, { HEAD('d', 'e', 'c'), "ember" },
};

static const struct name weekdays[] = {
	{ HEAD('s', 'u', 'n'), "day" }, { HEAD('m', 'o', 'n'), "day" },
	{ HEAD('t', 'u', 'e'), "sday" }, { HEAD('w', 'e', 'd'), "nesday" },
	{ HEAD('t', 'h', 'u'), "rsday" }, { HEAD('f', 'r', 'i'), "day" },
	{ HEAD('s', 'a', 't'), "urday" },
};

/* The index of the name whose three letters stand here, or -1. */
static int
short_name(struct cursor *c, const struct name *names, int n)
{
	uint32_t head = 0;

	if (c->end - c->p < 3)
		return -1;
	/* | 0x20 lowers letters, and makes letters of nothing else. */
	for (int i = 0; i < 3; i++)
		head |= (uint32_t)((unsigned char)*c->p++ | 0x20) << 8 * i;
	for (int i = 0; i < n; i++)
		if (names[i].head == head)
			return i;
	return -1;
}

/* The same, and the rest of the name if it is there as a whole. */
static int
long_name(struct cursor *c, const struct name *names, int n)
{
	int i = short_name(c, names, n);
	size_t len;

	if (i < 0)
		return -1;
	len = strlen(names[i].tail);
	if ((size_t)(c->end - c->p) < len)
		return i;
	for (size_t k = 0; k < len; k++)
		if ((c->p[k] | 0x20) != names[i].tail[k])
			return i;
	c->p += len;
	return i;
}

/* Z, +hhmm, +hh:mm or +hh, in seconds east of UTC. */
static bool
offset(struct cursor *c, int *offset_s)
{
	bool west = at(c, '-');
	int hours, minutes = 0;

	*offset_s = 0;
	if (skip(c, 'Z') || skip(c, 'z'))
		return true;
	if (!skip(c, '-') && !skip(c, '+'))
		return false;
	if (!number(c, 2, 2, &hours))
		return false;
	if ((skip(c, ':') || (c->p < c->end && is_digit(*c->p))) &&
	    !number(c, 2, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*offset_s = (hours * 60 + minutes) * 60;
	if (west)
		*offset_s = -*offset_s;
	return true;
}

/* ---- the forms that logs have ---- */

bool
when_clf(struct str s, int64_t *us)
{
	struct cursor c = cursor(s);
	struct when_civil w = { 0 };
	int offset_s = 0;

	if (!number(&c, 2, 2, &w.d) || !skip(&c, '/') ||
	    (w.m = short_name(&c, months, 12) + 1) == 0 || !skip(&c, '/') ||
	    !number(&c, 4, 4, &w.y) || !skip(&c, ':') ||
	    !number(&c, 2, 2, &w.hh) || !skip(&c, ':') ||
	    !number(&c, 2, 2, &w.mm) || !skip(&c, ':') ||
	    !number(&c, 2, 2, &w.ss))
		return false;
	if (skip(&c, '.') && !fraction(&c, &w.us))
		return false;
	if (skip(&c, ' ') && !offset(&c, &offset_s))
		return false;
	return c.p == c.end && stamp(&w, offset_s, us);
}

bool
when_clf_remember(struct when_cache *c, struct str s, int64_t *us)
{
	if (s.n == c->n && s.n && memcmp(s.p, c->text, s.n) == 0) {
		*us = c->us;
		return true;
	}
	if (!when_clf(s, us))
		return false;
	if (s.n <= sizeof(c->text)) {
		memcpy(c->text, s.p, s.n);
		c->n = s.n;
		c->us = *us;
	}
	return true;
}

/* hh:mm, :ss or not, fraction or not. */
static bool
iso_clock(struct cursor *c, struct when_civil *w)
{
	if (!number(c, 2, 2, &w->hh) || !skip(c, ':') || !number(c, 2, 2, &w->mm))
		return false;
	if (!skip(c, ':'))
		return true;
	if (!number(c, 2, 2, &w->ss))
		return false;
	if (skip(c, '.') || skip(c, ','))
		return fraction(c, &w->us);
	return true;
}

/* A zone, a blank before it or not; none is right as well. */
static bool
iso_zone(struct cursor *c, int *offset_s)
{
	struct cursor ahead = *c;

	skip(&ahead, ' ');
	if (at(&ahead, '+') || at(&ahead, '-') || at(&ahead, 'Z') || at(&ahead, 'z')) {
		*c = ahead;
		return offset(c, offset_s);
	}
	return true;
}

bool
when_iso(struct str s, int64_t *us)
{
	struct cursor c = cursor(s);
	struct when_civil w = { 0 };
	int offset_s = 0;

	if (!number(&c, 4, 4, &w.y) || !skip(&c, '-') || !number(&c, 2, 2, &w.m) ||
	    !skip(&c, '-') || !number(&c, 2, 2, &w.d))
		return false;
	if (c.end - c.p >= 2 && is_digit(c.p[1])) {
		if (!skip(&c, 'T') && !skip(&c, ' ') && !skip(&c, 't') && !skip(&c, '\t'))
			return false;
		if (!iso_clock(&c, &w) || !iso_zone(&c, &offset_s))
			return false;
	}
	if (c.end - c.p == 4 && memcmp(c.p, " UTC", 4) == 0 && offset_s == 0)
		c.p += 4;
	return c.p == c.end && stamp(&w, offset_s, us);
}

/* Microseconds in a time of so many units of so many microseconds. */
static bool
epoch_units(int64_t n, int64_t unit_us, int64_t *us)
{
	if (n >= WHEN_END / unit_us)
		return false;
	*us = n * unit_us;
	return true;
}

bool
when_epoch(struct str s, int64_t *us)
{
	struct cursor c = cursor(s);
	const char *from = c.p;
	int64_t n = 0;
	int part;

	while (c.p < c.end && is_digit(*c.p) && n <= INT64_MAX / 10 - 1)
		n = n * 10 + (*c.p++ - '0');
	if (c.p == from)
		return false;
	if (skip(&c, '.')) {
		if (!fraction(&c, &part) || c.p < c.end || !epoch_units(n, WHEN_SEC, us))
			return false;
		*us += part;
		return true;
	}
	if (c.p < c.end)
		return false;
	if (n < INT64_C(100000000000))
		return epoch_units(n, WHEN_SEC, us);
	if (n < INT64_C(100000000000000))
		return epoch_units(n, 1000, us);
	if (n < INT64_C(100000000000000000))
		return epoch_units(n, 1, us);
	return epoch_units(n / 1000, 1, us);
}

bool
when_any(struct str s, int64_t *us)
{
	return when_epoch(s, us) || when_clf(s, us) || when_iso(s, us);
}

bool
when_user(struct str s, int64_t now_us, int64_t *us)
{
	struct str rest;
	int64_t dur_us, then;

	if (s.n == 3 && memcmp(s.p, "now", 3) == 0) {
		*us = now_us;
		return true;
	}
	if (s.n == 0 || (s.p[0] != '-' && s.p[0] != '+'))
		return when_iso(s, us) || when_epoch(s, us);
	rest = (struct str){ s.p + 1, s.n - 1 };
	if (!num_duration(rest, &dur_us) ||
	    ADD_OVERFLOW(now_us, s.p[0] == '-' ? -dur_us : dur_us, &then))
		return false;
	*us = then;
	return true;
}

/* ---- the operator's own format ---- */

/* Ops are called by their conversion; those without one have these names. */
enum {
	OP_LITERAL = '%', OP_SPACE = ' ', OP_MSEC = 1, OP_USEC,
};

/* Conversions that are others together, or others under a second name. */
static const struct {
	char name;
	const char *spec;
} composites[] = {
	{ 'T', "%H:%M:%S" }, { 'F', "%Y-%m-%d" }, { 'D', "%m/%d/%y" }, { 'R', "%H:%M" },
	{ 'e', " %d" }, { 'k', " %H" }, { 'l', " %I" }, { 'n', " " }, { 't', " " },
	{ 'B', "%b" }, { 'h', "%b" }, { 'A', "%a" },
};

/* Apache's words, from modules/loggers/mod_log_config.c: log_request_time. */
static const struct {
	const char *name;
	unsigned char what;
} words[] = {
	{ "sec", 's' }, { "msec", OP_MSEC }, { "usec", OP_USEC },
	{ "msec_frac", 'f' }, { "usec_frac", 'f' },
};

static bool
push(struct when_format *f, int what, char byte)
{
	if (f->n == WHEN_FORMAT_MAX)
		return false;
	f->op[f->n].what = (unsigned char)what;
	f->op[f->n++].byte = (unsigned char)byte;
	return true;
}

static bool
push_word(struct when_format *f, struct str word)
{
	for (size_t i = 0; i < countof(words); i++)
		if (strlen(words[i].name) == word.n &&
		    memcmp(words[i].name, word.p, word.n) == 0)
			return push(f, words[i].what, 0);
	return false;
}

static bool push_spec(struct when_format *f, struct cursor *c);

/* One conversion, the cursor past its '%'; left at its end, right or wrong. */
static bool
push_conversion(struct when_format *f, struct cursor *c)
{
	static const char plain[] = "YymdbjHIMSpzZasf";
	const char *from;
	char name;

	if (c->p == c->end)
		return false;
	name = *c->p++;
	if (name == '%')
		return push(f, OP_LITERAL, '%');
	if (memchr(plain, name, sizeof(plain) - 1))
		return push(f, name, 0);
	for (size_t i = 0; i < countof(composites); i++) {
		if (composites[i].name == name) {
			const char *spec = composites[i].spec;

			return push_spec(f, &(struct cursor){ spec, spec + strlen(spec) });
		}
	}
	if (name != '{')
		return false;
	for (from = c->p; c->p < c->end; c->p++)
		if (*c->p == '}')
			return push_word(f, (struct str){ from, (size_t)(c->p++ - from) });
	return false;
}

/* On failure the cursor stands after what was wrong; see when_compile. */
static bool
push_spec(struct when_format *f, struct cursor *c)
{
	while (c->p < c->end) {
		char byte = *c->p;

		if (byte == '%') {
			struct cursor ahead = { c->p + 1, c->end };

			if (!push_conversion(f, &ahead)) {
				c->end = ahead.p;
				return false;
			}
			c->p = ahead.p;
		} else {
			c->p++;
			if (!push(f, is_space(byte) ? OP_SPACE : OP_LITERAL, byte))
				return false;
		}
	}
	return true;
}

static bool
has(const struct when_format *f, int what)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->op[i].what == what)
			return true;
	return false;
}

/* A date can come of it, and a 12 h clock knows its half of the day. */
static bool
complete(const struct when_format *f)
{
	if (has(f, 's') || has(f, OP_MSEC) || has(f, OP_USEC))
		return true;
	if (has(f, 'I') && !has(f, 'p'))
		return false;
	return (has(f, 'Y') || has(f, 'y')) &&
	    (has(f, 'j') || ((has(f, 'm') || has(f, 'b')) && has(f, 'd')));
}

bool
when_compile(struct when_format *f, struct str spec, struct str *bad)
{
	static const char *const prefixes[] = { "begin:", "end:" };
	struct cursor c;

	*bad = spec;
	f->n = 0;
	for (size_t i = 0; i < countof(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (spec.n >= n && memcmp(spec.p, prefixes[i], n) == 0) {
			spec = (struct str){ spec.p + n, spec.n - n };
			break;
		}
	}
	if (spec.n && push_word(f, spec))
		return complete(f);
	c = cursor(spec);
	if (!push_spec(f, &c)) {
		/* Full means too long; else [p, end) is the conversion. */
		if (f->n < WHEN_FORMAT_MAX)
			*bad = (struct str){ c.p, (size_t)(c.end - c.p) };
		return false;
	}
	return complete(f);
}

/* What the ops of a format have read so far. */
struct reading {
	struct when_civil w;
	int64_t epoch_us;	/* %s and its like; -1: none */
	int yday;		/* 1..366; 0: none */
	int offset_s;
	bool offset_known, name_unknown, afternoon, half_days;
};

static bool
read_zone_name(struct cursor *c, struct reading *r)
{
	static const char *const utc[] = { "UTC", "GMT", "Z" };
	const char *from = c->p;
	size_t n;

	while (c->p < c->end && (is_letter(*c->p) || is_digit(*c->p) ||
	    *c->p == '+' || *c->p == '-'))
		c->p++;
	n = (size_t)(c->p - from);
	for (size_t i = 0; i < countof(utc); i++)
		if (n == strlen(utc[i]) && memcmp(from, utc[i], n) == 0)
			return true;
	r->name_unknown = true;
	return n > 0;
}

static bool
read_epoch(struct cursor *c, int64_t unit_us, struct reading *r)
{
	const char *from = c->p;
	int64_t n = 0;

	while (c->p < c->end && is_digit(*c->p) && n < WHEN_END)
		n = n * 10 + (*c->p++ - '0');
	return c->p > from && epoch_units(n, unit_us, &r->epoch_us);
}

static bool
read_half(struct cursor *c, struct reading *r)
{
	if (c->end - c->p < 2 || (c->p[1] | 0x20) != 'm')
		return false;
	r->afternoon = (*c->p | 0x20) == 'p';
	if (!r->afternoon && (*c->p | 0x20) != 'a')
		return false;
	c->p += 2;
	return true;
}

static bool
read_op(int what, struct cursor *c, struct reading *r)
{
	switch (what) {
	case OP_SPACE:
		while (c->p < c->end && is_space(*c->p))
			c->p++;
		return true;
	case 'Y':
		return number(c, 4, 4, &r->w.y);
	case 'y':
		if (!number(c, 2, 2, &r->w.y))
			return false;
		r->w.y += r->w.y < 69 ? 2000 : 1900;	/* as POSIX says */
		return true;
	case 'm':
		return number(c, 1, 2, &r->w.m);
	case 'b':
		r->w.m = long_name(c, months, 12) + 1;
		return r->w.m > 0;
	case 'd':
		return number(c, 1, 2, &r->w.d);
	case 'j':
		return number(c, 1, 3, &r->yday) && r->yday > 0;
	case 'a':
		return long_name(c, weekdays, 7) >= 0;
	case 'H':
		return number(c, 1, 2, &r->w.hh);
	case 'I':
		r->half_days = true;
		return number(c, 1, 2, &r->w.hh) && r->w.hh >= 1 && r->w.hh <= 12;
	case 'p':
		return read_half(c, r);
	case 'M':
		return number(c, 1, 2, &r->w.mm);
	case 'S':
		return number(c, 1, 2, &r->w.ss);
	case 'f':
		return fraction(c, &r->w.us);
	case 'z':
		r->offset_known = true;
		return offset(c, &r->offset_s);
	case 'Z':
		return read_zone_name(c, r);
	case 's':
		return read_epoch(c, WHEN_SEC, r);
	case OP_MSEC:
		return read_epoch(c, 1000, r);
	case OP_USEC:
		return read_epoch(c, 1, r);
	}
	return false;
}

/* The day of the year counts when there is no day of a month. */
static bool
finish_reading(struct reading *r, int64_t *us)
{
	if (r->epoch_us >= 0) {
		*us = r->epoch_us + r->w.us;
		return true;
	}
	if (r->name_unknown && !r->offset_known)
		return false;
	if (r->half_days)
		r->w.hh = r->w.hh % 12 + (r->afternoon ? 12 : 0);
	if (r->yday == 0 || (r->w.m && r->w.d))
		return stamp(&r->w, r->offset_s, us);
	if (r->yday > 365 + leap(r->w.y))
		return false;
	r->w.m = r->w.d = 1;
	r->offset_s -= (r->yday - 1) * 86400;
	return stamp(&r->w, r->offset_s, us);
}

bool
when_read(const struct when_format *f, struct str s, int64_t *us)
{
	struct reading r = { .epoch_us = -1 };
	struct cursor c = cursor(s);

	for (size_t i = 0; i < f->n; i++) {
		if (f->op[i].what == OP_LITERAL) {
			if (!skip(&c, (char)f->op[i].byte))
				return false;
		} else if (!read_op(f->op[i].what, &c, &r)) {
			return false;
		}
	}
	return c.p == c.end && finish_reading(&r, us);
}

/* ---- writing ---- */

char *
when_put(char *p, int64_t us)
{
	return num_put_fixed(p, us, 6);
}

static char *
put_two(char *p, char before, int v)
{
	*p++ = before;
	*p++ = (char)('0' + v / 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

char *
when_put_iso(char *p, int64_t us)
{
	struct when_civil c;

	when_civil(us, &c);
	if (c.y >= 0 && c.y <= 9999) {
		*p++ = (char)('0' + c.y / 1000);
		*p++ = (char)('0' + c.y / 100 % 10);
		*p++ = (char)('0' + c.y / 10 % 10);
		*p++ = (char)('0' + c.y % 10);
	} else {
		p = num_put_i64(p, c.y);
	}
	p = put_two(p, '-', c.m);
	p = put_two(p, '-', c.d);
	p = put_two(p, 'T', c.hh);
	p = put_two(p, ':', c.mm);
	p = put_two(p, ':', c.ss);
	if (c.us) {
		char digits[NUM_MAX], *end = num_put_fixed(digits, c.us, 6);

		memcpy(p, digits + 1, (size_t)(end - digits) - 1);	/* not the 0 */
		p += end - digits - 1;
	}
	*p++ = 'Z';
	return p;
}

char *
when_put_offset(char *p, int minutes)
{
	int off = minutes < 0 ? -minutes : minutes;

	p = put_two(p, minutes < 0 ? '-' : '+', off / 60);
	return put_two(p, ':', off % 60);
}
