/*
 * hist.h - a histogram of signed 64-bit integers that answers any quantile to
 * 1.09 %, and adds up to the same counts in whatever order it is merged.
 *
 *	struct hist h = { 0 };
 *	double p95_us;
 *
 *	if (!hist_add(&h, hist_bin(latency_us), 1))
 *		...errno...
 *	if (hist_quantile(&h, 950000000, &p95_us))
 *		...
 *	hist_free(&h);
 *
 * The bins are powers of 2^(1/32), the same on every host: the index is found
 * with integers only, no logarithm.
 *
 *	bin   -33 ..  -1    0    1 | 2 ... 33 | 34 ... 65 | ... 2017
 *	value  -2     -1    0    1 | (1 .. 2] | (2 ..  4] | ... 2^63
 *
 *	bin k >= 1 holds the v in ( 2^((k-2)/32), 2^((k-1)/32) ]
 *	bin -k     holds the -v of bin k
 *
 * So each doubling is 32 bins, their upper ends included, and bin = 1 for
 * v = 1.  Up to 54 every integer has a bin of its own; the bins between small
 * integers stay empty.  This is the exponential histogram of OpenTelemetry at
 * scale 5 (its index is k - 2) and the native histogram of Prometheus at
 * schema 5 (its index is k - 1); the mapping is DDSketch's (Masson, Rim, Lee,
 * PVLDB 12(12), 2019) with gamma = 2^(1/32).
 *
 * Error bound: a bin that holds lo to hi is stood for by 2 lo hi / (lo + hi),
 * which is wrong by (hi - lo) / (hi + lo) for both ends and less between, and
 * hi <= 2^(1/32) lo: at most 1.0831 %.  That value may lie between integers:
 * 55.495 for 55 and 56, as no integer is within 1.09 % of both.
 *
 * Ownership: a zeroed struct is an empty histogram; hist_free ends it, and is
 * safe on an empty one.
 * Errors: false, and errno is ENOMEM, EOVERFLOW (more than 2^64 - 1 values),
 * EINVAL (no such bin) or EBADMSG (bytes that hist_encode did not write).  The
 * histogram is then as it was.
 */
#ifndef HIST_H
#define HIST_H

#include <limits.h>

#include "base.h"

enum {
	HIST_BIN_MAX = 2017,		/* bins are -2017 to 2017 */
	HIST_Q_ONE = 1000000000,	/* quantiles are in units of 1e-9 */
	HIST_BEFORE = INT_MIN,		/* where hist_next starts */
	/* Bytes that hist_encode writes at most. */
	HIST_CODE_MAX = (2 * HIST_BIN_MAX + 1) * (1 + 10) + 1
};

/*
 * 24 bytes, and 8 bytes a bin from the lowest touched to the highest:
 *
 *	bin      lo  lo+1  ...            lo+n-1
 *	count [   3    0    12   1   0   0   0   ]
 *
 * It grows at the end that needs it, by half, so that slots at either end may
 * still be 0.  One value takes 64 bytes; any from 1 us to 1 min, at most 10 KiB.
 */
struct hist {
	uint64_t *count;
	uint64_t total;		/* the sum of all counts */
	int16_t lo;
	uint16_t n;
};

/*
 * hist_cut[j] = floor(2^(j/32) * 2^63), and 2^64 - 1 for j = 32.  Of the cuts
 * at most one lies within any 1/64 of [2^63, 2^64); hist_first[s] is the first
 * one at or above the start of the s-th, so one comparison is left to do.
 */
extern const uint64_t hist_cut[33];
extern const uint8_t hist_first[64];

/* The bin of a value. */
static inline int
hist_bin(int64_t v)
{
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	if (size == 0)
		return 0;
	unsigned shift = CLZ64(size);
	uint64_t x = size << shift;
	unsigned j = hist_first[x >> 57 & 63];
	int bin = (int)((63 - shift) * 32 + j + (x > hist_cut[j]) + 1);
	return v < 0 ? -bin : bin;
}

/* What stands for a bin (see above), -HIST_BIN_MAX <= bin <= HIST_BIN_MAX.
 * It ascends over the bins that hold integers.  One sum, product and quotient
 * of IEEE 754 doubles: the same on every host. */
double hist_value(int bin);

/* Adds count values to a bin, the general case and the usual one. */
MUST_USE bool hist_add_slow(struct hist *h, int bin, uint64_t count);

MUST_USE static inline bool
hist_add(struct hist *h, int bin, uint64_t count)
{
	unsigned i = (unsigned)bin - (unsigned)h->lo;
	uint64_t total;

	if (UNLIKELY(i >= h->n || ADD_OVERFLOW(h->total, count, &total)))
		return hist_add_slow(h, bin, count);
	h->total = total;
	h->count[i] += count;
	return true;
}

/* Adds all of src to h.  Any order and any tree of merges gives equal counts. */
MUST_USE bool hist_merge(struct hist *h, const struct hist *src);

/* How many values it holds. */
static inline uint64_t
hist_total(const struct hist *h)
{
	return h->total;
}

/* Bytes on the heap, for a budget. */
static inline size_t
hist_bytes(const struct hist *h)
{
	return h->n * sizeof(h->count[0]);
}

void hist_free(struct hist *h);

/*
 * The next bin above *bin that is not empty:
 *
 *	for (int bin = HIST_BEFORE; hist_next(&h, &bin, &count);)
 *		...
 */
MUST_USE bool hist_next(const struct hist *h, int *bin, uint64_t *count);

/*
 * The q-quantile, q in units of 1e-9: hist_value of the bin of the smallest v
 * such that at least ceil(q N), and at least 1, of the N values are <= v.  The
 * rank is exact.  False if the histogram is empty or q > HIST_Q_ONE.
 *
 * The value may lie beyond the least or greatest one added, by its error
 * bound; a caller who kept these clamps to them.
 */
MUST_USE bool hist_quantile(const struct hist *h, uint32_t q, double *value);

/*
 * To bytes and back, for files of our own:
 *
 *	| gap | count | gap | count | ... | 0 |		all varints (varint.h)
 *
 * gap = this bin - the one before, the first counted from -HIST_BIN_MAX - 1;
 * a gap of 0 ends it, so it knows its own length.  Equal histograms are equal
 * bytes.  Both return the bytes used, or 0: encode if cap is too small (never
 * for HIST_CODE_MAX); decode_into, which adds to h, with errno as above.
 */
MUST_USE size_t hist_encode(const struct hist *h, uint8_t *out, size_t cap);
MUST_USE size_t hist_decode_into(struct hist *h, const uint8_t *p, size_t n);

#endif
