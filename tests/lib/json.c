/*
 * json: what is a line and what is not, and where it breaks; values, escapes,
 * paths.  With a file as argument, prints how each of its lines reads, for
 * json_truth.py to compare with Python's.
 */
#include "json.h"

#include "scan.h"
#include "str.h"
#include "test.h"

/* The paths of the corpus; json_truth.py has the same. */
static const char *const corpus_paths[] = {
	".a", ".b.c", ".b[\"x.y\"]", ".d[0]", ".d[2].e", "f", ".\"k\\\"q\"", ".d", ".b",
	".request.headers[\"User-Agent\"][0]", ".[\"client.ip\"]", ".status",
};

static void
want_corpus(struct json_paths *want)
{
	const char *why;

	for (size_t i = 0; i < countof(corpus_paths); i++)
		CHECK_INT(json_want(want, str_of(corpus_paths[i]), &why), i);
}

/* A copy with nothing but its slack behind it, the slack full of one byte. */
static struct str
with_slack(struct str s, char fill)
{
	char *p = malloc(s.n + SCAN_SLACK);

	if (!p)
		abort();
	memset(p + s.n, fill, SCAN_SLACK);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

static void
drop(struct str s)
{
	union { const char *c; char *p; } u = { s.p };

	free(u.p);
}

static enum json_verdict
walk(struct str line, size_t *at)
{
	struct json_value key, value;
	struct json_walk w;

	json_walk_open(&w, line);
	while (json_next_key(&w, &key, &value))
		;
	if (w.verdict != JSON_OK)
		*at = w.at;
	return w.verdict;
}

static bool
same_value(const struct json_value *a, const struct json_value *b)
{
	return a->kind == b->kind && a->escaped == b->escaped &&
	    a->raw.p == b->raw.p && a->raw.n == b->raw.n;
}

/*
 * The verdict on a line, the same from the scan, from one that has seen other
 * lines, from the walk, and whatever stands behind the line.
 */
static enum json_verdict
verdict(struct json_paths *seasoned, struct str s, size_t *at)
{
	static const char fills[] = "\n\"}1 ,\\x";
	static struct json_paths fresh;
	static bool compiled;
	struct json_value a[JSON_PATHS_MAX], b[JSON_PATHS_MAX];
	enum json_verdict first = JSON_OK, v;

	if (!compiled)
		want_corpus(&fresh);
	compiled = true;
	for (size_t i = 0; i < sizeof(fills); i++) {
		struct str line = with_slack(s, fills[i]);
		size_t at_scan = 0, at_fresh = 0, at_walk = 0;

		memset(fresh.hint, 0, sizeof(fresh.hint));
		v = json_scan(seasoned, line, a, &at_scan);
		CHECK_INT(json_scan(&fresh, line, b, &at_fresh), v);
		CHECK_INT(walk(line, &at_walk), v);
		CHECK_INT(at_fresh, at_scan);
		CHECK_INT(at_walk, at_scan);
		for (size_t k = 0; v == JSON_OK && k < countof(corpus_paths); k++)
			CHECK(same_value(&a[k], &b[k]));
		if (i == 0) {
			first = v;
			*at = at_scan;
		}
		CHECK_INT(v, first);
		CHECK_INT(at_scan, *at);
		drop(line);
	}
	return first;
}

static void
test_verdicts(void)
{
	static const struct { const char *line; enum json_verdict want; size_t at; } table[] = {
		{ "{}", JSON_OK, 0 },
		{ " \t{ } \r", JSON_OK, 0 },
		{ "{\"a\":1}", JSON_OK, 0 },
		{ "{\"a\" : [ ] , \"b\" : { } , \"\" : null }", JSON_OK, 0 },
		{ "{\"a\":[1,-0,0.5,1e5,-1.25E-7,true,false,null,\"\",{},[]]}", JSON_OK, 0 },
		{ "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}", JSON_OK, 0 },
		{ "{\"a\":\"\\x22 \\v\"}", JSON_OK, 0 },
		{ "{\"a\":\"\xff\xc3\"}", JSON_OK, 0 },
		{ "", JSON_NOT_OBJECT, 0 },
		{ "  ", JSON_NOT_OBJECT, 2 },
		{ "[1]", JSON_NOT_OBJECT, 0 },
		{ "GET /", JSON_NOT_OBJECT, 0 },
		{ "}", JSON_NOT_OBJECT, 0 },
		{ "{", JSON_CUT, 1 },
		{ "{\"a\":\"b", JSON_CUT, 7 },
		{ "{\"a\":1} x", JSON_CUT, 9 },
		{ "{\"a\":{\"b\":1}", JSON_CUT, 12 },
		{ "{\"a\":{}", JSON_CUT, 7 },
		{ "{,}", JSON_BAD_KEY, 1 },
		{ "{a:1}", JSON_BAD_KEY, 1 },
		{ "{\"a\":1,}", JSON_BAD_KEY, 7 },
		{ "{\"a\"}", JSON_BAD_COLON, 4 },
		{ "{\"a\" 1}", JSON_BAD_COLON, 5 },
		{ "{\"a\":}", JSON_BAD_VALUE, 5 },
		{ "{\"time_to_first_byte\": ,\"b\":1}", JSON_BAD_VALUE, 23 },
		{ "{\"a\":tru}", JSON_BAD_VALUE, 5 },
		{ "{\"a\":NaN}", JSON_BAD_VALUE, 5 },
		{ "{\"a\":[1,]}", JSON_BAD_VALUE, 8 },
		{ "{\"a\":-}", JSON_BAD_NUMBER, 6 },
		{ "{\"a\":01}", JSON_BAD_NUMBER, 5 },
		{ "{\"a\":1.}", JSON_BAD_NUMBER, 7 },
		{ "{\"a\":1e}", JSON_BAD_NUMBER, 7 },
		{ "{\"a\":+1}", JSON_BAD_VALUE, 5 },
		{ "{\"a\":0x1}", JSON_BAD_COMMA, 6 },
		{ "{\"a\":1 \"b\":2}", JSON_BAD_COMMA, 7 },
		{ "{\"a\":[1}", JSON_BAD_COMMA, 7 },
		{ "{\"a\":nulls}", JSON_BAD_COMMA, 9 },
		{ "{\"a\":\"\\q\"}", JSON_BAD_ESCAPE, 6 },
		{ "{\"a\":\"\\u12g4\"}", JSON_BAD_ESCAPE, 6 },
		{ "{\"a\":\"\\x2\"}", JSON_BAD_ESCAPE, 6 },
		{ "{\"a\":\"\\}", JSON_BAD_ESCAPE, 6 },
		{ "{\"a\":\"\\u00}", JSON_BAD_ESCAPE, 6 },
		{ "{\"a\":\"b\tc\"}", JSON_CONTROL, 7 },
		{ "{\"a\nb\":1}", JSON_CONTROL, 3 },
		{ "{\"a\":\"b}", JSON_UNTERMINATED, 5 },
		{ "{\"a}", JSON_UNTERMINATED, 1 },
		{ "{\"a\":\"b\\\"}", JSON_UNTERMINATED, 5 },
		{ "{\"a\":1}}", JSON_TRAILING, 7 },
		{ "{}{}", JSON_TRAILING, 2 },
		{ "{\"a\":1} {\"b\":2}", JSON_TRAILING, 7 },
	};
	struct json_paths want = {0};

	want_corpus(&want);
	for (size_t i = 0; i < countof(table); i++) {
		size_t at = 0;
		unsigned long failed = test_failed;

		CHECK_INT(verdict(&want, str_of(table[i].line), &at), table[i].want);
		CHECK_INT(at, table[i].at);
		CHECK(strlen(json_reason(table[i].want)) > 0);
		if (test_failed != failed)
			fprintf(stderr, "\tin %s\n", table[i].line);
	}
}

static void
test_depth(void)
{
	char line[512];

	/* The object itself is the first level. */
	for (unsigned depth = JSON_DEPTH_MAX - 3; depth < JSON_DEPTH_MAX + 2; depth++) {
		struct json_paths want = {0};
		size_t n = 0, at = 0;

		want_corpus(&want);
		n += (size_t)snprintf(line, sizeof(line), "{\"b\":");
		for (unsigned i = 1; i < depth; i++)
			line[n++] = '[';
		for (unsigned i = 1; i < depth; i++)
			line[n++] = ']';
		line[n++] = '}';
		CHECK_INT(verdict(&want, (struct str){ line, n }, &at),
		    depth > JSON_DEPTH_MAX ? JSON_DEEP : JSON_OK);
		CHECK_INT(at, depth > JSON_DEPTH_MAX ? 5 + JSON_DEPTH_MAX - 1 : 0);
	}
}

/* Every byte, at every place of a wide step. */
static void
test_bytes(void)
{
	struct json_paths want = {0};
	char line[80];

	want_corpus(&want);
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t place = 0; place < 40; place++) {
			enum json_verdict v = byte < 0x20 ? JSON_CONTROL :
			    byte == '\\' ? JSON_BAD_ESCAPE : byte == '"' ? JSON_BAD_COMMA : JSON_OK;
			size_t n = (size_t)snprintf(line, sizeof(line), "{\"a\":\"%042d\"}", 0), at;

			memset(line + 6, 'm', 42);
			line[6 + place] = (char)byte;
			CHECK_INT(verdict(&want, (struct str){ line, n }, &at), v);
			if (v != JSON_OK)
				CHECK_INT(at, 6 + place + (byte == '"'));
		}
	}
}

