/*
 * jsonput: without arguments, each byte by itself and beside others; with one,
 * what that argument becomes.
 */
#include "jsonput.h"

#include "str.h"
#include "test.h"

static void
put(struct buf *b, struct str s)
{
	buf_reset(b);
	jsonput(b, s);
}

int
main(int argc, char *argv[])
{
	struct buf b;

	buf_init(&b, 1 << 20);
	if (argc == 2) {
		put(&b, str_of(argv[1]));
		printf("%.*s\n", (int)b.n, b.p);
		return 0;
	}
	for (unsigned i = 0; i < 256; i++) {
		char c = (char)i, want[16];

		put(&b, (struct str){ &c, 1 });
		if (i == '"' || i == '\\')
			snprintf(want, sizeof(want), "\"\\%c\"", c);
		else if (i == '\n' || i == '\r' || i == '\t')
			snprintf(want, sizeof(want), "\"\\%c\"", i == '\n' ? 'n' : i == '\r' ? 'r' : 't');
		else if (i < 0x20 || i == 0x7f)
			snprintf(want, sizeof(want), "\"\\u%04x\"", i);
		else if (i < 0x80)
			snprintf(want, sizeof(want), "\"%c\"", c);
		else
			snprintf(want, sizeof(want), "\"\xef\xbf\xbd\"");
		CHECK_STR(buf_str(&b), want);
	}
	put(&b, (struct str){ NULL, 0 });
	CHECK_STR(buf_str(&b), "\"\"");
	put(&b, STR("caf\xc3\xa9 \xf0\x9f\x98\x80\xe2\x80\xa8"));
	CHECK_STR(buf_str(&b), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\xe2\x80\xa8\"");
	/* Cut short, overlong, a surrogate, past U+10FFFF: never a byte of it. */
	put(&b, STR("\xc3|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|"));
	for (size_t i = 0; i < b.n; i++)
		CHECK(!strchr("\xc3\xc0\xaf\xed\xa0\x80\xf4\x90", b.p[i]));
	CHECK(str_starts(buf_str(&b), STR("\"\xef\xbf\xbd|\xef\xbf\xbd")));
	buf_free(&b);
	return test_end();
}
