/*
 * digits.h - short numbers out of text, eight bytes at a time.
 *
 *	int64_t us;
 *	if (!digits_fixed(field, 3, &us) && !num_fixed(field, 3, &us))
 *		"not a number"
 *
 * The numbers of a log are short, but of any length, so that a loop over
 * digits mispredicts its end once a field, which costs more than all its work.
 * Here there is no loop and hardly a branch: eight digits are three multiplications
 * (Lemire, "Quickly parsing eight digits", 2018).
 *
 *	"12.5"	x   '1' '2' '.' '5'  ?   ?   ?   ?	lowest byte first
 *		y   '1' '2' '5'				without the point
 *		     0   0   0   0   0   1   2   5	shifted up: 125, 1 decimal
 *
 * Reads, never uses, up to SCAN_SLACK bytes behind the slice.
 *
 * Ownership: none.
 * Errors: false: too long, a sign, no number at all; num.h then knows.
 */
#ifndef DIGITS_H
#define DIGITS_H

#include <string.h>

#include "base.h"
#include "num.h"

/* The bytes at p as a number, the first one lowest. */
static inline uint64_t
digits_load(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = SWAP64(x);
#endif
	return x;
}

/* The lowest n bytes set, 0 <= n <= 8. */
static inline uint64_t
digits_mask(unsigned n)
{
	return n ? UINT64_MAX >> (64 - 8 * n) : 0;
}

/*
 * Whether the lowest n bytes of x are digits, 1 <= n <= 8, and which number
 * they are.  Of what was no digit, the number is of no meaning.
 */
static inline bool
digits_value(uint64_t x, unsigned n, uint64_t *v)
{
	/* Each byte less '0'; those that are not wanted become zeros before. */
	uint64_t d = (x ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
	uint64_t high = (d + UINT64_C(0x7676767676767676)) | d;

	d = d * 10 + (d >> 8);
	*v = ((d & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
	    (d >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
	return (high & UINT64_C(0x8080808080808080)) == 0;
}

/* A whole number of up to 8 digits. */
MUST_USE static inline bool
digits_whole(struct str s, uint64_t *v)
{
	return s.n - 1 < 8 && digits_value(digits_load(s.p), (unsigned)s.n, v);
}

/*
 * As num_fixed(), of up to 8 bytes, with at least one digit, and at most scale
 * of them behind the point; scale <= 6.
 */
MUST_USE static inline bool
digits_fixed(struct str s, int scale, int64_t *v)
{
	uint64_t x, points, whole, u;
	unsigned n = (unsigned)s.n, decimals = 0;

	if (UNLIKELY(s.n - 1 >= 8))
		return false;
	x = digits_load(s.p);
	/* The top bit of each byte that is a point, at least of the first one. */
	points = x ^ UINT64_C(0x2e2e2e2e2e2e2e2e);
	points = (points - UINT64_C(0x0101010101010101)) & ~points &
	    UINT64_C(0x8080808080808080) & digits_mask(n);
	if (points) {
		decimals = --n - CTZ64(points) / 8;
		/* Below the lowest top bit and it: what stands before the point. */
		whole = (points ^ (points - 1)) >> 8;
		x = (x & whole) | (x >> 8 & ~whole);
		if (UNLIKELY(n == 0 || decimals > (unsigned)scale))
			return false;
	}
	if (UNLIKELY(!digits_value(x, n, &u)))
		return false;
	*v = (int64_t)(u * num_pow10[(unsigned)scale - decimals]);
	return true;
}

#endif
