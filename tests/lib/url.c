/* url: what the parts are, what the normal forms are, and that twice is once. */
#include "url.h"

#include "slack.h"
#include "str.h"
#include "test.h"

static struct buf b;

static void
check_split(const char *target, const char *host, const char *path, const char *query, bool opaque)
{
	struct url u;

	url_split(&u, slack(target));
	CHECK_STR(u.host, host);
	CHECK_STR(u.path, path);
	CHECK_STR(u.query, query);
	CHECK(u.opaque == opaque);
}

static void
check_path(unsigned how, const char *path, const char *want)
{
	struct url u;

	buf_reset(&b);
	url_path(&b, str_of(path), how);
	CHECK_STR(buf_str(&b), want);
	url_split(&u, slack(path));
	/* What is not odd is in normal form. */
	if (how == URL_NORMAL && u.path.n == strlen(path))
		CHECK(u.odd || strcmp(path, want) == 0);
	buf_reset(&b);
	url_path(&b, str_of(want), how);
	CHECK_STR(buf_str(&b), want);
}

static void
check_fold(unsigned what, const char *s, const char *want)
{
	buf_reset(&b);
	url_fold(&b, str_of(s), what);
	CHECK_STR(buf_str(&b), want);
}

/* The parameters, each as name|value; or name! where it is bare. */
static void
check_params(const char *query, bool sort, const char *want)
{
	struct url_params list = { 0 };
	char got[1024] = "";
	size_t n = 0;

	url_params(&list, str_of(query));
	if (sort)
		url_params_sort(&list);
	for (size_t i = 0; i < list.n; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%.*s%s%.*s ", (int)list.v[i].name.n,
		    list.v[i].name.p, list.v[i].bare ? "!" : "|", (int)list.v[i].value.n, list.v[i].value.p);
	CHECK_STR(str_of(got), want);
	url_params_free(&list);
}

static void
test_many(void)
{
	struct url_params list = { 0 };
	struct buf q;

	buf_init(&q, 1 << 20);
	for (unsigned i = 0; i < 10000; i++)
		buf_printf(&q, "&%c=%u", 'a' + (int)(i * 7 % 26), i);
	url_params(&list, buf_str(&q));
	CHECK_INT(list.n, 10000);
	url_params_sort(&list);
	for (size_t i = 1; i < list.n; i++) {
		int d = str_cmp(list.v[i - 1].name, list.v[i].name);

		CHECK(d < 0 || (d == 0 && list.v[i - 1].at < list.v[i].at));
	}
	url_params_free(&list);
	buf_free(&q);
}

/* Any bytes: the normal form of a normal form is itself, and never odd but for an escape. */
static void
test_random_paths(void)
{
	static const char some[] = "/./%42eEfF0?#a.b";
	uint64_t seed = 1;
	struct buf twice;

	buf_init(&twice, 1024);
	for (int round = 0; round < 20000; round++) {
		char text[64] = "/";
		size_t n = 1 + test_random(&seed) % 40;
		struct url u;

		for (size_t i = 1; i < n; i++)
			text[i] = some[test_random(&seed) % (sizeof(some) - 1)];
		url_split(&u, slack_of((struct str){ text, n }));
		buf_reset(&b);
		url_path(&b, u.path, URL_NORMAL);
		CHECK(u.odd || str_eq(u.path, buf_str(&b)));
		buf_reset(&twice);
		url_path(&twice, buf_str(&b), URL_NORMAL);
		CHECK(str_eq(buf_str(&b), buf_str(&twice)));
		CHECK(b.n > 0 && b.p[0] == '/');
	}
	buf_free(&twice);
}

