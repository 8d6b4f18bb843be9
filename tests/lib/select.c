/* select: selectors parse, and choose the rows that a slow reading chooses. */
#include "select.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

static const char *
parse(const char *text, struct select *s)
{
	struct str rest = str_of(text);
	const char *why = select_parse(&rest, s);

	if (!why && rest.n)
		return "left over";
	return why;
}

static void
test_parse(void)
{
	static const struct { const char *text, *why; } wrong[] = {
		{ "{", "name is missing" }, { "{}", "name is missing" }, { "{a", "= or !=" }, { "{a}", "= or !=" },
		{ "{a=b", "}" }, { "{a=b,}", "name is missing" }, { "{a=b,a=c}", "twice" },
		{ "{a!b}", "= or !=" }, { "{a=\"b}", "does not end" }, { "{a!=*}", "never" }, { "{a=x*}", "no patterns" },
		{ "{a=b c}", "}" }, { "{a=b}x", "left over" },
		{ "{a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1}", "too many" },
	};
	struct select s;

	for (size_t i = 0; i < countof(wrong); i++) {
		const char *why = parse(wrong[i].text, &s);

		CHECK(why && strstr(why, wrong[i].why));
	}
	CHECK(!parse("", &s) && s.n == 0);
	CHECK(!parse("{tier=edge}", &s) && s.n == 1 && s.match[0].how == SELECT_IS);
	CHECK_STR(s.match[0].value, "edge");
	CHECK(!parse("{ b != x , a = \"p,}= *\" , c=*}", &s) && s.n == 3);
	CHECK_STR(s.match[0].label, "a");
	CHECK_STR(s.match[0].value, "p,}= *");
	CHECK(s.match[1].how == SELECT_NOT && s.match[2].how == SELECT_ANY);
	CHECK(!parse("{a=\"*\"}", &s) && s.match[0].how == SELECT_IS);
	CHECK(!parse("{a=}", &s) && s.match[0].value.n == 0);
}

/* Which of the rows, as letters, are chosen from one stream. */
static void
check_rows(const char *selector, const char *want)
{
	static const char text[] =
	    "tier\thost\ttime\twindow\tname\n"
	    "\t\t1\t60\tA\n" "edge\t\t1\t60\tB\n" "\ta\t1\t60\tC\n" "edge\ta\t1\t60\tD\n"
	    "kv\ta\t1\t60\tE\n" "kv\tb\t1\t60\tF\n" "kv\t\t1\t60\tG\n"
	    "time\twindow\tname\n" "1\t60\tH\n"
	    "name\ttime\twindow\nI\t1\t60\n";		/* there it is a label */
	static struct tsv t;
	char path[] = "/tmp/cmon-select-XXXXXX", got[32] = "";
	char *paths[] = { path, NULL };
	int fd = mkstemp(path), col[SELECT_MAX];
	bool bound = false;
	struct metrics m;
	struct select s;
	struct in in;
	enum tsv_what what;

	CHECK(write(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	CHECK(!parse(selector, &s));
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&t, &in);
	while ((what = tsv_next(&t)) != TSV_END) {
		CHECK(what != TSV_BAD);
		if (what == TSV_HEADER) {
			CHECK(metrics_bind(&m, &t));
			bound = select_bind(&s, &m, col);
		} else if (bound && select_row(&s, col, &m, metrics_filled(&m))) {
			strncat(got, tsv_field(&t, tsv_col(&t, STR("name"))).p, 1);
		}
	}
	CHECK_STR(str_of(got), want);
	tsv_close(&t);
	in_close(&in);
	unlink(path);
}

int
main(void)
{
	test_parse();
	check_rows("", "AH");
	check_rows("{tier=}", "AH");
	check_rows("{tier=edge}", "B");
	check_rows("{tier=*}", "BG");
	check_rows("{tier!=edge}", "G");
	check_rows("{host=a}", "C");
	check_rows("{host=*,tier=*}", "DEF");
	check_rows("{host=*,tier=kv}", "EF");
	check_rows("{host=a,tier!=kv}", "D");
	check_rows("{name=I}", "I");
	check_rows("{colo=x}", "");
	return test_end();
}
