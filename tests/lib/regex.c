/* regex: groups, names, bytes, and no match that runs for ever. */
#include "regex.h"

#include "str.h"
#include "test.h"

static char why[REGEX_WHY_MAX];

static void
check_match(const char *pattern, unsigned flags, struct str text, enum regex_found want)
{
	struct regex r;

	CHECK(regex_open(&r, str_of(pattern), flags, why, sizeof(why)));
	CHECK_INT(regex_match(&r, text), want);
	regex_close(&r);
	regex_close(&r);
}

static void
test_groups(void)
{
	struct regex r;

	CHECK(regex_open(&r, STR("^/(\\w+)/(?<id>\\d+)?(x)?"), 0, why, sizeof(why)));
	CHECK_INT(r.groups, 3);
	CHECK_INT(regex_named(&r, STR("id")), 2);
	CHECK_INT(regex_named(&r, STR("nobody")), 0);
	CHECK_INT(regex_named(&r, STR("")), 0);
	CHECK_INT(regex_named(&r, STR("a_name_that_is_longer_than_thirty_two_bytes")), 0);
	CHECK(regex_match(&r, STR("/item/42/y")) == REGEX_YES);
	CHECK_STR(regex_group(&r, 0), "/item/42");
	CHECK_STR(regex_group(&r, 1), "item");
	CHECK_STR(regex_group(&r, 2), "42");
	CHECK_STR(regex_group(&r, 3), "");
	CHECK_STR(regex_group(&r, 4), "");
	CHECK(regex_match(&r, STR("/item/")) == REGEX_YES);
	CHECK_STR(regex_group(&r, 2), "");
	CHECK(regex_match(&r, STR("item")) == REGEX_NO);
	regex_close(&r);
	CHECK(regex_open(&r, STR("(?=ab\\K)"), 0, why, sizeof(why)) || *why);
	if (r.code && regex_match(&r, STR("ab")) == REGEX_YES)
		CHECK_STR(regex_group(&r, 0), "");
	regex_close(&r);
}

int
main(void)
{
	char *as = malloc(65536);
	struct regex r;

	test_groups();
	check_match("^/A$", 0, STR("/a"), REGEX_NO);
	check_match("^/A$", REGEX_NOCASE, STR("/a"), REGEX_YES);
	check_match("^/a$", 0, STR("/a\n"), REGEX_NO);
	check_match("^a.b$", 0, STR("a\0b"), REGEX_YES);
	check_match("^.$", 0, STR("\xff"), REGEX_YES);
	check_match("^.$", 0, STR("\xc3\xa9"), REGEX_NO);
	check_match("^$", 0, (struct str){ NULL, 0 }, REGEX_YES);
	check_match("", 0, (struct str){ NULL, 0 }, REGEX_YES);
	memset(as, 'a', 65536);
	check_match("^(a+)+$", 0, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), REGEX_LIMIT);
	check_match("^(a|aa)+$", 0, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), REGEX_LIMIT);
	check_match("^a*+$", 0, (struct str){ as, REGEX_TEXT_MAX }, REGEX_YES);
	/* Neither is many steps, and both would take seconds. */
	check_match("a*a*[xy]", 0, (struct str){ as, 65536 }, REGEX_LIMIT);
	check_match("(?=(a+))*[xy]", 0, (struct str){ as, 65536 }, REGEX_LIMIT);
	free(as);

	CHECK(!regex_open(&r, STR("/a(b"), 0, why, sizeof(why)));
	CHECK_STR(str_of(why), "missing closing parenthesis, at byte 5");
	regex_close(&r);
	CHECK(!regex_open(&r, STR("(*UTF)."), 0, why, sizeof(why)));
	return test_end();
}
