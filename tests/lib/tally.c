/* tally: what a row of events adds, and to which cell. */
#include "tally.h"

#include <unistd.h>

#include "num.h"
#include "str.h"
#include "test.h"

static struct cell_plan plan;
static const struct str label[] = { { "host", 4 }, { "url", 3 } };

struct got {
	enum tally_what what;
	struct cell_event event;
	int64_t start, time;
	uint32_t width;
	char labels[128];
	char why[TSV_WHY_MAX];
};

static int measure;

/* The last row of a stream. */
static struct got
read_rows(const char *text, size_t labels, int64_t width_us, unsigned keep)
{
	char path[] = "/tmp/cmon-tally-XXXXXX";
	char *paths[] = { path, NULL };
	static struct tsv tsv;
	struct tally t;
	struct in in;
	struct got g = { .what = TALLY_SKIPPED };
	int fd = mkstemp(path);
	enum tsv_what what;

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	cell_plan_init(&plan);
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++)
		if (keep >> k & 1)
			cell_keep(&plan, (enum cell_counter)k);
	measure = cell_keep_measure(&plan, STR("latency_us"), CELL_SUM);
	cell_plan_lay(&plan);
	tally_init(&t);
	t.label = label;
	t.labels = labels;
	t.width_us = width_us;
	t.since = -1000 * WHEN_SEC;
	tally_number(&t, STR("latency_ms"), 3, measure);
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&tsv, &in);
	while ((what = tsv_next(&tsv)) == TSV_HEADER || what == TSV_ROW) {
		struct cells_key k;

		if (what == TSV_HEADER) {
			tally_bind(&t, &tsv, &plan);
			continue;
		}
		g.what = tally_read(&t, &tsv, &g.event, &k);
		g.start = k.start;
		g.width = k.width;
		g.time = t.time;
		if (g.what == TALLY_TAKEN)
			snprintf(g.labels, sizeof(g.labels), "%.*s", (int)k.labels.n, k.labels.p);
	}
	snprintf(g.why, sizeof(g.why), "%s", t.why);
	CHECK_INT(what, TSV_END);
	tally_free(&t);
	tsv_close(&tsv);
	in_close(&in);
	cell_plan_free(&plan);
	unlink(path);
	return g;
}

#define ALL	(~0U)

static struct got
one(const char *column, const char *value)
{
	char text[512];

	snprintf(text, sizeof(text), "time\t%s\n1795176059.5\t%s\n", column, value);
	return read_rows(text, 0, 60 * WHEN_SEC, ALL);
}

static void
check_bad(const char *column, const char *value)
{
	struct got g = one(column, value);

	CHECK_INT(g.what, TALLY_BAD);
	CHECK(strstr(g.why, column) && strstr(g.why, ":2: "));
}

static void
check_times(void)
{
	static const char *const times[] = { "0", "1", "-1", "-0.5", "1795176059", "1795176059.5",
	    "1795176059.123456", "1795176059.1234567", "01795176059", "179517605.9", "17951760599.5",
	    "1795176059.", "1e3", "1795176059e0", "-999.999999" };
	static const char *const bad[] = { "1x", "1795176059x", "1795176059.x", "1795176059.5.5", "1e300",
	    "9223372036854", "1795176059 ", "1..2", "17951760x9", "1795176059.1234567x" };

	for (size_t i = 0; i < countof(times); i++) {
		char text[128];
		int64_t us = 0;
		struct got g;

		snprintf(text, sizeof(text), "time\n1795176058\n%s\n", times[i]);
		CHECK(num_fixed(str_of(times[i]), 6, &us));
		g = read_rows(text, 0, 60 * WHEN_SEC, ALL);
		CHECK_INT(g.what, TALLY_TAKEN);
		CHECK_INT(g.time, us);
		CHECK(g.start % 60 == 0 && g.start * WHEN_SEC <= us && us < (g.start + 60) * WHEN_SEC);
		CHECK_INT(g.width, 60);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		char text[128];
		struct got g;

		snprintf(text, sizeof(text), "time\n1795176059\n%s\n", bad[i]);
		g = read_rows(text, 0, 0, ALL);
		CHECK_INT(g.what, TALLY_BAD);
		CHECK(strstr(g.why, ":3: column \"time\": not a time") != NULL);
	}
	CHECK_INT(read_rows("time\n-1001\n", 0, 0, ALL).what, TALLY_SKIPPED);
}

