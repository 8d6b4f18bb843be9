/* limit: the first values stay, later ones are (other). */
#include "limit.h"

#include "str.h"
#include "test.h"

int
main(void)
{
	struct limit l;

	CHECK(limit_open(&l, 2, 100));
	CHECK_STR(limit_take(&l, STR("a")), "a");
	CHECK_STR(limit_take(&l, STR("")), "");
	CHECK_STR(limit_take(&l, STR("(none)")), "(none)");
	CHECK_STR(limit_take(&l, STR("(other)")), "(other)");
	CHECK_STR(limit_take(&l, STR("b")), "b");
	CHECK_STR(limit_take(&l, STR("c")), "(other)");
	CHECK_STR(limit_take(&l, STR("a")), "a");
	CHECK_STR(limit_take(&l, STR("c")), "(other)");
	CHECK_INT(l.folded, 2);
	limit_close(&l);

	/* What does not fit ends the taking, so that size does not choose. */
	CHECK(limit_open(&l, 10, 4));
	CHECK_STR(limit_take(&l, STR("abc")), "abc");
	CHECK_STR(limit_take(&l, STR("de")), "(other)");
	CHECK_STR(limit_take(&l, STR("f")), "(other)");
	CHECK_STR(limit_take(&l, STR("abc")), "abc");
	limit_close(&l);
	return test_end();
}
