/*
 * judged.h - experiments as judges see them: a file of experiments, and rows.
 *
 *	struct judged j;
 *	judged_open(&j, "x\tcontrol:50:5m,treatment:50:10m\t1970-01-02\t1d\trunning\t\t\n");
 *	why = judged_rows(&j, "e\tcontrol\ta\t86400\t60\t9\t5\n");	NULL: all were added
 *	...j.s
 *	judged_close(&j);
 *
 * No experiments: whatever the rows say is one, as without -x.
 */
#ifndef JUDGED_H
#define JUDGED_H

#include "str.h"
#include "stream.h"
#include "study.h"

#define JUDGED_HEAD	"name\tcohorts\tstart\tduration\tstatus\tperiod\tmetrics\tguardrails\tmin_gain\tendpoint\n"
#define JUDGED_ROWS	"experiment\tcohort\tkey\ttime\twindow\trequests\thits\terrors\n"
#define SEC		INT64_C(1000000)
#define DAY		(86400 * SEC)

struct judged {
	struct experiments x;
	struct metric_set set;
	struct studies s;
	struct study_use one;	/* hit_pct, without experiments */
};

static void
judged_say(const char *text)
{
	fprintf(stderr, "%s\n", text);
	test_failed++;
}

static void
judged_plan(struct judged *j, const struct experiment *e)
{
	struct study_use use[METRIC_MAX];
	struct str bad;
	size_t n = 0;

	CHECK(!study_goals(&j->set, e, use, &n, &bad) && !study_guards(&j->set, e, use, &n, &bad));
	studies_plan(&j->s, e, use, n);
}

static inline void
judged_open(struct judged *j, const char *experiments)
{
	const struct hash_key any = { { 1, 2 } };
	char path[] = FILE_NAME, text[4096];

	memset(j, 0, sizeof(*j));
	metric_set_init(&j->set, STR("key"));
	studies_init(&j->s, &j->set, &any);
	if (!experiments) {
		CHECK(!study_add_use(&j->set, &j->one, &j->s.uses, STR("hit_pct"), true, NULL));
		j->s.use = &j->one;
		j->s.control = STR("control");
		return;
	}
	snprintf(text, sizeof(text), "%s%s", JUDGED_HEAD, experiments);
	file_write(path, text);
	CHECK(experiments_read(&j->x, path, judged_say));
	unlink(path);
	for (size_t i = 0; i < j->x.n; i++)
		judged_plan(j, &j->x.e[i]);
}

/* A stream of its own, header and all; or the reason, without its place. */
static inline const char *
judged_stream(struct judged *j, const char *text)
{
	static struct stream s;
	struct metric_row row;
	const char *why = NULL;
	enum tsv_what what;

	stream_open(&s, text);
	while (!why && (what = tsv_next(&s.tsv)) != TSV_END) {
		CHECK(what != TSV_BAD);
		if (what == TSV_HEADER) {
			CHECK(metric_set_bind(&j->set, &s.tsv));
			continue;
		}
		switch (metric_set_read(&j->set, &s.tsv, &row)) {
		case METRIC_BAD:
			why = j->set.why;
			break;
		case METRIC_TAKEN:
			why = studies_add(&j->s, &row) ? NULL : j->s.why;
			break;
		default:
			studies_pass(&j->s, &row);
		}
	}
	stream_close(&s);
	return why;
}

static inline const char *
judged_rows(struct judged *j, const char *rows)
{
	size_t size = sizeof(JUDGED_ROWS) + strlen(rows);
	char *text = malloc(size);
	const char *why;

	snprintf(text, size, "%s%s", JUDGED_ROWS, rows);
	why = judged_stream(j, text);
	free(text);
	return why;
}

static inline void
judged_close(struct judged *j)
{
	studies_free(&j->s);
	metric_set_free(&j->set);
	experiments_free(&j->x);
}

#endif
