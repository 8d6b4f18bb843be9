/*
 * partial.h - cells as rows of text, for other machines and other days:
 *
 *	host	time	window	metric	bin	value
 *		0	0	#has:hit	0	1
 *		0	0	#has:latency_us:n	0	1
 *	a	1795176000	60	hit	0	117
 *	a	1795176000	60	latency_us:hist	442	3
 *	...
 *		0	0	#end	317	1408372945583047114
 *
 * Columns left of time are labels.  Rows are those of cell.h, by window, labels
 * and metric bytewise, then bin; zeros are left out, save requests.
 * "#has:METRIC" says that the events had the column which the metric is from,
 * though no row may show it.  The last row is the trailer: how many rows there
 * are before it, and the sum modulo 2^64 of their hashes under hash_published,
 * so that the rows' order does not matter but each one does.
 *
 *	partial_open(&w, &out, labels, n);
 *	partial_has(&w, STR("hit"));
 *	partial_cell(&w, &plan, cell);
 *	partial_close(&w);
 *
 *	partial_read(&r, &tsv);
 *	while ((what = partial_next(&r)) != PARTIAL_END)
 *		...by what: r.why, r.tsv's header, r.has, or r.start and so on...
 *
 * Partials may follow one another in one stream: each has its header and its
 * trailer.  One whose trailer is missing or wrong is bad, by name, and so is
 * an empty file.
 *
 * Ownership: slices of a row are BORROWED until the next one.
 * Errors: PARTIAL_BAD, and the place and the reason in `why`.
 */
#ifndef PARTIAL_H
#define PARTIAL_H

#include "base.h"
#include "cell.h"
#include "out.h"
#include "tsv.h"

struct partial_writer {
	struct out *out;	/* BORROWED */
	size_t labels;
	uint64_t rows, sum;
	struct buf row;		/* OWNED */
};

void	partial_open(struct partial_writer *w, struct out *out, const struct str *label, size_t n);
void	partial_has(struct partial_writer *w, struct str metric);
void	partial_cell(struct partial_writer *w, const struct cell_plan *p, const struct cell *c);
void	partial_close(struct partial_writer *w);

enum partial_what { PARTIAL_END, PARTIAL_HEADER, PARTIAL_HAS, PARTIAL_ROW, PARTIAL_BAD };

struct partial_reader {
	struct tsv *tsv;	/* BORROWED; labels are its columns 0 to time - 1 */
	struct str has;		/* after PARTIAL_HAS: a metric */
	int64_t start;		/* after PARTIAL_ROW: seconds */
	uint32_t width;
	struct str metric;
	int64_t bin;
	i128 value;
	char why[TSV_WHY_MAX];

	/* private from here */
	int col_metric, col_bin, col_value;
	uint64_t rows, sum;
	const char *path;	/* of the partial begun; NULL: none is open */
	unsigned inputs;	/* that began a partial, without a gap */
};

void	partial_read(struct partial_reader *r, struct tsv *t);
enum partial_what partial_next(struct partial_reader *r) MUST_USE;

#endif
