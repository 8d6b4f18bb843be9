/* buf: grows to its cap and not beyond. */
#include "buf.h"

#include "str.h"
#include "test.h"

int
main(void)
{
	struct buf b;

	buf_init(&b, 10);
	CHECK_INT(buf_str(&b).n, 0);
	buf_add(&b, STR("hello"));
	buf_byte(&b, ' ');
	CHECK_STR(buf_str(&b), "hello ");
	buf_printf(&b, "%d", 123);
	CHECK_STR(buf_str(&b), "hello 123");
	CHECK(!b.over);
	buf_byte(&b, '4');
	CHECK(!b.over);
	buf_byte(&b, '5');
	CHECK(b.over);
	CHECK_STR(buf_str(&b), "hello 1234");
	buf_reset(&b);
	CHECK(!b.over && b.n == 0);
	CHECK(!buf_room(&b, 11) && b.over);
	buf_reset(&b);
	CHECK(buf_room(&b, 10) != NULL);
	buf_reset(&b);
	buf_printf(&b, "%s", "a longer text than ten bytes");
	CHECK(b.over && b.n == 0);
	buf_free(&b);
	CHECK(b.p == NULL);

	buf_init(&b, 1000000);
	for (int i = 0; i < 1000000; i++)
		buf_byte(&b, (char)('a' + i % 26));
	CHECK(!b.over && b.n == 1000000 && b.p[999999] == 'a' + 999999 % 26);
	buf_free(&b);
	return test_end();
}
