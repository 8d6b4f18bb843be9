/* decisions, batch: what is written down is read again; what is open; files replaced together. */
#include "decisions.h"

#include <stdlib.h>
#include <unistd.h>

#include "batch.h"
#include "in.h"
#include "slurp.h"
#include "str.h"
#include "test.h"

static char folder[] = "/tmp/cmon-decisions-XXXXXX", path[64];

static struct str
written(struct str s)
{
	return str_eq(s, STR("300")) ? STR("5m") : str_eq(s, STR("600")) ? STR("10m") : STR("");
}

static struct decision
made(struct str action, const char *experiment, const char *from_s, const char *to_s)
{
	struct decision d = { .field = { [DECISION_ACTION] = action, [DECISION_TIME] = STR("1796169600"),
	    [DECISION_WINDOW] = STR("0"), [DECISION_ENDPOINT] = STR("a\\tb") } };

	d.field[DECISION_EXPERIMENT] = str_of(experiment);
	d.field[DECISION_FROM_S] = str_of(from_s);
	d.field[DECISION_TO_S] = str_of(to_s);
	d.field[DECISION_FROM] = written(d.field[DECISION_FROM_S]);
	d.field[DECISION_TO] = written(d.field[DECISION_TO_S]);
	return d;
}

static void
append(const struct decision *d, size_t n, struct str status)
{
	char why[TSV_WHY_MAX];

	CHECK(decisions_append(path, d, n, status, why));
}

/* How many are open; the last one about that experiment is to be this action. */
static size_t
look(const char *experiment, const char *want)
{
	struct decisions log;
	const struct decision *last;
	size_t n;

	CHECK(decisions_read(&log, path));
	decisions_open(&log, &n);
	last = decisions_last(&log, str_of(experiment));
	if (want)
		CHECK(last && decision_is(last, DECISION_ACTION, str_of(want)));
	else
		CHECK(!last);
	decisions_free(&log);
	return n;
}

static void
test_log(void)
{
	struct decision two[] = { made(DECISION_PROMOTE, "x", "300", "600"), made(DECISION_PROMOTE, "y", "", "") };
	struct decision undo = made(DECISION_UNDONE, "y", "600", "300"), back = made(DECISION_ROLLBACK, "", "", "");
	struct decisions log;
	struct change c;
	char room[NUM_MAX];
	size_t n;

	CHECK_INT(look("x", NULL), 0);
	append(two, 2, DECISION_BEGUN);
	CHECK_INT(look("x", NULL), 2);
	append(two, 2, DECISION_DONE);
	CHECK_INT(look("x", "promote"), 0);
	append(&undo, 1, DECISION_BEGUN);
	CHECK_INT(look("y", "promote"), 1);
	append(&undo, 1, DECISION_DONE);
	CHECK_INT(look("y", "undo"), 0);
	CHECK_INT(look("", "promote"), 0);
	append(&back, 1, DECISION_BEGUN);
	append(&back, 1, DECISION_DROPPED);
	CHECK_INT(look("", "promote"), 0);
	CHECK(decisions_read(&log, path));
	CHECK_INT(log.n, 8);
	CHECK_STR(decisions_last(&log, STR(""))->field[DECISION_EXPERIMENT], "x");
	c = decision_change(&log.d[0]);
	CHECK_STR(c.endpoint, "a\\tb");
	CHECK(c.from_s == 300 && c.to_s == 600);
	CHECK_STR(c.to, "10m");
	c = decision_change(&log.d[1]);
	CHECK(c.from_s == -1 && c.to_s == -1);
	CHECK_STR(decision_time(&log.d[0], room), "2026-12-02T00:00:00Z");
	CHECK(decisions_open(&log, &n) == log.d + 8 && n == 0);
	decisions_free(&log);
}

static bool
begun(struct str action, const char *experiment)
{
	struct decisions log;
	bool is;

	CHECK(decisions_read(&log, path));
	is = decisions_begun(&log, action, str_of(experiment));
	decisions_free(&log);
	return is;
}

