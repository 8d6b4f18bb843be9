#include "str.h"

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str
str_trim(struct str s)
{
	while (s.n && blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t
str_find(struct str s, struct str what)
{
	if (what.n == 0)
		return 0;
	for (size_t at = 0; what.n <= s.n - at; at++) {
		at += str_chr(str_from(s, at), what.p[0]);
		if (what.n > s.n - at)
			break;
		if (memcmp(s.p + at, what.p, what.n) == 0)
			return at;
	}
	return s.n;
}

bool
str_cut(struct str *rest, char sep, struct str *piece)
{
	size_t n;

	if (!rest->p)
		return false;
	n = str_chr(*rest, sep);
	*piece = (struct str){ rest->p, n };
	*rest = n < rest->n ? str_from(*rest, n + 1) : (struct str){ NULL, 0 };
	return true;
}

static bool
follows(struct str s, size_t n)
{
	if (s.n < n)
		return false;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t
str_utf8(struct str s)
{
	unsigned char a, b;

	if (s.n == 0)
		return 0;
	a = (unsigned char)s.p[0];
	b = s.n > 1 ? (unsigned char)s.p[1] : 0;
	if (a < 0x80)
		return 1;
	if (a >= 0xc2 && a <= 0xdf)
		return follows(s, 2) ? 2 : 0;
	if ((a & 0xf0) == 0xe0) {
		if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f))
			return 0;
		return follows(s, 3) ? 3 : 0;
	}
	if (a >= 0xf0 && a <= 0xf4) {
		if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
			return 0;
		return follows(s, 4) ? 4 : 0;
	}
	return 0;
}

/* Of two and three bytes: C1, and what turns or breaks a line. */
static bool
misleads(struct str c)
{
	const unsigned char *p = (const unsigned char *)c.p;

	if (c.n == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	return c.n == 3 && p[0] == 0xe2 && ((p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f ||
	    (p[2] >= 0xa8 && p[2] <= 0xae))) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

bool
str_cut_shown(struct str *s, struct str *c)
{
	size_t n = str_utf8(*s);

	*c = (struct str){ s->p, n ? n : 1 };
	*s = str_from(*s, c->n);
	if (n == 1)
		return (unsigned char)*c->p >= 0x20 && *c->p != 0x7f;
	return n > 0 && !misleads(*c);
}

struct str
str_head(struct str s, size_t max)
{
	if (s.n > max) {
		s.n = max;
		while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	return s;
}
