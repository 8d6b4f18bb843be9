/*
 * winners.h - the verdicts that say promote, and whether they still hold.
 *
 *	struct winners w = { 0 };
 *	if (!winners_read(&w, &tsv, why))	rows of cmon-abtest(1)
 *		die("%s", why);
 *	for (size_t i = 0; i < w.n; i++)
 *		if (w.w[i].promote && !winner_holds(&w.w[i], &x, &log, &how, why))
 *			warn("%s", why);
 *	winners_free(&w);
 *
 * There is one an experiment.  Its newest time counts, whatever the order of
 * the rows: a verdict of yesterday that said promote is nothing beside today's
 * that says no.
 *
 * Ownership: the winners own their text; experiments found are BORROWED.
 * Errors: false, and the reason in why.
 */
#ifndef WINNERS_H
#define WINNERS_H

#include "base.h"
#include "decisions.h"
#include "experiment.h"
#include "mem.h"
#include "tsv.h"
#include "verdict.h"

#define WINNER_WHY_MAX	2048	/* bytes of a reason */

struct winner {
	struct str experiment, treatment, metric, endpoint, definition;
	int64_t time_us;	/* of the verdict */
	double diff, lo, hi, confidence, ttl_s;
	bool promote;
	bool twice;		/* two treatments are to be promoted */

	/* set by winner_holds() */
	const struct experiment *e;
	size_t arm;		/* of the treatment */
};

struct winners {
	struct winner *w;	/* OWNED, in the order of first rows */
	size_t n;
	uint64_t rows, decided;	/* all, and those with a decision */

	/* private from here */
	size_t cap;
	struct arena text;	/* OWNED */
};

/* All rows of the stream: verdicts under any header of theirs, or it is refused. */
MUST_USE bool winners_read(struct winners *w, struct tsv *t, char why[WINNER_WHY_MAX]);

/* One of them. */
void	winners_add(struct winners *w, const struct verdict *v);
void	winners_free(struct winners *w);

struct winner_how {
	const char *file;	/* of the experiments, for reasons */
	int64_t now_us, max_age_us;
};

/* Of one that says promote: may it be done now? */
MUST_USE bool winner_holds(struct winner *w, struct experiments *x, const struct decisions *log,
    const struct winner_how *how, char why[WINNER_WHY_MAX]);

#endif
