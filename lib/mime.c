#include "mime.h"

#include "str.h"
#include "when.h"

#define ENCODED_MAX	75	/* bytes of an encoded word, RFC 2047 section 2 */
#define PLAIN_WORD_MAX	60	/* a longer word of free text is encoded, so that it folds */
#define LOCAL_MAX	64	/* bytes left of the @ */
#define CRLF		STR("\r\n")
#define OPEN		STR("=?utf-8?Q?")
#define SHUT		STR("?=")

static const char hex[] = "0123456789ABCDEF";

void
mime_open(struct mime *m)
{
	*m = (struct mime){ .why = NULL };
	buf_init(&m->out, MIME_MAX);
}

void
mime_close(struct mime *m)
{
	buf_free(&m->out);
}

static void
refuse(struct mime *m, const char *why)
{
	if (!m->why)
		m->why = why;
}

static bool
alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* C0, DEL, and C1 as UTF-8 has it. */
static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && i + 1 < s.n && ((unsigned char)s.p[i + 1] & 0xe0) == 0x80))
			return true;
	}
	return false;
}

static bool
ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/*
 * Addresses.
 */

static bool
local_byte(char c)
{
	return alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool
dots_are_inside(struct str s)
{
	return s.n && s.p[0] != '.' && s.p[s.n - 1] != '.' && str_find(s, STR("..")) == s.n;
}

static const char *
check_name(struct str s)
{
	if (has_control(s))
		return "a control character in a name";
	if (str_chr(s, '"') < s.n || str_chr(s, '\\') < s.n)
		return "a quote or backslash in a name";
	return NULL;
}

static const char *
check_address(struct str a)
{
	size_t at = str_chr(a, '@');
	struct str local = { a.p, at }, domain;

	if (at == a.n)
		return "an address has the form name@domain";
	if (a.n > MIME_ADDRESS_MAX || local.n > LOCAL_MAX)
		return "an address is too long";
	domain = str_from(a, at + 1);
	for (size_t i = 0; i < local.n; i++)
		if (!local_byte(local.p[i]))
			return "an address holds a character that it may not";
	for (size_t i = 0; i < domain.n; i++)
		if (!alnum(domain.p[i]) && domain.p[i] != '-' && domain.p[i] != '.')
			return "an address holds a character that it may not";
	if (!dots_are_inside(local) || !dots_are_inside(domain))
		return "an address has an empty part";
	return NULL;
}

const char *
mime_mailbox(struct str text, struct mailbox *m)
{
	const char *why;
	size_t open;

	if (has_control(text))
		return "a control character in an address";
	text = str_trim(text);
	*m = (struct mailbox){ .address = text };
	open = str_chr(text, '<');
	if (open < text.n) {
		if (!str_ends(text, STR(">")))
			return "text behind the > of an address";
		m->name = str_trim((struct str){ text.p, open });
		m->address = (struct str){ text.p + open + 1, text.n - open - 2 };
	}
	if (m->name.n >= 2 && m->name.p[0] == '"' && str_ends(m->name, STR("\"")))
		m->name = (struct str){ m->name.p + 1, m->name.n - 2 };
	why = check_name(m->name);
	return why ? why : check_address(m->address);
}

/*
 * Headers.
 */

/* The column in which the next byte stands, from 0. */
static size_t
column(const struct mime *m)
{
	size_t i = m->out.n;

	while (i && m->out.p[i - 1] != '\n')
		i--;
	return m->out.n - i;
}

static void
fold(struct mime *m)
{
	buf_add(&m->out, STR("\r\n "));
}

static void
begin(struct mime *m, const char *name, struct str value)
{
	if (has_control(value))
		refuse(m, "a control character in a header");
	buf_add(&m->out, str_of(name));
	buf_add(&m->out, STR(": "));
}

/*
 * One word that is written as it is, on this line or the next; the first one
 * stays with the header's name, since not every reader looks further.
 */
static void
word(struct mime *m, struct str w, bool first)
{
	if (column(m) + w.n > MIME_LINE_MAX)
		refuse(m, "a header holds a word of over 900 bytes");
	if (!first && column(m) + 1 + w.n > MIME_FOLD)
		fold(m);
	else if (!first)
		buf_byte(&m->out, ' ');
	buf_add(&m->out, w);
}

static void
words(struct mime *m, struct str value)
{
	bool first = true;

	for (struct str w; str_cut(&value, ' ', &w); first = false)
		word(m, w, first);
}

/* Free text that may stand as it is: it folds, and means nothing else. */
static bool
plain(struct str s)
{
	if (!ascii(s) || str_find(s, STR("=?")) < s.n || str_find(s, STR("  ")) < s.n ||
	    str_trim(s).n != s.n)
		return false;
	for (struct str w; str_cut(&s, ' ', &w);)
		if (w.n > PLAIN_WORD_MAX)
			return false;
	return true;
}

/* The bytes of s, one character, as "Q" has them in any place; returns how many. */
static size_t
encode(char to[12], struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (alnum(s.p[i]) || c == '-') {
			to[n++] = s.p[i];
		} else if (c == ' ') {
			to[n++] = '_';
		} else {
			to[n++] = '=';
			to[n++] = hex[c >> 4];
			to[n++] = hex[c & 15];
		}
	}
	return n;
}

