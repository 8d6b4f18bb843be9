/* hll.c - a HyperLogLog, sparse first; see hll.h. */
#include "hll.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "varint.h"

enum { RANK_BITS = 6, RANK_MASK = 63, PAIRS_MIN = 4 };

/* The place of the first pair of register reg or above. */
static size_t
find(const struct hll *h, int reg)
{
	uint32_t key = (uint32_t)reg << RANK_BITS;
	size_t lo = 0, hi = h->n;

	if (hi > 0 && h->pair[hi - 1] < key)
		return hi;	/* the usual case of all that comes sorted */
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (h->pair[mid] < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
make_dense(struct hll *h)
{
	uint8_t *dense = calloc(HLL_REGISTERS, 1);

	if (!dense) {
		errno = ENOMEM;
		return false;
	}
	for (size_t i = 0; i < h->n; i++)
		dense[h->pair[i] >> RANK_BITS] = h->pair[i] & RANK_MASK;
	hll_free(h);
	h->dense = dense;
	return true;
}

/* Makes room for n registers in all, so that put cannot fail. */
static bool
reserve(struct hll *h, size_t n)
{
	size_t cap = h->cap ? h->cap : PAIRS_MIN;

	if (h->dense || n <= h->cap)
		return true;
	if (n > HLL_PAIRS_MAX)
		return make_dense(h);
	while (cap < n)
		cap *= 2;
	uint32_t *pair = realloc(h->pair, cap * sizeof(*pair));
	if (!pair) {
		errno = ENOMEM;
		return false;
	}
	h->pair = pair;
	h->cap = (uint16_t)cap;
	return true;
}

/* Raises a register; i is where find puts it, if sparse. */
static void
put(struct hll *h, size_t i, int reg, int rank)
{
	uint32_t pair = (uint32_t)reg << RANK_BITS | (uint32_t)rank;

	if (h->dense) {
		if (h->dense[reg] < rank)
			h->dense[reg] = (uint8_t)rank;
	} else if (i < h->n && (int)(h->pair[i] >> RANK_BITS) == reg) {
		if (h->pair[i] < pair)
			h->pair[i] = pair;
	} else {
		memmove(h->pair + i + 1, h->pair + i, (h->n - i) * sizeof(pair));
		h->pair[i] = pair;
		h->n++;
	}
}

bool
hll_set(struct hll *h, int reg, int rank)
{
	if (reg < 0 || reg >= HLL_REGISTERS || rank < 1 || rank > HLL_RANK_MAX) {
		errno = EINVAL;
		return false;
	}
	size_t i = find(h, reg);
	bool known = i < h->n && (int)(h->pair[i] >> RANK_BITS) == reg;
	if (!known && !reserve(h, h->n + 1U))
		return false;
	put(h, i, reg, rank);
	return true;
}

bool
hll_merge(struct hll *h, const struct hll *src)
{
	int rank;

	if (!reserve(h, src->dense ? HLL_REGISTERS : (size_t)h->n + src->n))
		return false;
	for (int reg = HLL_BEFORE; hll_next(src, &reg, &rank);)
		put(h, find(h, reg), reg, rank);
	return true;
}

void
hll_free(struct hll *h)
{
	free(h->pair);
	free(h->dense);
	*h = (struct hll){ 0 };
}

bool
hll_next(const struct hll *h, int *reg, int *rank)
{
	if (h->dense) {
		for (int i = *reg + 1; i < HLL_REGISTERS; i++) {
			if (h->dense[i] == 0)
				continue;
			*reg = i;
			*rank = h->dense[i];
			return true;
		}
		return false;
	}
	size_t i = find(h, *reg + 1);
	if (i == h->n)
		return false;
	*reg = (int)(h->pair[i] >> RANK_BITS);
	*rank = h->pair[i] & RANK_MASK;
	return true;
}

/* Ertl's sigma: x + sum over k >= 1 of x^(2^k) 2^(k-1), 0 <= x < 1. */
static double
sigma(double x)
{
	double y = 1, z = x, before;

	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

/* Ertl's tau: (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3. */
static double
tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x <= 0 || x >= 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y /= 2;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

/* How many registers have each rank. */
static void
tally(const struct hll *h, uint32_t count[HLL_RANK_MAX + 1])
{
	if (h->dense) {
		for (size_t i = 0; i < HLL_REGISTERS; i++)
			count[h->dense[i]]++;
		return;
	}
	count[0] = HLL_REGISTERS - h->n;
	for (size_t i = 0; i < h->n; i++)
		count[h->pair[i] & RANK_MASK]++;
}

uint64_t
hll_count(const struct hll *h)
{
	const double m = HLL_REGISTERS, half_over_ln2 = 0.72134752044448170368;
	uint32_t count[HLL_RANK_MAX + 1] = { 0 };

	tally(h, count);
	if (count[0] == HLL_REGISTERS)
		return 0;
	double z = m * tau(1 - count[HLL_RANK_MAX] / m);
	for (int rank = HLL_RANK_MAX - 1; rank >= 1; rank--)
		z = (z + count[rank]) / 2;
	z += m * sigma(count[0] / m);
	double estimate = half_over_ln2 * m * m / z;
	/* Forged registers can say any number, and infinity. */
	return estimate < 0x1p63 ? (uint64_t)(estimate + 0.5) : (uint64_t)1 << 63;
}

size_t
hll_encode(const struct hll *h, uint8_t *out, size_t cap)
{
	size_t used = 0, n;
	int before = -1, rank;

	for (int reg = HLL_BEFORE; hll_next(h, &reg, &rank); before = reg) {
		uint64_t code = (uint64_t)((reg - before) << RANK_BITS | rank);
		if (!(n = varint_put(out + used, cap - used, code)))
			return 0;
		used += n;
	}
	n = varint_put(out + used, cap - used, 0);
	return n ? used + n : 0;
}

/* Reads one register at p, above *reg.  Bytes used, 0 if corrupt; *rank is 0
 * at the end. */
static size_t
read_register(const uint8_t *p, size_t n, int *reg, int *rank)
{
	uint64_t code, gap;
	size_t used = varint_get(p, n, &code);

	if (used == 0)
		return 0;
	*rank = code & RANK_MASK;
	if (code == 0)
		return used;
	gap = code >> RANK_BITS;
	if (gap == 0 || gap >= (uint64_t)(HLL_REGISTERS - *reg) ||
	    *rank == 0 || *rank > HLL_RANK_MAX)
		return 0;
	*reg += (int)gap;
	return used;
}

/* Twice over the bytes, so that corrupt ones leave h as it was. */
size_t
hll_decode_into(struct hll *h, const uint8_t *p, size_t n)
{
	size_t used = 0, step, registers = 0;
	int reg = -1, rank;

	do {
		step = read_register(p + used, n - used, &reg, &rank);
		if (step == 0) {
			errno = EBADMSG;
			return 0;
		}
		used += step;
		registers += rank > 0;
	} while (rank > 0);
	if (!reserve(h, h->n + registers))
		return 0;
	reg = -1;
	for (used = 0; ; ) {
		used += read_register(p + used, n - used, &reg, &rank);
		if (rank == 0)
			return used;
		put(h, find(h, reg), reg, rank);
	}
}
