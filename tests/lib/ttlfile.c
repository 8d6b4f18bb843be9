/* ttlfile, change, render: the TTLs in force, read, changed, and as caches read them. */
#include "ttlfile.h"

#include <unistd.h>

#include "change.h"
#include "render.h"
#include "str.h"
#include "test.h"

#define HEAD	"endpoint\tttl\tnote\n"

static char said[4096];

static void
say(const char *text)
{
	strncat(said, text, sizeof(said) - strlen(said) - 1);
}

static bool
load(struct ttlfile *f, struct str text)
{
	char path[] = "/tmp/cmon-ttlfile-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	CHECK(text.n == 0 || write(fd, text.p, text.n) == (ssize_t)text.n);
	close(fd);
	said[0] = '\0';
	ok = ttlfile_read(f, path, say);
	CHECK(ok == (said[0] == '\0'));
	unlink(path);
	return ok;
}

static void
test_read(void)
{
	struct ttlfile f;

	CHECK(load(&f, STR("# c\n\nnote\tttl\tendpoint\nx\t5m\t\n\t0\ta\\tb\n\t1h30m\t title \n")));
	CHECK_INT(f.n, 3);
	CHECK_INT(ttlfile_row(&f, STR(""))->ttl_s, 300);
	CHECK_INT(ttlfile_row(&f, STR("a\\tb"))->ttl_s, 0);
	CHECK_INT(ttlfile_row(&f, STR("title"))->ttl_s, 5400);
	CHECK_STR(ttlfile_row(&f, STR("title"))->ttl, "1h30m");
	CHECK_INT(ttlfile_row(&f, STR("title"))->line, 6);
	CHECK(!ttlfile_row(&f, STR("titl")));
	ttlfile_free(&f);
	CHECK(!ttlfile_read(&f, "/nonexistent/ttl.tsv", say));
	CHECK(!f.text);
	ttlfile_free(&f);
}

static void
test_damage(void)
{
	static const char *const bad[][2] = {
		{ "", "empty" }, { HEAD, "no rows" }, { HEAD "a\t5m", "cut short" },
		{ "endpoint\tlife\na\t5m\n", "no rows with the columns" }, { "ttl\n5m\n", "no rows with the columns" },
		{ HEAD "a\t5\n", ":2: column \"ttl\": not a duration" }, { HEAD "a\t\n", "not a duration" },
		{ HEAD "a\t1ms\n", "not a duration of whole seconds" }, { HEAD "a\t5m\na\t6m\n", ":3: column \"endpoint\": \"a\" stands in line 2" },
		{ HEAD "\\xffA\t5m\n\\xFF\\x41\t6m\n", ":3: column \"endpoint\": \"\\xFFA\" stands in line 2" },
		{ HEAD "a\t5m\tn\tm\n", "4 fields under a header of 3" }, { HEAD "a\\\t5m\n", "bad escape" },
		{ "endpoint\tttl\tttl\na\t5m\n", "stands twice" },
	};
	struct ttlfile f;

	for (size_t i = 0; i < countof(bad); i++) {
		CHECK(!load(&f, str_of(bad[i][0])));
		CHECK(strstr(said, bad[i][1]) != NULL);
		if (!strstr(said, bad[i][1]))
			fprintf(stderr, "\tsaid %s\n", said);
		ttlfile_free(&f);
	}
}

static bool
changes(const char *rows, struct change c, bool force, const char *want)
{
	char why[CHANGE_WHY_MAX] = "";
	struct ttlfile f;
	struct edit e;
	bool fits, set;

	CHECK(load(&f, str_of(rows)));
	edit_open(&e, str_of(rows));
	fits = change_fits(&c, &f, why);
	set = (fits || force) && change_set(&c, &f, &e, force, why);
	if (set)
		CHECK_STR(buf_str(&e.text), want);
	else
		CHECK(strstr(why, want) != NULL);
	if (!set && !strstr(why, want))
		fprintf(stderr, "\twhy %s\n", why);
	edit_close(&e);
	ttlfile_free(&f);
	return set;
}

