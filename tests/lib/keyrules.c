/* keyrules: a file is read, and every mistake is said with its line. */
#include "keyrules.h"

#include <unistd.h>

#include "str.h"
#include "test.h"
#include "url.h"

static char said[8192];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

static bool
read_text(struct keyrules *r, const char *text)
{
	char path[] = "/tmp/cmon-keyrules-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	said[0] = '\0';
	ok = keyrules_read(r, path, say);
	unlink(path);
	return ok;
}

static void
check_wrong(const char *text, const char *complaints)
{
	struct keyrules r;

	CHECK(!read_text(&r, text));
	CHECK_STR(str_of(said), complaints);
	keyrules_free(&r);
}

static void
test_good(void)
{
	struct keyrules r;

	CHECK(read_text(&r, "# comment\npattern\tvhost\tmethod\twith\tkeep\tdrop\tsort\tnormalise\tkey\n"
	    "/a\\\\b\tA.example, *.B\tGET,HEAD\tq,x=1\tq,utm_*\t*\tno\tpercent,tail\n"
	    "~*^/x/(?<id>\\\\d+)\t\t\t\t\t\t\tnone\t${id}$1\n"
	    "= /y\n*\n/.well-known/\n/a%2\n/%\n"));
	CHECK_STR(str_of(said), "");
	CHECK_INT(r.n, 7);
	CHECK_INT(r.rule[0].line, 3);
	CHECK_STR(r.rule[0].pattern, "/a\\b");
	CHECK_STR(r.rule[0].vhost.v[0], "a.example");
	CHECK_STR(r.rule[0].vhost.v[1], "*.b");
	CHECK_INT(r.rule[0].with.n, 2);
	CHECK(r.rule[0].how == (URL_PERCENT | URL_TAIL) && !r.rule[0].sort && !key_rule_plain(&r.rule[0]));
	CHECK(r.rule[1].kind == KEY_REGEX && r.rule[1].how == 0 && r.rule[1].sort);
	CHECK(r.rule[2].kind == KEY_EXACT && r.rule[2].how == URL_NORMAL && key_rule_plain(&r.rule[2]));
	CHECK_STR(r.rule[2].pattern, "/y");
	CHECK_INT(r.rule[2].key.n, 1);
	keyrules_free(&r);
	CHECK(read_text(&r, "pattern\n"));
	keyrules_free(&r);
}

int
main(void)
{
	test_good();
	check_wrong("pattern\tcolour\n", "1: unknown column \"colour\": none of pattern, vhost, "
	    "method, with, endpoint, key, keep, drop, sort, normalise\n");
	check_wrong("endpoint\nx\n", "2: column \"pattern\": empty: / is for every path\n");
	check_wrong("pattern\nsearch\n/a?b\n/a//b\n/%41\n/a/../b\n/%2f\n=/a/.\n",
	    "2: column \"pattern\": \"search\" begins with none of / = ~ ~*: paths begin with a slash\n"
	    "3: column \"pattern\": a path has no ? and no #: the column \"with\" asks for parameters\n"
	    "4: column \"pattern\": no path in normal form has // or /../, or escapes what need not be: \"/a//b\"\n"
	    "5: column \"pattern\": no path in normal form has // or /../, or escapes what need not be: \"/%41\"\n"
	    "6: column \"pattern\": no path in normal form has // or /../, or escapes what need not be: \"/a/../b\"\n"
	    "7: column \"pattern\": no path in normal form has // or /../, or escapes what need not be: \"/%2f\"\n"
	    "8: column \"pattern\": no path in normal form has // or /../, or escapes what need not be: \"/a/.\"\n");
	check_wrong("pattern\tkey\n~(\t$1\n/a\t$1\n/b\t${x}\n",
	    "2: column \"pattern\": no regular expression: missing closing parenthesis, at byte 2: \"(\"\n"
	    "3: column \"key\": the pattern has no group of that number: \"$1\"\n"
	    "4: column \"key\": a name in ${} is none of path, query, url, rest, vhost, method, arg_NAME, "
	    "or a group of the pattern: \"${x}\"\n");
	check_wrong("pattern\tsort\tnormalise\tkeep\n/a\tmaybe\tupper\ta,,b\n/b\t\tnone,dots\n",
	    "2: column \"keep\": a name is empty: one comma stands between two names\n"
	    "2: column \"normalise\": \"upper\" is none of percent, slashes, dots, tail, lower, none\n"
	    "2: column \"sort\": yes or no, not \"maybe\"\n"
	    "3: column \"normalise\": none stands alone\n");
	check_wrong("pattern\twith\n/a\tq\n/a/b\n/a\n/a/b/c\n=/a/x\n~^/a\n",
	    "5: column \"pattern\": \"/a/b/c\" is never reached: the rule in line 3 takes all of it: put it before that one\n"
	    "6: column \"pattern\": \"/a/x\" is never reached: the rule in line 4 takes all of it: put it before that one\n");
	CHECK(key_glob(STR("utm_*"), STR("utm_source")) && key_glob(STR("*"), STR("")));
	CHECK(!key_glob(STR("utm_*"), STR("utm")) && !key_glob(STR("a"), STR("ab")));
	return test_end();
}
