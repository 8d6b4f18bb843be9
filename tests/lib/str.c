/* str: against what a byte-at-a-time reading says. */
#include "str.h"

#include "test.h"

/* RFC 3629's table, written out as a decoder. */
static size_t
utf8_truth(const unsigned char *p, size_t n)
{
	static const struct { uint32_t from, mask, lead; size_t len; } form[] = {
		{ 0x0, 0x80, 0x00, 1 }, { 0x80, 0xe0, 0xc0, 2 },
		{ 0x800, 0xf0, 0xe0, 3 }, { 0x10000, 0xf8, 0xf0, 4 },
	};

	for (size_t i = 0; i < 4; i++) {
		uint32_t c;

		if ((p[0] & form[i].mask) != form[i].lead)
			continue;
		if (n < form[i].len)
			return 0;
		c = p[0] & ~form[i].mask & 0xff;
		for (size_t k = 1; k < form[i].len; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[k] & 0x3f);
		}
		if (c < form[i].from || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return 0;
		return form[i].len;
	}
	return 0;
}

static void
test_utf8(void)
{
	uint64_t seed = 1;

	CHECK_INT(str_utf8((struct str){ NULL, 0 }), 0);
	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b++)
			for (unsigned r = 0; r < 8; r++) {
				uint64_t x = test_random(&seed);
				unsigned char p[4] = { (unsigned char)a, (unsigned char)b,
				    (unsigned char)(r & 1 ? 0x80 | (x & 0x3f) : x),
				    (unsigned char)(r & 2 ? 0x80 | (x >> 8 & 0x3f) : x >> 8) };
				size_t n = 1 + (x >> 32) % 4;

				CHECK_INT(str_utf8((struct str){ (char *)p, n }), utf8_truth(p, n));
			}
}

static void
test_cut(void)
{
	struct str rest = STR("a,,b,"), s, none = { NULL, 0 };

	CHECK(str_cut(&rest, ',', &s)); CHECK_STR(s, "a");
	CHECK(str_cut(&rest, ',', &s)); CHECK_STR(s, "");
	CHECK(str_cut(&rest, ',', &s)); CHECK_STR(s, "b");
	CHECK(str_cut(&rest, ',', &s)); CHECK_STR(s, "");
	CHECK(!str_cut(&rest, ',', &s));
	CHECK(!str_cut(&none, ',', &s));
}

static void
test_find(void)
{
	uint64_t seed = 2;

	for (int round = 0; round < 20000; round++) {
		char hay[13] = "", needle[4] = "";
		size_t h = test_random(&seed) % 12, n = test_random(&seed) % 4;
		const char *at;

		for (size_t i = 0; i < h; i++)
			hay[i] = (char)('a' + test_random(&seed) % 2);
		for (size_t i = 0; i < n; i++)
			needle[i] = (char)('a' + test_random(&seed) % 2);
		at = strstr(hay, needle);
		CHECK_INT(str_find(str_of(hay), str_of(needle)), at ? at - hay : (int64_t)h);
	}
}

static size_t
encode(char to[4], uint32_t c)
{
	if (c < 0x80)
		return to[0] = (char)c, 1;
	if (c < 0x800)
		return to[0] = (char)(0xc0 | c >> 6), to[1] = (char)(0x80 | (c & 63)), 2;
	if (c < 0x10000)
		return to[0] = (char)(0xe0 | c >> 12), to[1] = (char)(0x80 | (c >> 6 & 63)),
		    to[2] = (char)(0x80 | (c & 63)), 3;
	return to[0] = (char)(0xf0 | c >> 18), to[1] = (char)(0x80 | (c >> 12 & 63)),
	    to[2] = (char)(0x80 | (c >> 6 & 63)), to[3] = (char)(0x80 | (c & 63)), 4;
}

/* Unicode 15: the categories Cc, Zl and Zp, and the property Bidi_Control; no surrogate is UTF-8. */
static bool
hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || (c >= 0xd800 && c < 0xe000);
}

static void
test_shown(void)
{
	char text[5];
	struct str s, c;

	for (uint32_t code = 0; code < 0x110000; code++) {
		size_t n = encode(text, code);
		bool surrogate = code >= 0xd800 && code < 0xe000;

		text[n] = 'x';
		s = (struct str){ text, n + 1 };
		CHECK(str_cut_shown(&s, &c) == !hidden(code));
		CHECK(c.p == text && c.n == (surrogate ? 1 : n) && s.n == n + 1 - c.n);
	}
	for (unsigned b = 0x80; b < 0x100; b++) {	/* cut short: a byte, and not shown */
		text[0] = (char)b;
		s = (struct str){ text, 1 };
		CHECK(!str_cut_shown(&s, &c) && c.n == 1 && s.n == 0);
	}
}

int
main(void)
{
	test_shown();
	struct str none = { NULL, 0 };

	CHECK(str_eq(STR("ab"), STR("ab")) && !str_eq(STR("ab"), STR("a")));
	CHECK(str_eq(none, STR("")));
	CHECK(str_cmp(STR("a"), STR("b")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
	CHECK(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(none, none) == 0);
	CHECK(str_cmp(STR("\x80"), STR("a")) > 0);
	CHECK(str_eq_nocase(STR("Hit"), STR("hIT")) && !str_eq_nocase(STR("I"), STR("\xc4")));
	CHECK(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
	CHECK(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
	CHECK_STR(str_trim(STR(" \t a b \t")), "a b");
	CHECK_STR(str_trim(STR("  ")), "");
	CHECK_INT(str_chr(STR("abc"), 'c'), 2);
	CHECK_INT(str_chr(STR("abc"), 'x'), 3);
	CHECK_INT(str_chr(none, 'x'), 0);
	CHECK_STR(str_head(STR("caf\xc3\xa9"), 4), "caf");
	CHECK_STR(str_head(STR("caf\xc3\xa9"), 5), "caf\xc3\xa9");
	CHECK_STR(str_head(STR("\x80\x80\x80"), 1), "");
	test_cut();
	test_find();
	test_utf8();
	return test_end();
}
