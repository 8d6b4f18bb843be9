/*
 * select.h - which rows of metrics are meant: {tier=edge,host=*}.
 *
 *	struct select s;
 *	const char *why = select_parse(&rest, &s);	rest is after the "}"
 *	...
 *	case TSV_HEADER:
 *		if (!metrics_bind(&m, &tsv))
 *			...m.why...
 *		bound = select_bind(&s, &m, col);
 *	case TSV_ROW:
 *		filled = metrics_filled(&m);
 *		if (bound && select_row(&s, col, &m, filled))
 *			...
 *
 *	selector = "{" match *( "," match ) "}"
 *	match    = label "=" value | label "!=" value | label "=*"
 *
 * =* and != ask for a label that is not empty.  A label that is not named has
 * to be empty: {tier=edge} is the total of that tier, no selector at all is
 * the total of all.  A value with one of , } " = * or a blank stands in double
 * quotes; its bytes are those of the stream, escapes as written, and \x22 is
 * a quote.
 *
 * Ownership: a selector's slices point into the parsed text.
 * Errors: a reason, or NULL.
 */
#ifndef SELECT_H
#define SELECT_H

#include "base.h"
#include "tsv.h"

#define SELECT_MAX	16	/* labels in a selector */

enum select_how { SELECT_IS, SELECT_NOT, SELECT_ANY };

struct select {
	size_t n;
	struct select_match {
		struct str label, value;
		enum select_how how;
	} match[SELECT_MAX];	/* bytewise by label */
};

/* One match, up to a comma, a brace or the end, which stay in *rest. */
MUST_USE const char *select_match(struct str *rest, struct select_match *m);

/* All of "{...}"; where *rest does not start with a brace: the empty selector. */
MUST_USE const char *select_parse(struct str *rest, struct select *s);

/* Does a label of this value, empty where there is none, match? */
bool	select_is(const struct select_match *m, struct str value);

/* The columns of a stream of metrics, cmon-tsv.5. */
struct metrics {
	const struct tsv *tsv;	/* BORROWED */
	size_t labels;		/* columns 0 .. labels - 1 are labels */
	int window;		/* this column, and behind it are values */
};

/* False: the header has no "window" right after "time". */
MUST_USE bool metrics_bind(struct metrics *m, const struct tsv *t);

/* Are these partials (cmon-agg -p), which look like metrics but have to be merged first? */
bool	metrics_partial(const struct tsv *t);

/* How many labels of the row at hand are not empty. */
size_t	metrics_filled(const struct metrics *m);

/* Finds the columns, SELECT_MAX at most; false: no row here can be meant. */
MUST_USE bool select_bind(const struct select *s, const struct metrics *m, int *col);
bool	select_row(const struct select *s, const int *col, const struct metrics *m, size_t filled);

#endif
