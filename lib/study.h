/*
 * study.h - experiments as they stand in a stream: which rows belong to which,
 * and the totals of their keys.
 *
 *	struct studies s;
 *	studies_init(&s, &metrics, &random_key);
 *	studies_plan(&s, experiment, metrics, n);	each one that is known
 *	...
 *	switch (metric_set_read(&metrics, &tsv, &row)) {
 *	case METRIC_TAKEN:
 *		if (!studies_add(&s, &row))
 *			die("%s:%llu: %s", TSV_AT(&tsv), s.why);
 *		break;
 *	default:
 *		studies_pass(&s, &row);			only its time counts
 *	}
 *
 * Days are of UTC.  Now is the end of the newest row.
 *
 * Ownership: texts that come with rows are copied; experiments and metrics are
 * BORROWED.
 * Errors: false, and the reason in `why`.  Windows that do not fit a planned
 * experiment are its own trouble: left out, and said in its `spoilt`.
 */
#ifndef STUDY_H
#define STUDY_H

#include "armtab.h"
#include "base.h"
#include "experiment.h"
#include "metric.h"

#define STUDY_DAYS	84400		/* 1970 to 2200 */
#define STUDY_MAX	EXPERIMENTS_MAX
#define STUDY_HOLE	0.1		/* of the median day's requests */
#define STUDY_NEVER	INT64_MIN	/* a start that is not known: no past */

struct study_arm {
	struct str name;
	double requests;		/* since the start, of keys that stayed or moved */
	struct stats_moments *moments;	/* OWNED: of each use's values */
};

/* A metric, and what it is used for. */
struct study_use {
	size_t metric;			/* of the metric_set */
	const struct experiment_guard *guard;	/* NULL: a goal */
};

struct study {
	struct str name;
	const struct experiment *e;	/* BORROWED; NULL: what the stream says is all */
	int64_t start_us, end_us;	/* STUDY_NEVER, INT64_MAX */
	bool crossover;
	struct study_arm arm[ASSIGN_ARMS];	/* [0] is the control */
	size_t arms;
	struct study_use *use;		/* OWNED: goals, then guardrails */
	size_t uses, goals;
	struct armtab tab;		/* totals by use */
	int64_t first_us, last_us;	/* of rows since the start; first > last: none */
	double requests;		/* since the start, in all cohorts and outside */
	double outside;			/* of these: pinned, unexposed, in washout */
	double unknown;			/* of these: in cohorts it does not have */
	char unknown_name[64];		/* the first such */
	bool weighted;			/* a quantile's event stood for several */
	double *day;			/* OWNED: requests by day since that of the start */
	size_t days;			/* 0: without a plan, or without an end */
	char spoilt[256];		/* why its rows are none of it, or "" */
};

struct studies {
	struct study *s;		/* OWNED, as planned or in order of arrival */
	size_t n;
	int64_t now_us;			/* INT64_MIN: no rows */
	struct str unplanned;		/* an experiment in the stream that nobody planned */
	bool planned;			/* only those planned are judged */
	struct str control;		/* without a plan: its name */
	int64_t start_us;		/* without a plan */
	const struct study_use *use;	/* without a plan; BORROWED */
	size_t uses;
	char why[256];

	/* private from here */
	struct metric_set *set;		/* BORROWED */
	struct hash_key key;
	size_t cap;
	struct map names;
	struct arena text;
	unsigned char day[STUDY_DAYS / 8];	/* bit: it has rows */
};

/*
 * Adds to the uses, which have room for METRIC_MAX, a metric; or those that the
 * experiment is judged by; or its guardrails.  Else why one cannot be, and bad is
 * its name.
 */
MUST_USE const char *study_add_use(struct metric_set *set, struct study_use *use, size_t *n,
    struct str name, bool more, const struct experiment_guard *guard);
MUST_USE const char *study_goals(struct metric_set *set, const struct experiment *e,
    struct study_use *use, size_t *n, struct str *bad);
MUST_USE const char *study_guards(struct metric_set *set, const struct experiment *e,
    struct study_use *use, size_t *n, struct str *bad);

void	studies_init(struct studies *s, struct metric_set *set, const struct hash_key *key);
void	studies_free(struct studies *s);

/* One that is to be judged, whether rows come or not. */
void	studies_plan(struct studies *s, const struct experiment *e, const struct study_use *use,
	    size_t uses);

MUST_USE bool studies_add(struct studies *s, const struct metric_row *row);
void	studies_pass(struct studies *s, const struct metric_row *row);

/*
 * The first whole day with under STUDY_HOLE of the requests of the median of days
 * that have any: rows are missing.  A day like that every week, a Sunday of an office, is no hole:
 * one is below STUDY_HOLE of the same weekday, too; a day without any is always one.
 * False: there is none.
 */
struct study_hole {
	int64_t day_us;
	double requests, median;
};

MUST_USE bool study_hole(const struct study *u, struct study_hole *hole);

size_t	studies_bytes(const struct studies *s);

/* Days from one time up to another, and how many of them have rows. */
size_t	studies_days(const struct studies *s, int64_t from_us, int64_t to_us, size_t *seen);

#endif