static void
test_unescape(void)
{
	static const struct { const char *raw, *want; } table[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "\\\"\\\\\\/\\b\\f\\n\\r\\t\\v", "\"\\/\b\f\n\r\t\v" },
		{ "\\u0041\\u00e9\\u20ac\\uD83D\\uDE00", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\\udbff\\udfff", "\xf4\x8f\xbf\xbf" },
		{ "\\ud83d", "\xef\xbf\xbd" },
		{ "\\ud83dx", "\xef\xbf\xbdx" },
		{ "\\ud83d\\n", "\xef\xbf\xbd\n" },
		{ "\\ud83d\\u0041", "\xef\xbf\xbd" "A" },
		{ "\\ud83d\\ud83d\\ude00", "\xef\xbf\xbd\xf0\x9f\x98\x80" },
		{ "\\ude00\\ud83d", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\\ude00\\ude00", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\\x22\\xfF", "\"\xff" },
		{ "\xff\xc3", "\xff\xc3" },
	};
	char dst[64];

	for (size_t i = 0; i < countof(table); i++) {
		struct str raw = str_of(table[i].raw);
		struct str got = { dst, json_unescape(raw, dst) };

		CHECK(got.n <= raw.n);
		CHECK_STR(got, table[i].want);
	}
	CHECK_INT(json_unescape(STR("a\\u0000b"), dst), 3);
	CHECK(memcmp(dst, "a\0b", 3) == 0);
}

