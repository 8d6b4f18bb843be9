/* hist.c - an exponential histogram of integers; see hist.h. */
#include "hist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "varint.h"

/* Both tables are proved by tests/lib/hist.c, which compares 32nd powers. */
const uint64_t hist_cut[33] = {
	0x8000000000000000, 0x82cd8698ac2ba1d7, 0x85aac367cc487b14,
	0x88980e8092da8527, 0x8b95c1e3ea8bd6e6, 0x8ea4398b45cd53c0,
	0x91c3d373ab11c336, 0x94f4efa8fef70961, 0x9837f0518db8a96f,
	0x9b8d39b9d54e5538, 0x9ef5326091a111ad, 0xa27043030c496818,
	0xa5fed6a9b15138ea, 0xa9a15ab4ea7c0ef8, 0xad583eea42a14ac6,
	0xb123f581d2ac258f, 0xb504f333f9de6484, 0xb8fbaf4762fb9ee9,
	0xbd08a39f580c36be, 0xc12c4cca66709456, 0xc5672a115506dadd,
	0xc9b9bd866e2f27a2, 0xce248c151f8480e3, 0xd2a81d91f12ae45a,
	0xd744fccad69d6af4, 0xdbfbb797daf23755, 0xe0ccdeec2a94e111,
	0xe5b906e77c8348a8, 0xeac0c6e7dd24392e, 0xefe4b99bdcdaf5cb,
	0xf5257d152486cc2c, 0xfa83b2db722a033a, 0xffffffffffffffff
};

const uint8_t hist_first[64] = {
	0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 8, 9, 10, 10,
	11, 11, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18, 19,
	19, 20, 20, 21, 21, 22, 22, 22, 23, 23, 24, 24, 25, 25, 26, 26,
	26, 27, 27, 28, 28, 28, 29, 29, 30, 30, 30, 31, 31, 31, 32, 32
};

/* The greatest integer in bin k >= 1: floor(2^((k-1)/32)). */
static uint64_t
greatest(int k)
{
	return hist_cut[(k - 1) % 32] >> (63 - (k - 1) / 32);
}

double
hist_value(int bin)
{
	int k = bin < 0 ? -bin : bin;

	if (k < 2)
		return bin;
	double lo = (double)(greatest(k - 1) + 1), hi = (double)greatest(k);
	double value = 2 * lo * hi / (lo + hi);
	return bin < 0 ? -value : value;
}

/* Makes the slots reach from first to last. */
static bool
cover(struct hist *h, int first, int last)
{
	int lo = h->lo, end = h->lo + h->n, slack = 4 + h->n / 2;

	if (h->n == 0) {
		lo = first - 3;
		end = last + 5;
	}
	if (first < lo)
		lo = first - slack;
	if (last >= end)
		end = last + 1 + slack;
	if (h->n && lo == h->lo && end == h->lo + h->n)
		return true;
	if (lo < -HIST_BIN_MAX)
		lo = -HIST_BIN_MAX;
	if (end > HIST_BIN_MAX + 1)
		end = HIST_BIN_MAX + 1;
	uint64_t *count = calloc((size_t)(end - lo), sizeof(*count));
	if (!count) {
		errno = ENOMEM;
		return false;
	}
	if (h->n)
		memcpy(count + (h->lo - lo), h->count, hist_bytes(h));
	free(h->count);
	h->count = count;
	h->lo = (int16_t)lo;
	h->n = (uint16_t)(end - lo);
	return true;
}

/* Makes room for count more values, in bins first to last. */
static bool
prepare(struct hist *h, int first, int last, uint64_t count)
{
	uint64_t total;

	if (ADD_OVERFLOW(h->total, count, &total)) {
		errno = EOVERFLOW;
		return false;
	}
	return cover(h, first, last);
}