static void
encoded_words(struct mime *m, struct str s)
{
	size_t used = 0;	/* bytes of the open word, 0: none is open */
	size_t room;

	if (column(m) + OPEN.n + SHUT.n + 12 > MIME_FOLD)
		fold(m);
	room = MIME_FOLD - column(m);
	while (s.n) {
		size_t n = str_utf8(s);
		struct str c = n ? (struct str){ s.p, n } : STR("\xef\xbf\xbd");
		char text[12];
		size_t k = encode(text, c);

		if (used && used + k + SHUT.n > (room < ENCODED_MAX ? room : ENCODED_MAX)) {
			buf_add(&m->out, SHUT);
			fold(m);
			room = MIME_FOLD - 1;
			used = 0;
		}
		if (!used) {
			buf_add(&m->out, OPEN);
			used = OPEN.n;
		}
		buf_add(&m->out, (struct str){ text, k });
		used += k;
		s = str_from(s, n ? n : 1);
	}
	if (used)
		buf_add(&m->out, SHUT);
}

void
mime_text(struct mime *m, const char *name, struct str value)
{
	begin(m, name, value);
	if (plain(value))
		words(m, value);
	else
		encoded_words(m, value);
	buf_add(&m->out, CRLF);
}

void
mime_words(struct mime *m, const char *name, struct str value)
{
	begin(m, name, value);
	if (!ascii(value))
		refuse(m, "a header that must be ASCII is not");
	words(m, value);
	buf_add(&m->out, CRLF);
}

static void
mailbox(struct mime *m, const struct mailbox *b, bool first, bool last)
{
	char text[MIME_ADDRESS_MAX + 4];
	size_t n = 0;

	if (b->name.n && ascii(b->name) && b->name.n <= PLAIN_WORD_MAX) {
		if (column(m) + b->name.n + 3 > MIME_FOLD)
			fold(m);
		else if (!first)
			buf_byte(&m->out, ' ');
		buf_byte(&m->out, '"');
		buf_add(&m->out, b->name);
		buf_byte(&m->out, '"');
		first = false;
	} else if (b->name.n) {
		if (!first)
			buf_byte(&m->out, ' ');
		encoded_words(m, b->name);
		first = false;
	}
	text[n++] = '<';
	memcpy(text + n, b->address.p, b->address.n);
	n += b->address.n;
	text[n++] = '>';
	if (!last)
		text[n++] = ',';
	word(m, (struct str){ text, n }, first);
}

void
mime_mailboxes(struct mime *m, const char *name, const struct mailbox *list, size_t n)
{
	begin(m, name, (struct str){ NULL, 0 });
	for (size_t i = 0; i < n; i++) {
		if (check_name(list[i].name) || check_address(list[i].address)) {
			refuse(m, "an address that is none");
			continue;
		}
		mailbox(m, &list[i], i == 0, i + 1 == n);
	}
	buf_add(&m->out, CRLF);
}

void
mime_date(struct mime *m, int64_t us)
{
	static const char day[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char month[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct when_civil c;

	when_civil(us, &c);
	buf_printf(&m->out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", day[c.weekday],
	    c.d, month[c.m - 1], c.y, c.hh, c.mm, c.ss);
}

/*
 * The body.
 */

/* Does s begin a line that some mail program would take for its own? */
static bool
line_is_special(struct str s)
{
	return str_starts(s, STR("From ")) || str_starts(s, STR("."));
}

static void
quoted_printable(struct mime *m, struct str s)
{
	size_t col = 0;

	for (; s.n; s = str_from(s, 1)) {
		unsigned char c = (unsigned char)s.p[0];
		bool ends = s.n == 1 || s.p[1] == '\n';	/* nothing else on this line */
		bool as_is = (c > 0x20 && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !ends);
		size_t width;

		if (c == '\n') {
			buf_add(&m->out, CRLF);
			col = 0;
			continue;
		}
		if (col == 0 && line_is_special(s))
			as_is = false;
		width = as_is ? 1 : 3;
		if (col + width + !ends > MIME_FOLD) {
			buf_add(&m->out, STR("=\r\n"));
			col = 0;
		}
		if (as_is) {
			buf_byte(&m->out, (char)c);
		} else {
			buf_byte(&m->out, '=');
			buf_byte(&m->out, hex[c >> 4]);
			buf_byte(&m->out, hex[c & 15]);
		}
		col += width;
	}
	if (col)
		buf_add(&m->out, CRLF);
}

static void
part(struct mime *m, struct str boundary, const char *type, struct str s)
{
	buf_printf(&m->out, "--%.*s\r\nContent-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	    (int)boundary.n, boundary.p, type);
	quoted_printable(m, s);
	buf_add(&m->out, CRLF);
}

void
mime_alternative(struct mime *m, struct str boundary, struct str text, struct str html)
{
	if (!str_starts(boundary, STR("=_")) || boundary.n > 60 || has_control(boundary))
		refuse(m, "a bad boundary");
	buf_printf(&m->out, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n"
	    " boundary=\"%.*s\"\r\n\r\n", (int)boundary.n, boundary.p);
	part(m, boundary, "text/plain", text);
	part(m, boundary, "text/html", html);
	buf_printf(&m->out, "--%.*s--\r\n", (int)boundary.n, boundary.p);
	if (m->out.over)
		refuse(m, "a message of over 8 MiB");
}
