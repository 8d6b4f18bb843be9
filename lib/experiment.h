/*
 * experiment.h - the experiments file, cmon-experiments.5, and which cohort
 * a row is in.
 *
 *	struct experiments x;
 *	if (!experiments_read(&x, "experiments.tsv", say))
 *		die(...);			every mistake was said
 *	experiments_use(&x, NULL);		those that run
 *	const struct experiment *e = experiments_find(&x, endpoint, time_us);
 *	struct placed got;
 *	if (e && !experiment_place(&x, e, key, time_us, &got))
 *		die("SHA-256 failed");
 *	...experiment_cohort(e, got.arm)
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
#include "buf.h"
#include "map.h"
#include "mem.h"
#include "sha256.h"
#include "table.h"

#define EXPERIMENTS_MAX		1000	/* in a file */
#define EXPERIMENT_NAME_MAX	64	/* bytes of a name, of a salt */
#define EXPERIMENT_LIST_MAX	32	/* metrics, guardrails */
#define EXPERIMENT_PINS_MAX	100000	/* keys in a file of pins */
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

/* In place of a cohort's number, besides those of assign.h. */
enum {
	EXPERIMENT_PINNED = -3,
	EXPERIMENT_IN_WASHOUT = -4,
	EXPERIMENT_UNKNOWN = -5,
};

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

/* A key at a time. */
struct placed {
	int arm;	/* its cohort, or one of the words in place of it */
	int ttl_of;	/* the cohort whose TTL it has: the control outside, and */
			/* before the start; its new one also in the washout */
	uint64_t hash;	/* of struct assigned */
};

struct experiments {
	struct experiment *e;		/* OWNED, by start, then as in the file */
	size_t n;
	struct sha256 sha;		/* OWNED */

	/* private from here */
	size_t cap;
	struct arena text;		/* OWNED */
	struct hash_key key;
	struct map endpoints;		/* OWNED: those of the experiments in use */
	struct experiment_chain {
		uint32_t *of;		/* numbers of experiments, by start */
		size_t n;
	} *chain;			/* OWNED: by endpoint; [0]: all others */
};

MUST_USE bool experiments_read(struct experiments *x, const char *path, table_say *say);
void	experiments_free(struct experiments *x);

/* The experiment of that name, whatever its status; or NULL. */
const struct experiment *experiments_named(const struct experiments *x, struct str name);

/* Those that run, or the one of that name alone.  False: there is none of it. */
bool	experiments_use(struct experiments *x, const char *only);

/* Is e among them? */
bool	experiments_uses(const struct experiments *x, const struct experiment *e);

/* The one that a row of this (escaped) endpoint belongs to at a time, or NULL. */
const struct experiment *experiments_find(const struct experiments *x, struct str endpoint,
    int64_t us);

/* Where the key, as raw bytes, is at that time.  False: libcrypto failed. */
MUST_USE bool experiment_place(struct experiments *x, const struct experiment *e, struct str key,
   int64_t us, struct placed *got);

/* The first time after us at which some key's arm may be another; INT64_MAX: never. */
int64_t	experiment_next_change(const struct experiment *e, int64_t us);

/* The cohort as in the stream; the number of such a word. */
struct str experiment_cohort(const struct experiment *e, int arm);
int	experiment_arm(const struct experiment *e, struct str cohort);

/* Whose TTL a cohort has at a time: its own only between start and end. */
int	experiment_ttl_of(const struct experiment *e, int arm, int64_t us);

/*
 * All that decides which TTL a key has, but for the coverage, which may grow:
 * one line of text, equal where the experiment is the same.  False: libcrypto
 * failed.
 */
MUST_USE bool experiment_definition(struct experiments *x, const struct experiment *e,
    struct buf *b);

#endif
