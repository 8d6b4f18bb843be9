/* partial, merge: text there and back; any cut or change of a row is found. */
#include "partial.h"

#include <unistd.h>

#include "mem.h"
#include "merge.h"
#include "str.h"
#include "test.h"

#define TEXT_MAX	(1 << 16)

static struct cell_plan plan;
static const struct str labels[] = { { "host", 4 }, { "tier", 4 } };

static void
write_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	CHECK(f && fwrite(text, 1, n, f) == n);
	CHECK(fclose(f) == 0);
}

static struct cell *
new_cell(int64_t start, struct str label)
{
	struct cell *c = mem_alloc(cell_size(&plan, label.n));

	cell_birth(&plan, c, start, 60, label);
	return c;
}

/* Two cells as a partial in path; the text, and its bytes in *n. */
static char *
make(const char *path, size_t *n)
{
	static char text[TEXT_MAX];
	struct cell_event e = { .weight = 3, .bytes = 10, .outcome = CELL_HIT, .has = 1, .is = 1,
	    .value = { -5 }, .hash = { 12345 } };
	struct partial_writer w;
	struct out out;
	FILE *f;

	out_open(&out, path);
	partial_open(&w, &out, labels, countof(labels));
	partial_has(&w, STR("hit"));
	partial_has(&w, STR("x:n"));
	for (int64_t start = -60; start <= 60; start += 60) {
		struct cell *c = new_cell(start, STR("a\tedge"));

		CHECK(cell_add(&plan, c, &e));
		e.value[0] = INT64_MAX / 4;
		partial_cell(&w, &plan, c);
		cell_death(&plan, c);
		free(c);
	}
	partial_close(&w);
	CHECK_INT(out_close(&out), 0);
	f = fopen(path, "r");
	CHECK(f != NULL);
	*n = fread(text, 1, sizeof(text) - 1, f);
	text[*n] = '\0';
	fclose(f);
	return text;
}

/* All rows into one cell a window, and what the last of all was. */
static enum merge_what
read_all(const char *path, struct cell *cell[3], char why[TSV_WHY_MAX])
{
	char name[64];
	char *paths[] = { name, NULL };
	static struct tsv tsv;
	enum merge_what what;
	struct merge m;
	struct in in;

	snprintf(name, sizeof(name), "%s", path);
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&tsv, &in);
	merge_open(&m, &tsv, &plan);
	while ((what = merge_next(&m)) != MERGE_END && what != MERGE_BAD)
		if (what == MERGE_ROW && cell)
			CHECK(cell_put(&plan, cell[m.key.start / 60 + 1], m.id, m.in.bin, m.in.value));
	snprintf(why, TSV_WHY_MAX, "%s", m.why);
	merge_close(&m);
	tsv_close(&tsv);
	in_close(&in);
	return what;
}

static void
check_back(const char *path, const char *again)
{
	struct cell *cell[3] = { new_cell(-60, STR("a\tedge")), new_cell(0, STR("a\tedge")),
	    new_cell(60, STR("a\tedge")) };
	char why[TSV_WHY_MAX], *want, *got;
	struct partial_writer w;
	struct out out;
	FILE *f;
	size_t n;

	want = make(path, &n);
	CHECK_INT(read_all(path, cell, why), MERGE_END);
	out_open(&out, again);
	partial_open(&w, &out, labels, countof(labels));
	partial_has(&w, STR("hit"));
	partial_has(&w, STR("x:n"));
	for (size_t i = 0; i < 3; i++) {
		partial_cell(&w, &plan, cell[i]);
		cell_death(&plan, cell[i]);
		free(cell[i]);
	}
	partial_close(&w);
	CHECK_INT(out_close(&out), 0);
	got = mem_alloc(n + 2);
	f = fopen(again, "r");
	CHECK(f && fread(got, 1, n + 1, f) == n);
	fclose(f);
	CHECK(memcmp(got, want, n) == 0);
	free(got);
}

/* A row changed by one byte, wherever, is told from what was written. */
static void
check_changes(const char *path)
{
	size_t n, header;
	char *text = make(path, &n), why[TSV_WHY_MAX];
	unsigned long passed = 0;

	CHECK(n > 400);
	header = (size_t)(strchr(text, '\n') - text) + 1;
	for (size_t i = header; i < n; i++) {
		char was = text[i];

		text[i] = (char)(was == '1' ? '2' : '1');
		write_file(path, text, n);
		passed += read_all(path, NULL, why) != MERGE_BAD;
		text[i] = was;
	}
	CHECK_INT(passed, 0);
	for (size_t i = 0; i < n; i++) {
		write_file(path, text, i);
		passed += read_all(path, NULL, why) != MERGE_BAD;
	}
	CHECK_INT(passed, 0);
}

static void
check_bad(const char *path, const char *text, const char *part)
{
	char why[TSV_WHY_MAX];

	write_file(path, text, strlen(text));
	CHECK_INT(read_all(path, NULL, why), MERGE_BAD);
	if (!strstr(why, part))
		CHECK_STR(str_of(why), part);
}

#define HEADER	"host\ttime\twindow\tmetric\tbin\tvalue\n"

int
main(void)
{
	char path[] = "/tmp/cmon-partial-XXXXXX", again[] = "/tmp/cmon-partial-XXXXXX";

	close(mkstemp(path));
	close(mkstemp(again));
	cell_plan_init(&plan);
	cell_keep(&plan, CELL_HIT);
	CHECK_INT(cell_keep_measure(&plan, STR("x"), CELL_ALL), 0);
	CHECK_INT(cell_keep_distinct(&plan, STR("who")), 0);
	cell_plan_lay(&plan);
	check_back(path, again);
	check_changes(path);
	check_bad(path, "time\twindow\tmetric\tbin\n1\t60\thit\t0\n", "it has no column \"value\"");
	check_bad(path, "time\tmetric\twindow\tbin\tvalue\n", "\"window\" does not follow \"time\"");
	check_bad(path, HEADER "a\t1.5\t60\thit\t0\t1\n", "column \"time\"");
	check_bad(path, HEADER "a\t9223372036854775807\t60\thit\t0\t1\n", "column \"time\"");
	check_bad(path, HEADER "a\t0\t-60\thit\t0\t1\n", "column \"window\"");
	check_bad(path, HEADER "a\t0\t4294967296\thit\t0\t1\n", "column \"window\"");
	check_bad(path, HEADER "a\t0\t60\thit\tx\t1\n", "column \"bin\"");
	check_bad(path, HEADER "a\t0\t60\thit\t0\t1.0\n", "column \"value\"");
	check_bad(path, HEADER "a\t0\t60\thot\t0\t1\n", "unknown metric");
	check_bad(path, HEADER "\t0\t60\thit\t0\t1\n", "a partial holds no totals");
	check_bad(path, HEADER "a\t0\t60\thit\t0\t1\n", "no trailer");
	check_bad(path, HEADER "a\t0\t60\thit\t0\t1\n" HEADER, "no trailer");
	check_bad(path, HEADER "\t0\t0\t#end\t0\t0\n\t0\t0\t#end\t0\t0\n", "a row after");
	check_bad(path, HEADER "\t0\t0\t#end\t-1\t0\n", "does not fit");
	unlink(path);
	unlink(again);
	cell_plan_free(&plan);
	return test_end();
}