/* The one value of a path in a line, as kind and raw text. */
static void
check_path(const char *path, const char *line, enum json_kind kind, const char *raw)
{
	struct str s = with_slack(str_of(line), '\n');
	struct json_paths want = {0};
	struct json_value v;
	const char *why = "";
	size_t at;

	CHECK_INT(json_want(&want, str_of(path), &why), 0);
	/* Twice: the second time the order of the keys is known. */
	for (int i = 0; i < 2; i++) {
		CHECK_INT(json_scan(&want, s, &v, &at), JSON_OK);
		CHECK_INT(v.kind, kind);
		CHECK_STR(v.raw, raw);
		CHECK(v.escaped == (kind == JSON_STRING && strchr(raw, '\\')));
	}
	drop(s);
}

static void
test_paths(void)
{
	static const char caddy[] = "{\"ts\":1703373474.81,\"request\":{\"uri\":\"\\/b\",\"headers\":"
	    "{\"User-Agent\":[\"curl\",\"x\"]}},\"status\":200,\"client.ip\":\"::1\",\"tls\":null,"
	    "\"m\":[[1,2],[3,{\"k\":true}]], \"long key that fits in no hint at all\" : false}";

	check_path(".ts", caddy, JSON_NUMBER, "1703373474.81");
	check_path("request.uri", caddy, JSON_STRING, "\\/b");
	check_path(".request.headers[\"User-Agent\"][0]", caddy, JSON_STRING, "curl");
	check_path("[\"request\"].headers.User-Agent[1]", caddy, JSON_STRING, "x");
	check_path(".request.headers.User-Agent", caddy, JSON_ARRAY, "[\"curl\",\"x\"]");
	check_path(".request.headers", caddy, JSON_OBJECT, "{\"User-Agent\":[\"curl\",\"x\"]}");
	check_path(".request.headers.User-Agent[2]", caddy, JSON_ABSENT, "");
	check_path(".request[0]", caddy, JSON_ABSENT, "");
	check_path(".m.0", caddy, JSON_ABSENT, "");
	check_path(".m[1][1].k", caddy, JSON_TRUE, "true");
	check_path(".client.ip", caddy, JSON_ABSENT, "");
	check_path(".[\"client.ip\"]", caddy, JSON_STRING, "::1");
	check_path(".\"client.ip\"", caddy, JSON_STRING, "::1");
	check_path(".tls", caddy, JSON_NULL, "null");
	check_path(".tls.version", caddy, JSON_ABSENT, "");
	check_path(".long key that fits in no hint at all", caddy, JSON_FALSE, "false");
	/* An escaped key is the key it means; a path may be escaped as well. */
	check_path(".a/b", "{\"a\\/b\":1}", JSON_NUMBER, "1");
	check_path(".\"a\\u002fb\"", "{\"\\u0061/b\":1}", JSON_NUMBER, "1");
	check_path(".a/b", "{\"a\\/\":1,\"a\\/bc\":2}", JSON_ABSENT, "");
	check_path(".[\"\"]", "{\"\":1}", JSON_NUMBER, "1");
	/* The last of equal keys holds, with all that hangs below it. */
	check_path(".a", "{\"a\":1,\"a\":\"x\"}", JSON_STRING, "x");
	check_path(".a.b", "{\"a\":{\"b\":1},\"a\":{\"c\":2}}", JSON_ABSENT, "");
	check_path(".a.b", "{\"a\":{\"b\":1},\"a\":0}", JSON_ABSENT, "");
	check_path(".a.b.c", "{\"a\":{\"b\":{\"c\":1}},\"a\":0}", JSON_ABSENT, "");
	check_path(".a[0].b", "{\"a\":[{\"b\":1}],\"a\":[{}]}", JSON_ABSENT, "");
}

