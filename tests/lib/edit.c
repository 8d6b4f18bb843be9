/* edit: one field is another, and no other byte is. */
#include "edit.h"

#include "test.h"

static void
edits(struct str text, uint64_t line, const char *was, const char *is, struct str want)
{
	struct edit e;

	edit_open(&e, text);
	CHECK(edit_set(&e, line, STR("ttl"), (struct str){ was, strlen(was) }, (struct str){ is, strlen(is) }));
	CHECK(e.text.n == want.n && memcmp(e.text.p, want.p, want.n) == 0);
	edit_close(&e);
}

static void
refuses(struct str text, uint64_t line, const char *was)
{
	struct edit e;

	edit_open(&e, text);
	CHECK(!edit_set(&e, line, STR("ttl"), (struct str){ was, strlen(was) }, STR("new")));
	CHECK(e.text.n == text.n && (text.n == 0 || memcmp(e.text.p, text.p, text.n) == 0));
	edit_close(&e);
}

int
main(void)
{
	edits(STR("a\tttl\nx\t5m\n"), 2, "5m", "10m", STR("a\tttl\nx\t10m\n"));
	edits(STR("ttl\ta\n5m\tx\n5m\ty"), 3, "5m", "1s", STR("ttl\ta\n5m\tx\n1s\ty"));
	edits(STR("# ttl\r\n\r\n a\t ttl \tb\r\nx\t  5m \t\r\n"), 4, "5m", "0",
	    STR("# ttl\r\n\r\n a\t ttl \tb\r\nx\t  0 \t\r\n"));
	edits(STR("a\tttl\r\nx\t5m\r\n"), 2, "5m", "7m", STR("a\tttl\r\nx\t7m\r\n"));
	edits(STR("\xef\xbb\xbfttl\n5m\n"), 2, "5m", "7m", STR("\xef\xbb\xbfttl\n7m\n"));
	edits(((struct str){ "#\0\xff\nttl\n5m\n#\0", 13 }), 3, "5m", "77m",
	    (struct str){ "#\0\xff\nttl\n77m\n#\0", 14 });
	refuses(STR(""), 1, "5m");
	refuses(STR("a\tttl\nx\t5m\n"), 1, "5m");
	refuses(STR("a\tttl\nx\t5m\n"), 3, "5m");
	refuses(STR("a\tttl\nx\t5m\n"), 0, "5m");
	refuses(STR("a\tttl\nx\t5m\n"), 2, "5");
	refuses(STR("a\tttl\nx\n"), 2, "");
	refuses(STR("a\tttl\nx\t\n"), 2, "");
	refuses(STR("a\tb\nx\t5m\n"), 2, "5m");
	refuses(STR("#ttl\n5m\n"), 2, "5m");
	return test_end();
}
