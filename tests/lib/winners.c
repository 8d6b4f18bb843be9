/* winners, decide: which verdict counts, whether it holds, and the row of it. */
#include "winners.h"

#include <unistd.h>

#include "decide.h"
#include "definition.h"
#include "str.h"
#include "stream.h"
#include "test.h"

#define HEAD	"name\tendpoint\tcohorts\tstart\tduration\tstatus\n"
#define ROW	"x\ta\tc:50:5m,t:25:10m,u:25\t1000\t1d\trunning\n"
#define SEC	INT64_C(1000000)
#define NOW	(100000 * SEC)

static void
say(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

static void
load(struct experiments *x, const char *rows)
{
	char path[] = "/tmp/cmon-winners-XXXXXX";
	int fd = mkstemp(path);

	CHECK(write(fd, HEAD, strlen(HEAD)) > 0 && write(fd, rows, strlen(rows)) > 0);
	close(fd);
	CHECK(experiments_read(x, path, say));
	unlink(path);
}

static void
define(struct buf *b, const char *rows)
{
	struct experiments x;

	load(&x, rows);
	buf_init(b, 10000);
	CHECK(definition_put(&x, &x.e[0], b));
	experiments_free(&x);
}

static struct verdict
verdict(const struct buf *definition, int64_t time_us, enum verdict_decision decision)
{
	struct verdict v;

	verdict_init(&v);
	v.experiment = STR("x");
	v.treatment = STR("t");
	v.metric = STR("hit_pct");
	v.endpoint = STR("a");
	v.ttl_s = 600;
	v.diff = 3.25;
	v.time_us = time_us;
	v.decision = decision;
	v.definition = buf_str(definition);
	return v;
}

static void
test_choice(void)
{
	struct buf b;
	struct winners w = { 0 };
	struct verdict v;

	define(&b, ROW);
	v = verdict(&b, NOW, VERDICT_UNDECIDED);
	winners_add(&w, &v);
	CHECK(w.n == 0 && w.decided == 0);
	v = verdict(&b, NOW, VERDICT_PROMOTE);
	winners_add(&w, &v);
	CHECK(w.n == 1 && w.w[0].promote && !w.w[0].twice);
	v = verdict(&b, NOW - 1, VERDICT_NO);		/* an older one */
	winners_add(&w, &v);
	CHECK(w.w[0].promote);
	v = verdict(&b, NOW, VERDICT_NO);		/* of another treatment */
	winners_add(&w, &v);
	CHECK(w.w[0].promote);
	v.decision = VERDICT_PROMOTE;
	winners_add(&w, &v);				/* the same once more */
	CHECK(w.w[0].promote && !w.w[0].twice);
	v.treatment = STR("u");
	winners_add(&w, &v);
	CHECK(w.w[0].twice);
	v = verdict(&b, NOW + 1, VERDICT_NO);
	winners_add(&w, &v);
	CHECK(w.n == 1 && !w.w[0].promote && !w.w[0].twice);
	CHECK_INT(w.decided, 6);
	winners_free(&w);
	buf_free(&b);
}

/* How many are to be promoted; or the reason why these are no verdicts. */
static int
reads(const char *text, const char *want)
{
	static struct stream s;
	struct winners w = { 0 };
	char why[WINNER_WHY_MAX] = "";
	int n = 0;

	stream_open(&s, text);
	CHECK(winners_read(&w, &s.tsv, why) == (*want == '\0'));
	CHECK(*want ? strstr(why, want) != NULL : *why == '\0');
	if (!strstr(why, want))
		fprintf(stderr, "\twhy %s\n", why);
	for (size_t i = 0; i < w.n; i++)
		n += w.w[i].promote;
	winners_free(&w);
	stream_close(&s);
	return n;
}

/* Two rows as cmon-abtest writes them, of two experiments. */
static void
rows(char *room, size_t size, enum verdict_status status)
{
	struct buf none = { .p = NULL };
	struct verdict v = verdict(&none, NOW, VERDICT_PROMOTE);
	char path[] = FILE_NAME;
	struct tsv_row row;
	struct out o;

	file_write(path, "");
	out_open(&o, path);
	row = (struct tsv_row){ &o, 0 };
	verdict_header(&row);
	v.status = VERDICT_TREATMENT;
	verdict_write(&row, &v, true);
	v.experiment = STR("y");
	v.status = status;
	verdict_write(&row, &v, true);
	out_close(&o);
	room[file_read(path, room, size - 1).n] = '\0';
	unlink(path);
}

static void
test_read(void)
{
	char text[8192], twice[sizeof(text) * 2 + 64];

	rows(text, sizeof(text), VERDICT_TREATMENT);
	CHECK_INT(reads(text, ""), 2);
	snprintf(twice, sizeof(twice), "%s%s", text, text);
	CHECK_INT(reads(twice, ""), 2);
	snprintf(twice, sizeof(twice), "%stime\ta\n", text);	/* rows of verdicts, and then a foreign header */
	CHECK_INT(reads(twice, "no column \"experiment\""), 2);
	snprintf(twice, sizeof(twice), "time\ta\n%s", text);
	CHECK_INT(reads(twice, ":1: no column \"experiment\""), 0);
	reads("time\ta\n", ":1: no column \"experiment\": verdicts are what cmon-abtest(1) writes");
	reads("time\ta\nx\t1\n", ":2: column \"time\": not a number: \"x\"");
	reads("time\ta\n1\n", ":2: ");
	reads("", "no input, not even a header");
	rows(text, sizeof(text), VERDICT_INVALID);
	CHECK_INT(reads(text, ":3: a verdict that says promote, and not that the treatment is better"), 1);
	text[strlen(text) - 1] = '\0';
	reads(text, ":3: ");
}

/* "": it holds. */
static void
holds(const char *rows, int64_t time_us, double ttl_s, const char *treatment, const char *want)
{
	struct winner_how how = { "x.tsv", NOW, 3600 * SEC };
	struct decisions log = { 0 };
	struct experiments x;
	struct winners w = { 0 };
	char why[WINNER_WHY_MAX] = "";
	struct verdict v;
	struct buf b;

	define(&b, ROW);
	v = verdict(&b, time_us, VERDICT_PROMOTE);
	v.ttl_s = ttl_s;
	v.treatment = str_of(treatment);
	winners_add(&w, &v);
	load(&x, rows);
	CHECK(winner_holds(&w.w[0], &x, &log, &how, why) == (*want == '\0'));
	CHECK(*want ? strstr(why, want) != NULL : *why == '\0');
	if (!strstr(why, want))
		fprintf(stderr, "\twhy %s\n", why);
	winners_free(&w);
	experiments_free(&x);
	buf_free(&b);
}

static void
test_holds(void)
{
	holds(ROW, NOW, 600, "t", "");
	holds(ROW, NOW - 3600 * SEC, 600, "t", "");
	holds(ROW, NOW - 3600 * SEC - 1, 600, "t", "older than --max-age: run cmon-abtest again, on newer rows");
	holds(ROW, INT64_MIN, 600, "t", "older than --max-age");
	holds(ROW, NOW + 600 * SEC, 600, "t", "");
	holds(ROW, NOW + 600 * SEC + 1, 600, "t", "in the future");
	holds(ROW, INT64_MAX, 600, "t", "in the future");
	holds(ROW, NOW, 601, "t", "are not those of its definition");
	holds(ROW, NOW, 600, "c", "has no treatment \"c\"");
	holds(ROW, NOW, 600, "u", "\"u\" has no ttl");
	holds("x\ta\tc:50:5m,t:25:11m,u:25\t1000\t1d\trunning\n", NOW, 600, "t", "\"x\": was judged with cohorts=");
	holds("x\ta\tc:50:5m,t:25:10m,u:25\t1001\t1d\trunning\n", NOW, 600, "t", "start=1000, and x.tsv:2 has start=1001");
	holds("x\ta\tc:50:5m,t:25:10m,u:25\t1000\t1d\tcompleted\n", NOW, 600, "t", "is completed in x.tsv:2");
	holds("x\ta\tc:50:5m,t:25:10m,u:25\t1000\t1d\tdraft\n", NOW, 600, "t", "is a draft");
	holds("y\ta\tc:50:5m,t:50:10m\t1000\t1d\trunning\n", NOW, 600, "t", "\"x\": is not in x.tsv");
	/* What decides nothing about TTLs may change. */
	holds("x\ta\tc:50:5m,t:25:10m,u:25\t1000\t2d\trunning\n", NOW, 600, "t", "");
}

static void
undo_line(struct decide *by, const char *experiment, const char *want)
{
	const char *spec[] = { "json=/a" };
	char why[FORMS_WHY_MAX];
	struct forms f;
	struct str line;

	CHECK(forms_open(&f, spec, 1, NULL, 0, why));
	by->config = "/t/ttl.tsv";
	by->forms = &f;
	CHECK(decide_undo_line(by, str_of(experiment), &line));
	CHECK_STR(line, want);
	forms_close(&f);
}

static void
test_decide(void)
{
	struct ttlfile_row row = { STR("a"), STR("5m"), 300, 2 };
	struct ttlfile ttls = { .row = &row, .n = 1 };
	struct arena text = { 0 };
	struct decide by = { .text = &text, .now_us = NOW, .ttls = &ttls };
	struct experiments x;
	struct winner w = { .experiment = STR("x"), .treatment = STR("t"), .endpoint = STR("a"), .time_us = NOW - SEC,
	    .diff = 3.25, .lo = NAN, .hi = -0.0, .arm = 1 };
	struct decision p, u, r;
	struct change c;

	load(&x, ROW);
	w.e = &x.e[0];
	c = decide_change(&w);
	CHECK(c.from_s == 300 && c.to_s == 600);
	CHECK_STR(c.to, "10m");
	decide_promote(&by, &p, &w, &c, STR("undo it"));
	CHECK_STR(p.field[DECISION_ACTION], "promote");
	CHECK_STR(p.field[DECISION_TIME], "100000");
	CHECK_STR(p.field[DECISION_CHANGES], "1");
	CHECK_STR(p.field[DECISION_FROM], "5m");
	CHECK_STR(p.field[DECISION_DIFF], "3.25");
	CHECK_STR(p.field[DECISION_LO], "");
	CHECK_STR(p.field[DECISION_HI], "0");
	CHECK_STR(p.field[DECISION_JUDGED], "99999");
	CHECK_STR(p.field[DECISION_UNDO], "undo it");
	undo_line(&by, "x", "cmon-promote --config /t/ttl.tsv --write json=/a --undo x");
	undo_line(&by, "-x", "cmon-promote --config /t/ttl.tsv --write json=/a --undo -- -x");
	undo_line(&by, "a\tb c", "cmon-promote --config /t/ttl.tsv --write json=/a --undo 'a\\tb c'");
	decide_undo(&by, &u, &p);
	CHECK_STR(u.field[DECISION_FROM_S], "600");
	CHECK_STR(u.field[DECISION_TO_S], "300");
	CHECK_STR(u.field[DECISION_TO], "5m");
	CHECK_STR(u.field[DECISION_EXPERIMENT], "x");
	CHECK_STR(u.field[DECISION_UNDO], "");
	decide_rollback(&by, &r, 7);
	CHECK_STR(r.field[DECISION_CHANGES], "7");
	CHECK_STR(r.field[DECISION_EXPERIMENT], "");
	experiments_free(&x);
	arena_free(&text);
}

/* A winner is promoted once, if nothing else sets the same TTL, and then can be undone once. */
static void
test_decide_winner(void)
{
	struct ttlfile_row row = { STR("a"), STR("5m"), 300, 2 };
	struct ttlfile ttls = { .row = &row, .n = 1 };
	struct winner_how how = { "x.tsv", NOW, 86400 * SEC };
	struct arena text = { 0 };
	struct decisions log = { 0 };
	struct experiments x;
	struct forms forms;
	struct decide by = { &text, NOW, &ttls, "/t/ttl.tsv", "/t/ttl.tsv.log", &log, &x, &forms, &how };
	struct winner w = { .experiment = STR("x"), .treatment = STR("t"), .endpoint = STR("a"), .time_us = NOW - SEC,
	    .ttl_s = 600 };
	struct decision d[2];
	char why[DECIDE_WHY_MAX];
	struct buf b;

	load(&x, ROW);
	buf_init(&b, DEFINITION_MAX);
	CHECK(definition_put(&x, &x.e[0], &b));
	w.definition = buf_str(&b);
	CHECK(forms_open(&forms, NULL, 0, NULL, 0, why));
	CHECK(decide_winner(&by, &w, NULL, 0, &d[0], why));
	CHECK_STR(d[0].field[DECISION_UNDO], "cmon-promote --config /t/ttl.tsv --undo x");
	CHECK(!decide_winner(&by, &w, d, 1, &d[1], why));
	CHECK(!strcmp(why, "\"x\" and \"x\" set the TTL of one endpoint: give one verdict"));
	row.ttl_s = 301;
	CHECK(!decide_winner(&by, &w, NULL, 0, &d[1], why) && !strncmp(why, "/t/ttl.tsv:2: ", 14));
	row.ttl_s = 300;

	CHECK(!decide_undoable(&by, STR("x"), why) && !strcmp(why, "/t/ttl.tsv.log: no promotion of \"x\""));
	d[0].field[DECISION_STATUS] = DECISION_DONE;
	log = (struct decisions){ .d = d, .n = 1 };
	CHECK(decide_undoable(&by, STR(""), why) == &d[0]);
	d[1] = d[0];
	d[1].field[DECISION_ACTION] = DECISION_UNDONE;
	log.n = 2;
	CHECK(!decide_undoable(&by, STR("x"), why) && strstr(why, "is undone already"));
	CHECK(!decide_undoable(&by, STR(""), why) && strstr(why, "no promotion that could be undone"));
	buf_free(&b);
	forms_close(&forms);
	arena_free(&text);
	experiments_free(&x);
}

int
main(void)
{
	test_choice();
	test_read();
	test_holds();
	test_decide();
	test_decide_winner();
	return test_end();
}
