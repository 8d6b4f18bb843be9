/* keys: which rule, what endpoint and key. */
#include "keys.h"

#include "ruled.h"
#include "slack.h"
#include "str.h"

static void
check_event(struct keys_event e, const char *endpoint, const char *key)
{
	const struct key_rule *rule;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	keys_take(&ruled.keys, &e);
	rule = keys_find(&ruled.keys);
	keys_endpoint(&ruled.keys, rule, &b);
	CHECK_STR(buf_str(&b), endpoint);
	buf_reset(&b);
	keys_key(&ruled.keys, rule, NULL, &b);
	CHECK_STR(buf_str(&b), key);
	buf_free(&b);
}

static void
check(const char *url, const char *endpoint, const char *key)
{
	check_event((struct keys_event){ .url = slack(url) }, endpoint, key);
}

static void
test_none(void)
{
	ruled_open("pattern\n");
	check("/a?b=2&a=1&&", "", "/a?a=1&b=2");
	check("/a/../%62/?", "", "/b/");
	check("http://H:80/a?%62", "", "/a?b");
	check("*", "", "*");
	check("h:443", "", "h:443");
	check("a/../b?z&a", "", "a/../b?z&a");
	check("/?a=b=c;d&?", "", "/??&a=b=c;d");
	check("/%", "", "/%25");
	ruled_close();
}

static void
test_parts(void)
{
	ruled_open("pattern\tendpoint\tkey\tkeep\tdrop\tsort\tnormalise\n"
	    "/search/title\ttitle\tsearch:title:${query}\tq,lang\n"
	    "~^/item/([0-9]+)(?<tail>/.*)?$\titem-${tail:lower}\titem:$1\n"
	    "/static/\tstatic\tstatic:${rest}\t\tv\n"
	    "/raw/\traw\t\t\t\tno\tnone\n"
	    "/low/\t${path:fold}\t\t\t\t\ttail,lower\n"
	    "/arg/\targ\t${arg_q}|${arg_q:fold}|${query:fold}|$$\t\tq\n"
	    "=/exact\t\tx\t\t*\n"
	    "/query\tq\t${url}\tutm_*,q\tutm_x\n");
	check("/search/title?q=hamlet", "title", "search:title:q=hamlet");
	check("/search/title?utm=1&q=b&lang=en&%71=a", "title", "search:title:lang=en&q=b&q=a");
	check("/search/title?x=1", "title", "search:title:");
	check("//search/%74itle", "title", "search:title:");
	check("/item/42", "item-", "item:42");
	check("/item/42/A", "item-/a", "item:42");
	check("/item/x", "", "/item/x");
	check("/static/a/b.js?v=1", "static", "static:a/b.js");
	check("/static/", "static", "static:");
	check("/raw/%41//b?z&a&&%41=1", "raw", "/raw/%41//b?z&a&%41=1");
	check("/low/A/17/", "/low/a/:n", "/low/a/17");
	check("/arg/?q=17&p=9&q=2", "arg", "17|:n|p=:n|$");
	check("/arg/", "arg", "|||$");
	check("/exact?a=1", "", "x");
	check("/exact/", "", "/exact/");
	check("/query?utm_x=1&utm_y=2&q&r=3", "q", "/query?q&utm_y=2");
	check("/query?r=3", "q", "/query");
	check("/query?utm_x=3", "q", "/query");
	check("/query?q=%zz", "q", "/query?q=%25zz");
	ruled_close();
}

static void
test_conditions(void)
{
	ruled_open("pattern\tvhost\tmethod\twith\tendpoint\tkey\n"
	    "/\ta.example,*.b.example\t\t\thost\t${vhost}\n"
	    "/\t\tPOST\t\tpost\t${method}\n"
	    "/\t\t\taction=view,q\twith\n"
	    "~.\t\tPUT\t\tput\n"
	    "/\t\t\t\trest\n");
	check_event((struct keys_event){ slack("/"), STR("A.Example"), STR("GET") }, "host", "a.example");
	check_event((struct keys_event){ slack("/"), STR("x.b.example"), STR("POST") }, "host", "x.b.example");
	check_event((struct keys_event){ slack("/"), STR("b.example"), STR("POST") }, "post", "POST");
	check_event((struct keys_event){ slack("http://u@a.example/x"), STR("c"), STR("POST") }, "host", "a.example");
	check_event((struct keys_event){ slack("/?q&%61ction=view"), STR(""), STR("") }, "with", "/?action=view&q");
	check_event((struct keys_event){ slack("/?q&action=views"), STR(""), STR("PUT") }, "put", "/?action=views&q");
	check_event((struct keys_event){ slack("/?action=view"), STR(""), STR("") }, "rest", "/?action=view");
	CHECK(ruled.keys.vhost && ruled.keys.method);
	ruled_close();
}