bool
hist_add_slow(struct hist *h, int bin, uint64_t count)
{
	if (bin < -HIST_BIN_MAX || bin > HIST_BIN_MAX) {
		errno = EINVAL;
		return false;
	}
	if (count == 0)
		return true;
	if (!prepare(h, bin, bin, count))
		return false;
	h->total += count;
	h->count[bin - h->lo] += count;
	return true;
}

bool
hist_merge(struct hist *h, const struct hist *src)
{
	int first = 0, last = src->n - 1;

	if (src->total == 0)
		return true;
	while (src->count[first] == 0)
		first++;
	while (src->count[last] == 0)
		last--;
	if (!prepare(h, src->lo + first, src->lo + last, src->total))
		return false;
	h->total += src->total;
	for (int i = first; i <= last; i++)
		h->count[src->lo + i - h->lo] += src->count[i];
	return true;
}

void
hist_free(struct hist *h)
{
	free(h->count);
	*h = (struct hist){ 0 };
}

bool
hist_next(const struct hist *h, int *bin, uint64_t *count)
{
	for (int i = *bin < h->lo ? 0 : *bin - h->lo + 1; i < h->n; i++) {
		if (h->count[i] == 0)
			continue;
		*bin = h->lo + i;
		*count = h->count[i];
		return true;
	}
	return false;
}

bool
hist_quantile(const struct hist *h, uint32_t q, double *value)
{
	if (h->total == 0 || q > HIST_Q_ONE)
		return false;
	uint64_t rank = (uint64_t)(((u128)q * h->total + HIST_Q_ONE - 1) / HIST_Q_ONE);
	uint64_t below = 0;
	int i = 0;

	while (below + h->count[i] < rank || h->count[i] == 0)
		below += h->count[i++];
	*value = hist_value(h->lo + i);
	return true;
}

size_t
hist_encode(const struct hist *h, uint8_t *out, size_t cap)
{
	size_t used = 0, n;
	uint64_t count;
	int before = -HIST_BIN_MAX - 1;

	for (int bin = HIST_BEFORE; hist_next(h, &bin, &count); before = bin) {
		if (!(n = varint_put(out + used, cap - used, (uint64_t)(bin - before))))
			return 0;
		used += n;
		if (!(n = varint_put(out + used, cap - used, count)))
			return 0;
		used += n;
	}
	n = varint_put(out + used, cap - used, 0);
	return n ? used + n : 0;
}

/* Bytes being decoded, and the pair last read; bin starts below them all. */
struct reader {
	const uint8_t *p;
	size_t n, used;
	int bin;
	uint64_t count;
};

enum result { PAIR, END, CORRUPT };

static enum result
read_pair(struct reader *r)
{
	uint64_t gap;
	size_t n = varint_get(r->p + r->used, r->n - r->used, &gap);

	if (n == 0 || gap > (uint64_t)(HIST_BIN_MAX - r->bin))
		return CORRUPT;
	r->used += n;
	if (gap == 0)
		return END;
	r->bin += (int)gap;
	n = varint_get(r->p + r->used, r->n - r->used, &r->count);
	if (n == 0 || r->count == 0)
		return CORRUPT;
	r->used += n;
	return PAIR;
}

/* Twice over the bytes, so that corrupt ones leave h as it was. */
size_t
hist_decode_into(struct hist *h, const uint8_t *p, size_t n)
{
	const struct reader start = { .p = p, .n = n, .bin = -HIST_BIN_MAX - 1 };
	struct reader r = start;
	enum result result;
	int first = 0;
	uint64_t total = 0;
	bool overflow = false;

	while ((result = read_pair(&r)) == PAIR) {
		if (total == 0)
			first = r.bin;
		overflow |= ADD_OVERFLOW(total, r.count, &total);
	}
	if (result == CORRUPT || overflow) {
		errno = EBADMSG;
		return 0;
	}
	if (total > 0 && !prepare(h, first, r.bin, total))
		return 0;
	h->total += total;
	for (r = start; read_pair(&r) == PAIR;)
		h->count[r.bin - h->lo] += r.count;
	return r.used;
}
