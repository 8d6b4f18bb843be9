/* rules: conditions, thresholds in their units, and every mistake. */
#include "rules.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

static char said[16384];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

static bool
load(struct rules *r, const char *text)
{
	char path[] = "/tmp/cmon-rules-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	said[0] = '\0';
	ok = rules_read(r, path, say);
	CHECK(ok == (said[0] == '\0'));
	unlink(path);
	return ok;
}

static void
test_good(void)
{
	struct rules r;
	const struct rule *a;

	CHECK(load(&r, "id\tseverity\tcondition\tthreshold\tclear\tfor\tkeep\tmin_n\tmax_age\tnodata\tchannels\t"
	    "inhibited_by\tescalate\tescalate_to\tenabled\tsummary\n"
	    "a\tcritical\tmiss_pct{host=*} > & error_pct > 2%\t15%\t12\t5m\t1m\t200\t15m\talert\tmail,pager\t"
	    "b,c\t30m\tphone\tyes\tMany\\nmisses\n"
	    "b\twarning\tburn{window=1h} > & burn{window=5m} >\t14.4\n"
	    "c\tinfo\tlatency_ms_p99 >= 0.5s\t\t\t\t\t\t\tok\t\t\t\t\tno\n"));
	CHECK_INT(r.n, 3);
	a = &r.rule[0];
	CHECK_STR(a->id, "a");
	CHECK(a->severity == SEVERITY_CRITICAL && a->n == 2 && a->labels == 1 && a->enabled);
	CHECK_STR(a->label[0], "host");
	CHECK(a->term[0].threshold == 15 && a->term[0].clear == 12 && a->term[0].spread);
	CHECK(a->term[1].threshold == 2 && a->term[1].clear == 2 && !a->term[1].spread);
	CHECK(a->for_us == 300000000 && a->keep_us == 60000000 && a->min_n == 200);
	CHECK(a->max_age_us == 900000000 && a->nodata == NODATA_ALERT && a->escalate_us == 1800000000);
	CHECK(a->inhibitors == 2 && a->inhibited_by[0] == 1 && a->inhibited_by[1] == 2);
	CHECK_STR(a->summary, "Many\\nmisses");
	a = &r.rule[1];
	CHECK(a->term[0].window_us == 3600000000 && a->term[1].window_us == 300000000);
	CHECK(a->term[0].select.n == 0 && a->labels == 0 && a->term[1].threshold == 14.4);
	CHECK(a->for_us == 0 && a->keep_us == 0 && a->min_n == 0 && a->max_age_us < 0 && a->escalate_us < 0);
	a = &r.rule[2];
	CHECK(a->term[0].op == OP_GE && a->term[0].threshold == 500 && !a->enabled && a->nodata == NODATA_OK);
	CHECK(rules_find(&r, STR("c")) == a && !rules_find(&r, STR("d")));
	rules_free(&r);
}

static void
test_conditions(void)
{
	static const struct { const char *text, *why; } table[] = {
		{ "a>1", NULL }, { "a > 1&b<2", NULL }, { "age(a{j=*}) > 20m", NULL }, { "lag( a ) > 20m", NULL },
		{ "a{x=\"&\"} > 1", NULL }, { "latency_ms_p99.9 != 3ms", NULL }, { "a == -1e-3", NULL },
		{ "", "column's name" }, { "> 1", "column's name" }, { "a", "operator" }, { "a = 1", "operator" },
		{ "a >", NULL }, { "a > 1 &", "column's name" }, { "a > 1 & & b > 1", "column's name" },
		{ "a > x", "not a number" }, { "a > 5ms", "plain number" }, { "age(a) > 5%", "not a time" },
		{ "age(a > 1", ") is missing" }, { "max(a) > 1", "operator" }, { "a{b} > 1", "= or !=" },
		{ "a{window=5} > 1", "duration" }, { "a{window=*} > 1", "duration" }, { "a{window!=5m} > 1", "duration" },
		{ "a{x=*} > 1 & b{y=*} > 1", "different labels" }, { "a{x=*,y=*} > 1 & b{x=*} > 1", "different labels" },
		{ "a{x=*} > 1 & b{x=*,y=*} > 1", "different labels" }, { "a{x=*} > 1 & b{x!=1} > 1", NULL },
		{ "a{x=*} > 1 & b{x=2} > 1", NULL }, { "a{x=1} > 1 & b{x=*} > 1 & c > 1", NULL },
		{ "a>1&a>1&a>1&a>1&a>1&a>1&a>1&a>1", NULL }, { "a>1&a>1&a>1&a>1&a>1&a>1&a>1&a>1&a>1", "too many" },
	};
	bool missing[RULES_TERMS];
	struct rule rule;

	for (size_t i = 0; i < countof(table); i++) {
		const char *why = rule_parse(str_of(table[i].text), &rule, missing);
		bool right = table[i].why ? why && strstr(why, table[i].why) : !why;

		CHECK(right);
		if (!right)
			printf("%s: %s\n", table[i].text, why ? why : "no complaint");
	}
}

static void
test_holds(void)
{
	static const double v[] = { 1, 2, 3 };
	static const char *want[] = { "001", "011", "100", "110", "010", "101" };

	for (int op = OP_GT; op <= OP_NE; op++)
		for (int i = 0; i < 3; i++)
			CHECK(rule_holds((enum rule_op)op, v[i], 2) == (want[op][i] == '1'));
}

