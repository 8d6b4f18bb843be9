#include "order.h"

#include <string.h>

#define FEW	8	/* cells that are sorted by insertion */
#define AHEAD	8	/* cells fetched before their turn */
#define BYTES	7	/* of labels in a word */
#define WINDOW	2	/* words of the window, before those of the labels */

/*
 * Number i of the words that a cell is compared by.  Those of the labels:
 *
 *	b b b b b b b n		the first byte highest
 *
 * where n is how many bytes there are, or 8 when more follow; so what ends
 * comes before what goes on, whatever its bytes, and equal words with an n
 * less than 8 are equal labels.
 */
static uint64_t
word_of(const struct cell_plan *plan, const struct cell *c, size_t i)
{
	struct str s;
	size_t at = (i - WINDOW) * BYTES, n;
	uint64_t x = 0;

	if (i == 0)
		return (uint64_t)c->start ^ UINT64_C(1) << 63;
	if (i == 1)
		return c->width;
	s = cell_labels(plan, c);
	n = s.n - at;
	for (size_t k = 0; k < BYTES; k++)
		x = x << 8 | (k < n ? (unsigned char)s.p[at + k] : 0);
	return x << 8 | (n <= BYTES ? n : BYTES + 1);
}

static bool
is_last(uint64_t word, size_t i)
{
	return i >= WINDOW && (word & 0xff) <= BYTES;
}

/* Cells that are alike before word i, which is set. */
static void
sort_few(const struct cell_plan *plan, struct order *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct order o = v[i];
		size_t k = i;

		while (k && (o.word != v[k - 1].word ? o.word < v[k - 1].word :
		    cell_cmp(plan, o.cell, v[k - 1].cell) < 0)) {
			v[k] = v[k - 1];
			k--;
		}
		v[k] = o;
	}
}

static uint64_t
median(uint64_t a, uint64_t b, uint64_t c)
{
	if (a > b)
		return a < c ? a : b > c ? b : c;
	return b < c ? b : a > c ? a : c;
}

static void
swap(struct order *a, struct order *b)
{
	struct order o = *a;

	*a = *b;
	*b = o;
}

/* Those less than the pivot, [0, *lo); equal, [*lo, *hi); greater, [*hi, n). */
static void
part(struct order *v, size_t n, uint64_t pivot, size_t *lo, size_t *hi)
{
	size_t i = 0;

	*lo = 0;
	*hi = n;
	while (i < *hi) {
		if (v[i].word < pivot)
			swap(&v[i++], &v[(*lo)++]);
		else if (v[i].word > pivot)
			swap(&v[i], &v[--*hi]);
		else
			i++;
	}
}

struct sorting {
	const struct cell_plan *plan;
	uint64_t random;
};

static uint64_t
pick(struct sorting *s, const struct order *v, size_t n)
{
	/* Knuth's MMIX: where its secret start is not known, nor is this. */
	s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return v[(size_t)((u128)s->random * n >> 64)].word;
}

static void
set_words(const struct cell_plan *plan, struct order *v, size_t n, size_t word)
{
	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			PREFETCH((const char *)v[i + AHEAD].cell + plan->bytes);
		v[i].word = word_of(plan, v[i].cell, word);
	}
}

/* Cells that are alike before this word, which is set. */
static void
sort(struct sorting *s, struct order *v, size_t n, size_t word)
{
	while (n > FEW) {
		uint64_t pivot = median(pick(s, v, n), pick(s, v, n), pick(s, v, n));
		size_t lo, hi;

		part(v, n, pivot, &lo, &hi);
		sort(s, v, lo, word);
		sort(s, v + hi, n - hi, word);
		v += lo;
		n = hi - lo;
		if (is_last(pivot, word))
			return;
		set_words(s->plan, v, n, ++word);
	}
	sort_few(s->plan, v, n);
}

void
order_sort(const struct cell_plan *plan, struct order *v, size_t n)
{
	struct sorting s = { plan, n ? v[0].cell->hash : 0 };

	set_words(plan, v, n, 0);
	sort(&s, v, n, 0);
}
