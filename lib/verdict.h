/*
 * verdict.h - what was found about one metric of one treatment: the row that
 * cmon-abtest writes and cmon-promote reads.
 *
 *	struct verdict v;
 *	verdict_init(&v);
 *	v.diff = 1.5; ...
 *	verdict_say(&v, "%zu keys were lost", lost);
 *	verdict_header(&row);
 *	verdict_write(&row, &v, false);
 *
 *	struct verdict_columns c;
 *	case TSV_HEADER:
 *		if (!verdict_bind(&c, &tsv))
 *			...c.why
 *	case TSV_ROW:
 *		if (!verdict_read(&c, &tsv, &v))
 *			...c.why
 *
 * The columns are those of cmon-abtest(1), in that order; numbers that are not
 * finite are empty.
 *
 * Ownership: texts are BORROWED, after verdict_read() until the next row.
 * Errors: false, and the place and the reason in `why`.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "base.h"
#include "tsv.h"

#define VERDICT_REASON_MAX	1024	/* bytes; a longer one is cut */
#define VERDICT_COLUMNS		36

enum verdict_status {
	VERDICT_INVALID, VERDICT_INCONCLUSIVE, VERDICT_TREATMENT, VERDICT_CONTROL,
	VERDICT_STATUSES
};

/* What a verdict on a guardrail may rest on. */
enum verdict_basis {
	VERDICT_UNJUDGED,		/* nothing: it cannot be judged, and the reason says why */
	VERDICT_JUDGED,			/* p and an interval */
	VERDICT_SAME,			/* all keys of both cohorts have one value: no error in either */
};

enum verdict_decision { VERDICT_UNDECIDED, VERDICT_NO, VERDICT_PROMOTE, VERDICT_DECISIONS };

struct verdict {
	int64_t time_us;
	struct str experiment, metric, control, treatment;
	double keys_c, keys_t, n_c, n_t, neff_c, neff_t, est_c, est_t;
	double diff, lo, hi, rel, rel_lo, rel_hi, se, deff, stat, df, p, p_adj;
	struct str method;
	double confidence, srm_p;
	enum verdict_status status;
	char reason[VERDICT_REASON_MAX];
	enum verdict_decision decision;
	double rounds, seed;
	struct str endpoint;
	double ttl_s;
	struct str definition;

	/* not in the row */
	enum verdict_basis basis;
	double top;			/* the heaviest key's share of both cohorts */
	bool independent;		/* the method takes requests as such */
};

/* All numbers undefined, no text, invalid. */
void	verdict_init(struct verdict *v);

/* Adds to the reason, after a semicolon. */
void	verdict_say(struct verdict *v, const char *fmt, ...) PRINTF(2, 3);

void	verdict_header(struct tsv_row *r);
bool	verdict_is_header(struct str line);

/* exact: to its last bit, else whole ones as they are and others to 6 digits. */
void	verdict_number(struct tsv_row *r, double x, bool exact);
void	verdict_write(struct tsv_row *r, const struct verdict *v, bool exact);

struct verdict_columns {
	int col[VERDICT_COLUMNS];	/* of the columns in order */
	char why[TSV_WHY_MAX];
};

MUST_USE bool verdict_bind(struct verdict_columns *c, const struct tsv *t);
MUST_USE bool verdict_read(struct verdict_columns *c, const struct tsv *t, struct verdict *v);

#endif
