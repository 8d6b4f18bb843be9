/*
 * mem.h - memory that is there or the program ends, and arenas.
 *
 *	struct arena a = { 0 };
 *	struct str host = arena_dup(&a, line_field);
 *	...
 *	arena_free(&a);
 *
 * Ownership: mem_ blocks belong to the caller, until free(3).  What an arena
 * hands out lives until arena_free() of that arena; there is no free of one
 * piece.  A zeroed arena is empty and ready.
 *
 * Errors: none are returned.  When the system has no memory the program says
 * so and ends with EXIT_TROUBLE.
 */
#ifndef MEM_H
#define MEM_H

#include "base.h"

void	*mem_alloc(size_t n);			/* n bytes, zeroed */
void	*mem_array(size_t n, size_t size);	/* n * size bytes, zeroed */

/*
 * Memory for tables that are read all over, zeroed, of which little may ever
 * be used: n bytes, a multiple of MEM_HUGE, in pages of that size if huge and
 * if the system has them.  Such a table of many megabytes is a third faster.
 * Given back it is the system's again; mem_pages_free() with the same n.
 */
#define MEM_HUGE	((size_t)2 * 1024 * 1024)	/* bytes */
void	*mem_pages(size_t n, bool huge);
void	 mem_pages_free(void *p, size_t n);

/*
 * The array p of *cap elements with room for at least need: grown by half
 * and more, *cap updated.  New elements are not set.
 */
void	*mem_grow(void *p, size_t *cap, size_t need, size_t size);

#define ARENA_BLOCK	(64 * 1024)	/* bytes asked of malloc at a time */

struct arena {
	struct arena_block *block;	/* OWNED, newest first */
	char *p;			/* free bytes are p[0..left) */
	size_t left;
	size_t held;			/* bytes asked of malloc, for a budget */
};

void	*arena_alloc(struct arena *a, size_t n);	/* aligned to 16, not zeroed */
struct str arena_dup(struct arena *a, struct str s);	/* a copy, NUL after it, aligned to 1 */
void	 arena_free(struct arena *a);

#endif