static void
test_bad_paths(void)
{
	static const char *const bad[] = {
		"", ".", "..a", ".a.", ".a..b", "[", ".a[", ".a[]", ".a[1", ".a[x]", ".a[-1]",
		".a]", ".a[\"b]", ".a[\"b\"", ".a\"b\"", ".a[0]b", ".a[\"\\q\"]", ".a[1234567890]",
	};
	struct json_paths want = {0};
	char path[32], longest[JSON_PATH_MAX + 2];
	const char *why;

	for (size_t i = 0; i < countof(bad); i++) {
		why = NULL;
		CHECK_INT(json_want(&want, str_of(bad[i]), &why), -1);
		CHECK(why != NULL);
	}
	memset(longest, 'k', sizeof(longest));
	CHECK_INT(json_want(&want, (struct str){ longest, JSON_PATH_MAX + 1 }, &why), -1);
	CHECK_INT(json_want(&want, (struct str){ longest, JSON_PATH_MAX }, &why), 0);
	CHECK_INT(json_want(&want, (struct str){ longest, JSON_PATH_MAX }, &why), 0);
	for (int i = 1; i < JSON_PATHS_MAX; i++) {
		snprintf(path, sizeof(path), "k%d.x", i);
		CHECK_INT(json_want(&want, str_of(path), &why), i);
	}
	CHECK_INT(json_want(&want, STR("one.more"), &why), -1);
}

