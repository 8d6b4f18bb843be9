/*
 * alerts.h - the alert table: what cmon-alert writes, and all that tell
 * people read.
 *
 *	struct alerts_bound b;
 *	struct alert a;
 *	case TSV_HEADER:
 *		why = alerts_bind(&b, &tsv);		NULL: fine
 *	case TSV_ROW:
 *		why = alerts_read(&b, &tsv, &a);
 *		if (!why && a.state == ALERT_FIRING && a.muted_by.n == 0)
 *			tell(&a);
 *
 * Every run of cmon-alert writes the whole table.  An absent row says nothing.
 * An episode is one breach, from `since` on; rule, labels and since name it.
 * Flags are words with commas between them: nodata few gap escalated removed
 * gone, and prev_since=T, prev_resolved=T for the episode before.
 *
 * The condition says of which figure value and threshold are, as a term of
 * cmon-rules.5 with its number: share_pct{tier=edge} < 75.  It may be empty.
 *
 * Labels are written k="v",k2="v2" in order of their names.  The values are
 * escaped as in the stream, and a quote is \x22, so the field is cut at its
 * quotes before anything is unescaped.
 *
 * Ownership: all text is BORROWED from the row, or from whoever filled it in.
 * Errors: a reason, or NULL.
 */
#ifndef ALERTS_H
#define ALERTS_H

#include "base.h"
#include "buf.h"
#include "out.h"
#include "sha256.h"
#include "tsv.h"

enum alert_state { ALERT_INACTIVE, ALERT_PENDING, ALERT_FIRING, ALERT_RESOLVED };

struct alert {
	int64_t time_us;	/* of the run */
	enum alert_state state;
	struct str severity, rule, labels;
	struct str value, threshold;			/* numbers as text, or empty */
	int64_t since_us, fired_us, resolved_us;	/* 0: not yet */
	struct str summary, causes, runbook, channels, muted_by, flags, condition;
};

#define ALERTS_COLS	17

struct alerts_bound {
	int col[ALERTS_COLS];
};

MUST_USE const char *alerts_bind(struct alerts_bound *b, const struct tsv *t);
MUST_USE const char *alerts_read(const struct alerts_bound *b, const struct tsv *t, struct alert *a);

void	alerts_header(struct out *o);
void	alerts_write(struct out *o, const struct alert *a);

extern const char *const alert_state_text[];	/* NULL-terminated */

/* False: no such state. */
MUST_USE bool alert_state_of(struct str text, enum alert_state *state);

/* The next label of *rest, which moves past it; false: none left, or broken. */
MUST_USE bool labels_next(struct str *rest, struct str *name, struct str *value);

/* Appends one to a labels field; value is escaped as in the stream. */
void	labels_add(struct buf *b, struct str name, struct str value);

/* The value of a label; empty where it is not there. */
struct str labels_get(struct str labels, struct str name);

/* Is a word among the flags, and what stands after its "="? */
bool	alert_flag(const struct alert *a, struct str word, struct str *value);

/*
 * What identifies an alert for ever: the SHA-256 of rule, a tab, and labels,
 * as they stand in the table.  printf 'miss\thost="a"' | sha256sum
 */
MUST_USE bool alerts_id(struct sha256 *h, struct str rule, struct str labels, char hex[SHA256_HEX]);

#endif
