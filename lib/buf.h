/*
 * buf.h - bytes that grow, up to a cap every buffer is born with.
 *
 *	struct buf b;
 *	buf_init(&b, LINE_MAX);
 *	buf_add(&b, name); buf_byte(&b, '=');
 *	if (b.over)
 *		...		longer than LINE_MAX: the rest was not kept
 *	buf_free(&b);
 *
 * Ownership: the buffer owns its bytes; buf_str() borrows them until the next
 * call.
 * Errors: adding past the cap keeps nothing of that piece and sets `over`,
 * which stays set until buf_reset().  Check once, after the last piece.
 */
#ifndef BUF_H
#define BUF_H

#include "base.h"

struct buf {
	char *p;	/* OWNED */
	size_t n;	/* bytes in use */
	size_t cap;	/* bytes allocated */
	size_t max;	/* n never passes this */
	bool over;	/* something did not fit */
};

void	buf_init(struct buf *b, size_t max);
void	buf_add(struct buf *b, struct str s);
void	buf_byte(struct buf *b, char c);
void	buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

/* n bytes at the end for the caller to fill, counted as used; NULL: over. */
char	*buf_room(struct buf *b, size_t n);

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

static inline void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
}

void	buf_free(struct buf *b);

#endif
