/*
 * account.h - what became of every line: a record, a reject with its reason,
 * an aside, the cut end of a file.  All of them, always.
 *
 *	struct account a = { .keep = &out };	// where rejects go, or NULL
 *	a.lines++;
 *	account_reject(&a, "access.log", 17, line, "no time");
 *	account_summary(&a, &buf);
 *		18 lines: 17 records, 1 rejected (no time: 1; first at access.log:17)
 *
 * Ownership: keep is BORROWED; the rest needs no closing.
 * Errors: none.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "base.h"
#include "buf.h"
#include "out.h"

enum {
	ACCOUNT_REASONS = 8,	/* told apart */
	ACCOUNT_WHY_MAX = 256,	/* bytes of one */
	ACCOUNT_PLACE_MAX = 512,
};

struct account {
	uint64_t lines;		/* the sum of the six below */
	uint64_t records;	/* written */
	uint64_t left_out;	/* records not wanted */
	uint64_t aside;		/* blank lines, directives, headers */
	uint64_t incomplete;	/* the last line of a file, without its newline */
	uint64_t rejected;
	uint64_t too_long;	/* of the rejected: over the limit, not kept */
	struct out *keep;	/* rejected lines go there as they are */
	bool verbose;		/* and each is told */

	/* private from here */
	struct {
		char why[ACCOUNT_WHY_MAX];
		uint64_t n;
	} reason[ACCOUNT_REASONS];
	uint64_t others;
	char first[ACCOUNT_PLACE_MAX];
};

void	account_reject(struct account *a, const char *path, uint64_t lineno,
	    struct str line, const char *why);

/* One line for people, without its newline. */
void	account_summary(const struct account *a, struct buf *b);

/* Share of the records that were rejected, in percent. */
double	account_rejected_pct(const struct account *a);

#endif
