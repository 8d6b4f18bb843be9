#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "msg.h"

#define ALIGN	16

struct arena_block {
	_Alignas(ALIGN) struct arena_block *next;
};

void *
mem_alloc(size_t n)
{
	return mem_array(n, 1);
}

void *
mem_array(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		die("out of memory: %zu times %zu bytes", n, size);
	return p;
}

#ifdef __SANITIZE_ADDRESS__
/* The leak checker looks for pointers in malloc's memory alone. */
void *
mem_pages(size_t n, bool huge)
{
	void *p = aligned_alloc(MEM_HUGE, n);

	(void)huge;
	if (!p)
		die("out of memory: %zu bytes", n);
	return memset(p, 0, n);
}

void
mem_pages_free(void *p, size_t n)
{
	(void)n;
	free(p);
}
#else
/*
 * Not by malloc: that keeps what is given back, and what it left out to reach
 * an aligned address, so that a table grown again and again takes twice.
 */
void *
mem_pages(size_t n, bool huge)
{
	size_t bytes = n + MEM_HUGE, before;
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("out of memory: %zu bytes", n);
	before = (MEM_HUGE - (uintptr_t)p % MEM_HUGE) % MEM_HUGE;
	if (before)
		munmap(p, before);
	munmap(p + before + n, MEM_HUGE - before);
	p += before;
#ifdef MADV_HUGEPAGE
	if (huge)		/* refused: no matter */
		(void)madvise(p, n, MADV_HUGEPAGE);
#endif
	return p;
}

void
mem_pages_free(void *p, size_t n)
{
	if (p)
		munmap(p, n);
}
#endif

void *
mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap + *cap / 2 + 8, bytes;

	if (need <= *cap)
		return p;
	if (n < need)
		n = need;
	if (MUL_OVERFLOW(n, size, &bytes) || !(p = realloc(p, bytes)))
		die("out of memory: %zu times %zu bytes", n, size);
	*cap = n;
	return p;
}

/* A block of its own for what is large, so that the current one is kept. */
static char *
block_new(struct arena *a, size_t n)
{
	struct arena_block *b = NULL;
	size_t bytes;

	if (ADD_OVERFLOW(n, sizeof(*b), &bytes) || !(b = malloc(bytes)))
		die("out of memory: %zu bytes", n);
	b->next = a->block;
	a->block = b;
	a->held += bytes;
	return (char *)(b + 1);
}

static char *
take(struct arena *a, size_t n)
{
	char *p;

	if (n > ARENA_BLOCK / 4)
		return block_new(a, n);
	if (n > a->left || !a->p) {
		a->p = block_new(a, ARENA_BLOCK);
		a->left = ARENA_BLOCK;
	}
	p = a->p;
	a->p += n;
	a->left -= n;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t skew = (ALIGN - (uintptr_t)a->p % ALIGN) % ALIGN;

	if (skew > a->left) {
		a->left = 0;
	} else if (skew) {
		a->p += skew;
		a->left -= skew;
	}
	return take(a, n);
}

struct str
arena_dup(struct arena *a, struct str s)
{
	char *p = take(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

void
arena_free(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->block; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){ 0 };
}
