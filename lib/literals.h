/*
 * literals.h - which of many texts another one is, or begins with, in one walk
 * over its bytes however many there are.
 *
 *	struct literals l = { 0 };
 *	literals_add(&l, STR("/item/"), 0);			number 0
 *	literals_add(&l, STR("/item/new"), LITERALS_EXACT);	number 1: it alone
 *	if (!literals_build(&l))
 *		...too many...
 *	n = literals_first(&l, path, holds, ctx);
 *	literals_free(&l);
 *
 * A trie as one array, down to where at most LITERALS_FEW texts are left,
 * which are then compared one after the other.  A node is a row of the array,
 * and is known by where it begins, so that a step is one load:
 *
 *	| texts that begin so | texts that are this | next node by class of byte ... |
 *
 * Ownership: texts are copied by literals_build(), BORROWED until then.
 * Errors: false, more than LITERALS_MAX bytes of texts.
 */
#ifndef LITERALS_H
#define LITERALS_H

#include "base.h"
#include "mem.h"

#define LITERALS_MAX	(128 * 1024)	/* bytes of all texts, and so rows */
#define LITERALS_NONE	UINT32_MAX
#define LITERALS_FEW	4

enum literals_flags {
	LITERALS_EXACT = 1,
	LITERALS_IF = 2,	/* it counts only where holds() says so */
};

struct literals_text {
	struct str text;	/* after literals_build() with slack behind it */
	unsigned flags;
};

struct literals {
	struct literals_text *text;	/* OWNED */
	size_t n, cap;

	/* private from here */
	struct arena copies;
	uint32_t *row;			/* OWNED: cells */
	size_t used, row_cap;
	size_t width;			/* cells of a row */
	uint32_t *list;			/* OWNED: numbers of texts, each list ended by LITERALS_NONE */
	size_t listed, list_cap;
	uint8_t class[256];		/* of a byte: its cell in a row */
};

void	literals_add(struct literals *l, struct str text, unsigned flags);
bool	literals_build(struct literals *l) MUST_USE;

/*
 * The least number of a text that s begins with, or is; LITERALS_NONE if
 * there is none.  s has SCAN_SLACK readable bytes behind it.
 */
uint32_t literals_first(const struct literals *l, struct str s,
	    bool (*holds)(void *ctx, uint32_t number), void *ctx);

void	literals_free(struct literals *l);

#endif
