/*
 * rng.h - random numbers that a seed gives again: for permutations and
 * simulations, never for secrets.
 *
 *	struct rng rng;
 *	rng_seed(&rng, seed);			// the seed is written with the result
 *	i = rng_below(&rng, n);			// 0 .. n-1, each as likely
 *	u = rng_unit(&rng);			// 0 <= u < 1
 *
 * Source: xoshiro256** 1.0, its state filled by SplitMix64: Blackman and
 * Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021.
 * The same numbers on every machine.
 *
 * Ownership: none.  Errors: none.
 */
#ifndef RNG_H
#define RNG_H

#include "base.h"

struct rng {
	uint64_t s[4];			/* not all zero: rng_seed sees to it */
};

void rng_seed(struct rng *rng, uint64_t seed);

static inline uint64_t
rng_rotl(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static inline uint64_t
rng_u64(struct rng *rng)
{
	uint64_t *s = rng->s, r = rng_rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng_rotl(s[3], 45);
	return r;
}

/*
 * 0 .. n-1 without bias, n > 0.  Lemire, "Fast random integer generation in
 * an interval", 2019: the high word of a product; a draw is repeated when its
 * low word is one of the 2^64 mod n that some results would have too many.
 */
static inline uint64_t
rng_below(struct rng *rng, uint64_t n)
{
	u128 m = (u128)rng_u64(rng) * n;

	if (UNLIKELY((uint64_t)m < n)) {
		uint64_t spare = (0 - n) % n;

		while ((uint64_t)m < spare)
			m = (u128)rng_u64(rng) * n;
	}
	return (uint64_t)(m >> 64);
}

/* A multiple of 2^-53, below 1: all 64 bits could round to 1. */
static inline double
rng_unit(struct rng *rng)
{
	return (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

#endif