/* Keys that come and go, and more of them than are remembered. */
static void
test_order(void)
{
	struct json_paths want = {0};
	struct json_value v[2];
	uint64_t seed = 11;
	const char *why;
	char line[4096];

	CHECK_INT(json_want(&want, STR("k7"), &why), 0);
	CHECK_INT(json_want(&want, STR("o.k90"), &why), 1);
	for (int round = 0; round < 2000; round++) {
		size_t n = 0, at, keys = 0;
		bool k7 = false, k90 = false;
		struct str s;

		for (unsigned k = 0; k < 100; k++) {
			if (test_random(&seed) % 3 == 0)
				continue;
			k7 |= k == 7;
			k90 |= k == 90;
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s\"k%u\":%u",
			    keys++ ? "," : "{", k, k);
		}
		line[n++] = '}';
		/* The same once more inside, so that parents are told apart. */
		memcpy(line + n + 5, line, n);
		memcpy(line + n - 1, ",\"o\":", 5);
		memmove(line + n + 4, line + n + 5, n);
		n = n - 1 + 5 + n;
		line[n++] = '}';
		s = with_slack((struct str){ line, n }, '\n');
		CHECK_INT(json_scan(&want, s, v, &at), JSON_OK);
		CHECK_STR(v[0].raw, k7 ? "7" : "");
		CHECK_STR(v[1].raw, k90 ? "90" : "");
		drop(s);
	}
}

/* A remembered key does not reach past the end of a line that is cut in it. */
static void
test_cut_key(void)
{
	struct str whole = with_slack(STR("{\"a}b\":1}"), '\n'), cut = { whole.p, 4 };
	struct json_paths want = {0};
	struct json_value v;
	const char *why;
	size_t at;

	CHECK_INT(json_want(&want, STR("a}b"), &why), 0);
	CHECK_INT(json_scan(&want, whole, &v, &at), JSON_OK);
	CHECK_INT(json_scan(&want, cut, &v, &at), JSON_UNTERMINATED);
	drop(whole);
}

static void
print_value(const struct json_value *v)
{
	char *text = malloc(v->raw.n + 1);
	size_t n = v->raw.n;

	if (!text)
		abort();
	if (v->escaped)
		n = json_unescape(v->raw, text);
	else if (n)
		memcpy(text, v->raw.p, n);
	printf("\t%d:", (int)v->kind);
	for (size_t i = 0; i < n; i++)
		printf("%02x", (unsigned char)text[i]);
	free(text);
}

/* A line for each: "bad", or "ok", the wanted values, all keys and values. */
static void
print_corpus(FILE *f)
{
	struct json_paths want = {0};
	struct json_value out[JSON_PATHS_MAX], key, value;
	struct json_walk w;
	char *text = NULL;
	size_t cap = 0, at;
	ssize_t n;

	want_corpus(&want);
	while ((n = getline(&text, &cap, f)) > 0) {
		struct str line = { text, (size_t)n - (text[n - 1] == '\n') };

		if (verdict(&want, line, &at) != JSON_OK) {
			puts("bad");
			continue;
		}
		line = with_slack(line, '\n');
		CHECK_INT(json_scan(&want, line, out, &at), JSON_OK);
		fputs("ok", stdout);
		for (size_t i = 0; i < countof(corpus_paths); i++)
			print_value(&out[i]);
		for (json_walk_open(&w, line); json_next_key(&w, &key, &value);) {
			print_value(&key);
			print_value(&value);
		}
		putchar('\n');
		drop(line);
	}
	free(text);
}

int
main(int argc, char **argv)
{
	FILE *f;

	if (argc > 1) {
		if (!(f = fopen(argv[1], "rb")))
			return 2;
		print_corpus(f);
		fclose(f);
		return test_end();
	}
	test_verdicts();
	test_depth();
	test_bytes();
	test_unescape();
	test_paths();
	test_bad_paths();
	test_order();
	test_cut_key();
	return test_end();
}
