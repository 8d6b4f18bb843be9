/*
 * test.h - what a unit test needs: say which line failed, go on, leave
 * non-zero at the end.
 *
 *	int main(void) { CHECK(1 + 1 == 2); CHECK_STR(s, "abc"); return test_end(); }
 */
#ifndef TEST_H
#define TEST_H

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

static unsigned long test_failed, test_done;

#define CHECK(x) test_check((x), __FILE__, __LINE__, #x)
#define CHECK_STR(s, want) test_str((s), (want), __FILE__, __LINE__, #s)
#define CHECK_INT(a, want) test_int((int64_t)(a), (int64_t)(want), __FILE__, __LINE__, #a)

static inline void
test_check(bool ok, const char *file, int line, const char *what)
{
	test_done++;
	if (ok)
		return;
	test_failed++;
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

static inline void
test_str(struct str s, const char *want, const char *file, int line, const char *what)
{
	bool ok = s.n == strlen(want) && memcmp(s.p ? s.p : "", want, s.n) == 0;

	test_check(ok, file, line, what);
	if (!ok)
		fprintf(stderr, "\tgot  \"%.*s\"\n\twant \"%s\"\n", (int)s.n, s.p ? s.p : "", want);
}

static inline void
test_int(int64_t a, int64_t want, const char *file, int line, const char *what)
{
	test_check(a == want, file, line, what);
	if (a != want)
		fprintf(stderr, "\tgot  %" PRId64 "\n\twant %" PRId64 "\n", a, want);
}

static inline int
test_end(void)
{
	if (test_failed)
		fprintf(stderr, "%lu of %lu checks failed\n", test_failed, test_done);
	return test_failed || !test_done;
}

/* A seeded generator (splitmix64), so that every random test can be run again. */
static inline uint64_t
test_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

#endif
