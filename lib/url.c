#include "url.h"

#include <stdlib.h>

#include "mem.h"
#include "scan.h"
#include "str.h"

#define FEW		16	/* parameters sorted by insertion */
#define HEX_MIN		8	/* digits of a hexadecimal id */
#define ID_MIN		20	/* letters and digits of another */
#define UUID		36	/* bytes */

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

/* --- apart --- */

static size_t
scheme_length(struct str s)
{
	size_t i = 0;

	if (s.n == 0 || !is_letter(s.p[0]))
		return 0;
	while (i < s.n && (is_letter(s.p[i]) || is_digit(s.p[i]) || memchr("+-.", s.p[i], 3)))
		i++;
	return i;
}

/* Without user info, which is nobody's business, and without the scheme's port. */
static struct str
host_of(struct str authority, struct str scheme)
{
	size_t colon;

	for (size_t i = authority.n; i-- > 0;)
		if (authority.p[i] == '@') {
			authority = str_from(authority, i + 1);
			break;
		}
	if (str_ends(authority, STR(":")))
		authority.n--;
	colon = str_eq_nocase(scheme, STR("http")) && str_ends(authority, STR(":80")) ? 3 :
	    str_eq_nocase(scheme, STR("https")) && str_ends(authority, STR(":443")) ? 4 : 0;
	authority.n -= colon;
	return authority;
}

void
url_split_other(struct url *u, struct str target)
{
	static const char root[1 + SCAN_SLACK] = "/";
	struct str scheme, rest;
	size_t n = 0;

	*u = (struct url){ .opaque = false };
	scheme = (struct str){ target.p, scheme_length(target) };
	rest = str_from(target, scheme.n);
	if (scheme.n == 0 || !str_starts(rest, STR("://"))) {
		u->opaque = true;
		u->path = target;
		return;
	}
	rest = str_from(rest, 3);
	while (n < rest.n && !memchr("/?#", rest.p[n], 3))
		n++;
	u->host = host_of((struct str){ rest.p, n }, scheme);
	url_split_path(u, str_from(rest, n));
	if (u->path.n == 0)
		u->path = (struct str){ root, 1 };
}

/* --- one spelling --- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_escape(struct str s)
{
	return s.n >= 3 && s.p[0] == '%' && hex(s.p[1]) >= 0 && hex(s.p[2]) >= 0;
}

static bool
is_unreserved(int c)
{
	return is_letter((char)c) || is_digit((char)c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void
url_percent(struct buf *b, struct str s)
{
	static const char digit[] = "0123456789ABCDEF";

	for (;;) {
		size_t n = str_chr(s, '%');
		int c;

		buf_add(b, (struct str){ s.p, n });
		s = str_from(s, n);
		if (s.n == 0)
			return;
		if (!is_escape(s)) {
			buf_add(b, STR("%25"));
			s = str_from(s, 1);
			continue;
		}
		c = 16 * hex(s.p[1]) + hex(s.p[2]);
		if (c < 0x80 && is_unreserved(c))
			buf_byte(b, (char)c);
		else
			buf_add(b, (struct str){ (char[]){ '%', digit[c >> 4], digit[c & 15] }, 3 });
		s = str_from(s, 3);
	}
}

static void
lower(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_escape((struct str){ p + i, n - i }))
			i += 2;
		else if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] |= 32;
	}
}

void
url_lower(struct buf *b, struct str s)
{
	size_t start = b->n;

	buf_add(b, s);
	if (!b->over && s.n)
		lower(b->p + start, s.n);
}

static size_t
merge_slashes(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '/' || to == 0 || p[to - 1] != '/')
			p[to++] = p[i];
	return to;
}

/* RFC 3986, 5.2.4, for a path that begins with a slash; n >= 1. */
static size_t
remove_dots(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n;) {
		struct str s;
		bool last;

		s.p = p + i + 1;
		s.n = str_chr((struct str){ s.p, n - i - 1 }, '/');
		i += 1 + s.n;
		last = i >= n;
		if (str_eq(s, STR("..")))
			while (to && p[--to] != '/')
				;
		if (str_eq(s, STR("..")) || str_eq(s, STR("."))) {
			if (last)
				p[to++] = '/';
			continue;
		}
		p[to++] = '/';
		memmove(p + to, s.p, s.n);
		to += s.n;
	}
	return to;
}

