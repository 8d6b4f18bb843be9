/*
 * rowlog.h - a file of rows that grows: what it has stays, and what is added
 * is there as a whole or not at all.
 *
 *	struct rowlog log;
 *	if (!rowlog_open(&log, "results.tsv"))
 *		die("%s", log.why);
 *	if (!verdict_is_header(buf_str(&log.header)))
 *		...write the header to log.out
 *	...write rows to log.out
 *	rowlog_close(&log);
 *
 * One at a time: PATH.lock is held in between, and waited for.
 *
 * Ownership: the path is kept, not copied.
 * Errors: false, and the reason in why: no lock, or a file that is no stream
 * (tsv.h), which is then left as it was, and there is nothing to close.  Writing
 * is out.h's.
 */
#ifndef ROWLOG_H
#define ROWLOG_H

#include "base.h"
#include "buf.h"
#include "out.h"
#include "tsv.h"

struct rowlog {
	struct out out;
	struct buf header;	/* OWNED: the last one there is; empty: no rows yet */
	char why[TSV_WHY_MAX];

	/* private from here */
	int lock;
};

MUST_USE bool rowlog_open(struct rowlog *l, const char *path);
void	rowlog_close(struct rowlog *l);

#endif
