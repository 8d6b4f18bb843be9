/* assess: what makes an experiment invalid, and each condition of a promotion. */
#include "assess.h"

#include "judged.h"

#define PLAIN	"e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t2d\trunning\t\t\t\t\tpage\n"
#define GUARDED	"e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t2d\trunning\t\t\terror_pct<=+1\t\tpage\n"

static struct judged j;
static struct verdict v[8];

/* Keys of a cohort, each day: so many requests, of which some hit and some fail. */
struct cohort {
	const char *name;
	int keys, requests, hits, errors;
};

static void
feed(const struct cohort *c, size_t n, int from_day, int days)
{
	static char text[1 << 17];
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < c[i].keys; k++)
			for (int d = from_day; d < from_day + days; d++)
				at += (size_t)snprintf(text + at, sizeof(text) - at, "e\t%s\t%s%d\t%d\t86400\t%d\t%d\t%d\n",
				    c[i].name, c[i].name, k, d * 86400, c[i].requests, c[i].hits + k % 3,
				    c[i].errors ? c[i].errors + k % 2 : 0);
	CHECK(at < sizeof(text));
	CHECK(!judged_rows(&j, text));
}

static struct assess_how
how_now(void)
{
	struct assess_how how = assess_default;

	how.decide = true;
	how.now_us = j.s.now_us;
	how.compare.rounds = 999;
	return how;
}

static void
run(const struct assess_how *how)
{
	struct study *u = &j.s.s[0];

	CHECK(assess_room(u) <= countof(v));
	assess(how, &j.s, u, &j.set, v);
}

/* Two cohorts of forty keys on the two days that the experiment runs. */
static void
better(const char *experiment, int hits_t, int errors_t)
{
	const struct cohort c[] = { { "control", 40, 100, 50, 2 }, { "treatment", 40, 100, hits_t, errors_t } };

	judged_open(&j, experiment);
	feed(c, 2, 1, 2);
}

static bool
says(const struct verdict *of, const char *part)
{
	bool ok = strstr(of->reason, part) != NULL;

	if (!ok)
		fprintf(stderr, "\t%s\n", of->reason);
	return ok;
}

static void
test_promotes(void)
{
	struct assess_how how;

	better(PLAIN, 60, 2);
	how = how_now();
	run(&how);
	CHECK(v[0].status == VERDICT_TREATMENT && v[0].decision == VERDICT_PROMOTE);
	CHECK(says(v, "better by 10 (+"));
	CHECK(v[0].est_c > 50.5 && v[0].est_c < 51.5 && fabs(v[0].diff - 10) < 1e-9 && v[0].lo > 9);
	CHECK(v[0].ttl_s == 600 && v[0].time_us == 3 * DAY && v[0].p_adj == v[0].p);
	CHECK(v[0].srm_p > 0.99);
	CHECK_STR(v[0].endpoint, "page");
	judged_close(&j);
	/* Without --decide nothing is. */
	better(PLAIN, 60, 2);
	how = how_now();
	how.decide = false;
	run(&how);
	CHECK(v[0].status == VERDICT_TREATMENT && v[0].decision == VERDICT_UNDECIDED && !*v[0].reason);
	judged_close(&j);
}

/* Each asks for more than there is; nothing else changes. */
static void
refuses(const struct assess_how *how, const char *why)
{
	run(how);
	CHECK(v[0].decision == VERDICT_NO && says(v, why));
	judged_close(&j);
}

