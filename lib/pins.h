/*
 * pins.h - keys that stay outside an experiment, as a file of rows.
 *
 *	struct map pins;
 *	map_init(&pins, &random);
 *	if (!pins_read(&pins, "pins.tsv", say))
 *		...				every mistake was said
 *
 * The first line names the columns, one of them "key"; what other columns
 * say does not matter, so the rows of any program of ours will do.  Empty
 * lines and lines that start with '#' are skipped, as are rows that stand for
 * no key or for many: an empty one, (none), (other).
 *
 * Ownership: the caller's map owns the keys, as raw bytes.
 * Errors: false after say() was told every mistake, as "pins.tsv:7: ...".  A
 * file that cannot be read ends the program (in.h).
 */
#ifndef PINS_H
#define PINS_H

#include "base.h"
#include "map.h"
#include "table.h"

#define PINS_MAX	100000	/* keys */

MUST_USE bool pins_read(struct map *pins, const char *path, table_say *say);

#endif
