/*
 * widen.h - a stream with columns added: at the end of events, left of the
 * time of metrics, where they are labels.  For cmon-key and cmon-cohort.
 *
 *	struct widen w;
 *	widen_open(&w, names, n);
 *	case TSV_HEADER:
 *		i = widen_bind(&w, &t);		a column that is there already
 *		widen_header(&w, &t, &out);
 *	case TSV_ROW:
 *		widen_row(&w, &t, &out, values);
 *
 * Columns that the stream has already are filled in place; whether that is
 * right is the caller's to say.
 *
 * Ownership: names are BORROWED until the end, values until widen_row().
 * Errors: none.
 */
#ifndef WIDEN_H
#define WIDEN_H

#include "base.h"
#include "out.h"
#include "tsv.h"

#define WIDEN_MAX	65	/* columns added or filled */
#define WIDEN_NONE	SIZE_MAX

struct widen {
	size_t n;
	struct str name[WIDEN_MAX];
	int at[WIDEN_MAX];	/* where the stream has column i already, or -1 */
	bool metrics;		/* the stream's rows, as bound last */
	bool appends;		/* behind rows that stay as they are */

	/* private from here */
	bool in_place;		/* some column is there already */
	size_t before;		/* columns of the stream before ours */
};

void	widen_open(struct widen *w, const struct str *names, size_t n);

/* Binds to a header.  The first of the columns that it has already, or WIDEN_NONE. */
size_t	widen_bind(struct widen *w, const struct tsv *t);

void	widen_header(const struct widen *w, const struct tsv *t, struct out *o);

/* value[i], escaped, is for column i. */
void	widen_row(const struct widen *w, const struct tsv *t, struct out *o, const struct str *value);

#endif
