/*
 * recent.h - the newest rows of a stream of metrics, to stand beside an alert.
 *
 *	struct recent r;
 *	recent_open(&r);
 *	why = recent_read(&r, "figures.tsv");		NULL: fine
 *	recent_write(&r, &letter);
 *	recent_close(&r);
 *
 * The total of the last RECENT_WINDOWS windows, by time; and by label the rows
 * of the last one.  Of streams with several headers, those under the last.
 *
 * Memory does not grow with the file.
 *
 * Ownership: the rows are its own.
 * Errors: a reason that names the place, good until recent_close().
 */
#ifndef RECENT_H
#define RECENT_H

#include "base.h"
#include "buf.h"
#include "letter.h"
#include "tsv.h"

#define RECENT_WINDOWS	8	/* of the total */
#define RECENT_ROWS	16	/* with labels */
#define RECENT_VALUES	8	/* columns of values shown */

struct recent_row {
	int64_t time_us;
	struct buf bytes;	/* OWNED: the row */
};

struct recent {
	struct buf header;	/* OWNED */
	size_t labels;		/* columns left of time */
	struct recent_row total[RECENT_WINDOWS + 1]; /* by time */
	struct recent_row row[RECENT_ROWS];
	size_t totals, rows, more;	/* `more` rows are not shown */
	char why[TSV_WHY_MAX];
};

void	recent_open(struct recent *r);
MUST_USE const char *recent_read(struct recent *r, const char *path);
void	recent_write(const struct recent *r, struct letter *l);
void	recent_close(struct recent *r);

#endif
