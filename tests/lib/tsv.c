/* tsv: escapes go there and back, headers bind again, cut streams are told. */
#include "tsv.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

static void
test_escapes(void)
{
	static const struct { const char *raw, *want; } table[] = {
		{ "plain /a?b=c", "plain /a?b=c" },
		{ "tab\there", "tab\\there" },
		{ "a\nb\rc\\d", "a\\nb\\rc\\\\d" },
		{ "\x1b[31m\x7f", "\\x1B[31m\\x7F" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "c1 \xc2\x9b x", "c1 \\xC2\\x9B x" },
		{ "bad \xff\xc3 (", "bad \\xFF\\xC3 (" },
	};
	char room[256];

	for (size_t i = 0; i < countof(table); i++) {
		char *end = tsv_put(room, str_of(table[i].raw));

		CHECK_STR(((struct str){ room, (size_t)(end - room) }), table[i].want);
	}
}

static void
test_round_trip(void)
{
	uint64_t seed = 7;
	struct buf b;

	buf_init(&b, 1024);
	for (int round = 0; round < 50000; round++) {
		char raw[64], field[TSV_ROOM(64)];
		struct str s = { raw, test_random(&seed) % sizeof(raw) }, out;

		for (size_t i = 0; i < s.n; i++)
			raw[i] = (char)(test_random(&seed) >> (round % 3 ? 8 : 57));
		out = (struct str){ field, (size_t)(tsv_put(field, s) - field) };
		CHECK(tsv_is_escaped(out));
		for (size_t i = 0; i < out.n; i++)
			CHECK((unsigned char)out.p[i] >= 0x20 && out.p[i] != 0x7f);
		buf_reset(&b);
		CHECK(tsv_unescape(&b, out));
		CHECK(str_eq(buf_str(&b), s));
	}
	CHECK(!tsv_unescape(&b, STR("\\")));
	CHECK(!tsv_unescape(&b, STR("\\q")));
	CHECK(!tsv_unescape(&b, STR("\\x4")));
	CHECK(!tsv_is_escaped(STR("\\x4g")));
	CHECK(!tsv_is_escaped(STR("a\tb")));
	CHECK(!tsv_is_escaped(STR("\xff")));
	buf_free(&b);
}

/* That the fields of a row, up to this one, are those of the line. */
static void
check_fields(const struct tsv *t, int last)
{
	struct str rest = tsv_line(t), field;

	for (int i = 0; i <= last && str_cut(&rest, '\t', &field); i++)
		CHECK(str_eq(tsv_field(t, i), field));
}

/* As check_stream(), and only column `last` is wanted where there is one. */
static void
check_wanted(const char *text, const char *want, const char *why, int last)
{
	static struct tsv t;
	char path[] = "/tmp/cmon-tsv-XXXXXX", got[32] = "";
	char *paths[] = { path, NULL };
	int fd = mkstemp(path);
	struct in in;
	size_t n = 0;

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&t, &in);
	while (n < sizeof(got) - 1) {
		enum tsv_what what = tsv_next(&t);

		if (what == TSV_END)
			break;
		if (what == TSV_HEADER && last < (int)t.n)
			tsv_want(&t, last);
		if (what == TSV_ROW)
			check_fields(&t, last < (int)t.n ? last : (int)t.n - 1);
		got[n++] = what == TSV_HEADER ? 'H' : what == TSV_ROW ? 'R' : 'B';
		if (what == TSV_BAD)
			break;
	}
	CHECK_STR(str_of(got), want);
	if (why)
		CHECK(strstr(t.why, why) != NULL);
	tsv_close(&t);
	in_close(&in);
	unlink(path);
}

/* What a stream reads as: H, R or B for each line, then the reason if bad; whatever is wanted. */
static void
check_stream(const char *text, const char *want, const char *why)
{
	for (int last = -1; last < 4; last++)
		check_wanted(text, want, why, last);
}

int
main(void)
{
	test_escapes();
	test_round_trip();
	check_stream("time\ta\n1\tx\n2\t\n", "HRR", NULL);
	check_stream("time\ta\n1\tx\nb\ttime\ny\t2\n", "HRHR", NULL);
	check_stream("a\ttime\tb\nx\t1\ty\ntime\tb\n-5\tq\n", "HRHR", NULL);
	check_stream("a\ttime\ntime\t1\n", "HR", NULL);	/* a label that says "time" */
	check_stream("time\n1.25\n", "HR", NULL);
	check_stream("time\ta\r\n1\tx\r\n", "HR", NULL);
	check_stream("", "B", "no input");
	check_stream("1\t2\n", "B", "no header");
	check_stream("time\ta\n1\n", "HB", "1 fields under a header of 2 columns");
	check_stream("time\ta\n1\t2\t3\n", "HB", "3 fields");
	check_stream("time\ta\nx\t2\n", "HB", "column \"time\": not a number: \"x\"");
	check_stream("time\ta\n\t2\n", "HB", "not a number");
	check_stream("time\ta\n1\t2", "HB", "cut short");
	check_stream("a\tb\ttime\tc\nw\tx\t1\ty\nw\t1\ty\n", "HRB", "3 fields under a header of 4 columns");
	check_stream("time\ta\tb\nx\ty\ttime\nx\ty\t2\nx\ty\tz\n", "HHRB", "not a number: \"z\"");
	check_stream("time\ta\n1\t2\n\n", "HRB", "1 fields");
	check_stream("time\ta\ta\n", "B", "twice");
	check_stream("time\t\n", "B", "no name");
	return test_end();
}
