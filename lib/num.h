/*
 * num.h - numbers in and out of text: exact, without locale, without
 * allocation.
 *
 *	int64_t us;
 *	char room[NUM_MAX];
 *	if (!num_fixed(field, 6, &us))			// "0.0024" s is 2400 us
 *		return "not a number";
 *	n = num_put_fixed(room, us, 3) - room;		// "2.4" ms
 *
 * Reading: the whole slice is the number; a blank, a tail, an empty slice or
 * a value that does not fit is false, and *v keeps what it had.
 * Writing: p has NUM_MAX bytes of room; the end is returned, and no NUL is
 * promised there.
 *
 * Ownership: none.  Errors: false, as said.
 */
#ifndef NUM_H
#define NUM_H

#include "base.h"
#include "buf.h"

#define NUM_MAX		48	/* bytes that hold any number written here */
#define NUM_SCALE_MAX	9	/* decimals of a fixed-point number */
#define NUM_U64_SAFE	19	/* so many digits always fit 64 bits */

extern const uint64_t num_pow10[20];		/* 10^0 .. 10^19 */

/* For the inline readers below: any length, leading zeros, overflow. */
bool num_u64_long(struct str s, uint64_t *v);
bool num_i64_of(bool negative, uint64_t magnitude, int64_t *v);

/* Digits alone. */
MUST_USE static inline bool
num_u64(struct str s, uint64_t *v)
{
	uint64_t u = 0;

	if (UNLIKELY(s.n - 1 >= NUM_U64_SAFE))		/* empty wraps: also here */
		return num_u64_long(s, v);
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)(unsigned char)s.p[i] - '0';

		if (d > 9)
			return false;
		u = u * 10 + d;
	}
	*v = u;
	return true;
}

/* Digits, with a '-' before them or not. */
MUST_USE static inline bool
num_i64(struct str s, int64_t *v)
{
	bool negative = s.n && s.p[0] == '-';
	uint64_t u;

	if (negative)
		s = (struct str){ s.p + 1, s.n - 1 };
	return num_u64(s, &u) && num_i64_of(negative, u, v);
}

/* As num_i64, in 128 bits. */
MUST_USE bool num_i128(struct str s, i128 *v);

/*
 * A decimal ("0.0024", "-1.5", ".5", "5.", "+2", "1e-3") in units of
 * 10^-scale, 0 <= scale <= NUM_SCALE_MAX: exact, halves away from zero.
 */
MUST_USE bool num_fixed(struct str s, int scale, int64_t *v);

/*
 * The same grammar to the nearest double, however many digits there are.
 * No hexadecimal, infinity or NaN; what rounds to infinity does not fit.
 */
MUST_USE bool num_double(struct str s, double *v);

/*
 * "90s" "1h30m" "250ms": whole numbers of w d h m s ms us, larger units first,
 * each once.  A bare number is an error, because nobody knows its unit, but
 * for "0".
 */
MUST_USE bool num_duration(struct str s, int64_t *us);

/* "4096" "64k" "2M" "1G" "1T", powers of 1024; either case. */
MUST_USE bool num_size(struct str s, uint64_t *bytes);

char *num_put_u64(char *p, uint64_t v);
char *num_put_i64(char *p, int64_t v);
char *num_put_i128(char *p, i128 v);

/* v in units of 10^-scale; the decimals' trailing zeros are dropped. */
char *num_put_fixed(char *p, int64_t v, int scale);

/*
 * The first of %.15g, %.16g and %.17g that reads back as v; zero has no sign.
 * v is finite: the caller decides what an undefined value looks like.
 */
char *num_put_double(char *p, double v);
void num_add_double(struct buf *b, double v);	/* the same, appended */

#endif
