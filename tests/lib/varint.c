/* varint: round trips, published byte strings, and every wrong form. */
#include "varint.h"
#include "test.h"

static void
test_known(void)
{
	/* From the DWARF 5 standard, figure C.1 (unsigned LEB128). */
	static const struct { uint64_t v; uint8_t n, byte[2]; } known[] = {
		{ 2, 1, { 2 } }, { 127, 1, { 127 } }, { 128, 2, { 0x80, 1 } },
		{ 129, 2, { 1 + 0x80, 1 } }, { 12857, 2, { 57 + 0x80, 100 } },
	};
	uint8_t out[VARINT_MAX];

	for (size_t i = 0; i < countof(known); i++) {
		CHECK_INT(varint_put(out, sizeof(out), known[i].v), known[i].n);
		CHECK(memcmp(out, known[i].byte, known[i].n) == 0);
	}
}

static void
test_round_trip(void)
{
	uint64_t seed = 1;

	for (int i = 0; i < 20000; i++) {
		uint8_t out[VARINT_MAX];
		uint64_t v = test_random(&seed) >> (i % 64), back = ~v;
		size_t n = varint_put(out, sizeof(out), v);
		CHECK(n > 0 && varint_get(out, n, &back) == n && back == v);
		CHECK(varint_put(out, n - 1, v) == 0);
		CHECK(varint_get(out, n - 1, &back) == 0);
	}
}

static void
test_wrong(void)
{
	uint64_t v;

	/* Never ends; past 64 bits; longer than it needs to be. */
	CHECK(varint_get((const uint8_t *)"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11, &v) == 0);
	CHECK(varint_get((const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, &v) == 0);
	CHECK(varint_get((const uint8_t *)"\x85\x00", 2, &v) == 0);
	CHECK(varint_get((const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, &v) == 10);
	CHECK(v == UINT64_MAX);
}

int
main(void)
{
	test_known();
	test_round_trip();
	test_wrong();
	return test_end();
}
