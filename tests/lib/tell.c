/* tell: every part of the page, within its width, by the verdicts it is given. */
#include "tell.h"

#include "judged.h"

static char page[1 << 14];

static const char *
told(struct judged *j, const struct assess_how *how)
{
	char path[] = FILE_NAME;
	struct verdict *v = malloc(assess_room(&j->s.s[0]) * sizeof(*v));
	struct out o;

	assess(how, &j->s, &j->s.s[0], &j->set, v);
	file_write(path, "");
	out_open(&o, path);
	tell(&o, how, &j->s, &j->s.s[0], v);
	out_close(&o);
	page[file_read(path, page, sizeof(page) - 1).n] = '\0';
	unlink(path);
	free(v);
	return page;
}

static bool
has(const char *part)
{
	bool ok = strstr(page, part) != NULL;

	if (!ok)
		fprintf(stderr, "not there: %s\n%s\n", part, page);
	return ok;
}

static void
within_width(void)
{
	struct str rest = str_of(page), line;

	while (str_cut(&rest, '\n', &line))
		CHECK(line.n <= 78);
}

/* Keys of one request each, so that requests are independent. */
static void
feed(struct judged *j, int hits_c, int n_c, int hits_t, int n_t)
{
	static char text[1 << 16];
	size_t at = 0;

	for (int i = 0; i < n_c + n_t; i++) {
		bool t = i >= n_c;
		int k = t ? i - n_c : i;

		at += (size_t)snprintf(text + at, sizeof(text) - at, "e\t%s\t%d\t86400\t86400\t1\t%d\t0\n",
		    t ? "treatment" : "control", i, k < (t ? hits_t : hits_c));
	}
	CHECK(at < sizeof(text));
	CHECK(!judged_rows(j, text));
}

/* 81 of 263 has the interval 0.2553 to 0.3662: Newcombe, Statistics in Medicine 1998, table I. */
static void
test_wilson(void)
{
	struct assess_how how = assess_default;
	struct judged j;

	judged_open(&j, NULL);
	feed(&j, 81, 263, 263 - 81, 263);
	how.now_us = j.s.now_us;
	how.compare.method = COMPARE_NEWCOMBE;
	told(&j, &how);
	CHECK(has("    control by itself: 25.529 to 36.621 (Wilson)\n"));
	CHECK(has("    treatment by itself: 63.379 to 74.471 (Wilson)\n"));
	CHECK(has("hit_pct: control 30.798, treatment 69.202"));
	CHECK(has("--method auto, which compares keys."));
	CHECK(!strstr(page, "Decision"));
	within_width();
	judged_close(&j);
}

static void
test_parts(void)
{
	struct assess_how how = assess_default;
	struct judged j;

	judged_open(&j, "e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t1d\trunning\t\t\terror_pct<=+1\t\tpage\n");
	feed(&j, 100, 200, 160, 200);
	CHECK(!judged_rows(&j, "e\t(pinned)\tp\t86400\t60\t100\t9\t0\n"));
	how.now_us = j.s.now_us;
	how.decide = true;
	how.min_requests = 100;
	how.compare.rounds = 999;
	told(&j, &how);
	CHECK(strstr(page, "Experiment e, endpoint page\n\nWhat was compared\n") == page);
	CHECK(has("  control (control), TTL 5m: 200 keys, 200 requests\n"));
	CHECK(has("  treatment, TTL 10m: 200 keys, 200 requests\n"));
	CHECK(has("  Outside: 100 requests (20 %) of keys that are pinned"));
	CHECK(has("  The numbers of keys fit the weights (p = 1).\n"));
	CHECK(has("\n\nWhat was found\n  hit_pct: control 50, treatment 80\n    difference +30, "));
	CHECK(has("    two equal cohorts differ as much in 0.001 of all such experiments\n"));
	CHECK(has("    treatment is better\n"));
	CHECK(has("guardrail\n    error_pct<=+1 holds\n"));
	CHECK(has("\n\nWhat this assumes\n") && has("\n\nWhat would make it surer\n"));
	CHECK(has("  - That cohorts do not take room from each other: in a full cache"));
	CHECK(has("  - A whole week: 1 day does not show every weekday.\n"));
	CHECK(has("\n\nDecision\n  treatment: promote: better by 30 "));
	within_width();
	judged_close(&j);
}

/* Two requests a key: the truth at once, and not after what is untrue. */
static void
test_untrue(void)
{
	struct assess_how how = assess_default;
	struct judged j;
	char text[1 << 14];
	size_t at = 0;

	judged_open(&j, NULL);
	for (int i = 0; i < 200; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "e\t%s\t%d\t86400\t86400\t2\t%d\t0\n",
		    i % 2 ? "treatment" : "control", i, i % 3 == 0 ? 2 : i % 2);
	CHECK(!judged_rows(&j, text));
	how.now_us = j.s.now_us;
	how.compare.method = COMPARE_REQUEST_Z;
	told(&j, &how);
	CHECK(!strstr(page, "of all such experiments") && !strstr(page, "is better"));
	CHECK(has("    treatment looks better, which proves nothing\n"));
	CHECK(has("which would be so if requests were independent: keys have"));
	CHECK(has("request-z takes requests as independent, and keys have several: p is far\n    too small"));
	within_width();
	judged_close(&j);
}

/* What is invalid is said; nothing is then assumed or made surer. */
static void
test_invalid(void)
{
	struct assess_how how = assess_default;
	struct judged j;

	judged_open(&j, "e\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t1d\trunning\t\t\t\t\t\n");
	feed(&j, 20, 40, 0, 0);
	how.now_us = j.s.now_us;
	told(&j, &how);
	CHECK(strstr(page, "Experiment e\n") == page);
	CHECK(has("  The numbers of keys DO NOT FIT the weights") && has("    INVALID: "));
	CHECK(!strstr(page, "What this assumes") && !strstr(page, "surer"));
	within_width();
	judged_close(&j);
}

int
main(void)
{
	test_wilson();
	test_parts();
	test_invalid();
	test_untrue();
	return test_end();
}
