/* literals: as brute force has it, with 2000 texts too. */
#include "literals.h"

#include "slack.h"
#include "str.h"

static bool odd[2048];

static bool
holds(void *ctx, uint32_t number)
{
	(void)ctx;
	return odd[number];
}

static uint32_t
brute(const struct literals *l, struct str s)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct literals_text *t = &l->text[i];

		if ((t->flags & LITERALS_EXACT ? str_eq(s, t->text) : str_starts(s, t->text)) &&
		    (!(t->flags & LITERALS_IF) || odd[i]))
			return i;
	}
	return LITERALS_NONE;
}

static void
test_few(void)
{
	struct literals l = { 0 };

	CHECK(literals_build(&l));
	CHECK_INT(literals_first(&l, slack("/"), holds, NULL), LITERALS_NONE);
	literals_free(&l);
	literals_add(&l, STR("/item/"), 0);
	literals_add(&l, STR("/item/new"), LITERALS_EXACT);
	literals_add(&l, STR("/new"), LITERALS_EXACT);
	literals_add(&l, STR("/a-text-of-more-than-thirty-two-bytes/"), 0);
	literals_add(&l, STR("/"), LITERALS_IF);
	CHECK(literals_build(&l));
	CHECK_INT(literals_first(&l, slack("/item/new"), holds, NULL), 0);
	CHECK_INT(literals_first(&l, slack("/new"), holds, NULL), 2);
	CHECK_INT(literals_first(&l, slack("/news"), holds, NULL), LITERALS_NONE);
	CHECK_INT(literals_first(&l, slack("/a-text-of-more-than-thirty-two-bytes/x"), holds, NULL), 3);
	CHECK_INT(literals_first(&l, slack("/a-text-of-more-than-thirty-two-bytes"), holds, NULL), LITERALS_NONE);
	odd[4] = true;
	CHECK_INT(literals_first(&l, slack("/news"), holds, NULL), 4);
	CHECK_INT(literals_first(&l, slack(""), holds, NULL), LITERALS_NONE);
	literals_free(&l);
}

static struct str
random_text(uint64_t *seed, char *to)
{
	size_t n = 1 + test_random(seed) % 40;

	for (size_t i = 0; i < n; i++)
		to[i] = i % 5 ? "ab/"[test_random(seed) % 3] : "a/"[test_random(seed) % 2];
	return (struct str){ to, n };
}

static void
test_many(void)
{
	static char texts[2000][64];
	struct literals l = { 0 };
	uint64_t seed = 7;
	char text[64];

	for (uint32_t i = 0; i < 2000; i++) {
		odd[i] = test_random(&seed) & 1;
		literals_add(&l, random_text(&seed, texts[i]), (unsigned)(test_random(&seed) & 3));
	}
	CHECK(literals_build(&l));
	for (int i = 0; i < 20000; i++) {
		struct str s = slack_of(random_text(&seed, text));

		CHECK_INT(literals_first(&l, s, holds, NULL), brute(&l, s));
	}
	literals_free(&l);
}

static void
test_limits(void)
{
	static char big[LITERALS_MAX + 1];
	struct literals l = { 0 };

	memset(big, 'x', sizeof(big));
	literals_add(&l, (struct str){ big, LITERALS_MAX }, 0);
	CHECK(literals_build(&l));
	literals_free(&l);
	literals_add(&l, (struct str){ big, LITERALS_MAX + 1 }, 0);
	CHECK(!literals_build(&l));
	literals_free(&l);
}

int
main(void)
{
	test_few();
	test_many();
	test_limits();
	return test_end();
}
