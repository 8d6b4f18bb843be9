/*
 * experiment.h - the experiments file, cmon-experiments.5: which keys are kept
 * for how long, since when, and what that is judged by.
 *
 *	struct experiments x;
 *	if (!experiments_read(&x, "experiments.tsv", say))
 *		die(...);			every mistake was said
 *	const struct experiment *e = experiments_named(&x, name);
 *	control = e->cohort[0].name;
 *	experiments_free(&x);
 *
 * Ownership: the experiments own all their text.
 * Errors: experiments_read() is false after say() was told every mistake, as
 * "path:line: ...", with what to write instead; the experiments are then
 * good for experiments_free() only.
 */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "assign.h"
#include "base.h"
#include "map.h"
#include "mem.h"
#include "sha256.h"
#include "table.h"

#define EXPERIMENTS_MAX		1000	/* in a file */
#define EXPERIMENT_NAME_MAX	64	/* bytes of a name, of a salt */
#define EXPERIMENT_LIST_MAX	32	/* metrics, guardrails */
#define EXPERIMENT_WEIGHT_SCALE	9	/* decimals of a weight */
#define EXPERIMENT_NO_TTL	(-1)

/* The file's columns, in the order of the manual. */
enum experiment_field {
	EXPERIMENT_NAME, EXPERIMENT_ENDPOINT, EXPERIMENT_COHORTS, EXPERIMENT_START,
	EXPERIMENT_DURATION, EXPERIMENT_STATUS, EXPERIMENT_SCHEME, EXPERIMENT_SALT,
	EXPERIMENT_COVERAGE, EXPERIMENT_PERIOD, EXPERIMENT_WASHOUT, EXPERIMENT_PINS,
	EXPERIMENT_METRICS, EXPERIMENT_GUARDRAILS, EXPERIMENT_MIN_GAIN,
	EXPERIMENT_OWNER, EXPERIMENT_NOTE,
	EXPERIMENT_FIELDS
};

extern const char *const experiment_field_name[];	/* NULL-terminated */

enum experiment_status { EXPERIMENT_DRAFT, EXPERIMENT_RUNNING, EXPERIMENT_COMPLETED };

struct experiment {
	struct str name, endpoint;	/* endpoint: escaped; empty: all */
	struct {
		struct str name;
		int64_t ttl_s;		/* or EXPERIMENT_NO_TTL */
		struct str ttl;		/* as written */
	} cohort[ASSIGN_ARMS];		/* [0] is the control; there are assign.n */
	int64_t start_us, end_us;	/* INT64_MAX: not said (a draft) */
	enum experiment_status status;
	struct assign assign;
	int64_t washout_us;
	struct map pins;		/* OWNED: keys, raw bytes */
	size_t metrics, guards;
	struct experiment_metric {
		struct str name;
		bool more;		/* is better */
	} metric[EXPERIMENT_LIST_MAX];	/* [0] decides */
	struct experiment_guard {
		struct str metric;
		bool upper;		/* <=+, not >=- */
		bool relative;		/* margin is in percent of the control's value */
		double margin;		/* 0 and up */
	} guard[EXPERIMENT_LIST_MAX];
	double min_gain;		/* less than 0: not said */
	struct str field[EXPERIMENT_FIELDS];	/* as written, escaped */
	uint64_t line;
};

struct experiments {
	struct experiment *e;		/* OWNED, by start, then as in the file */
	size_t n;
	struct sha256 sha;		/* OWNED */

	/* private from here */
	size_t cap;
	struct arena text;		/* OWNED */
	struct hash_key key;		/* of tables by endpoint and key */
};

MUST_USE bool experiments_read(struct experiments *x, const char *path, table_say *say);
void	experiments_free(struct experiments *x);

/* The experiment of that name, whatever its status; or NULL. */
const struct experiment *experiments_named(const struct experiments *x, struct str name);

#endif