void
url_path(struct buf *b, struct str path, unsigned how)
{
	size_t start = b->n, n;
	char *p;

	if (how & URL_PERCENT)
		url_percent(b, path);
	else
		buf_add(b, path);
	if (b->over || b->n == start)
		return;
	p = b->p + start;
	n = b->n - start;
	if (how & URL_SLASHES)
		n = merge_slashes(p, n);
	if (how & URL_DOTS && p[0] == '/')
		n = remove_dots(p, n);
	if (how & URL_TAIL)
		while (n > 1 && p[n - 1] == '/')
			n--;
	if (how & URL_LOWER)
		lower(p, n);
	b->n = start + n;
}

/* --- folding --- */

/* Bytes of the part of a word at s: an escape is one; 0: no word. */
static size_t
word_part(struct str s)
{
	if (is_escape(s))
		return 3;
	return s.n && (is_letter(s.p[0]) || is_digit(s.p[0]) || (unsigned char)s.p[0] >= 0x80);
}

static size_t
word_length(struct str s)
{
	size_t i = 0, n;

	while ((n = word_part(str_from(s, i))) > 0)
		i += n;
	return i;
}

static bool
is_uuid(struct str s)
{
	if (s.n < UUID || word_part(str_from(s, UUID)))
		return false;
	for (size_t i = 0; i < UUID; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] != '-' : hex(s.p[i]) < 0)
			return false;
	return true;
}

static bool
is_id(struct str s, size_t digits)
{
	size_t hexes = 0, letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		hexes += hex(s.p[i]) >= 0;
		letters += is_letter(s.p[i]);
	}
	if (digits == 0 || letters == 0 || digits + letters != s.n)
		return false;
	return s.n >= (hexes == s.n ? HEX_MIN : ID_MIN);
}

static void
fold_word(struct buf *b, struct str word, unsigned what)
{
	size_t digits = 0;

	for (size_t i = 0; i < word.n; i++)
		digits += is_digit(word.p[i]);
	if (what & URL_NUMBERS && digits == word.n)
		buf_add(b, STR(":n"));
	else if (what & URL_IDS && is_id(word, digits))
		buf_add(b, STR(":id"));
	else
		buf_add(b, word);
}

void
url_fold(struct buf *b, struct str s, unsigned what)
{
	while (s.n) {
		size_t n = word_length(s);

		if (n == 0) {
			buf_byte(b, s.p[0]);
			n = 1;
		} else if (what & URL_IDS && is_uuid(s)) {
			buf_add(b, STR(":id"));
			n = UUID;
		} else {
			fold_word(b, (struct str){ s.p, n }, what);
		}
		s = str_from(s, n);
	}
}

/* --- parameters --- */

void
url_params(struct url_params *list, struct str query)
{
	struct str text;

	list->n = 0;
	while (query.n && str_cut(&query, '&', &text)) {
		size_t eq = str_chr(text, '=');
		struct url_param *p;

		if (text.n == 0)
			continue;
		list->v = mem_grow(list->v, &list->cap, list->n + 1, sizeof(*list->v));
		p = &list->v[list->n];
		p->text = text;
		p->name = (struct str){ text.p, eq };
		p->bare = eq == text.n;
		p->value = str_from(text, p->bare ? eq : eq + 1);
		p->at = (uint32_t)list->n++;
	}
}

static int
compare(const void *a, const void *b)
{
	const struct url_param *p = a, *q = b;
	int d = str_cmp(p->name, q->name);

	return d ? d : (p->at > q->at) - (p->at < q->at);
}

void
url_params_sort(struct url_params *list)
{
	if (list->n > FEW) {
		qsort(list->v, list->n, sizeof(*list->v), compare);
		return;
	}
	for (size_t i = 1; i < list->n; i++) {
		struct url_param p = list->v[i];
		size_t k = i;

		for (; k && compare(&p, &list->v[k - 1]) < 0; k--)
			list->v[k] = list->v[k - 1];
		list->v[k] = p;
	}
}

void
url_params_free(struct url_params *list)
{
	free(list->v);
	*list = (struct url_params){ 0 };
}
