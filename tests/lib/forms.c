/* forms, path: specs of --write, which are refused, and how they are said again. */
#include "forms.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"
#include "str.h"
#include "test.h"

#define ROOM	10000	/* bytes of a line */

static char folder[] = "/tmp/cmon-forms-XXXXXX", here[4096];

static void
put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* Two specs; "" : they are good. */
static void
opens(const char *a, const char *b, const char *want)
{
	const char *spec[] = { a, b };
	char source[sizeof(here) + 16], why[FORMS_WHY_MAX] = "";
	const char *sources[] = { "/nonexistent/x.tsv", source, NULL };
	struct forms f;
	bool ok;

	snprintf(source, sizeof(source), "%s/ttl.tsv", here);
	ok = forms_open(&f, spec, 2, sources, countof(sources), why);
	CHECK(ok == (*want == '\0'));
	CHECK(!ok || f.n == 2);
	CHECK_STR(str_of(why), want);
	forms_close(&f);
}

static void
test_open(void)
{
	opens("json=a", "json=b", "");
	opens("json=a", "json", "not FORM=FILE: \"json\"");
	opens("json=a", "json=", "not FORM=FILE: \"json=\"");
	opens("=a", "json=b", "not FORM=FILE: \"=a\"");
	opens("", "json=b", "not FORM=FILE: \"\"");
	opens("json=a", "json=-", "a file, not standard output, where the rows go: --emit writes there");
	opens("json=a", "varnish=a", "\"a\" is named twice");
	opens("json=ttl.tsv", "json=b", "\"ttl.tsv\" is where this comes from, or is kept beside it");
	opens("json=./link", "json=b", "\"./link\" is where this comes from, or is kept beside it");
	opens("json=/nonexistent/x.tsv", "json=b", "\"/nonexistent/x.tsv\" is where this comes from, or is kept beside it");
	opens("json=ttl.tsv.log", "json=b", "\"ttl.tsv.log\" is where this comes from, or is kept beside it");
	opens("json=./ttl.tsv.1", "json=b", "\"./ttl.tsv.1\" is where this comes from, or is kept beside it");
	opens("json=ttl.tsv.2", "json=b", "");
	opens("json=tmpl", "tmpl=b", "\"tmpl\" is where this comes from, or is kept beside it");
	opens("json=new", "json=./new", "\"./new\" is named twice");
	opens("json=.", "json=b", "\".\" is no regular file, which could be replaced");
	opens("json=/dev/null", "json=b", "\"/dev/null\" is no regular file, which could be replaced");
	opens("json=there", "json=there2", "\"there2\" is named twice");
	opens("json=a", "xml=b", "xml: No such file or directory: a form is nginx, nginx-map, varnish, json, "
	    "or the path of a template");
}

static void
test_none(void)
{
	char why[FORMS_WHY_MAX];
	struct forms f, zero = { 0 };
	struct buf b;

	buf_init(&b, ROOM);
	CHECK(forms_open(&f, NULL, 0, NULL, 0, why));
	CHECK(f.n == 0 && forms_options(&f, &b) && b.n == 0);
	forms_close(&f);
	forms_close(&zero);
	buf_free(&b);
}

/* An endpoint may have "=", as may a template's path. */
static void
test_parse(void)
{
	const char *spec[] = { "nginx:a=b=out", "a=t=/out" };
	char why[FORMS_WHY_MAX] = "";
	struct forms f;

	CHECK(forms_open(&f, spec, 2, NULL, 0, why));
	CHECK_STR(str_of(why), "");
	CHECK_INT(f.n, 2);
	CHECK_STR(str_of(f.form[0].path), "out");
	CHECK_STR(f.form[0].render.name, "nginx");
	CHECK_STR(f.form[0].render.endpoint, "a=b");
	CHECK_STR(str_of(f.form[1].path), "/out");
	CHECK_STR(f.form[1].render.name, "a=t");
	CHECK(render_is_file(&f.form[1].render));
	forms_close(&f);
}