static void
test_change(void)
{
	struct change a = { STR("a"), 300, 600, STR("10m") }, all = { STR(""), 300, 600, STR("10m") };
	struct change any = { STR(""), CHANGE_ANY, 600, STR("10m") };

	CHECK(changes(HEAD "a\t5m\nb\t5m\n", a, false, HEAD "a\t10m\nb\t5m\n"));
	CHECK(!changes(HEAD "b\t5m\n", a, false, "no row for the endpoint \"a\""));
	CHECK(!changes(HEAD "a\t7m\n", a, false, "2: \"a\" has 7m, not the 300 s"));
	CHECK(!changes(HEAD "a\t600s\n", a, false, "2: \"a\" has 600s already"));
	CHECK(changes(HEAD "a\t7m\n", a, true, HEAD "a\t10m\n"));
	CHECK(changes(HEAD "a\t300s\n\t5m\n", all, false, HEAD "a\t10m\n\t10m\n"));
	CHECK(!changes(HEAD "a\t5m\n", all, false, "no row with an empty endpoint"));
	CHECK(!changes(HEAD "a\t6m\n\t5m\n", all, false, "2: \"a\" has 6m"));
	CHECK(changes(HEAD "a\t2m\n\t2m\n", any, false, HEAD "a\t10m\n\t10m\n"));
	CHECK(!changes(HEAD "a\t2m\n\t3m\n", any, false, "3: \"\" has 3m, not the 120 s"));
	CHECK(change_meets(&a, &all) && change_meets(&all, &a) && change_meets(&a, &a));
	a.endpoint = STR("b");
	CHECK(!change_meets(&a, &(struct change){ .endpoint = STR("a") }));
}

static void
renders(const char *rows, const char *form, const char *want)
{
	char why[RENDER_WHY_MAX] = "";
	struct ttlfile f;
	struct render r;
	struct buf b;

	buf_init(&b, RENDER_MAX);
	CHECK(load(&f, str_of(rows)));
	if (render_open(&r, str_of(form), why) && render(&b, &r, &f, why))
		CHECK_STR(buf_str(&b), want);
	else
		CHECK(strstr(why, want) != NULL);
	if (*why && !strstr(why, want))
		fprintf(stderr, "\twhy %s\n", why);
	render_close(&r);
	buf_free(&b);
	ttlfile_free(&f);
}

static void
test_render(void)
{
	char path[] = "/tmp/cmon-template-XXXXXX";
	int fd = mkstemp(path);

	renders(HEAD "\t5m\na\t1h\n", "json", "{\n  \"default_ttl_s\": 300,\n  \"ttl_s\": {\n    \"a\": 3600\n  }\n}\n");
	renders(HEAD "a\t1h\nb\t0\n", "json", "{\n  \"ttl_s\": {\n    \"a\": 3600,\n    \"b\": 0\n  }\n}\n");
	renders(HEAD "\t1h\n", "json:", "{\n  \"default_ttl_s\": 3600,\n  \"ttl_s\": {\n    \"\": 3600\n  }\n}\n");
	renders(HEAD "a\t1h\n", "nginx:a", "# Written by cmon-promote: include it in the location.\n"
	    "proxy_cache_valid 200 301 302 3600s;\n");
	renders(HEAD "a\t1h\n", "nginx", "the form nginx is of one endpoint");
	renders(HEAD "a\t1h\n", "nginx:", "the form nginx: no row for the endpoint \"\"");
	renders(HEAD "a\t1h\n", "/nonexistent/t", "/nonexistent/t: No such file");
	renders(HEAD "a\\nb\t1h\n", "varnish", "@endpoint:vcl@ cannot hold the endpoint \"a\\nb\"");
	renders(HEAD "\\xff\t1h\n", "json", "@endpoint:json@ cannot hold the endpoint \"\\xFF\"");
	CHECK(write(fd, "@ttl@@comma@\n@x @@ @ttl", 23) == 23);
	renders(HEAD "a\t1h\nb\t2h\n", path, "1h,\n2h\n@x @@ @ttl\n");
	CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	renders(HEAD "a\t1h\n", path, "");
	CHECK(write(fd, "@tll@", 5) == 5);
	renders(HEAD "a\t1h\n", path, "nobody knows @tll@");
	close(fd);
	unlink(path);
}

/* The longest endpoint that a word of nginx holds, and one byte more. */
static void
test_long(void)
{
	char rows[sizeof(HEAD) + RENDER_WORD_MAX + 16];
	struct ttlfile f;
	struct render r;
	char why[RENDER_WHY_MAX];

	for (size_t n = RENDER_WORD_MAX; n <= RENDER_WORD_MAX + 1; n++) {
		struct buf b;

		snprintf(rows, sizeof(rows), HEAD "%0*d\t1h\n", (int)n, 0);
		CHECK(load(&f, str_of(rows)));
		buf_init(&b, RENDER_MAX);
		CHECK(render_open(&r, STR("nginx-map"), why));
		CHECK(render(&b, &r, &f, why) == (n == RENDER_WORD_MAX));
		render_close(&r);
		buf_free(&b);
		ttlfile_free(&f);
	}
}

int
main(void)
{
	test_read();
	test_damage();
	test_change();
	test_render();
	test_long();
	return test_end();
}
