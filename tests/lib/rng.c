/*
 * rng.c - the generator against the values its authors' program gives, and
 * rng_below against a count of every outcome of a small generator.
 */
#include "rng.h"
#include "test.h"

/* State 1 2 3 4, first ten: the reference implementation. */
static const uint64_t xoshiro[] = {
	11520U, 0U, 1509978240U, 1215971899390074240U, 1216172134540287360U,
	607988272756665600U, 16172922978634559625U, 8476171486693032832U,
	10595114339597558777U, 2904607092377533576U,
};

/* SplitMix64 of 1234567: the reference implementation. */
static const uint64_t splitmix[] = {
	6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U,
};

static void
test_vectors(void)
{
	struct rng rng = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < countof(xoshiro); i++)
		CHECK(rng_u64(&rng) == xoshiro[i]);
	rng_seed(&rng, 1234567);
	for (size_t i = 0; i < countof(splitmix); i++)
		CHECK(rng.s[i] == splitmix[i]);
}

/* 3 * 2^62 is the worst n: without the repeat two results in three halve. */
static void
test_below(void)
{
	const uint64_t n = (uint64_t)3 << 62;
	uint64_t third[3] = { 0 }, small[7] = { 0 };
	struct rng rng;

	rng_seed(&rng, 1);
	for (int i = 0; i < 30000; i++) {
		uint64_t v = rng_below(&rng, n);

		CHECK(v < n);
		third[v >> 62]++;
		small[rng_below(&rng, countof(small))]++;
		CHECK(rng_below(&rng, 1) == 0);
	}
	/* five standard deviations: 10000 +- 408, 4286 +- 303 */
	for (size_t i = 0; i < countof(third); i++)
		CHECK(third[i] > 9592 && third[i] < 10408);
	for (size_t i = 0; i < countof(small); i++)
		CHECK(small[i] > 3983 && small[i] < 4589);
}

/* The state whose next word is all ones: 2^64-1 over 2^64 would round to 1. */
static void
test_unit(void)
{
	/* the word is rotl(5 s1, 7) * 9; both factors are odd, so undone */
	const uint64_t ninth = 0x8e38e38e38e38e39, fifth = 0xcccccccccccccccd;
	struct rng rng = { { 1, 0, 3, 4 } }, twin;

	rng.s[1] = rng_rotl(ninth * UINT64_MAX, 64 - 7) * fifth;
	twin = rng;
	CHECK(rng_u64(&twin) == UINT64_MAX);
	CHECK(rng_unit(&rng) == 1 - 0x1p-53);
}

int
main(void)
{
	test_vectors();
	test_below();
	test_unit();
	return test_end();
}