static void
test_conditions(void)
{
	struct assess_how how;

	better(PLAIN, 60, 2);
	how = how_now();
	how.now_us = 3 * DAY - 1;
	refuses(&how, "it runs until 1970-01-04T00:00:00Z, and now is 1970-01-03T23:59:59.999999Z");
	better(PLAIN, 60, 2);
	how = how_now();
	how.min_gain = 11;
	refuses(&how, "a gain of 10 is less than the 11 that are asked for");
	better(PLAIN, 60, 2);
	how = how_now();
	how.min_requests = 8000;
	refuses(&how, "8000 and 8000 requests: more than 8000 are needed in each cohort");
	better(PLAIN, 60, 2);
	how = how_now();
	how.min_keys = 41;
	refuses(&how, "few keys: 40 and 40 effective ones, 41 are needed in each cohort: pin the heaviest");
	better(PLAIN, 40, 2);
	how = how_now();
	refuses(&how, "control is better: -10 (-");
	better(PLAIN, 50, 2);
	how = how_now();
	refuses(&how, "no difference is seen: ");
	better(PLAIN, 60, 2);
	how = how_now();
	how.compare.method = COMPARE_NEWCOMBE;
	refuses(&how, "newcombe takes requests as independent, and keys have several");
}

static void
test_days(void)
{
	const struct cohort c[] = { { "control", 40, 100, 50, 2 }, { "treatment", 40, 100, 60, 2 } };
	struct assess_how how;

	judged_open(&j, PLAIN);
	feed(c, 2, 1, 1);
	how = how_now();
	how.now_us = 3 * DAY;
	refuses(&how, "rows on 1 of 2 days only: give all since the start");
}

static void
test_guardrails(void)
{
	struct assess_how how;

	better(GUARDED, 60, 2);
	how = how_now();
	run(&how);
	CHECK(v[0].decision == VERDICT_PROMOTE && v[1].decision == VERDICT_UNDECIDED);
	CHECK(says(&v[1], "guardrail error_pct<=+1 holds; +") && assess_holds(&v[1], j.x.e[0].guard));
	judged_close(&j);
	better(GUARDED, 60, 3);
	how = how_now();
	refuses(&how, "error_pct: guardrail error_pct<=+1 does not hold; +1.");
	/* Guardrails are no tests: p_adj is the goal's alone. */
	better(GUARDED, 60, 2);
	how = how_now();
	run(&how);
	CHECK(v[0].p_adj == v[0].p && isnan(v[1].p_adj));
	judged_close(&j);
	/* No error in either cohort is no reason. */
	{
		const struct cohort none[] = { { "control", 40, 100, 50, 0 }, { "treatment", 40, 100, 60, 0 } };

		judged_open(&j, GUARDED);
		feed(none, 2, 1, 2);
		how = how_now();
		run(&how);
		CHECK(v[0].decision == VERDICT_PROMOTE && v[1].status == VERDICT_INCONCLUSIVE);
		CHECK(says(&v[1], "guardrail error_pct<=+1 holds"));
		judged_close(&j);
		/* But of too few keys that is no wonder. */
		judged_open(&j, GUARDED);
		feed(none, 2, 1, 2);
		how = how_now();
		how.min_keys = 41;
		refuses(&how, "error_pct: no variance: all keys of a cohort have the same value; few keys: ");
	}
}

static void
test_holds(void)
{
	struct experiment_guard abs_up = { .upper = true, .margin = 1 };
	struct experiment_guard rel_down = { .relative = true, .margin = 5 };
	struct verdict g;

	verdict_init(&g);
	g.basis = VERDICT_JUDGED;
	g.p = 0.5;
	g.lo = -3;
	g.hi = 1;
	CHECK(assess_holds(&g, &abs_up));
	g.hi = 1.001;
	CHECK(!assess_holds(&g, &abs_up));
	g.rel_lo = -0.05;
	CHECK(assess_holds(&g, &rel_down));
	g.rel_lo = -0.0501;
	CHECK(!assess_holds(&g, &rel_down));
	g.rel_lo = NAN;				/* not known is not within */
	CHECK(!assess_holds(&g, &rel_down));
	g.hi = INFINITY;
	CHECK(!assess_holds(&g, &abs_up));
	/* p is undefined for more than one reason; equal estimates are none to hold. */
	verdict_init(&g);
	g.keys_c = g.keys_t = 5;
	g.est_c = g.est_t = 20;
	CHECK(!assess_holds(&g, &abs_up));
	g.hi = 0;
	CHECK(!assess_holds(&g, &abs_up));
	g.basis = VERDICT_SAME;
	CHECK(assess_holds(&g, &abs_up));
}

