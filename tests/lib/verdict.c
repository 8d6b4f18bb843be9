/* verdict: a row out and in again, what is undefined, and rows that are none. */
#include "verdict.h"

#include "str.h"
#include "stream.h"

static size_t
write_one(const struct verdict *v, bool exact, char *room, size_t size)
{
	char path[] = FILE_NAME;
	struct tsv_row row;
	struct out o;
	size_t n;

	file_write(path, "");
	out_open(&o, path);
	row = (struct tsv_row){ &o, 0 };
	verdict_header(&row);
	verdict_write(&row, v, exact);
	out_close(&o);
	n = file_read(path, room, size - 1).n;
	room[n] = '\0';
	unlink(path);
	return n;
}

/* The reason why a stream is none, or "" and its last verdict. */
static const char *
read_one(const char *text, struct verdict *v)
{
	static char why[TSV_WHY_MAX];
	static struct stream s;
	struct verdict_columns c = { .why = "" };
	enum tsv_what what;
	bool ok = true;

	stream_open(&s, text);
	while (ok && (what = tsv_next(&s.tsv)) != TSV_END) {
		CHECK(what != TSV_BAD);
		ok = what == TSV_HEADER ? verdict_bind(&c, &s.tsv) : verdict_read(&c, &s.tsv, v);
		if (ok && what == TSV_ROW) {
			/* the slices end with the stream: they are compared by the caller's literals */
			CHECK_STR(v->experiment, "e");
			CHECK_STR(v->endpoint, "a\\tb");
		}
	}
	snprintf(why, sizeof(why), "%s", ok ? "" : strchr(c.why, ':') + 1);
	stream_close(&s);
	return why;
}

static struct verdict
example(void)
{
	struct verdict v;

	verdict_init(&v);
	v.time_us = 1795176000500000;
	v.experiment = STR("e");
	v.metric = STR("hit_pct");
	v.control = STR("control");
	v.treatment = STR("treatment");
	v.keys_c = 12345678;
	v.diff = 1 / 3.0;
	v.p = 1e-300;
	v.status = VERDICT_TREATMENT;
	v.decision = VERDICT_PROMOTE;
	v.endpoint = STR("a\\tb");
	v.ttl_s = 600;
	return v;
}

static void
test_round_trip(void)
{
	struct verdict v = example(), got;
	char text[4096];

	verdict_say(&v, "%s", "one\ttab");
	verdict_say(&v, "%d", 2);
	CHECK(write_one(&v, true, text, sizeof(text)) > 0);
	CHECK(strncmp(text, "time\texperiment\tmetric\tcontrol\ttreatment\tkeys_c\t", 48) == 0);
	CHECK(strstr(text, "\n1795176000.5\te\thit_pct\tcontrol\ttreatment\t12345678\t\t") != NULL);
	CHECK(strstr(text, "\ttreatment\tone\\ttab; 2\tpromote\t") != NULL);
	CHECK_STR(str_of(read_one(text, &got)), "");
	CHECK(got.time_us == v.time_us && got.keys_c == 12345678 && got.diff == 1 / 3.0);
	CHECK(got.p == 1e-300 && isnan(got.keys_t) && isnan(got.lo) && got.ttl_s == 600);
	CHECK(got.status == VERDICT_TREATMENT && got.decision == VERDICT_PROMOTE);
	CHECK_STR(str_of(got.reason), "one\\ttab; 2");
	v.lo = INFINITY;
	write_one(&v, false, text, sizeof(text));
	CHECK(strstr(text, "\t0.333333\t\t\t") != NULL);
}

/* Whole numbers stay whole; a long reason is cut, not lost. */
static void
test_bounds(void)
{
	struct verdict v = example();
	char long_text[2 * VERDICT_REASON_MAX], text[4096];

	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	verdict_say(&v, "%s", long_text);
	verdict_say(&v, "more");
	CHECK_INT(strlen(v.reason), VERDICT_REASON_MAX - 1);
	v.n_c = 9007199254740991;
	write_one(&v, false, text, sizeof(text));
	CHECK(strstr(text, "\t9007199254740991\t") != NULL);
}

static void
test_wrong(void)
{
	struct verdict v = example(), got;
	char text[4096], *at;

	write_one(&v, true, text, sizeof(text));
	at = strstr(text, "treatment\t\tpromote");
	CHECK(at != NULL);
	memcpy(at, "treatmint", 9);
	CHECK_STR(str_of(read_one(text, &got)),
	    "2: column \"status\": not what cmon-abtest(1) writes: \"treatmint\"");
	memcpy(at, "treatment\t\tpromise", 18);
	CHECK_STR(str_of(read_one(text, &got)),
	    "2: column \"decision\": not what cmon-abtest(1) writes: \"promise\"");
	CHECK_STR(str_of(read_one("time\texperiment\n1\te\n", &got)),
	    "1: no column \"metric\": verdicts are what cmon-abtest(1) writes");
}

static void
test_header(void)
{
	char text[4096];
	struct verdict v = example();
	struct str line;

	write_one(&v, true, text, sizeof(text));
	line = (struct str){ text, (size_t)(strchr(text, '\n') - text) };
	CHECK(verdict_is_header(line));
	line.n--;
	CHECK(!verdict_is_header(line));
	CHECK(!verdict_is_header(STR("")) && !verdict_is_header(STR("time\texperiment")));
}

int
main(void)
{
	test_round_trip();
	test_bounds();
	test_wrong();
	test_header();
	return test_end();
}
