/* deal: sets have their size, and each of one size is as likely. */
#include "deal.h"

#include "test.h"

enum { SMALL = 6 };

/* Counts of all sets of `few' of SMALL, by their bits: chi-square against equal ones. */
static double
chi2_of_sets(size_t few, unsigned draws, unsigned *sets)
{
	unsigned seen[1 << SMALL] = { 0 };
	struct rng rng;
	double sum = 0;

	rng_seed(&rng, few);
	for (unsigned i = 0; i < draws; i++) {
		uint64_t bits;

		deal_set(&bits, SMALL, few, &rng);
		seen[bits & ((1 << SMALL) - 1)]++;
		CHECK(bits < 1 << SMALL);
	}
	*sets = 0;
	for (uint64_t set = 0; set < 1 << SMALL; set++)
		if (POPCOUNT64(set) == few)
			++*sets;
		else
			CHECK(seen[set] == 0);
	for (uint64_t set = 0; set < 1 << SMALL; set++)
		if (POPCOUNT64(set) == few)
			sum += pow(seen[set] - (double)draws / *sets, 2) / ((double)draws / *sets);
	return sum;
}

static void
test_every_set(void)
{
	for (size_t few = 0; few <= SMALL; few++) {
		unsigned sets;
		double chi2 = chi2_of_sets(few, 20000, &sets), df = sets - 1;

		CHECK(chi2 < df + 4 * sqrt(2 * df) + 8);
	}
}

static size_t
count(const uint64_t *bits, size_t n)
{
	size_t all = 0;

	for (size_t w = 0; w < deal_words(n); w++)
		all += POPCOUNT64(bits[w]);
	return all;
}

/* Of every size, on both sides of a word's end; and each place gets its share. */
static void
test_sizes(void)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 1000, 4096, 5000 };
	static uint64_t bits[80];
	struct rng rng;

	rng_seed(&rng, 3);
	for (size_t i = 0; i < countof(sizes); i++)
		for (size_t few = 0; few <= sizes[i]; few += 1 + sizes[i] / 37) {
			deal_set(bits, sizes[i], few, &rng);
			CHECK(count(bits, sizes[i]) == few);
			CHECK(sizes[i] % 64 == 0 || bits[deal_words(sizes[i]) - 1] >> sizes[i] % 64 == 0);
		}
	deal_set(bits, 0, 0, &rng);
}

static void
test_places(void)
{
	enum { N = 130, FEW = 11, DRAWS = 20000 };
	static unsigned at[N], coins[N];
	double p = (double)FEW / N, sd = sqrt(DRAWS * p * (1 - p));
	struct rng rng;

	rng_seed(&rng, 4);
	for (unsigned d = 0; d < DRAWS; d++) {
		uint64_t bits[3];

		deal_set(bits, N, FEW, &rng);
		for (size_t i = 0; i < N; i++)
			at[i] += bits[i / 64] >> i % 64 & 1;
		deal_coins(bits, N, &rng);
		CHECK(bits[2] >> (N - 128) == 0);
		for (size_t i = 0; i < N; i++)
			coins[i] += bits[i / 64] >> i % 64 & 1;
	}
	for (size_t i = 0; i < N; i++) {
		CHECK(fabs(at[i] - DRAWS * p) < 4.5 * sd);
		CHECK(fabs(coins[i] - DRAWS / 2.0) < 4.5 * sqrt(DRAWS / 4.0));
	}
}

static void
test_range(void)
{
	uint64_t bits[2] = { 7, 7 };

	deal_range(bits, 70, 62, 66);
	CHECK(bits[0] == UINT64_C(3) << 62 && bits[1] == 3);
	deal_range(bits, 70, 5, 5);
	CHECK(bits[0] == 0 && bits[1] == 0);
}

int
main(void)
{
	test_every_set();
	test_sizes();
	test_places();
	test_range();
	return test_end();
}