static void
test_begun(void)
{
	struct decision two[] = { made(DECISION_PROMOTE, "x", "300", "600"), made(DECISION_UNDONE, "y", "600", "300") };

	CHECK(!begun(DECISION_PROMOTE, "x"));
	append(two, 2, DECISION_BEGUN);
	CHECK(begun(DECISION_PROMOTE, "x") && begun(DECISION_UNDONE, "y"));
	CHECK(begun(DECISION_PROMOTE, "") && begun(DECISION_UNDONE, ""));
	CHECK(!begun(DECISION_PROMOTE, "y") && !begun(DECISION_UNDONE, "x") && !begun(DECISION_ROLLBACK, ""));
	append(two, 2, DECISION_DONE);
	CHECK(!begun(DECISION_PROMOTE, "x") && !begun(DECISION_UNDONE, ""));
	unlink(path);
}

static void
is(const char *name, const char *want)
{
	char at[80], *text;
	size_t n;

	snprintf(at, sizeof(at), "%s/%s", folder, name);
	CHECK(slurp(at, 100, &text, &n));
	if (text)
		CHECK_STR(((struct str){ text, n }), want);
	free(text);
}

static void
test_batch(void)
{
	static struct batch b;
	char one[80], two[80];

	snprintf(one, sizeof(one), "%s/one", folder);
	snprintf(two, sizeof(two), "%s/two", folder);
	b.dry = true;
	batch_add(&b, one, STR("1\n"));
	batch_commit(&b);
	CHECK(access(one, F_OK) == -1);
	b.dry = false;
	batch_add(&b, one, STR("1\n"));
	batch_add(&b, two, STR("2\n"));
	CHECK(access(one, F_OK) == -1 && access(two, F_OK) == -1);
	batch_commit(&b);
	is("one", "1\n");
	is("two", "2\n");
	batch_add(&b, one, STR("1\n"));	/* is so already */
	batch_add(&b, two, STR("2"));
	is("two", "2\n");
	CHECK_INT(b.n, 1);
	batch_commit(&b);
	is("two", "2");
	batch_add(&b, two, STR(""));
	batch_commit(&b);
	is("two", "");
	unlink(one);
	unlink(two);
}

static void
test_foreign(void)
{
	struct decisions log;
	FILE *f = fopen(path, "w");

	CHECK(f && fputs("time\ta\n1\t2\n", f) >= 0 && fclose(f) == 0);
	CHECK(!decisions_read(&log, path));
	CHECK(strstr(log.why, ":1: no column \"action\": not a log of cmon-promote(1)"));
	decisions_free(&log);
	unlink(path);
}

/* Any one bit of any row but the newline behind the last, which says that nothing was cut. */
static void
test_damage(void)
{
	struct decision d = made(DECISION_PROMOTE, "x", "300", "600");
	struct decisions log;
	char *text;
	size_t n, first;

	d.field[DECISION_UNDO] = STR("undo it");
	append(&d, 1, DECISION_BEGUN);
	append(&d, 1, DECISION_DONE);
	CHECK(slurp(path, 1 << 20, &text, &n));
	first = str_chr((struct str){ text, n }, '\n') + 1;
	for (size_t bit = 0; bit < 8 * (n - 1 - first); bit++) {
		size_t i = first + bit / 8;
		FILE *f;

		text[i] = (char)(text[i] ^ 1 << bit % 8);
		f = fopen(path, "w");
		CHECK(f && fwrite(text, 1, n, f) == n && fclose(f) == 0);
		CHECK(!decisions_read(&log, path));
		decisions_free(&log);
		text[i] = (char)(text[i] ^ 1 << bit % 8);
	}
	free(text);
	unlink(path);
}

/* The longest row that fits is read again. */
static void
test_fits(void)
{
	struct decision d = made(DECISION_PROMOTE, "x", "300", "600");
	struct decisions log;
	size_t n = IN_TSV_LINE_MAX;
	char *long_one = mem_alloc(n);

	memset(long_one, 'u', n);
	for (d.field[DECISION_UNDO] = (struct str){ long_one, n }; !decision_fits(&d);)
		d.field[DECISION_UNDO].n--;
	CHECK(d.field[DECISION_UNDO].n > n - 256);
	append(&d, 1, DECISION_BEGUN);
	append(&d, 1, DECISION_DROPPED);
	CHECK(decisions_read(&log, path));
	CHECK(log.n == 2 && str_eq(log.d[1].field[DECISION_UNDO], d.field[DECISION_UNDO]));
	decisions_free(&log);
	free(long_one);
	unlink(path);
}

int
main(void)
{
	char lock[80];

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	test_log();
	test_foreign();
	test_begun();
	test_fits();
	test_damage();
	test_batch();
	unlink(lock);
	CHECK(rmdir(folder) == 0);
	return test_end();
}