int
main(void)
{
	buf_init(&b, 1 << 20);
	check_split("/a/b?c=d", "", "/a/b", "c=d", false);
	check_split("/", "", "/", "", false);
	check_split("/?", "", "/", "", false);
	check_split("/a?b?c", "", "/a", "b?c", false);
	check_split("/a?b#c?d", "", "/a", "b", false);
	check_split("/a#b?c", "", "/a", "", false);
	check_split("//a", "", "//a", "", false);
	check_split("/0123456789abcdef0123456789abcde?x", "", "/0123456789abcdef0123456789abcde", "x", false);
	check_split("http://h/p?q", "h", "/p", "q", false);
	check_split("HTTP://u:p@H.example:80?q", "H.example", "/", "q", false);
	check_split("https://h:443/", "h", "/", "", false);
	check_split("https://h:80/", "h:80", "/", "", false);
	check_split("http://h:", "h", "/", "", false);
	check_split("svn+ssh://h/p", "h", "/p", "", false);
	check_split("*", "", "*", "", true);
	check_split("h:443", "", "h:443", "", true);
	check_split("a?b#c", "", "a?b#c", "", true);
	check_split("://h/p", "", "://h/p", "", true);
	check_split("", "", "", "", true);

	check_path(URL_NORMAL, "/a/b.html", "/a/b.html");
	check_path(URL_NORMAL, "/%61%2d%2f%c3%A9", "/a-%2F%C3%A9");
	check_path(URL_NORMAL, "/100%", "/100%25");
	check_path(URL_NORMAL, "/%%34%31", "/%2541");
	check_path(URL_NORMAL, "/%0", "/%250");
	check_path(URL_NORMAL, "/%00", "/%00");
	check_path(URL_NORMAL, "/a/./b/../c", "/a/c");
	check_path(URL_NORMAL, "/a/%2e%2E/b", "/b");
	check_path(URL_NORMAL, "/../../a/..", "/");
	check_path(URL_NORMAL, "/a/.", "/a/");
	check_path(URL_NORMAL, "/a//../b", "/b");
	check_path(URL_NORMAL, "/.well-known/..x", "/.well-known/..x");
	check_path(URL_DOTS, "/a//../b", "/a/b");
	check_path(URL_SLASHES, "///a//", "/a/");
	check_path(URL_NORMAL | URL_TAIL, "/a//", "/a");
	check_path(URL_NORMAL | URL_TAIL, "//", "/");
	check_path(URL_LOWER, "/A/B%2F", "/a/b%2F");
	check_path(URL_NORMAL | URL_LOWER, "/%41%2f\xC3", "/a%2F\xC3");
	check_path(0, "/A//%41/..", "/A//%41/..");

	check_fold(URL_NUMBERS, "/api/v1/products/17", "/api/v1/products/:n");
	check_fold(URL_NUMBERS, "/img/00042.webp/2026-11-20", "/img/:n.webp/:n-:n-:n");
	check_fold(URL_NUMBERS, "/a%20b/%31", "/a%20b/%31");
	check_fold(URL_NUMBERS | URL_IDS, "/u/550e8400-e29b-41d4-a716-446655440000/x", "/u/:id/x");
	check_fold(URL_NUMBERS | URL_IDS, "/u/550e8400-e29b-41d4-a716-446655440000x", "/u/:id-e29b-41d4-a716-446655440000x");
	check_fold(URL_IDS, "/app.7e3ac1ea.js", "/app.:id.js");
	check_fold(URL_IDS, "/deadbeef/abc1234/12345678", "/deadbeef/abc1234/12345678");
	check_fold(URL_IDS, "/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/:id");
	check_fold(URL_IDS, "/internationalisations", "/internationalisations");
	check_fold(URL_NUMBERS | URL_IDS, "/:n/:id", "/:n/:id");
	check_fold(URL_NUMBERS, "\xC3\xA9" "1", "\xC3\xA9" "1");

	check_params("b=1&a=2&b=0", true, "a|2 b|1 b|0 ");
	check_params("&&&", false, "");
	check_params("", false, "");
	check_params("a=b=c&=x&d&e=&f;g=1", false, "a|b=c |x d! e| f;g|1 ");
	test_many();
	test_random_paths();
	buf_free(&b);
	return test_end();
}
