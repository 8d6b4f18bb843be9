/*
 * watch.h - metrics rows in, the newest figure for each term of each rule out.
 *
 *	struct watch w;
 *	watch_open(&w, &rules, &key, now_us);
 *	if (!watch_read(&w, &tsv, &why))		all of the stream
 *		die("%s", why);
 *	for (uint32_t i = 0; i < w.n; i++)
 *		watch_judge(&w, &w.one[i], now_us, max_age_us, firing, term);
 *	watch_close(&w);
 *
 * What is watched is one rule with one set of values for the labels that it
 * leaves open: what becomes one alert.  A rule that leaves none open is always
 * watched, others as soon as there is a row.  Memory grows with these sets,
 * not with the input, unless the history is kept (watch_keep()).
 *
 * Ownership: all it hands out lives until watch_close(); rules are BORROWED.
 * Errors: false and the reason, with its path:line.
 */
#ifndef WATCH_H
#define WATCH_H

#include "base.h"
#include "hash.h"
#include "judge.h"
#include "map.h"
#include "mem.h"
#include "rules.h"
#include "tsv.h"

#define WATCH_WHY_MAX	(TSV_WHY_MAX + 64)	/* bytes of a reason */

/* The newest row that has a term's column. */
struct sample {
	int64_t end_us;		/* of its window; 0: no row */
	int64_t window_us;
	double value;
	uint64_t n;		/* requests, UINT64_MAX: it does not say */
	bool valued;		/* the field was not empty, NaN or infinite */
};

struct watched {
	uint32_t rule;		/* number */
	struct str labels;	/* as in the alert table */
	struct sample *sample;	/* one a term */
	bool seen;		/* a figure has come; or the rule leaves no label open */
	bool joined;		/* alarms.h has its alarm */
};

/* A row's figure, for a term whose turn comes when its window has ended. */
struct watch_past {
	uint32_t watched, term;
	uint64_t order;		/* in the input */
	struct sample sample;
};

struct watch {
	struct watched *one;	/* OWNED, by number */
	uint32_t n;

	/* private from here */
	const struct rules *rules;	/* BORROWED */
	int64_t now_us;
	size_t cap;
	struct map map;		/* rule and values to number */
	struct arena arena;
	uint32_t *total;	/* OWNED: of each rule, the one for terms without labels */
	struct buf key, text;
	bool *column;		/* OWNED: of each term of each rule: rows have it */
	bool keep;
	struct watch_past *past; /* OWNED: the history, if kept */
	size_t pasts, past_cap, past_next;
	struct watch_bound *bound; /* OWNED */
	size_t bounds, bound_cap;
};

void	watch_open(struct watch *w, const struct rules *r, const struct hash_key *key, int64_t now_us);

/* Keeps the history, for watch_until(); before watch_read(). */
void	watch_keep(struct watch *w);

MUST_USE bool watch_read(struct watch *w, struct tsv *t, char why[WATCH_WHY_MAX]);

/* First and last end of a window in the history; false: there is none. */
MUST_USE bool watch_span(struct watch *w, int64_t *first_us, int64_t *last_us);

/* Lets the figures of windows come in that have ended by now_us. */
void	watch_until(struct watch *w, int64_t now_us);

void	watch_close(struct watch *w);

/* The one of rule with these labels, made known if it is not. */
struct watched *watch_add(struct watch *w, uint32_t rule, struct str labels);

/* Has any row come for each term of the rule with this number? */
bool	watch_has_rows(const struct watch *w, uint32_t rule);

/* Is the term's column among the values of any header that was read? */
bool	watch_has_column(const struct watch *w, const struct rule *rule, size_t term);

/* What a term comes to, and why it is not known. */
struct term_verdict {
	enum { TERM_FALSE, TERM_TRUE, TERM_NO_ROW, TERM_NO_VALUE, TERM_OLD, TERM_FEW } what;
	double value, limit;
	const struct sample *sample;
};

/*
 * The verdict on it at now_us; firing: against clear.  few: unknown for no
 * other reason than min_n.  term has room for RULES_TERMS.
 */
enum verdict watch_judge(const struct watch *w, const struct watched *one, int64_t now_us,
    int64_t max_age_us, bool firing, bool *few, struct term_verdict *term);

#endif
