#include "test.h"

#include "promtext.h"
#include "str.h"

static struct promtext p;

static void
sample(const char *line, const char *name, const char *labels, double v)
{
	char got[256] = "";

	CHECK_INT(promtext_line(&p, str_of(line)), PROMTEXT_SAMPLE);
	for (size_t i = 0; i < p.labels; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s=%.*s;",
		    (int)p.label[i].name.n, p.label[i].name.p,
		    (int)p.label[i].value.n, p.label[i].value.p);
	CHECK_STR(p.name, name);
	CHECK_STR(str_of(got), labels);
	CHECK(p.value == v || (isnan(p.value) && isnan(v)));
}

static void
kind(const char *line, enum promtext_kind want)
{
	enum promtext_kind got = promtext_line(&p, str_of(line));

	CHECK_INT(got, want);
	if (got != want)
		fprintf(stderr, "\tof \"%s\"\n", line);
}

int
main(void)
{
	static const char *const wrong[] = {
		"m", "m ", "m x", "m 1 ", "m 1 2", "m{} ", "m{a} 1", "m{a=} 1", "m{a=\"b} 1",
		"m{a=\"b\" 1", "m{a=\"b\"c=\"d\"} 1", "m{,} 1", "m{a=\"b\",,} 1", "m{a=\"\\t\"} 1",
		"m{a=\"b\\", "m{a=\"b\",a=\"c\"} 1", "{a=\"b\"} 1", "1m 1", "m-x 1", "\xff 1",
		"m{a=\"\xff\"} 1", "# HELP m-x text", "# HELP m a\\b", "# HELP m a\\", "# TYPE 9 gauge",
	};

	sample("m 1", "m", "", 1);
	sample(" \tm\t1", "m", "", 1);
	sample("a:b_9 -1e-3", "a:b_9", "", -0.001);
	sample("m{} NaN", "m", "", NAN);
	sample("m { b = \"2\" , a=\"1\" , } +Inf", "m", "a=1;b=2;", INFINITY);
	sample("m{a=\"q\\\"\\\\\\n}\"}1", "m", "a=q\"\\\n};", 1);
	for (size_t i = 0; i < countof(wrong); i++)
		kind(wrong[i], PROMTEXT_WRONG);
	kind("", PROMTEXT_BLANK);
	kind(" \t", PROMTEXT_BLANK);
	kind("# a comment", PROMTEXT_BLANK);
	kind("#", PROMTEXT_BLANK);
	kind("# HELP", PROMTEXT_BLANK);
	kind("# HELP m", PROMTEXT_BLANK);
	kind("# HELP m ", PROMTEXT_BLANK);
	kind("# EOF", PROMTEXT_BLANK);
	kind("#HELP m  a \\\\ \\n \"b\" ", PROMTEXT_HELP);
	CHECK_STR(p.name, "m");
	CHECK_STR(p.text, "a \\\\ \\n \"b\" ");
	kind("# TYPE m gauge ", PROMTEXT_TYPE);
	CHECK_STR(p.text, "gauge ");
	promtext_free(&p);
	return test_end();
}
