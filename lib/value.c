#include "value.h"

#include <arpa/inet.h>
#include <string.h>

#include "num.h"
#include "scan.h"
#include "str.h"

static bool
is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* RFC 9110, 5.6.2: what a method is made of. */
static bool
is_token(struct str s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((unsigned)(c | 0x20) - 'a' < 26)
			continue;
		if ((unsigned)c - '0' < 10 || is_in((char)c, marks))
			continue;
		return false;
	}
	return s.n > 0;
}

static size_t
last_blank(struct str s)
{
	size_t i = s.n;

	while (i && s.p[i - 1] != ' ')
		i--;
	return i ? i - 1 : s.n;
}

bool
value_request(struct str s, struct value_request *r)
{
	size_t first = (size_t)(scan_byte(s.p, s.p + s.n, ' ') - s.p), last;

	/* Most end in "HTTP/1.1" or its like; others have one digit, or many. */
	if (LIKELY(s.n > 10 && memcmp(s.p + s.n - 9, " HTTP/", 6) == 0))
		last = s.n - 9;
	else
		last = last_blank(s);
	if (first >= last || last - first < 2)
		return false;
	r->method = (struct str){ s.p, first };
	r->url = (struct str){ s.p + first + 1, last - first - 1 };
	r->protocol = str_from(s, last + 1);
	return r->protocol.n > 5 && memcmp(r->protocol.p, "HTTP/", 5) == 0 &&
	    (unsigned char)(r->protocol.p[5] - '0') < 10 && is_token(r->method);
}

struct str
value_url_host(struct str url)
{
	size_t at = str_find(url, STR("://"));
	struct str host;
	size_t i;

	/* A URL in the query of a path is not what was asked for. */
	if (at == url.n || at > str_chr(url, '/') || at > str_chr(url, '?'))
		return (struct str){ NULL, 0 };
	host = str_from(url, at + 3);
	for (i = 0; i < host.n && !is_in(host.p[i], "/?#"); i++)
		;
	host.n = i;
	while (i && host.p[i - 1] != '@')
		i--;
	host = str_from(host, i);
	if (host.n && *host.p == '[') {
		i = str_chr(host, ']');
		return (struct str){ host.p, i < host.n ? i + 1 : host.n };
	}
	host.n = str_chr(host, ':');
	return host;
}

static bool
all_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_in(s.p[i], set))
			return false;
	return s.n > 0;
}

struct str
value_client(struct str s)
{
	size_t i = str_chr(s, ',');
	struct str host, port;

	s.n = i;
	s = str_trim(s);
	if (s.n && *s.p == '"')
		s = str_from(s, 1);
	if (s.n && s.p[s.n - 1] == '"')
		s.n--;
	if (s.n && *s.p == '[') {		/* [2001:db8::1]:443 */
		s = str_from(s, 1);
		s.n = str_chr(s, ']');
		return s;
	}
	host = (struct str){ s.p, str_chr(s, ':') };
	if (host.n == s.n)
		return s;
	port = str_from(s, host.n + 1);
	return host.n && all_of(port, "0123456789") ? host : s;
}

/* The address as inet_pton(3) wants it, without its zone. */
static bool
text_of(struct str s, char room[VALUE_ADDRESS_MAX])
{
	s.n = str_chr(s, '%');
	if (s.n == 0 || s.n >= VALUE_ADDRESS_MAX)
		return false;
	memcpy(room, s.p, s.n);
	room[s.n] = '\0';
	return true;
}

bool
value_is_address(struct str s)
{
	char text[VALUE_ADDRESS_MAX];
	unsigned char bytes[16];

	return str_starts(s, STR("unix:")) || (text_of(s, text) &&
	    (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1));
}

char *
value_cut_address(char *to, struct str client)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[VALUE_ADDRESS_MAX];
	unsigned char b[16];
	int family = AF_INET6;

	if (str_starts(client, STR("unix:"))) {
		memcpy(to, "unix:", 5);
		return to + 5;
	}
	if (!text_of(client, text))
		return to;
	if (inet_pton(AF_INET, text, b) == 1) {
		family = AF_INET;
		b[3] = 0;
	} else if (inet_pton(AF_INET6, text, b) != 1) {
		return to;
	} else if (memcmp(b, mapped, sizeof(mapped)) == 0) {
		b[15] = 0;		/* IPv4 in IPv6's clothes */
	} else {
		memset(b + 6, 0, 10);
	}
	return inet_ntop(family, b, to, VALUE_ADDRESS_MAX) ? to + strlen(to) : to;
}

char *
value_hash_address(char *to, struct str client, const struct hash_key *key)
{
	static const char digit[] = "0123456789abcdef";
	uint64_t h = hash_bytes(key, client.p, client.n);

	for (int shift = 60; shift >= 0; shift -= 4)
		*to++ = digit[h >> shift & 15];
	return to;
}

/* One item of a list; its unit is cut off and becomes *unit. */
static void
cut_unit(struct str *s, int *unit)
{
	static const struct { struct str name; int unit; } units[] = {
		{ { "ns", 2 }, 0 }, { { "us", 2 }, 3 }, { { "\xc2\xb5s", 3 }, 3 },
		{ { "ms", 2 }, 6 }, { { "s", 1 }, 9 },
	};

	if (s->n == 0 || s->p[s->n - 1] != 's')
		return;
	for (size_t i = 0; i < countof(units); i++)
		if (str_ends(*s, units[i].name)) {
			s->n -= units[i].name.n;
			*unit = units[i].unit;
			return;
		}
}

