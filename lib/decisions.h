/*
 * decisions.h - what was promoted, undone and restored: the rows of
 * cmon-promote(1), and the log that it keeps of them.
 *
 *	struct decisions log;
 *	if (!decisions_read(&log, "ttl.tsv.log"))
 *		die("%s", log.why);
 *	open = decisions_open(&log, &n);	an interrupted run's: do them again
 *	last = decisions_last(&log, STR("ttl-title"));
 *	...
 *	if (!decisions_append("ttl.tsv.log", d, n, STR("begun"), why))
 *	...do it...
 *	if (!decisions_append("ttl.tsv.log", d, n, STR("done"), why))
 *	decisions_free(&log);
 *
 * Each row of the log has a sum of its own, by which a damaged one is refused;
 * those of a log that was written before there were sums, and those whose sum
 * somebody has emptied when they mended the row, are believed.
 *
 * What was begun and is neither done nor dropped is open; it can only be what
 * the last append() wrote.
 *
 * Ownership: the log owns its rows' text.  Errors: false, and the reason in why.
 */
#ifndef DECISIONS_H
#define DECISIONS_H

#include "base.h"
#include "change.h"
#include "mem.h"
#include "num.h"
#include "tsv.h"

/* The columns, in order; those from DECISION_FROM on stand in the log alone. */
enum decision_field {
	DECISION_ACTION, DECISION_EXPERIMENT, DECISION_ENDPOINT,
	DECISION_TIME, DECISION_WINDOW, DECISION_CHANGES, DECISION_FROM_S, DECISION_TO_S,
	DECISION_METRIC, DECISION_DIFF, DECISION_LO, DECISION_HI, DECISION_CONFIDENCE,
	DECISION_TREATMENT, DECISION_JUDGED, DECISION_UNDO,
	DECISION_FROM, DECISION_TO, DECISION_DEFINITION, DECISION_STATUS,
	DECISION_FIELDS
};

#define DECISION_PROMOTE	STR("promote")
#define DECISION_UNDONE		STR("undo")
#define DECISION_ROLLBACK	STR("rollback")

#define DECISION_BEGUN		STR("begun")
#define DECISION_DONE		STR("done")
#define DECISION_DROPPED	STR("dropped")

struct decision {
	struct str field[DECISION_FIELDS];	/* escaped */
};

struct decisions {
	struct decision *d;	/* OWNED, in the order of the log */
	size_t n;
	char why[TSV_WHY_MAX];

	/* private from here */
	size_t cap;
	struct arena text;	/* OWNED */
};

/* A log that is not there has no rows. */
MUST_USE bool decisions_read(struct decisions *log, const char *path);
void	decisions_free(struct decisions *log);

/* Those that were begun last, and not ended; n is 0: there are none. */
const struct decision *decisions_open(const struct decisions *log, size_t *n);

/* Is one of those this action, and, where that is not empty, about this experiment? */
bool	decisions_begun(const struct decisions *log, struct str action, struct str experiment);

/*
 * The last that was done: about this experiment, or, where that is empty, the
 * last promotion that was not undone; or NULL.
 */
const struct decision *decisions_last(const struct decisions *log, struct str experiment);

/* Is its row short enough to be read again, from the log and by others? */
MUST_USE bool decision_fits(const struct decision *d);

/* Each one fits. */
MUST_USE bool decisions_append(const char *path, const struct decision *d, size_t n,
    struct str status, char why[TSV_WHY_MAX]);

/* For people and judges: the columns before DECISION_FROM. */
void	decisions_header(struct tsv_row *r);
void	decisions_write(struct tsv_row *r, const struct decision *d);

/* The action, or the status, is this. */
static inline bool
decision_is(const struct decision *d, enum decision_field f, struct str word)
{
	return d->field[f].n == word.n && memcmp(d->field[f].p, word.p, word.n) == 0;
}

/* When it was made, as people write it. */
struct str decision_time(const struct decision *d, char room[NUM_MAX]);

/* What a promotion or an undo changes; a TTL that is no number is -1. */
struct change decision_change(const struct decision *d);

#endif
