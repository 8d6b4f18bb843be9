/*
 * promset.h - the newest value of each series, until all rows are read; then
 * the lines of Prometheus' text format.
 *
 *	promset_init(&ps, &key, 10000);
 *	if (!promset_column(&ps, STR("hit_pct"), &c, &column) ||
 *	    !promset_series(&ps, identity, STR("tier=\"edge\""), &series) ||
 *	    !promset_put(&ps, series, column, end_us, &value))
 *		die("%s", ps.why);
 *	if (!promset_finish(&ps))
 *		die("%s", ps.why);
 *	promset_write(&ps, &out);
 *
 * A file that is wrong in one line is refused in all, so nothing is written
 * before everything is known to be right: no column under another's name, no
 * sample twice, no more than a collector can bear.
 *
 * Ownership: the set copies what it is given.
 * Errors: false, and the reason in `why`.
 */
#ifndef PROMSET_H
#define PROMSET_H

#include "base.h"
#include "map.h"
#include "mem.h"
#include "out.h"
#include "prom.h"

#define PROMSET_COLUMNS	1024	/* columns of all headers together */
#define PROMSET_WHY_MAX	1024	/* bytes of a reason */

struct promset {
	uint32_t max;			/* samples it may hold */
	size_t lines;			/* samples to write, after promset_finish() */
	char why[PROMSET_WHY_MAX];

	/* private from here; arrays OWNED, by the numbers of the maps */
	struct map column_no, family_no, series_no, sample_no;
	struct promset_column *column;
	struct str *help;		/* of a family */
	struct str *series;		/* its labels, as written */
	struct promset_sample *sample;
	struct promset_line *line;
	size_t column_cap, help_cap, series_cap, sample_cap;
	struct arena text;
};

void	promset_init(struct promset *ps, const struct hash_key *key, uint32_t max);

/* The number of a column; false when another has its name in Prometheus. */
MUST_USE bool promset_column(struct promset *ps, struct str name, const struct prom_column *c,
    uint32_t *column);

/* Whether a column of that name was met. */
bool	promset_knows(const struct promset *ps, struct str name);

/* Whether the label that the column brings along, q or code, has that name. */
bool	promset_brings(const struct promset *ps, uint32_t column, const char *label);

/* By how many decimals the column's values are to be moved. */
int	promset_shift(const struct promset *ps, uint32_t column);

/* The number of the series of that identity; labels are as in the format. */
MUST_USE bool promset_series(struct promset *ps, struct str identity, struct str labels,
    uint32_t *series);

/*
 * A value at the end of its window, in microseconds.  A later end replaces,
 * and so does the same.  NULL: the newest row has no value.
 */
MUST_USE bool promset_put(struct promset *ps, uint32_t series, uint32_t column, int64_t end,
    const double *value);

/* Sorts what is to be written, and finds what would stand there twice. */
MUST_USE bool promset_finish(struct promset *ps);

void	promset_write(const struct promset *ps, struct out *o);
void	promset_free(struct promset *ps);

#endif
