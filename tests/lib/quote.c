/* quote: text that means itself. */
#include "quote.h"

#include "test.h"

static char got[256];

static const char *
text(struct buf *b)
{
	snprintf(got, sizeof(got), "%.*s", (int)b->n, b->n ? b->p : "");
	buf_free(b);
	return got;
}

static const char *
sh(struct str s)
{
	struct buf b;

	buf_init(&b, 200);
	quote_sh(&b, s);
	return text(&b);
}

static const char *
regex(struct str s)
{
	struct buf b;

	buf_init(&b, 200);
	quote_regex(&b, s);
	return text(&b);
}

/* NULL: it cannot be said. */
static const char *
of(bool (*quote)(struct buf *, struct str), struct str s)
{
	struct buf b;
	bool ok;

	buf_init(&b, 200);
	ok = quote(&b, s);
	text(&b);
	return ok ? got : NULL;
}

#define IS(a, b)	CHECK((a) && strcmp(got, (b)) == 0)

int
main(void)
{
	IS(sh(STR("/etc/a-b_c.d:e=f,g@h%i+j")), "/etc/a-b_c.d:e=f,g@h%i+j");
	IS(sh(STR("")), "''");
	IS(sh(STR("a b")), "'a b'");
	IS(sh(STR("$(x)`y`\"\\")), "'$(x)`y`\"\\'");
	IS(sh(STR("it's")), "'it'\"'\"'s'");
	IS(sh(STR("'")), "''\"'\"''");
	IS(sh(STR("~a")), "'~a'");
	IS(regex(STR("aZ09/_-:=&%,~@!")), "aZ09/_-:=&%,~@!");
	IS(regex(STR("a.b?c")), "a\\.b\\?c");
	IS(regex(STR("\"\\$;{}()[]*+^|# \n")),
	    "\\x22\\x5C\\x24\\x3B\\x7B\\x7D\\x28\\x29\\x5B\\x5D\\x2A\\x2B\\x5E\\x7C\\x23\\x20\\x0A");
	IS(regex(((struct str){ "\0\xff", 2 })), "\\x00\\xFF");
	IS(regex(STR("")), "");
	IS(of(quote_vcl, STR("a \\ ' {$} \xc3\xa9")), "a \\ ' {$} \xc3\xa9");
	CHECK(!of(quote_vcl, STR("a\"b")));
	CHECK(!of(quote_vcl, STR("a\nb")));
	CHECK(!of(quote_vcl, STR("\x7f")));
	CHECK(!of(quote_vcl, STR("\xff")));
	CHECK(!of(quote_vcl, ((struct str){ "\0", 1 })));
	IS(of(quote_vcl, STR("")), "");
	IS(of(quote_bare, STR("a.b_c/d-9")), "a.b_c/d-9");
	CHECK(!of(quote_bare, STR("")));
	CHECK(!of(quote_bare, STR("a b")));
	CHECK(!of(quote_bare, STR("a;b")));
	CHECK(!of(quote_bare, ((struct str){ "a\0b", 3 })));
	return test_end();
}
