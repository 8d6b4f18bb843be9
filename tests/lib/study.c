/* study: rows by experiment, cohort, key and time; what lies outside; days; windows of two kinds. */
#include "study.h"

#include "judged.h"

#define PLAIN	"e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t2d\trunning\t\n"

static struct judged j;

static void
total(const struct study *u, int arm, size_t use, double y, double n, double y0, double n0)
{
	struct ratio_key key[8];

	CHECK_INT(armtab_gather(&u->tab, arm, use, key), 1);
	CHECK(key[0].now.y == y && key[0].now.n == n && key[0].before.y == y0 && key[0].before.n == n0);
}

static void
test_times(void)
{
	struct study *u;

	judged_open(&j, "e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t2d\trunning\t\t\terror_pct<=+1\n");
	CHECK(!judged_rows(&j,
	    "e\tcontrol\ta\t0\t86400\t10\t4\t0\n"		/* before */
	    "e\tcontrol\ta\t86400\t86400\t20\t15\t1\n"
	    "e\tcontrol\ta\t172800\t86400\t30\t15\t0\n"
	    "e\ttreatment\tb\t86400\t60\t5\t1\t2\n"
	    "e\ttreatment\tasleep\t0\t60\t9\t9\t0\n"		/* never since */
	    "e\tcontrol\ta\t259200\t86400\t99\t99\t0\n"));	/* after the end */
	CHECK_INT(j.s.n, 1);
	u = &j.s.s[0];
	CHECK(u->uses == 2 && u->goals == 1 && u->use[1].guard && u->arms == 2 && !u->crossover);
	armtab_sort(&u->tab);
	total(u, 0, 0, 30, 50, 4, 10);
	total(u, 0, 1, 1, 50, 0, 10);
	total(u, 1, 0, 1, 5, 0, 0);
	CHECK(u->arm[0].requests == 50 && u->arm[1].requests == 5 && u->requests == 55 && u->outside == 0);
	CHECK(u->first_us == DAY && u->last_us == 3 * DAY);
	CHECK(j.s.now_us == 4 * DAY);
	judged_close(&j);
}

static void
test_outside(void)
{
	struct study *u;

	judged_open(&j, PLAIN);
	CHECK(!judged_rows(&j,
	    "e\t(pinned)\tp\t86400\t60\t7\t1\t0\n"
	    "e\t(washout)\tw\t86400\t60\t2\t1\t0\n"
	    "e\tcontrol\ta\t86400\t60\t5\t1\t0\n"
	    "e\tother\tb\t86400\t60\t3\t1\t0\n"
	    "e\t(unknown)\tc\t86400\t60\t1\t1\t0\n"
	    "f\tcontrol\ta\t86400\t60\t9\t9\t0\n"));
	u = &j.s.s[0];
	CHECK(u->requests == 18 && u->outside == 9 && u->unknown == 4);
	CHECK_STR(str_of(u->unknown_name), "other");
	CHECK_STR(j.s.unplanned, "f");
	CHECK_INT(armtab_count(&u->tab, ARMTAB_ALL), 1);
	judged_close(&j);
}

/* Day about: whichever cohort a key is in, its time under treatment is now. */
static void
test_crossover(void)
{
	struct study *u;
	const char *why;

	judged_open(&j, "e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t2d\trunning\t1d\n");
	why = judged_rows(&j,
	    "e\tcontrol\ta\t0\t60\t9\t9\t0\n"			/* before: of no use */
	    "e\tcontrol\ta\t86400\t60\t10\t4\t0\n"
	    "e\ttreatment\ta\t172800\t60\t20\t16\t0\n"
	    "e\tcontrol\ta\t172860\t43200\t1\t1\t0\n");		/* cannot be: it is treated now */
	CHECK(!why);
	u = &j.s.s[0];
	CHECK(u->crossover);
	CHECK_INT(u->tab.moved, 1);
	judged_close(&j);
	judged_open(&j, "e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t2d\trunning\t1d\n");
	CHECK(!judged_rows(&j, "e\tcontrol\ta\t86400\t60\t10\t4\t0\ne\ttreatment\ta\t172800\t60\t20\t16\t0\n"));
	armtab_sort(&j.s.s[0].tab);
	CHECK_INT(j.s.s[0].tab.moved, 0);
	total(&j.s.s[0], ARMTAB_ALL, 0, 16, 20, 4, 10);
	why = judged_rows(&j, "e\tcontrol\tb\t172799\t2\t10\t4\t0\n");
	CHECK(!why && strstr(j.s.s[0].spoilt, "this window is in two periods of \"e\""));
	judged_close(&j);
}

static void
test_windows(void)
{
	const char *why;

	judged_open(&j, PLAIN);
	CHECK(!judged_rows(&j, "e\tcontrol\ta\t86340\t60\t10\t4\t0\n"));
	why = judged_rows(&j, "e\tcontrol\tb\t86341\t60\t10\t4\t0\n");
	CHECK(!why && strstr(j.s.s[0].spoilt, "this window holds the start of \"e\", 1970-01-02T00:00:00Z"));
	why = judged_rows(&j, "e\tcontrol\ta\t86350\t10\t10\t4\t0\n");
	CHECK(why && strstr(why, "\"a\": rows of a key come in order of time, each window once"));
	judged_close(&j);
}

