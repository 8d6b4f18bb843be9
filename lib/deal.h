/*
 * deal.h - so many of n things, drawn at random, as bits: labels dealt to keys.
 *
 *	uint64_t bits[deal_words(n)];
 *	deal_set(bits, n, few, &rng);		few of n bits are set, each set as likely
 *	deal_coins(bits, n, &rng);		each bit is set or not, as likely
 *
 * Bits from n on are 0.  A set takes few random numbers: whole words are drawn
 * with each bit as likely as few of n to a 256th, and what is missing then, or
 * too much, is added or taken one by one, at random too.  No bit is treated other
 * than another in either step, so sets of one size are as likely as each other.
 *
 * Ownership: none.  Errors: none.
 */
#ifndef DEAL_H
#define DEAL_H

#include "base.h"
#include "rng.h"

#define DEAL_BITS	64	/* of a word */

static inline size_t
deal_words(size_t n)
{
	return (n + DEAL_BITS - 1) / DEAL_BITS;
}

/* few <= n */
void	deal_set(uint64_t *bits, size_t n, size_t few, struct rng *rng);
void	deal_coins(uint64_t *bits, size_t n, struct rng *rng);

/* No dealing at all: those from `from' up to `to' are set. */
void	deal_range(uint64_t *bits, size_t n, size_t from, size_t to);

#endif
