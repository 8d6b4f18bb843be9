/*
 * definition.h - what an experiment is, in one line of text: all that decides
 * which TTL a key has, but for the coverage, which may grow.
 *
 *	buf_init(&b, DEFINITION_MAX);
 *	if (!definition_put(&experiments, e, &b))
 *		die("SHA-256 failed");
 *	if (!str_eq(buf_str(&b), was)) {
 *		definition_differ(was, buf_str(&b), &old, &new);
 *		...			"cohorts=a:50:300s,...", "cohorts=a:50:600s,..."
 *	}
 *
 * Words of name=value with a blank between; of pinned keys their number and a
 * sum, whatever their order.  Equal where the experiment is the same; a promotion
 * (winners.h) and a state (held.h) are held to it.
 *
 * Ownership: none; words are BORROWED from both lines.
 * Errors: false: libcrypto failed, or the buffer is full.
 */
#ifndef DEFINITION_H
#define DEFINITION_H

#include "base.h"
#include "buf.h"
#include "experiment.h"

#define DEFINITION_MAX	(2 * TABLE_LINE_MAX)	/* bytes: a row, and the words before its fields */

MUST_USE bool definition_put(struct experiments *x, const struct experiment *e, struct buf *b);

/* The first word in which they differ; both empty: they do not. */
void	definition_differ(struct str was, struct str is, struct str *old, struct str *new);

#endif