static void
check_words(void)
{
	static const struct { const char *word; int outcome, body, origin; } words[] = {
		{ "hit", CELL_HIT, CELL_HIT_BYTES, 0 },
		{ "stale", CELL_STALE, CELL_HIT_BYTES, 0 },
		{ "reval", CELL_REVAL, CELL_HIT_BYTES, 0 },
		{ "miss", CELL_MISS, CELL_MISS_BYTES, CELL_ORIGIN },
		{ "pass", CELL_PASS, 0, CELL_ORIGIN },
		{ "synth", CELL_SYNTH, 0, 0 },
		{ "error", CELL_CACHE_ERROR, 0, 0 },
		{ "", 0, 0, 0 }, { "h", 0, 0, 0 }, { "hi", 0, 0, 0 }, { "hits", 0, 0, 0 },
		{ "HIT", 0, 0, 0 }, { "hat", 0, 0, 0 }, { "errors", 0, 0, 0 }, { "mis", 0, 0, 0 },
		{ "a long word that is none", 0, 0, 0 },
	};

	for (size_t i = 0; i < countof(words); i++) {
		struct cell_event e = one("cache", words[i].word).event;

		CHECK_INT(e.outcome, words[i].outcome);
		CHECK_INT(e.body, words[i].body);
		CHECK_INT(e.origin, words[i].origin);
	}
	CHECK_INT(read_rows("time\tcache\ttier\n1\thit\torigin\n", 0, 0, ALL).event.origin, CELL_ORIGIN);
	CHECK_INT(read_rows("time\tcache\ttier\n1\tmiss\tkv\n", 0, 0, ALL).event.origin, 0);
	CHECK_INT(read_rows("time\tcache\ttier\n1\tmiss\t\n", 0, 0, ALL).event.origin, CELL_ORIGIN);
	CHECK_INT(read_rows("time\tcache\ttier\n1\tsynth\torigin\n", 0, 0, ALL).event.origin, 0);
}

static void
check_numbers(void)
{
	static const struct { const char *text; int status, error; } statuses[] = {
		{ "", 0, 0 }, { "0", 0, 0 }, { "000", 0, 0 }, { "99", 0, 0 }, { "100", CELL_1XX, 0 },
		{ "200", CELL_2XX, 0 }, { "0404", CELL_4XX, 0 }, { "499", CELL_4XX, 0 },
		{ "500", CELL_5XX, CELL_ERRORS }, { "599", CELL_5XX, CELL_ERRORS },
		{ "600", 0, CELL_ERRORS }, { "999", 0, CELL_ERRORS },
	};
	struct got g;

	for (size_t i = 0; i < countof(statuses); i++) {
		struct cell_event e = one("status", statuses[i].text).event;

		CHECK_INT(e.status, statuses[i].status);
		CHECK_INT(e.error, statuses[i].error);
	}
	check_bad("status", "2xx");
	check_bad("status", "20x");
	check_bad("status", "1000");
	check_bad("status", "-20");
	CHECK_INT(one("bytes", "12345678901").event.bytes, 12345678901);
	CHECK_INT(one("bytes", "").event.bytes, 0);
	check_bad("bytes", "1.5");
	check_bad("bytes", "18446744073709551616");
	g = one("latency_ms", "1.5");
	CHECK(g.event.has == 1 && g.event.value[measure] == 1500);
	CHECK(one("latency_ms", "-0.0005").event.value[measure] == -1);
	CHECK(one("latency_ms", "").event.has == 0);
	check_bad("latency_ms", "fast");
	check_bad("latency_ms", "1e30");
	CHECK_INT(one("weight", "").event.weight, 1);
	CHECK_INT(one("weight", "7").event.weight, 7);
	CHECK_INT(one("weight", "0").what, TALLY_SKIPPED);
	CHECK_INT(one("weight", "3.000000").event.weight, 3);
	check_bad("weight", "-1");
	check_bad("weight", "many");
}

static void
check_keys(void)
{
	struct got g;

	CHECK_STR(str_of(read_rows("time\thost\n1\ta\n", 1, 0, ALL).labels), "a");
	CHECK_STR(str_of(read_rows("time\thost\n1\t\n", 1, 0, ALL).labels), "(none)");
	CHECK_STR(str_of(read_rows("url\ttime\thost\n/x\t1\ta\n", 2, 0, ALL).labels), "a\t/x");
	CHECK_STR(str_of(read_rows("url\ttime\n/x\t1\n", 2, 0, ALL).labels), "(none)\t/x");
	CHECK_STR(str_of(read_rows("time\n1\n", 0, 0, ALL).labels), "");
	CHECK_STR(str_of(read_rows("time\thost\n1\ta\nhost\ttime\nb\t2\n", 1, 0, ALL).labels), "b");
	g = read_rows("time\n90000\n", 0, 86400 * WHEN_SEC, ALL);
	CHECK(g.start == 86400 && g.width == 86400);
	g = read_rows("time\n90000\n", 0, 0, ALL);
	CHECK(g.start == 0 && g.width == 0);
}

int
main(void)
{
	check_times();
	check_words();
	check_numbers();
	check_keys();
	/* What is not kept is not looked at. */
	CHECK_INT(read_rows("time\tstatus\tbytes\n1\tx\ty\n", 0, 0, 1U << CELL_HIT).what, TALLY_TAKEN);
	return test_end();
}