/* The key as it would be if its rule were otherwise. */
static void
check_change(const char *url, struct keys_change c, const char *want)
{
	struct keys_event e = { .url = slack(url) };
	struct buf b;

	buf_init(&b, SIZE_MAX);
	keys_take(&ruled.keys, &e);
	keys_key(&ruled.keys, keys_find(&ruled.keys), &c, &b);
	CHECK_STR(buf_str(&b), want);
	buf_free(&b);
}

static void
test_changes(void)
{
	const struct str a = STR("a"), utf = STR("%C3%A9");

	ruled_open("pattern\tkey\tsort\tnormalise\n/x\t${arg_a}|${url}\tno\tnone\n/\t\tno\tnone\n");
	check_change("/B?b=1&a=2&%61=3&a", (struct keys_change){ .without = &a }, "/B?b=1&a");
	check_change("/B?b=1&a=2&c", (struct keys_change){ .bare = true }, "/B?b=1&a=2");
	check_change("/B?b=1&a=2", (struct keys_change){ .sort = true }, "/B?a=2&b=1");
	check_change("/B//%41?%61=%2f", (struct keys_change){ .how = URL_NORMAL }, "/B/A?a=%2F");
	check_change("/B%2F?A=B", (struct keys_change){ .how = URL_LOWER }, "/b%2F?A=B");
	check_change("/x?a=1&b=2", (struct keys_change){ .without = &a }, "|/x?b=2");
	check_change("/?%c3%a9=1", (struct keys_change){ .without = &utf }, "/");
	ruled_close();
}

static void
test_long(void)
{
	static char url[KEYS_TEXT_MAX + 2 + SCAN_SLACK];
	struct keys_event e = { .url = { url, KEYS_TEXT_MAX } };
	struct buf b;

	ruled_open("pattern\n");
	buf_init(&b, SIZE_MAX);
	memset(url, 'x', KEYS_TEXT_MAX + 1);
	url[0] = '/';
	keys_take(&ruled.keys, &e);
	keys_key(&ruled.keys, keys_find(&ruled.keys), NULL, &b);
	CHECK_INT(b.n, KEYS_TEXT_MAX);
	e.url.n++;
	buf_reset(&b);
	keys_take(&ruled.keys, &e);
	keys_key(&ruled.keys, keys_find(&ruled.keys), NULL, &b);
	CHECK_INT(b.n, KEYS_CUT);
	CHECK(b.p[KEYS_CUT - 17] == '~');
	buf_free(&b);
	ruled_close();
}

static void
test_endless(void)
{
	ruled_open("pattern\tendpoint\n~^/(a+)+$\ttrap\n/\trest\n");
	check("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "rest", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	CHECK(ruled.keys.gave_up > 0);
	CHECK_INT(ruled.keys.gave_up_line, 2);
	ruled_close();
}

/* Any bytes: ${url} of a key is that key. */
static void
test_any_bytes(void)
{
	static const char some[] = "/./%42eEf?&&==ab#:\\\xc3(";
	uint64_t seed = 3;
	struct buf once, twice;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	ruled_open("pattern\n");
	for (int round = 0; round < 50000; round++) {
		char text[64];
		size_t n = test_random(&seed) % 40;
		struct keys_event e;

		for (size_t i = 0; i < n; i++)
			text[i] = i || test_random(&seed) % 4 == 0 ? some[test_random(&seed) % (sizeof(some) - 1)] : '/';
		e = (struct keys_event){ .url = slack_of((struct str){ text, n }) };
		keys_take(&ruled.keys, &e);
		buf_reset(&once);
		keys_key(&ruled.keys, NULL, NULL, &once);
		e.url = slack_of(buf_str(&once));
		keys_take(&ruled.keys, &e);
		buf_reset(&twice);
		keys_key(&ruled.keys, NULL, NULL, &twice);
		CHECK(str_eq(buf_str(&once), buf_str(&twice)));
	}
	buf_free(&once);
	buf_free(&twice);
	ruled_close();
}

int
main(void)
{
	test_none();
	test_parts();
	test_conditions();
	test_changes();
	test_long();
	test_endless();
	test_any_bytes();
	return test_end();
}
