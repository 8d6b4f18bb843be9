/*
 * letter: both forms, word by word; what strangers wrote begins no line and no
 * tag; whatever is written, a letter has an end.
 */
#include "letter.h"

#include "str.h"
#include "test.h"
#include "when.h"

static size_t
count(struct str s, const char *what)
{
	size_t n = 0;

	for (size_t at; (at = str_find(s, str_of(what))) < s.n; n++)
		s = str_from(s, at + 1);
	return n;
}

static bool
has(const struct buf *b, const char *what)
{
	return count(buf_str(b), what) > 0;
}

/* Every tag that must be closed is. */
static void
check_tags(const struct letter *l)
{
	static const char *const tag[][2] = { { "<table", "</table>" }, { "<tr>", "</tr>" },
	    { "<td", "</td>" }, { "<th ", "</th>" }, { "<div", "</div>" }, { "<p", "</p>" },
	    { "<ul", "</ul>" }, { "<li>", "</li>" }, { "<b>", "</b>" }, { "<b ", "\1" },
	    { "<span", "</span>" }, { "<a ", "</a>" }, { "<h2", "</h2>" } };
	struct str s = buf_str(&l->html);
	size_t bold = count(s, "<b>") + count(s, "<b ");

	for (size_t i = 0; i < countof(tag); i++)
		if (tag[i][0][1] != 'b')
			CHECK_INT(count(s, tag[i][0]), count(s, tag[i][1]));
	CHECK_INT(bold, count(s, "</b>"));
	CHECK(str_ends(s, STR("</body></html>\n")) && !l->html.over && !l->text.over);
}

static void
all_parts(void)
{
	static const struct str cell[] = { { "name", 4 }, { "n", 1 }, { "a", 1 }, { "5", 1 },
	    { "caf\xc3\xa9", 5 }, { "12.5", 4 } };
	struct letter l;

	letter_open(&l, STR("T & <t>"));
	letter_badge(&l, LETTER_RED, STR("FIRING critical"), STR("miss tier=edge"));
	letter_para(&l, STR("one\\ntwo \\\\n \\x0A"));
	letter_fact(&l, STR("Value"), STR("5"));
	letter_fact(&l, STR("Empty"), STR(""));
	letter_fact(&l, STR("Labels"), STR("a\\nb"));
	letter_list(&l, STR("Causes"), STR(" a; ;b\\nc "), ';');
	letter_list(&l, STR("None"), STR("  "), ';');
	letter_link(&l, STR("See"), STR("https://r.example.test/?a=1&b=2"));
	letter_link(&l, STR("Do"), STR("look at it"));
	letter_link(&l, STR("Bad"), STR("javascript:alert(1)"));
	letter_heading(&l, STR("Table"));
	letter_table(&l, cell, 3, 2);
	letter_small(&l, STR("end"));
	letter_close(&l);
	CHECK_STR(buf_str(&l.text), "[FIRING critical] miss tier=edge\n\none\ntwo \\n \\x0A\n\n"
	    "  Value         5\n  Labels        a\\nb\n\n"
	    "Causes\n  - a\n  - b\n    c\n\n"
	    "See\n  https://r.example.test/?a=1&b=2\n\nDo\n  look at it\n\nBad\n  javascript:alert(1)\n\n"
	    "Table\n\n  name     n\n  a        5\n  caf\xc3\xa9  12.5\n\n-- \nend\n");
	CHECK(has(&l.html, "<title>T &amp; &lt;t&gt;</title>"));
	CHECK(has(&l.html, "background:#b3261e") && has(&l.html, "one<br>\ntwo \\n \\x0A"));
	CHECK(has(&l.html, "<a href=\"https://r.example.test/?a=1&amp;b=2\">"));
	CHECK_INT(count(buf_str(&l.html), "<a "), 1);
	CHECK(has(&l.html, "text-align:right\">12.5</td>"));
	check_tags(&l);
	letter_free(&l);
}