/* A whole file of mistakes: each one is said once, in the order of the file. */
static void
test_mistakes(void)
{
	static const char head[] = "id\tseverity\tcondition\tthreshold\tclear\tfor\tmin_n\tnodata\tchannels\t"
	    "inhibited_by\tescalate\tescalate_to\tenabled\n";
	static const struct { const char *row, *why; } table[] = {
		{ "\tinfo\ta > 1", "column \"id\": \"\" is no id" },
		{ "a b\tinfo\ta > 1", "column \"id\": \"a b\" is no id: up to 64 letters, digits, _ and -\n" },
		{ "x\tinfo\t", "column \"condition\": empty" },
		{ "x\tinfo\ta >", "column \"threshold\": empty, and the condition has no number after >" },
		{ "x\tinfo\tmiss_pct >\t15ms", "column \"threshold\": \"15ms\" for \"miss_pct\": not a percentage" },
		{ "x\tinfo\tmiss_pct >\t15\t16", "column \"clear\": 16 is on the wrong side of 15" },
		{ "x\tinfo\tmiss_pct <\t15\t14", "column \"clear\": 14 is on the wrong side of 15" },
		{ "x\tinfo\tmiss_pct ==\t15\t15", "leave clear empty" },
		{ "x\tinfo\tmiss_pct >\t15\t1x", "column \"clear\": \"1x\" for \"miss_pct\": not a number" },
		{ "x\tinfo\ta > 1\t15", "column \"threshold\": of no use" },
		{ "x\tinfo\ta > 1\t\t15", "column \"clear\": of no use" },
		{ "x\tbad\ta > 1", "column \"severity\": \"bad\" is none of: info warning critical" },
		{ "x\t\ta > 1", "column \"severity\": empty" },
		{ "x\tinfo\ta > 1\t\t\t5", "column \"for\": not a duration" },
		{ "x\tinfo\ta > 1\t\t\t5m\t-1", "column \"min_n\": not a number of requests" },
		{ "x\tinfo\ta > 1\t\t\t5m\t1\tfire", "column \"nodata\": \"fire\" is none of: keep ok alert" },
		{ "x\tinfo\ta > 1\t\t\t\t\t\tmail, pager", "column \"channels\": \" pager\" is no channel" },
		{ "x\tinfo\ta > 1\t\t\t\t\t\t\tz", "column \"inhibited_by\": no rule has the id \"z\"" },
		{ "x\tinfo\ta > 1\t\t\t\t\t\t\tx", "in a circle" },
		{ "x\tinfo\ta > 1\t\t\t\t\t\t\t\t5m", "column \"escalate_to\": empty" },
		{ "x\tinfo\ta > 1\t\t\t\t\t\t\t\t\tphone", "column \"escalate\": empty" },
		{ "x\tinfo\ta > 1\t\t\t\t\t\t\t\t\t\tmaybe", "column \"enabled\": \"maybe\" is none of: no yes 0 1" },
	};
	char text[8192], want[256];
	struct rules r;

	for (size_t i = 0; i < countof(table); i++) {
		snprintf(text, sizeof(text), "%s%s\n", head, table[i].row);
		CHECK(!load(&r, text));
		snprintf(want, sizeof(want), "2: %s", table[i].why);
		CHECK(strstr(said, table[i].why) != NULL && strncmp(said, "2: ", 3) == 0);
		CHECK(strchr(said, '\n') == said + strlen(said) - 1);
		if (!strstr(said, table[i].why))
			printf("want %s\n got %s", table[i].why, said);
		rules_free(&r);
	}
	CHECK(!load(&r, "id\tseverity\tcondition\tinhibited_by\na\tinfo\tx > 1\tb\nb\tinfo\tx > 1\tc\n"
	    "c\tinfo\tx > 1\ta\n"));
	CHECK_STR(str_of(said), "2: column \"inhibited_by\": rules mute each other in a circle: take one out\n");
	rules_free(&r);
	CHECK(!load(&r, "id\tseverity\tcondition\na info x > 1\n"));
	CHECK(strstr(said, "\"a info x > 1\" is no id: up to 64 letters, digits, _ and -; one tab stands between two fields\n"));
	rules_free(&r);
	CHECK(!load(&r, "id\tseverity\tcondition\na\tinfo\tx > 1\na\tnone\tx\n"));
	CHECK_STR(str_of(said), "3: column \"id\": \"a\" is the id of line 2 too\n"
	    "3: column \"condition\": \"x\": an operator is missing: > >= < <= == !=\n"
	    "3: column \"severity\": \"none\" is none of: info warning critical\n");
	rules_free(&r);
	/* A diamond is no circle. */
	CHECK(load(&r, "id\tseverity\tcondition\tinhibited_by\na\tinfo\tx > 1\tb,c\nb\tinfo\tx > 1\td\n"
	    "c\tinfo\tx > 1\td\nd\tinfo\tx > 1\n"));
	rules_free(&r);
}

int
main(void)
{
	test_good();
	test_conditions();
	test_holds();
	test_mistakes();
	return test_end();
}
