/* value: requests, addresses, durations, redaction, escapes. */
#include "value.h"

#include <arpa/inet.h>

#include "slack.h"
#include "str.h"

static void
requests(void)
{
	static const char *const good[][4] = {
		{ "GET / HTTP/1.1", "GET", "/", "HTTP/1.1" },
		{ "GET /a b  c HTTP/1.1", "GET", "/a b  c", "HTTP/1.1" },
		{ "GET / HTTP/3", "GET", "/", "HTTP/3" },
		{ "G x HTTP/10.25", "G", "x", "HTTP/10.25" },
		{ "M-SEARCH * HTTP/1.1", "M-SEARCH", "*", "HTTP/1.1" },
		{ "GET /HTTP/1.1 HTTP/2.0", "GET", "/HTTP/1.1", "HTTP/2.0" },
	};
	static const char *const bad[] = {
		"", "-", "GET", "GET /", "GET  HTTP/1.1", " / HTTP/1.1", "GET / HTTP/", "GET / HTTP/x",
		"GET / HTTP", "GET / http/1.1", "G\\x16T / HTTP/1.1", "G(T / HTTP/1.1", " ", "  ",
		"GET / HTTP/1.1 ", "- - - ",
	};
	struct value_request r;

	for (size_t i = 0; i < countof(good); i++) {
		CHECK(value_request(slack(good[i][0]), &r));
		CHECK_STR(r.method, good[i][1]);
		CHECK_STR(r.url, good[i][2]);
		CHECK_STR(r.protocol, good[i][3]);
	}
	for (size_t i = 0; i < countof(bad); i++)
		CHECK(!value_request(slack(bad[i]), &r));
}

static void
hosts_and_clients(void)
{
	CHECK_STR(value_url_host(STR("http://a.example/x")), "a.example");
	CHECK_STR(value_url_host(STR("https://u:p@a.example:8080?x")), "a.example");
	CHECK_STR(value_url_host(STR("https://u@v@a.example#x")), "a.example");
	CHECK_STR(value_url_host(STR("http://[2001:db8::1]:80/")), "[2001:db8::1]");
	CHECK_STR(value_url_host(STR("http://a")), "a");
	CHECK_STR(value_url_host(STR("/a?http://b/")), "");
	CHECK_STR(value_url_host(STR("a.example:443")), "");
	CHECK_STR(value_url_host(STR("")), "");

	CHECK_STR(value_client(STR("1.2.3.4")), "1.2.3.4");
	CHECK_STR(value_client(STR(" 1.2.3.4 , 5.6.7.8")), "1.2.3.4");
	CHECK_STR(value_client(STR("1.2.3.4:80")), "1.2.3.4");
	CHECK_STR(value_client(STR("[::1]:80")), "::1");
	CHECK_STR(value_client(STR("[::1")), "::1");
	CHECK_STR(value_client(STR("::1")), "::1");
	CHECK_STR(value_client(STR("a:b")), "a:b");
	CHECK_STR(value_client(STR("unix:")), "unix:");
	CHECK_STR(value_client(STR("")), "");
	CHECK_STR(value_client(STR("\"")), "");
	CHECK(value_is_address(STR("::1%eth0")) && value_is_address(STR("unix:x")));
	CHECK(!value_is_address(STR("1.2.3")) && !value_is_address(STR("")));
}

/* Random addresses, cut by masking the bytes that inet_pton(3) reads. */
static void
cut_addresses(void)
{
	uint64_t seed = 1;
	char text[VALUE_ADDRESS_MAX], want[VALUE_ADDRESS_MAX], got[VALUE_ADDRESS_MAX];

	for (int i = 0; i < 20000; i++) {
		int family = i % 2 ? AF_INET : AF_INET6;
		uint64_t b[2] = { test_random(&seed), test_random(&seed) };
		unsigned char *byte = (unsigned char *)b;

		for (int k = 0; k < 16; k += 1 + (int)(test_random(&seed) % 5))
			byte[k] = 0;
		inet_ntop(family, b, text, sizeof(text));
		if (family == AF_INET)
			byte[3] = 0;
		else if (strncmp(text, "::ffff:", 7) == 0 && strchr(text, '.'))
			byte[15] = 0;
		else
			memset(byte + 6, 0, 10);
		inet_ntop(family, b, want, sizeof(want));
		CHECK_STR(((struct str){ got, (size_t)(value_cut_address(got, str_of(text)) - got) }), want);
	}
	CHECK(value_cut_address(got, STR("a.example")) == got);
	CHECK(value_cut_address(got, STR("")) == got);
	memset(text, '1', sizeof(text));
	CHECK(value_cut_address(got, (struct str){ text, sizeof(text) }) == got);
}

