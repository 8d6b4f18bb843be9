/*
 * limit.h - at most so many values of a column, the rest one: "(other)".
 *
 *	struct limit l;
 *	if (!limit_open(&l, 1000, mem_bytes))
 *		...errno...
 *	field = limit_take(&l, field);
 *	...l.folded...
 *	limit_close(&l);
 *
 * The first so many values in the order of the input stay, as long as their
 * bytes fit the memory; each later one is folded.  So a value is either
 * always itself or always "(other)", whatever comes later.
 *
 * Values are escaped fields.  Empty ones, "(none)" and "(other)" are not
 * counted, and pass.
 *
 * Ownership: the field returned is the one given, or a literal.
 * Errors: false, errno: no random bytes for the table's key.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "base.h"
#include "map.h"

#define LIMIT_OTHER	STR("(other)")

struct limit {
	uint64_t folded;	/* fields */

	/* private from here */
	struct map known;
	uint64_t max;
	size_t mem, bytes;	/* of values, at most and now */
};

bool	limit_open(struct limit *l, uint64_t max, size_t mem) MUST_USE;
struct str limit_take(struct limit *l, struct str field);
void	limit_close(struct limit *l);

#endif
