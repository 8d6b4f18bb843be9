/* template: places, what becomes of them, and every mistake. */
#include "template.h"

#include "str.h"
#include "test.h"

static struct arena a;

static size_t
group(const void *ctx, struct str name)
{
	(void)ctx;
	return str_eq(name, STR("1")) ? 1 : str_eq(name, STR("id")) ? 2 : 0;
}

/* The parts as "kind/mods/text or group;". */
static void
check(const char *text, const char *want)
{
	struct template t;
	char got[1024] = "";
	size_t n = 0;

	CHECK(!template_parse(&t, &a, str_of(text), group, NULL));
	for (size_t i = 0; i < t.n; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%d/%u/%.*s%.0zu;", (int)t.part[i].kind,
		    t.part[i].mods, (int)t.part[i].text.n, t.part[i].text.p ? t.part[i].text.p : "", t.part[i].group);
	CHECK_STR(str_of(got), want);
}

static void
check_wrong(const char *text, const char *why)
{
	struct template t;
	const char *got = template_parse(&t, &a, str_of(text), group, NULL);

	CHECK_STR(str_of(got), why);
}

int
main(void)
{
	static const char name[] = "a name in ${} is none of path, query, url, rest, vhost, method, arg_NAME, "
	    "or a group of the pattern";
	char many[2 * TEMPLATE_PARTS + 8] = "";
	struct template t;

	check("", "");
	check("item:$1", "0/0/item:;8/0/1;");
	check("${path}${query}${url}${rest}${vhost}${method}", "1/0/;2/0/;3/0/;4/0/;5/0/;6/0/;");
	check("${arg_q}x${id}$$", "7/0/q;0/0/x;8/0/2;0/0/$;");
	check("${path:fold}${1:lower,ids}", "1/3/;8/6/1;");
	check_wrong("$2", "the pattern has no group of that number");
	check_wrong("${nobody}", name);
	check_wrong("${}", name);
	check_wrong("${arg_}", name);
	check_wrong("${path:}", "behind a colon stand numbers, ids, fold or lower");
	check_wrong("${path:upper}", "behind a colon stand numbers, ids, fold or lower");
	check_wrong("a${path", "a ${ has no }");
	check_wrong("5 $", "a $ stands before a digit or {; a dollar sign is $$");
	check_wrong("$0", "a $ stands before a digit or {; a dollar sign is $$");
	for (size_t i = 0; i < TEMPLATE_PARTS; i++)
		memcpy(many + strlen(many), "$1", 3);
	CHECK(!template_parse(&t, &a, str_of(many), group, NULL));
	CHECK(template_has(&t, TEMPLATE_GROUP) && !template_has(&t, TEMPLATE_PATH));
	memcpy(many + strlen(many), "$1", 3);
	check_wrong(many, "too many parts");
	arena_free(&a);
	return test_end();
}