/* Without a plan every experiment in the rows is one, and the control leads. */
static void
test_unplanned(void)
{
	judged_open(&j, NULL);
	j.s.start_us = DAY;
	CHECK(!judged_rows(&j,
	    "e\tb\tk\t86400\t60\t5\t1\t0\nf\tcontrol\tk\t86400\t60\t5\t1\t0\ne\tc\tl\t0\t60\t5\t1\t0\n"));
	CHECK_INT(j.s.n, 2);
	CHECK(!j.s.s[0].e && j.s.s[0].arms == 3 && j.s.s[1].arms == 1);
	CHECK_STR(j.s.s[0].name, "e");
	CHECK_STR(j.s.s[0].arm[0].name, "control");
	CHECK_STR(j.s.s[0].arm[1].name, "b");
	CHECK_STR(j.s.s[0].arm[2].name, "c");
	CHECK(j.s.s[0].arm[2].requests == 0 && j.s.s[0].requests == 5);
	CHECK_INT(armtab_count(&j.s.s[0].tab, ARMTAB_ALL), 1);
	judged_close(&j);
}

static void
test_days(void)
{
	size_t seen;

	judged_open(&j, PLAIN);
	CHECK(!judged_rows(&j, "e\tcontrol\ta\t86400\t60\t5\t1\t0\n\t\t\t259199\t1\t5\t1\t0\n"
	    "e\tcontrol\ta\t345600\t172800\t5\t1\t0\n"));
	CHECK_INT(studies_days(&j.s, DAY, 7 * DAY, &seen), 6);
	CHECK_INT(seen, 4);
	CHECK_INT(studies_days(&j.s, DAY, DAY + 1, &seen), 1);
	CHECK_INT(seen, 1);
	CHECK_INT(studies_days(&j.s, 3 * DAY, 4 * DAY, &seen), 1);
	CHECK_INT(seen, 0);
	CHECK_INT(studies_days(&j.s, DAY, DAY, &seen), 0);
	CHECK(studies_bytes(&j.s) > 0);
	judged_close(&j);
}

/* Requests by day, of two weeks that begin at noon: cut days do not count. */
static bool
hole_of(const int day[15], struct study_hole *hole)
{
	char text[2048];
	size_t at = 0;
	bool found;

	judged_open(&j, "e\tcontrol:50:5m,treatment:50:10m\t1970-01-02T12:00:00Z\t14d\trunning\t\n");
	for (int d = 0; d < 15; d++)
		if (day[d])
			at += (size_t)snprintf(text + at, sizeof(text) - at, "e\tcontrol\ta\t%d\t3600\t%d\t0\t0\n",
			    (d + 1) * 86400 + (d ? 0 : 43200), day[d]);
	CHECK(!judged_rows(&j, text));
	found = study_hole(&j.s.s[0], hole);
	judged_close(&j);
	return found;
}

static void
test_holes(void)
{
	struct study_hole h;

	CHECK(!hole_of((const int[15]){ 2, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 2 }, &h));
	CHECK(hole_of((const int[15]){ 90, 90, 90, 90, 8, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90 }, &h));
	CHECK(h.day_us == 5 * DAY && h.requests == 8 && h.median == 90);
	CHECK(hole_of((const int[15]){ 90, 90, 90, 90, 0, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90 }, &h));
	CHECK(!hole_of((const int[15]){ 90, 90, 90, 90, 9, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90 }, &h));
	/* Each week alike, and not if one of them is emptier still. */
	CHECK(!hole_of((const int[15]){ 90, 90, 90, 90, 5, 90, 90, 90, 90, 90, 90, 4, 90, 90, 90 }, &h));
	CHECK(hole_of((const int[15]){ 900, 900, 900, 900, 50, 900, 900, 900, 900, 900, 900, 1, 900, 900, 900 }, &h));
	CHECK(h.requests == 1);
	CHECK(hole_of((const int[15]){ 90, 90, 90, 90, 0, 90, 90, 90, 90, 90, 90, 0, 90, 90, 90 }, &h));
	/* Most are missing, so that none is the median; and all but one weekday. */
	CHECK(hole_of((const int[15]){ 90, 90, 90, 90, 90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 90 }, &h));
	CHECK(h.day_us == 6 * DAY && h.requests == 0 && h.median == 90);
	CHECK(hole_of((const int[15]){ 0, 90, 0, 0, 0, 0, 0, 0, 90, 0, 0, 0, 0, 0, 0 }, &h));
}

int
main(void)
{
	test_times();
	test_outside();
	test_crossover();
	test_windows();
	test_unplanned();
	test_days();
	test_holes();
	return test_end();
}
