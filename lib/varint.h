/*
 * varint.h - unsigned integers in 1 to 10 bytes, for files that only we read.
 *
 *	n = varint_put(out, cap, 300);		ac 02: 7 bits a byte, low ones
 *	if (n == 0) ...no room...		first, top bit = more follow
 *	n = varint_get(p, left, &v);
 *	if (n == 0) ...corrupt...
 *
 * LEB128, as in DWARF and protobuf, and the shortest form only: equal numbers
 * are equal bytes.
 *
 * Ownership: none.
 * Errors: 0 bytes, where nothing has been written or *v set.
 */
#ifndef VARINT_H
#define VARINT_H

#include "base.h"

enum { VARINT_MAX = 10 };	/* bytes */

MUST_USE static inline size_t
varint_put(uint8_t *out, size_t cap, uint64_t v)
{
	size_t n = 1;

	for (uint64_t rest = v >> 7; rest; rest >>= 7)
		n++;
	if (n > cap)
		return 0;
	for (size_t i = 0; i < n - 1; i++, v >>= 7)
		out[i] = (uint8_t)(v | 0x80);
	out[n - 1] = (uint8_t)v;
	return n;
}

MUST_USE static inline size_t
varint_get(const uint8_t *p, size_t n, uint64_t *v)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n && i < VARINT_MAX; i++) {
		if (i == VARINT_MAX - 1 && p[i] > 1)
			return 0;	/* past 64 bits */
		sum |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if (p[i] & 0x80)
			continue;
		if (p[i] == 0 && i > 0)
			return 0;	/* not the shortest form */
		*v = sum;
		return i + 1;
	}
	return 0;
}

#endif
