#include "jsonput.h"

#include "str.h"

static void
put_ascii(struct buf *b, char c)
{
	switch (c) {
	case '"':  buf_add(b, STR("\\\"")); break;
	case '\\': buf_add(b, STR("\\\\")); break;
	case '\n': buf_add(b, STR("\\n")); break;
	case '\r': buf_add(b, STR("\\r")); break;
	case '\t': buf_add(b, STR("\\t")); break;
	default:
		if ((unsigned char)c < 0x20 || c == 0x7f)
			buf_printf(b, "\\u%04x", (unsigned)c);
		else
			buf_byte(b, c);
	}
}

void
jsonput(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	while (s.n) {
		size_t n = str_utf8(s);

		if (n == 1)
			put_ascii(b, *s.p);
		else if (n)
			buf_add(b, (struct str){ s.p, n });
		else
			buf_add(b, STR("\xef\xbf\xbd"));
		s = str_from(s, n ? n : 1);
	}
	buf_byte(b, '"');
}
