/*
 * groups.h - which groups a table of cells takes: the expected ones even where
 * nothing happened, and not more than so many.
 *
 *	struct groups g;
 *	groups_init(&g, &cells, label, labels);
 *	if (!groups_expect(&g, "tier=edge,kv", &why))
 *		...why...
 *	g.max = 1000;
 *	groups_start(&g);
 *
 * From then on, when the table makes a cell, it makes one as well, empty, for
 * each expected value of each expected label, the other labels being equal.
 * Beyond max groups a new one is folded into the group whose labels are all
 * "(other)"; it is by order of arrival that a group is among the first.
 *
 * Ownership: the struct is the table's hook until the table is closed; texts
 * are copied.
 * Errors: false, and a reason that is a literal.
 */
#ifndef GROUPS_H
#define GROUPS_H

#include "base.h"
#include "buf.h"
#include "cells.h"
#include "tally.h"
#include "map.h"

enum {
	GROUPS_VALUES = 256,		/* expected of one label */
	GROUPS_EXPECTED = 10000		/* combinations of them */
};

#define GROUPS_OTHER	STR("(other)")

struct groups_label {
	struct str name;
	struct str *value;	/* OWNED array; escaped, in the arena */
	size_t n;		/* 0: none expected */
};

struct groups {
	uint64_t max;		/* 0: any number */
	uint64_t folded;	/* groups times windows, or more where they return */

	/* private from here */
	struct cells *cells;	/* BORROWED */
	struct groups_label label[TALLY_LABELS];
	size_t labels;
	size_t expected;	/* combinations, 0: none */
	struct map known;	/* labels of the first max groups */
	struct arena texts;
	struct buf key, other, total;	/* OWNED: labels joined */
};

void	groups_init(struct groups *g, struct cells *cells, const struct str *label, size_t labels);
bool	groups_expect(struct groups *g, struct str spec, const char **why) MUST_USE;
bool	groups_start(struct groups *g) MUST_USE;	/* false: errno, no random bytes */
void	groups_free(struct groups *g);

/* Whether labels are those of a total: all empty. */
bool	groups_is_total(const struct groups *g, struct str labels);

/* True when every label is expected: then a silent window has its rows too. */
bool	groups_all_expected(const struct groups *g);
/* Makes those of a window; to be called only then. */
void	groups_fill(struct groups *g, int64_t start, uint32_t width);

#endif