static void
hostile(void)
{
	static const char evil[] = "<i x=\"'&>\xe2\x80\xae" "a\xff\xc0\xaf\\nb\\rc";
	struct str cell[] = { STR("h"), { evil, sizeof(evil) - 1 } };
	struct letter l;
	struct buf b;

	letter_open(&l, cell[1]);
	letter_badge(&l, LETTER_BLUE, cell[1], cell[1]);
	letter_fact(&l, cell[1], cell[1]);
	letter_heading(&l, cell[1]);
	letter_table(&l, cell, 2, 1);
	letter_small(&l, cell[1]);
	letter_close(&l);
	check_tags(&l);
	CHECK(!has(&l.html, "<i") && !has(&l.html, "\xe2\x80\xae") && !has(&l.text, "\xe2\x80\xae"));
	CHECK(has(&l.html, "&lt;i x=&quot;&#39;&amp;&gt;\xef\xbf\xbd" "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\nb\\rc"));
	CHECK_INT(count(buf_str(&l.text), "\nb"), 0);
	letter_free(&l);
	buf_init(&b, 1000);
	letter_line(&b, cell[1]);
	CHECK_STR(buf_str(&b), "<i x=\"'&>\xef\xbf\xbd" "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\nb\\rc");
	buf_free(&b);
}

static void
addresses(void)
{
	static const char *const bad[] = { "", "ftp://x", "javascript:alert(1)", "https://a b", "https://x\n",
	    "https://x\\n", "https://\xc3\xa9", "http:/x", " https://x" };

	CHECK(letter_is_address(STR("https://x.example.test/?a=\"<>")));
	for (size_t i = 0; i < countof(bad); i++)
		CHECK(!letter_is_address(str_of(bad[i])));
}

/* The largest pieces there are, all of characters that grow most, by every door. */
static void
no_end(unsigned door)
{
	static char big[1 << 20];
	struct str s = { big, sizeof(big) }, cell[3 * LETTER_COLS];
	struct letter l;

	memset(big, door % 2 ? '"' : '\xff', sizeof(big));
	for (size_t i = 0; i < countof(cell); i++)
		cell[i] = s;
	letter_open(&l, s);
	for (unsigned i = 0; i < 3000; i++)
		switch (door / 2) {
		case 0: letter_badge(&l, LETTER_RED, s, s); break;
		case 1: letter_para(&l, s); break;
		case 2: letter_fact(&l, s, s); break;
		case 3: letter_list(&l, s, s, '"'); break;
		case 4: letter_link(&l, s, s); break;
		case 5: letter_heading(&l, s); break;
		default: letter_table(&l, cell, 3, LETTER_COLS);
		}
	letter_small(&l, s);
	letter_close(&l);
	check_tags(&l);
	CHECK_INT(count(buf_str(&l.text), "There is more, which a mail has no room for."), 1);
	CHECK_INT(count(buf_str(&l.html), "There is more, which a mail has no room for."), 1);
	letter_free(&l);
}

static void
long_texts(void)
{
	static char big[LETTER_TEXT_MAX + 1];
	struct letter l;

	memset(big, 'x', sizeof(big));
	letter_open(&l, STR("t"));
	letter_para(&l, (struct str){ big, sizeof(big) - 1 });
	CHECK(!has(&l.text, "..."));
	letter_para(&l, (struct str){ big, sizeof(big) });
	CHECK_INT(count(buf_str(&l.text), "x...\n"), 1);
	CHECK_INT(count(buf_str(&l.html), "x...</p>"), 1);
	letter_close(&l);
	letter_free(&l);
}

static void
times(void)
{
	struct buf b;

	buf_init(&b, 100);
	letter_time(&b, INT64_C(1795176305) * WHEN_SEC + 999999);
	CHECK_STR(buf_str(&b), "2026-11-20 12:05:05 UTC");
	buf_free(&b);
}

int
main(void)
{
	all_parts();
	hostile();
	addresses();
	for (unsigned door = 0; door < 14; door++)
		no_end(door);
	long_texts();
	times();
	return test_end();
}
