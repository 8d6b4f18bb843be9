/*
 * hll.h - how many different things were seen, to about 0.81 %, in at most
 * 16 KiB, and the same number in whatever order it is merged.
 *
 *	struct hll h = { 0 };
 *
 *	if (!hll_add(&h, hash))		a 64-bit hash of the thing, under the
 *		...errno...		key that all hosts share
 *	n = hll_count(&h);
 *	hll_free(&h);
 *
 * A HyperLogLog with 2^14 registers (Flajolet, Fusy, Gandouet, Meunier, AofA
 * 2007) on 64-bit hashes (Heule, Nunkesser, Hall, EDBT 2013):
 *
 *	hash     | 14 bits: register | 50 bits: 000001... |
 *	                               rank = zeros before the first 1, plus 1
 *
 * A register keeps the greatest rank it saw, 1 to 51, or 0.  Merging takes the
 * greater of each, so adding again, any order and any tree change nothing.
 *
 * hll_count is the improved raw estimator of Ertl (arXiv:1702.01284, 2017,
 * algorithm 6).  It holds from 0 to 2^63 with no table of biases and no switch
 * between formulas, and depends on nothing but how many registers have each
 * rank.  Error bound: none that is certain; the standard error is 1.04 /
 * sqrt(2^14) = 0.81 %, so 1 estimate in 20 is off by more than 1.6 %, 1 in 370
 * by more than 2.4 %.  Small counts are nearly always exact to a few dozen.
 *
 * It measures hashes: who knows the key can choose things that count as one or
 * as very many.
 *
 * Ownership: a zeroed struct is an empty set; hll_free ends it, and is safe on
 * an empty one.
 * Errors: false or 0, and errno is ENOMEM, EINVAL (no such register or rank)
 * or EBADMSG (bytes that hll_encode did not write).  The set is then as it was.
 */
#ifndef HLL_H
#define HLL_H

#include "base.h"

enum {
	HLL_REGISTERS = 1 << 14,
	HLL_RANK_MAX = 51,
	HLL_PAIRS_MAX = 2048,	/* more registers than this are kept dense */
	HLL_BEFORE = -1,	/* where hll_next starts */
	HLL_CODE_MAX = HLL_REGISTERS + 1	/* bytes hll_encode writes at most */
};

/*
 * Few registers are pairs, ascending; many are a byte each, for good.
 *
 *	pair   | register << 6 | rank |  x n		4 bytes each, 8 KiB at most
 *	dense  | rank | rank | ...			16 KiB
 */
struct hll {
	uint32_t *pair;
	uint8_t *dense;		/* then pair is NULL */
	uint16_t n, cap;	/* of pair */
};

/* Raises a register to a rank: 0 <= reg < HLL_REGISTERS, 1 <= rank <=
 * HLL_RANK_MAX.  For rows of a partial; see hll_add. */
MUST_USE bool hll_set(struct hll *h, int reg, int rank);

/* Adds the thing that has this hash. */
MUST_USE static inline bool
hll_add(struct hll *h, uint64_t hash)
{
	uint64_t reg = hash >> 50;
	/* The 1 behind the 50 bits ends the zeros. */
	unsigned rank = CLZ64(hash << 14 | 1 << 13) + 1;

	if (UNLIKELY(!h->dense))
		return hll_set(h, (int)reg, (int)rank);
	if (h->dense[reg] < rank)
		h->dense[reg] = (uint8_t)rank;
	return true;
}

/* Adds all of src to h. */
MUST_USE bool hll_merge(struct hll *h, const struct hll *src);

/* How many different hashes were added, estimated.  Sums, products, quotients
 * and square roots of IEEE 754 doubles alone, and what a compiler may fuse is
 * exact anyway (a factor is a power of 2): the same number on every host. */
uint64_t hll_count(const struct hll *h);

/* Bytes on the heap, for a budget. */
static inline size_t
hll_bytes(const struct hll *h)
{
	return h->dense ? HLL_REGISTERS : h->cap * sizeof(h->pair[0]);
}

void hll_free(struct hll *h);

/*
 * The next register above *reg that is not 0:
 *
 *	for (int reg = HLL_BEFORE; hll_next(&h, &reg, &rank);)
 *		...
 */
MUST_USE bool hll_next(const struct hll *h, int *reg, int *rank);

/*
 * To bytes and back, for files of our own:
 *
 *	| gap << 6 | rank | gap << 6 | rank | ... | 0 |		varints (varint.h)
 *
 * gap = this register - the one before, the first counted from -1; so a full
 * sketch takes a byte a register.  0 ends it, so it knows its own length.
 * Equal registers are equal bytes.  Both return the bytes used, or 0: encode
 * if cap is too small (never for HLL_CODE_MAX); decode_into, which adds to h,
 * with errno as above.
 */
MUST_USE size_t hll_encode(const struct hll *h, uint8_t *out, size_t cap);
MUST_USE size_t hll_decode_into(struct hll *h, const uint8_t *p, size_t n);

#endif
