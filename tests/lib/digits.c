#include "digits.h"

#include "test.h"

/* Texts of what is in numbers, and a little more; the second truth is num.h. */
static size_t
random_text(uint64_t *seed, char *text)
{
	static const char letters[] = "0123456789.0123456789.-+e /:x";
	size_t n = test_random(seed) % 10;
	size_t some = test_random(seed) % 4 ? 22 : sizeof(letters) - 1;

	for (size_t i = 0; i < n; i++)
		text[i] = letters[test_random(seed) % some];
	return n;
}

static void
check_random(uint64_t *seed)
{
	unsigned long read = 0, wrong = 0;

	for (int i = 0; i < 2000000; i++) {
		char text[64];
		struct str s = { text, 0 };
		int scale = (int)(test_random(seed) % 7);
		int64_t got = 0, want = 0;
		uint64_t whole = 0, want_whole = 0;

		memset(text, '7', sizeof(text));
		s.n = random_text(seed, text);
		if (digits_fixed(s, scale, &got)) {
			read++;
			wrong += !num_fixed(s, scale, &want) || got != want;
		}
		if (digits_whole(s, &whole))
			wrong += !num_u64(s, &want_whole) || whole != want_whole;
		else
			wrong += s.n <= 8 && num_u64(s, &want_whole);
	}
	CHECK_INT(wrong, 0);
	CHECK(read > 500000);
}

/* What is meant to be read here is. */
static void
check_all_short(void)
{
	unsigned long missed = 0;

	for (unsigned v = 0; v < 1000000; v++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "%u.%03u", v / 1000, v % 1000);
		int64_t got = 0;

		missed += !digits_fixed((struct str){ text, (size_t)n }, 3, &got) || got != v;
	}
	CHECK_INT(missed, 0);
}

/* With the room behind it that slices of a line have. */
static bool
fixed(const char *text, int scale, int64_t *v)
{
	char room[64] = "";
	size_t n = strlen(text);

	memcpy(room, text, n);
	return digits_fixed((struct str){ room, n }, scale, v);
}

int
main(void)
{
	uint64_t seed = 1;
	int64_t v;

	check_random(&seed);
	check_all_short();
	CHECK(!fixed("", 3, &v));
	CHECK(!fixed(".", 3, &v));
	CHECK(!fixed("1.2345", 3, &v));
	CHECK(fixed("5.", 6, &v) && v == 5000000);
	CHECK(fixed(".5", 6, &v) && v == 500000);
	return test_end();
}
