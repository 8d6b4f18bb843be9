/* scan: the wide loops against one byte at a time, at every offset. */
#include "scan.h"

#include "test.h"

static void
check_split(const char *p, size_t n)
{
	uint32_t end[64];
	size_t got = scan_split(p, n, '\t', end, 63), want = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] == '\t' && want++ < 63 && got <= 63)
			CHECK_INT(end[want - 1], i);
	if (++want > 63) {
		CHECK_INT(got, 64);
		return;
	}
	CHECK_INT(got, want);
	CHECK_INT(end[want - 1], n);
}

static void
check_copy(const char *p, size_t n)
{
	char to[256];
	size_t want = 0, got;

	memset(to, 0x55, sizeof(to));
	while (want < n && p[want] >= 0x20 && p[want] < 0x7f && p[want] != '\\')
		want++;
	got = scan_copy_plain(to, p, n);
	CHECK_INT(got, want);
	CHECK(memcmp(to, p, want) == 0);
	CHECK(to[n] == 0x55);
}

static void
check_quoted(const char *p, size_t n)
{
	const char *got = scan_quoted(p, p + n);
	size_t want = 0;

	while (want < n && (unsigned char)p[want] >= 0x20 && p[want] != '"' && p[want] != '\\')
		want++;
	CHECK(want < n ? got == p + want : got >= p + n);
}

static void
check_byte(const char *p, size_t n)
{
	size_t want = 0;

	while (want < n && p[want] != '\t')
		want++;
	CHECK(scan_byte(p, p + n, '\t') == p + want);
	CHECK(scan_far_byte(p, p + n, '\t') == p + want);
	for (want = 0; want < 16 && p[want] != '\t';)
		want++;
	CHECK(scan_near_byte(p, '\t') == p + want);
}

static void
check_line(const char *p, size_t n)
{
	size_t want = 0, tabs = 0, got;

	for (; want < n && p[want] != '\n'; want++)
		tabs += p[want] == '\t';
	CHECK(scan_line(p, p + n, '\t', &got) == p + want);
	CHECK_INT(got, tabs);
}

static void
check_whole_copy(const char *p, size_t n)
{
	char to[200 + SCAN_SLACK];

	scan_copy(to, p, n);
	CHECK(memcmp(to, p, n) == 0);
}

/* Against a copy with one byte changed, within the n bytes or after them. */
static void
check_same(const char *p, size_t n, size_t change)
{
	char copy[32];

	memcpy(copy, p, sizeof(copy));
	CHECK(scan_same(p, copy, n));
	copy[change] ^= 1;
	CHECK(scan_same(p, copy, n) == (change >= n));
}

int
main(void)
{
	uint64_t seed = 5;

	for (int round = 0; round < 100000; round++) {
		char line[200 + SCAN_SLACK];
		size_t n = test_random(&seed) % 180, at = test_random(&seed) % 16;
		unsigned rare = 1 + (unsigned)(test_random(&seed) % 60);

		for (size_t i = 0; i < sizeof(line); i++) {
			uint64_t x = test_random(&seed);

			line[i] = (char)('a' + x % 26);
			if (x % rare == 0)
				line[i] = x & 256 ? '\t' : x & 512 ? '\n' : (char)(x >> 10);
		}
		check_split(line + at, n);
		check_byte(line + at, n);
		check_copy(line + at, n);
		check_quoted(line + at, n);
		check_line(line + at, n);
		check_whole_copy(line + at, n);
		check_same(line + at, 1 + n % 32, at + n / 32);
	}
	return test_end();
}
