/*
 * slurp.h - a whole file in memory.
 *
 *	char *text;
 *	size_t n;
 *	if (!slurp("ttl.tsv", 1 << 20, &text, &n))
 *		...errno...
 *	free(text);
 *
 * A NUL stands behind the last byte.
 *
 * Ownership: the text is the caller's.
 * Errors: false, errno (EFBIG over max bytes), and text is NULL.
 */
#ifndef SLURP_H
#define SLURP_H

#include "base.h"

MUST_USE bool slurp(const char *path, size_t max, char **text, size_t *n);

#endif
