/* base.h - words every file shares: the slice, attributes, wide integers. */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A slice: n bytes at p, owned by somebody else.  Not NUL-terminated.
 * {NULL, 0} is the empty slice and is valid everywhere.
 */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit)	((struct str){ "" lit, sizeof(lit) - 1 })
#define countof(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * The compiler's extensions, all of them: 128-bit integers, overflow-checked
 * arithmetic, bit counts, attributes.  gcc and clang have every one.
 */
__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

#define PRINTF(fmt, va)	__attribute__((format(printf, fmt, va)))
#define MUST_USE	__attribute__((warn_unused_result))
#define LIKELY(x)	__builtin_expect(!!(x), 1)
#define UNLIKELY(x)	__builtin_expect(!!(x), 0)
#define PREFETCH(p)	__builtin_prefetch(p)

/* True when the result did not fit; *r is then the wrapped value. */
#define ADD_OVERFLOW(a, b, r)	__builtin_add_overflow(a, b, r)
#define MUL_OVERFLOW(a, b, r)	__builtin_mul_overflow(a, b, r)

#define CTZ64(x)	((unsigned)__builtin_ctzll(x))	/* x != 0 */
#define CLZ64(x)	((unsigned)__builtin_clzll(x))	/* x != 0 */
#define POPCOUNT64(x)	((unsigned)__builtin_popcountll(x))
#define SWAP64(x)	__builtin_bswap64(x)		/* the bytes the other way round */

#endif