static void
numbers(void)
{
	static const struct { const char *text; int unit; int64_t ns; bool ok, some; } d[] = {
		{ "0.002", 9, 2000000, true, true },
		{ "12", 6, 12000000, true, true },
		{ "412", 3, 412000, true, true },
		{ "7", 0, 7, true, true },
		{ "0.1, 0.2 : 0.3", 9, 600000000, true, true },
		{ "-, -", 9, 0, true, false },
		{ "-1", 6, 0, true, false },
		{ "", 9, 0, true, false },
		{ "3ms", 9, 3000000, true, true },
		{ "1.5s", 0, 1500000000, true, true },
		{ "2us", 9, 2000, true, true },
		{ "2\xc2\xb5s", 9, 2000, true, true },
		{ "2ns", 9, 2, true, true },
		{ "1e-3", 9, 1000000, true, true },
		{ "9223372036", 9, INT64_C(9223372036000000000), true, true },
		{ "9223372037", 9, 0, false, false },
		{ "9223372036, 1", 9, 0, false, false },
		{ "x", 9, 0, false, false },
		{ "s", 9, 0, false, false },
		{ "-2", 9, 0, false, false },
		{ "1 2", 9, 0, false, false },
	};
	uint64_t n;
	int64_t ns;
	bool some;

	for (size_t i = 0; i < countof(d); i++) {
		bool ok = value_duration(str_of(d[i].text), d[i].unit, &ns, &some);

		CHECK(ok == d[i].ok);
		if (!ok)
			continue;
		CHECK(some == d[i].some);
		CHECK_INT(ns, d[i].ns);
	}
	CHECK(value_count(STR("1, 2 : 3"), false, &n, &some) && some && n == 6);
	CHECK(value_count(STR("502, 200"), true, &n, &some) && some && n == 200);
	CHECK(value_count(STR("502, -"), true, &n, &some) && some && n == 502);
	CHECK(value_count(STR("-"), true, &n, &some) && !some);
	CHECK(!value_count(STR("1,x"), false, &n, &some));
	CHECK(!value_count(STR("9223372036854775807,1"), false, &n, &some));
}

static void
redaction(void)
{
	static const struct str name[] = { { "token", 5 }, { "k", 1 } };
	static const char *const cases[][2] = {
		{ "/a?token=1", "/a?token=redacted" },
		{ "/a?x=1&TOKEN=1&y=2", "/a?x=1&TOKEN=redacted&y=2" },
		{ "/a?to%6ben=1", "/a?to%6ben=redacted" },
		{ "/a?mytoken=1&token2=3", "/a?mytoken=1&token2=3" },
		{ "/a?token=&k=", "/a?token=&k=" },
		{ "/a?token=a=b#k=c", "/a?token=redacted#k=redacted" },
		{ "k=v;k=w", "k=redacted;k=redacted" },
		{ "/token=1", "/token=1" },
		{ "http://u:p@h/x@y", "http://redacted@h/x@y" },
		{ "http://@h/", "http://@h/" },
		{ "//u@h", "//redacted@h" },
		{ "/a//b@c", "/a//redacted@c" },
		{ "GET /?k=1 HTTP/1.1", "GET /?k=redacted HTTP/1.1" },
		{ "", "" },
		{ "?", "?" },
		{ "?=", "?=" },
	};
	struct buf b;

	buf_init(&b, 1024);
	for (size_t i = 0; i < countof(cases); i++) {
		buf_reset(&b);
		value_redact(&b, str_of(cases[i][0]), name, countof(name));
		CHECK_STR(buf_str(&b), cases[i][1]);
	}
	buf_free(&b);
}

static void
escapes(void)
{
	static const char *const cases[][2] = {
		{ "plain", "plain" }, { "\\x41\\x4a\\x4A", "AJJ" }, { "\\\"\\\\\\/", "\"\\/" },
		{ "\\t\\n\\r\\b\\f\\v", "\t\n\r\b\f\v" }, { "\\u00e9\\u6f22", "é漢" },
		{ "\\ud83d\\ude00", "😀" }, { "\\ud83d", "\xef\xbf\xbd" }, { "\\ude00x", "\xef\xbf\xbdx" },
		{ "\\q\\x4\\xgg\\u12", "\\q\\x4\\xgg\\u12" }, { "\\", "\\" }, { "a\\", "a\\" }, { "\\x", "\\x" },
	};
	char to[64];
	uint64_t seed = 2;

	for (size_t i = 0; i < countof(cases); i++)
		CHECK_STR(((struct str){ to, value_unescape(str_of(cases[i][0]), to) }), cases[i][1]);
	/* Nothing ever grows. */
	for (int i = 0; i < 100000; i++) {
		static const char set[] = "\\xu0dD8cC\"\\tqA";
		char s[32];
		size_t n = test_random(&seed) % sizeof(s);

		for (size_t k = 0; k < n; k++)
			s[k] = set[test_random(&seed) % (sizeof(set) - 1)];
		CHECK(value_unescape((struct str){ s, n }, to) <= n);
	}
}

int
main(void)
{
	requests();
	hosts_and_clients();
	cut_addresses();
	numbers();
	redaction();
	escapes();
	return test_end();
}
