/*
 * order.h - cells in order: by window, then by labels bytewise, as cell_cmp()
 * has it.
 *
 *	struct order *v = mem_array(n, sizeof(*v));
 *	...v[i].cell = ...
 *	order_sort(&plan, v, n);
 *
 * Labels are mostly URLs, whose beginnings are all alike.  So this is multikey
 * quicksort (Bentley and Sedgewick, "Fast algorithms for sorting and searching
 * strings", SODA 1997) over words of seven bytes, the one at hand being kept
 * beside the cell (Ng and Kakehi, "Cache efficient radix sort for string
 * sorting", 2007): a beginning is looked at once a cell, not once a comparison.
 *
 * Pivots are medians of three at random, which starts with the first cell's
 * hash: that has a secret key, so no log can be written that makes this slow.
 *
 * Ownership: none.
 * Errors: none.
 */
#ifndef ORDER_H
#define ORDER_H

#include "base.h"
#include "cell.h"

struct order {
	struct cell *cell;
	uint64_t word;		/* private */
};

void	order_sort(const struct cell_plan *plan, struct order *v, size_t n);

#endif