/* The next item of "a, b : c"; a colon parts groups of nginx's upstreams. */
static bool
next_item(struct str *rest, struct str *item)
{
	size_t n = 0;

	if (!rest->p)
		return false;
	while (n < rest->n && rest->p[n] != ',' && rest->p[n] != ':')
		n++;
	*item = str_trim((struct str){ rest->p, n });
	*rest = n < rest->n ? str_from(*rest, n + 1) : (struct str){ NULL, 0 };
	return true;
}

static bool
no_number(struct str s)
{
	return value_none(s) || str_eq(s, STR("-1"));
}

bool
value_duration(struct str s, int unit, int64_t *ns, bool *some)
{
	struct str item;

	*ns = 0;
	*some = false;
	while (next_item(&s, &item)) {
		int u = unit;
		int64_t v;

		if (no_number(item))
			continue;
		cut_unit(&item, &u);
		if (!num_fixed(item, u, &v) || v < 0 || ADD_OVERFLOW(*ns, v, ns))
			return false;
		*some = true;
	}
	return true;
}

bool
value_count(struct str s, bool last, uint64_t *count, bool *some)
{
	struct str item;

	*count = 0;
	*some = false;
	while (next_item(&s, &item)) {
		int64_t v;

		if (no_number(item))
			continue;
		if (!num_fixed(item, 0, &v) || v < 0)
			return false;
		if (last)
			*count = 0;
		*count += (uint64_t)v;
		if (*count > INT64_MAX)
			return false;
		*some = true;
	}
	return true;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of the n hexadecimal digits at the start of s, or -1. */
static int32_t
hexes(struct str s, size_t n)
{
	int32_t v = 0;

	if (s.n < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int digit = hex(s.p[i]);

		if (digit < 0)
			return -1;
		v = 16 * v + digit;
	}
	return v;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Is the text, percent-decoded, this name, in whichever case? */
static bool
is_name(struct str text, struct str name)
{
	while (text.n && name.n) {
		int32_t v = *text.p == '%' ? hexes(str_from(text, 1), 2) : -1;
		char c = v < 0 ? *text.p : (char)v;

		if (lower(c) != lower(*name.p))
			return false;
		text = str_from(text, v < 0 ? 1 : 3);
		name = str_from(name, 1);
	}
	return text.n == 0 && name.n == 0;
}

static bool
is_one_of(struct str text, const struct str *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_name(text, name[i]))
			return true;
	return false;
}

/* Bytes of user info and its '@' at the start of what follows "//", or 0. */
static size_t
user_info(struct str s)
{
	size_t at = 0;

	for (size_t i = 0; i < s.n && !is_in(s.p[i], "/?# \t"); i++)
		if (s.p[i] == '@')
			at = i + 1;
	return at;
}

#define REDACTED	STR("redacted")

void
value_redact(struct buf *b, struct str s, const struct str *name, size_t n)
{
	size_t word = 0;	/* where a parameter's name could begin */

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		size_t skip = 0;

		buf_byte(b, c);
		if (c == '/' && i && s.p[i - 1] == '/') {
			skip = user_info(str_from(s, i + 1));
			if (skip > 1) {
				buf_add(b, REDACTED);
				i += skip - 1;
			}
		} else if (c == '=' && is_one_of((struct str){ s.p + word, i - word }, name, n)) {
			struct str rest = str_from(s, i + 1);

			while (skip < rest.n && !is_in(rest.p[skip], "&;# "))
				skip++;
			if (skip)
				buf_add(b, REDACTED);
			i += skip;
		} else if (is_in(c, "?&;# ")) {
			word = i + 1;
		}
	}
}

static size_t
put_utf8(char *to, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(n == 1 ? c : (0xf00U >> n & 0xff) | c);
	return n;
}

/* \uHHHH at s, and the other half of a pair behind it; its length in *used. */
static uint32_t
unicode(struct str s, size_t *used)
{
	int32_t high = hexes(str_from(s, 2), 4), low = -1;

	*used = 6;
	if (high < 0xd800 || high > 0xdfff)
		return (uint32_t)high;
	if (s.n >= 12 && s.p[6] == '\\' && s.p[7] == 'u')
		low = hexes(str_from(s, 8), 4);
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*used = 12;
	return 0x10000 + (((uint32_t)high & 0x3ff) << 10 | ((uint32_t)low & 0x3ff));
}

/* What the escape at s stands for, to to; its length in *used, 0: none. */
static size_t
unescape_one(struct str s, char *to, size_t *used)
{
	static const char letters[] = "\"\\/tnrbfv", bytes[] = "\"\\/\t\n\r\b\f\v";
	const char *at;

	*used = 0;
	if (s.n < 2)
		return 0;
	if (s.p[1] == 'x' && hexes(str_from(s, 2), 2) >= 0) {
		*to = (char)hexes(str_from(s, 2), 2);
		*used = 4;
		return 1;
	}
	if (s.p[1] == 'u' && hexes(str_from(s, 2), 4) >= 0)
		return put_utf8(to, unicode(s, used));
	at = s.p[1] ? strchr(letters, s.p[1]) : NULL;
	if (!at)
		return 0;
	*to = bytes[at - letters];
	*used = 2;
	return 1;
}

size_t
value_unescape(struct str s, char *to)
{
	char *d = to;

	while (s.n) {
		size_t n = str_chr(s, '\\'), used;

		memmove(d, s.p, n);
		d += n;
		s = str_from(s, n);
		if (s.n == 0)
			break;
		n = unescape_one(s, d, &used);
		if (used == 0) {
			*d = '\\';
			n = used = 1;
		}
		d += n;
		s = str_from(s, used);
	}
	return (size_t)(d - to);
}
