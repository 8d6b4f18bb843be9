#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

char *
buf_room(struct buf *b, size_t n)
{
	char *at;

	if (b->over || n > b->max - b->n) {
		b->over = true;
		return NULL;
	}
	if (UNLIKELY(b->n + n > b->cap || !b->p))
		b->p = mem_grow(b->p, &b->cap, b->n + n, 1);
	at = b->n ? b->p + b->n : b->p;
	b->n += n;
	return at;
}

void
buf_add(struct buf *b, struct str s)
{
	char *at = buf_room(b, s.n);

	if (at && s.n)
		memcpy(at, s.p, s.n);
}

void
buf_byte(struct buf *b, char c)
{
	char *at = buf_room(b, 1);

	if (at)
		*at = c;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	char *at;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	/* vsnprintf() writes a NUL, which is given back. */
	if (n < 0 || !(at = buf_room(b, (size_t)n + 1))) {
		b->over = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n--;
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}
