/* prefix: what stands in front is cut, and nothing else. */
#include "prefix.h"

#include "str.h"
#include "test.h"

int
main(void)
{
	static const struct { enum prefix kind; const char *line, *rest; } c[] = {
		{ PREFIX_CONTAINER, "2026-11-20T12:00:00.123456789Z stdout F x y", "x y" },
		{ PREFIX_CONTAINER, "2026-11-20T12:00:00+01:00 stderr F x", "x" },
		{ PREFIX_CONTAINER, "2026-11-20T12:00:00Z stdout P x", NULL },
		{ PREFIX_CONTAINER, "x stdout F x", NULL },
		{ PREFIX_CONTAINER, "2026-11-20T12:00:00Z stdout F", NULL },
		{ PREFIX_COMPOSE, "proxy-1  | x y", "x y" },
		{ PREFIX_COMPOSE, "proxy |x", NULL },
		{ PREFIX_SYSLOG, "<190>Nov 20 12:00:00 web1 nginx: x y", "x y" },
		{ PREFIX_SYSLOG, "Nov  2 12:00:00 nginx: x", "x" },
		{ PREFIX_SYSLOG, "Nov 20 12:00:00 web1 nginx[47]: x", "x" },
		{ PREFIX_SYSLOG, "2026-11-20T12:00:00Z web1 nginx: x", "x" },
		{ PREFIX_SYSLOG, "<190>1 2026-11-20T12:00:00Z web1 nginx 4711 - - x", "x" },
		{ PREFIX_SYSLOG, "<1901>Nov 20 12:00:00 web1 nginx: x", NULL },
		{ PREFIX_SYSLOG, "Foo 20 12:00:00 web1 nginx: x", NULL },
		{ PREFIX_SYSLOG, "ovD 20 12:00:00 web1 nginx: x", NULL },
		{ PREFIX_SYSLOG, "Nov 20 12:00:00 web1 nginx x", NULL },
		{ PREFIX_SYSLOG, "Nov 20 12:00:00", NULL },
		{ PREFIX_BLANKS, " \t x y ", "x y" },
		{ PREFIX_BLANKS, "x", NULL },
		{ PREFIX_QUOTES, "\"x y\"", "x y" },
		{ PREFIX_QUOTES, "\"", NULL },
		{ PREFIX_QUOTES, "\"x", NULL },
		{ PREFIX_NONE, "x", NULL },
	};

	for (size_t i = 0; i < countof(c); i++)
		CHECK_STR(prefix_cut(c[i].kind, str_of(c[i].line)), c[i].rest ? c[i].rest : c[i].line);
	for (int k = 0; k < PREFIXES; k++)
		CHECK(prefix_cut((enum prefix)k, (struct str){ NULL, 0 }).n == 0);
	return test_end();
}
