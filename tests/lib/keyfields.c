/* keyfields: what keys.h makes, escaped; and no event says "(other)". */
#include "keyfields.h"

#include "ruled.h"
#include "slack.h"
#include "str.h"
#include "tsv.h"

static struct keyfields f;

static void
with(const char *text)
{
	ruled_open(text);
	keyfields_open(&f, &ruled.keys);
}

static void
done(void)
{
	keyfields_close(&f);
	ruled_close();
}

static const struct key_rule *
take(struct keys_event *e, struct str url)
{
	*e = (struct keys_event){ .url = url };
	keys_take(&ruled.keys, e);
	return keys_find(&ruled.keys);
}

static void
check(const char *url, const char *endpoint, const char *key, const char *line)
{
	struct keys_event e;
	const struct key_rule *rule = take(&e, slack(url));

	CHECK_STR(keyfields_endpoint(&f, rule), endpoint);
	CHECK_STR(keyfields_key(&f, rule, true), key);
	CHECK_STR(keyfields_key(&f, rule, false), key);
	CHECK_STR(keyfields_rule(&f, rule), line);
}

static void
test_fields(void)
{
	with("pattern\tendpoint\tkey\tkeep\tdrop\n"
	    "/search/title\ttitle\tsearch:title:${query}\tq,lang\n"
	    "/static/\tcaf\\xC3\\xA9\\t\t${rest}?${path}\t\tv\n"
	    "/q\t${path:fold}\t${query}\n"
	    "~^/r/(.)\tone\t$1\n"
	    "/none\t(none)\t(${rest}\n"
	    "/two\t\t${url}${url}\n");
	check("/search/title?q=hamlet", "title", "search:title:q=hamlet", "2");
	check("/search/title?utm=1", "title", "search:title:", "2");
	check("/search/title?utm=1&q=2", "title", "search:title:q=2", "2");
	check("/search//title?q=%61", "title", "search:title:q=a", "2");
	check("/static/a?v=1", "caf\xc3\xa9\\t", "a?/static/a", "3");
	check("/q/17?(other)", "/q/:n", "\\x28other)", "4");
	check("/q?(others)", "/q", "(others)", "4");
	check("/r/\xc3\xa9", "one", "\\xC3", "5");
	check("/noneother)", "\\x28none)", "\\x28other)", "6");
	check("/noneothers", "\\x28none)", "(others", "6");
	check("/two?a", "", "/two?a/two?a", "7");
	check("/x?b=1", "", "/x?b=1", "");
	check("/x?b=1&a#c", "", "/x?a&b=1", "");
	check("http://h/x", "", "/x", "");
	check("*", "", "*", "");
	check("(none)", "", "\\x28none)", "");
	done();
	with("pattern\tkey\n/\t${rest}\n");
	check("/(none)", "", "\\x28none)", "2");
	check("/", "", "", "2");
	done();
}

/* A key of pieces that is too long is cut as any other. */
static void
test_long(void)
{
	static char text[KEYS_TEXT_MAX], url[3000 + SCAN_SLACK];
	struct keys_event e;
	const struct key_rule *rule;
	size_t n = 0;

	n += (size_t)snprintf(text, sizeof(text), "pattern\tkey\n/\t");
	memset(text + n, 'x', 30000);
	for (n += 30000; n < 30000 + 60 * strlen("${url}");)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "${url}");
	snprintf(text + n, sizeof(text) - n, "\n");
	with(text);
	memset(url, 'y', sizeof(url));
	url[0] = '/';
	for (n = 500; n < 700; n++) {
		struct buf key, want;

		buf_init(&key, SIZE_MAX);
		buf_init(&want, SIZE_MAX);
		rule = take(&e, (struct str){ url, n });
		keys_key(&ruled.keys, rule, NULL, &key);
		CHECK(str_eq(keyfields_key(&f, rule, true), keyfields_escape(&want, buf_str(&key))));
		buf_free(&key);
		buf_free(&want);
	}
	done();
}

static void
test_any_bytes(void)
{
	static const char some[] = "/./%42eEf?&&==ab#:\\\xc3(";
	uint64_t seed = 3;
	struct buf key, want;

	buf_init(&key, SIZE_MAX);
	buf_init(&want, SIZE_MAX);
	with("pattern\tendpoint\tkey\tdrop\n/a\t\t\te*\n/b\tb\tb:${rest}?${query}\tb\n/f\t${path:fold}\n");
	for (int round = 0; round < 50000; round++) {
		char text[64];
		size_t n = test_random(&seed) % 40;
		struct keys_event e;
		const struct key_rule *rule;
		bool as_is;

		for (size_t i = 0; i < n; i++)
			text[i] = i || test_random(&seed) % 4 == 0 ? some[test_random(&seed) % (sizeof(some) - 1)] : '/';
		rule = take(&e, slack_of((struct str){ text, n }));
		as_is = tsv_is_escaped(e.url) && str_chr(e.url, '\\') == n;
		buf_reset(&key);
		keys_key(&ruled.keys, rule, NULL, &key);
		CHECK(str_eq(keyfields_key(&f, rule, as_is), keyfields_escape(&want, buf_str(&key))));
		CHECK(tsv_is_escaped(buf_str(&want)));
		buf_reset(&key);
		keys_endpoint(&ruled.keys, rule, &key);
		CHECK(str_eq(keyfields_endpoint(&f, rule), keyfields_escape(&want, buf_str(&key))));
	}
	buf_free(&key);
	buf_free(&want);
	done();
}

int
main(void)
{
	test_fields();
	test_long();
	test_any_bytes();
	return test_end();
}
