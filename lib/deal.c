/* deal.c - see deal.h. */
#include "deal.h"

#include <string.h>

#define SHARES	8	/* bits of a share: it is a multiple of 2^-8 */

static uint64_t
bit_of(size_t i)
{
	return UINT64_C(1) << i % DEAL_BITS;
}

/* Those of the last word that count. */
static uint64_t
last_mask(size_t n)
{
	return n % DEAL_BITS ? bit_of(n) - 1 : UINT64_MAX;
}

/*
 * 64 bits, each set with the chance share / 2^8: from the share's lowest bit up,
 * a coin for each halves what there is, and adds a half where that bit is set.
 */
static uint64_t
draw_word(unsigned share, struct rng *rng)
{
	uint64_t word = 0;

	for (unsigned bit = share ? CTZ64(share) : SHARES; bit < SHARES; bit++) {
		uint64_t coins = rng_u64(rng);

		word = share >> bit & 1 ? word | coins : word & coins;
	}
	return word;
}

static size_t
count(const uint64_t *bits, size_t words)
{
	size_t n = 0;

	for (size_t w = 0; w < words; w++)
		n += POPCOUNT64(bits[w]);
	return n;
}

/* Turns `times' bits over that are, or are not, set: each as likely. */
static void
turn(uint64_t *bits, size_t n, size_t times, bool set, struct rng *rng)
{
	while (times) {
		size_t i = (size_t)rng_below(rng, n);
		uint64_t *word = &bits[i / DEAL_BITS];

		if (!(*word & bit_of(i)) == set)
			continue;
		*word ^= bit_of(i);
		times--;
	}
}

void
deal_set(uint64_t *bits, size_t n, size_t few, struct rng *rng)
{
	size_t words = deal_words(n), got;
	/* of a half at most; the rest is what is not dealt */
	bool rest = few > n / 2;
	size_t want = rest ? n - few : few;
	unsigned share = n ? (unsigned)((u128)want * (1U << SHARES) / n) : 0;

	for (size_t w = 0; w < words; w++)
		bits[w] = draw_word(share, rng);
	if (words)
		bits[words - 1] &= last_mask(n);
	got = count(bits, words);
	if (got < want)
		turn(bits, n, want - got, false, rng);
	else
		turn(bits, n, got - want, true, rng);
	for (size_t w = 0; rest && w < words; w++)
		bits[w] = ~bits[w] & (w + 1 == words ? last_mask(n) : UINT64_MAX);
}

void
deal_coins(uint64_t *bits, size_t n, struct rng *rng)
{
	size_t words = deal_words(n);

	for (size_t w = 0; w < words; w++)
		bits[w] = rng_u64(rng);
	if (words)
		bits[words - 1] &= last_mask(n);
}

void
deal_range(uint64_t *bits, size_t n, size_t from, size_t to)
{
	memset(bits, 0, deal_words(n) * sizeof(*bits));
	for (size_t i = from; i < to; i++)
		bits[i / DEAL_BITS] |= bit_of(i);
}