/* In want "@" is the folder; NULL: it is over max. */
static void
options(const char *spec, size_t max, const char *want)
{
	char why[FORMS_WHY_MAX] = "";
	struct forms f;
	struct buf b, text;

	buf_init(&b, max);
	buf_init(&text, ROOM);
	CHECK(forms_open(&f, &spec, 1, NULL, 0, why));
	CHECK_STR(str_of(why), "");
	CHECK(forms_options(&f, &b));
	CHECK(b.over == !want);
	for (const char *p = want; p && *p; p++)
		buf_add(&text, *p == '@' ? str_of(here) : (struct str){ p, 1 });
	buf_byte(&text, '\0');
	if (want)
		CHECK_STR(buf_str(&b), text.p);
	forms_close(&f);
	buf_free(&text);
	buf_free(&b);
}

static void
test_options(void)
{
	options("json=a", ROOM, " --write json=@/a");
	options("json=link", ROOM, " --write json=@/link");	/* not what it stands for today */
	options("json=/a b", ROOM, " --write 'json=/a b'");
	options("nginx:$(x)'=a", ROOM, " --write 'nginx:$(x)'\"'\"'=@/a'");
	options("a=t:b=a", ROOM, " --write @/a=t:b=@/a");	/* a template is a path too */
	options("json=a", 12, NULL);
}

static void
test_path(void)
{
	struct arena a = { 0 };
	char want[sizeof(here) + 16];
	struct str s;
	struct buf b;

	snprintf(want, sizeof(want), "%s/ttl.tsv", here);
	s = path_real(&a, "./link");
	CHECK_STR(s, want);
	CHECK(s.p[s.n] == '\0');
	CHECK_STR(path_real(&a, "gone/x"), "gone/x");
	CHECK_STR(path_real(&a, ""), "");
	CHECK_STR(str_of(path_beside(&a, "x", ".log")), "x.log");
	CHECK_STR(str_of(path_beside(&a, "", "")), "");
	buf_init(&b, ROOM);
	CHECK(path_absolute(&b, STR("ttl.tsv")));
	CHECK_STR(buf_str(&b), want);
	buf_reset(&b);
	CHECK(path_absolute(&b, STR("/./x")));
	CHECK_STR(buf_str(&b), "/./x");
	buf_free(&b);
	arena_free(&a);
}

/* The folder we are in was removed. */
static void
test_nowhere(void)
{
	const char *spec[] = { "json=/a", "json=b" };
	char why[FORMS_WHY_MAX];
	struct forms f;
	struct buf b;

	CHECK(mkdir("sub", 0700) == 0 && chdir("sub") == 0 && rmdir("../sub") == 0);
	buf_init(&b, ROOM);
	CHECK(path_absolute(&b, STR("/x")));
	errno = 0;
	CHECK(!path_absolute(&b, STR("x")) && errno == ENOENT);
	CHECK(forms_open(&f, spec, 1, NULL, 0, why));
	CHECK(forms_options(&f, &b));
	forms_close(&f);
	CHECK(forms_open(&f, spec, 2, NULL, 0, why));
	CHECK(!forms_options(&f, &b));
	forms_close(&f);
	buf_free(&b);
	CHECK(chdir(folder) == 0);
}

int
main(void)
{
	static const char *const made[] = { "ttl.tsv", "there", "a=t", "tmpl", "link", "there2" };

	CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0 && getcwd(here, sizeof(here)));
	put("ttl.tsv", "endpoint\tttl\n");
	put("there", "");
	put("a=t", "@ttl@\n");
	put("tmpl", "@ttl@\n");
	CHECK(symlink("ttl.tsv", "link") == 0 && symlink("there", "there2") == 0);
	test_open();
	test_none();
	test_parse();
	test_options();
	test_path();
	test_nowhere();
	for (size_t i = 0; i < countof(made); i++)
		CHECK(unlink(made[i]) == 0);
	CHECK(rmdir(folder) == 0);
	return test_end();
}
