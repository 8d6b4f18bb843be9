/* follow: windows leave when they are over, again when they change, and are forgotten. */
#include "follow.h"

#include "test.h"

/* The starts that are to be written now, as text. */
static void
check_next(struct follow *f, bool all, const char *want)
{
	char got[256] = "";
	size_t n = 0;
	int64_t start;

	for (size_t i = 0; follow_next(f, all, &i, &start);)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%lld ", (long long)start);
	CHECK_STR(((struct str){ got, n }), want);
}

static bool
event(struct follow *f, int64_t time)
{
	int64_t start = time - time % 60;

	return follow_takes(f, start) && follow_event(f, start, start + 60, time);
}

int
main(void)
{
	struct follow f;
	int64_t start;

	follow_init(&f, 10);
	CHECK(!event(&f, 5));
	CHECK(!event(&f, 69));		/* 60 is over at 70 */
	check_next(&f, false, "");
	CHECK(!event(&f, 3));
	CHECK(event(&f, 70));
	check_next(&f, false, "0 ");
	check_next(&f, false, "");
	CHECK(!event(&f, 4));		/* changed, but not before somebody looks */
	check_next(&f, false, "0 ");
	CHECK(event(&f, 300));
	check_next(&f, false, "60 ");
	CHECK(event(&f, 200));		/* a window long over */
	check_next(&f, false, "180 ");
	check_next(&f, true, "300 ");
	CHECK(follow_forget(&f, &start));
	CHECK_INT(start, 180);
	CHECK(!follow_takes(&f, 60) && follow_takes(&f, 180));
	CHECK_INT(f.late, 1);
	follow_free(&f);

	follow_init(&f, 0);
	CHECK(!follow_forget(&f, &start));
	CHECK(!event(&f, 1));
	CHECK(!follow_forget(&f, &start));	/* not written */
	check_next(&f, true, "0 ");
	CHECK(!follow_forget(&f, &start));	/* the newest stays */
	follow_free(&f);
	return test_end();
}
