/* quote.c - see quote.h. */
#include "quote.h"

#include "str.h"

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Letters, digits and these marks, at least one. */
static bool
made_of(struct str s, const char *marks)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_word(s.p[i]) && (!s.p[i] || !strchr(marks, s.p[i])))
			return false;
	return s.n > 0;
}

void
quote_sh(struct buf *b, struct str s)
{
	if (made_of(s, "_./:=,@%+-")) {
		buf_add(b, s);
		return;
	}
	buf_byte(b, '\'');
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'')
			buf_add(b, STR("'\"'\"'"));	/* no backslash: the stream would double it */
		else
			buf_byte(b, s.p[i]);
	buf_byte(b, '\'');
}

void
quote_regex(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_word(c) || (c && strchr("/_-:=&%,~@!", c)))
			buf_byte(b, c);
		else if (c == '.' || c == '?')
			buf_printf(b, "\\%c", c);
		else
			buf_printf(b, "\\x%02X", (unsigned)(unsigned char)c);
	}
}

bool
quote_vcl(struct buf *b, struct str s)
{
	buf_add(b, s);
	for (size_t n; s.n; s = str_from(s, n)) {
		n = str_utf8(s);
		if (n == 0 || (n == 1 && ((unsigned char)*s.p < 0x20 || *s.p == 0x7f || *s.p == '"')))
			return false;
	}
	return true;
}

bool
quote_bare(struct buf *b, struct str s)
{
	buf_add(b, s);
	return made_of(s, "._/-");
}