static void
test_several(void)
{
	const struct cohort c[] = { { "control", 40, 100, 50, 2 }, { "short", 40, 100, 60, 2 },
	    { "long", 40, 100, 65, 2 } };
	struct assess_how how;

	judged_open(&j, "e\tcontrol:1:5m,short:1:10m,long:1:20m\t1970-01-02\t2d\trunning\t\t\t\t\n");
	feed(c, 3, 1, 2);
	how = how_now();
	run(&how);
	CHECK_INT(assess_room(&j.s.s[0]), 2);
	CHECK(v[0].decision == VERDICT_NO && says(v, "\"long\" gains more") && v[1].decision == VERDICT_PROMOTE);
	CHECK(v[0].ttl_s == 600 && v[1].ttl_s == 1200);
	CHECK(v[0].p_adj == 2 * v[0].p || v[1].p_adj == 2 * v[1].p);
	judged_close(&j);
}

static void
is_invalid(const struct cohort *c, size_t n, int day, const char *why)
{
	struct assess_how how;

	judged_open(&j, PLAIN);
	feed(c, n, day, 1);
	how = how_now();
	run(&how);
	CHECK(v[0].status == VERDICT_INVALID && v[0].decision == VERDICT_NO && isnan(v[0].p_adj));
	CHECK(says(v, why));
	judged_close(&j);
}

static void
test_invalid(void)
{
	const struct cohort lost[] = { { "control", 60, 9, 5, 0 }, { "treatment", 20, 9, 5, 0 } };
	const struct cohort other[] = { { "control", 40, 9, 5, 0 }, { "treatment", 40, 9, 5, 0 },
	    { "third", 1, 9, 5, 0 } };
	const struct cohort alone[] = { { "control", 40, 9, 5, 0 } };
	struct assess_how how;

	is_invalid(lost, 2, 1, "sample ratio mismatch: 60 in control, 20 in treatment do not fit the weights");
	is_invalid(other, 3, 1, "rows of a cohort \"third\" that the experiment does not have");
	is_invalid(alone, 1, 1, "no keys in treatment");
	is_invalid(alone, 1, 0, "no rows since the start, 1970-01-02T00:00:00Z");
	judged_open(&j, PLAIN);
	feed(other, 2, 1, 1);
	CHECK(!judged_rows(&j, "e\ttreatment\tcontrol3\t172800\t60\t9\t5\t0\n"));
	how = how_now();
	run(&how);
	CHECK(v[0].status == VERDICT_INVALID && says(v, "1 keys are in two cohorts"));
	judged_close(&j);
	judged_open(&j, PLAIN);
	how = how_now();
	how.now_us = 0;
	run(&how);
	CHECK(says(v, "it has not begun: the start is 1970-01-02T00:00:00Z, and now is 1970-01-01T00:00:00Z"));
	judged_close(&j);
}

static void
test_min_gain(void)
{
	struct assess_how how = assess_default;

	judged_open(&j, PLAIN);
	CHECK(assess_min_gain(&how, &j.s.s[0], &j.set) == 2);
	how.min_gain = 0.5;
	CHECK(assess_min_gain(&how, &j.s.s[0], &j.set) == 0.5);
	judged_close(&j);
	judged_open(&j, "e\ta:1,b:1\t1970-01-02\t2d\trunning\t\tlatency_ms_avg\t\t0.25\n");
	CHECK(assess_min_gain(&how, &j.s.s[0], &j.set) == 0.25);
	judged_close(&j);
	how.min_gain = NAN;
	judged_open(&j, "e\ta:1,b:1\t1970-01-02\t2d\trunning\t\tlatency_ms_avg\t\t\n");
	CHECK(assess_min_gain(&how, &j.s.s[0], &j.set) == 0);
	judged_close(&j);
}

int
main(void)
{
	test_promotes();
	test_conditions();
	test_days();
	test_guardrails();
	test_holds();
	test_several();
	test_invalid();
	test_min_gain();
	return test_end();
}
