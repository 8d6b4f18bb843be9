/* recent: the last windows of the total, the labels of the last one, whatever the order of the rows. */
#include "recent.h"

#include "made.h"

static struct recent r;
static struct letter l;

static const char *
read_text(char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	recent_open(&r);
	return recent_read(&r, path);
}

/* What is shown of it; shut() is the caller's. */
static struct str
shown(char *path, const char *text)
{
	const char *why = read_text(path, text);

	CHECK_STR(str_of(why ? why : ""), "");
	letter_open(&l, STR("t"));
	recent_write(&r, &l);
	letter_close(&l);
	return buf_str(&l.text);
}

static void
shut(void)
{
	letter_free(&l);
	recent_close(&r);
}

static void
windows(char *path)
{
	/* Out of order, one restated, one below the minute; more windows than are kept. */
	static const char text[] = "tier\ttime\twindow\tn\n\t1795176300\t300\t2\n\t1795176000\t300\t1\n"
	    "edge\t1795176000\t300\t70\n\t1795176300\t300\t22\nedge\t1795176300\t300\t7\n"
	    "kv\t1795176300\t300\t\n\t1795176615\t300\t3\nedge\t1795176615\t300\t8\n"
	    "edge\t1795176615\t300\t9\nedge\t1795176300\t300\t1\n";
	struct buf b;

	CHECK_STR(shown(path, text), "Recent figures\n\n"
	    "  time (UTC)            n\n"
	    "  2026-11-20 12:00      1\n"
	    "  2026-11-20 12:05     22\n"
	    "  2026-11-20 12:10:15   3\n\n"
	    "In the window of 2026-11-20 12:10:15\n\n"
	    "  tier  n\n  edge  9\n\n");
	shut();
	buf_init(&b, 1 << 20);
	buf_add(&b, STR("k\ttime\twindow\tn\n"));
	for (int i = 0; i < 50; i++)	/* 37 and 50 have no common factor: all, in disorder */
		buf_printf(&b, "\t%lld\t60\t%d\n", (long long)(T0 / WHEN_SEC + i * 37 % 50 * 60), i * 37 % 50);
	for (int i = 0; i < 20; i++)
		buf_printf(&b, "k%d\t1795179000\t60\t%d\n", i, i);
	buf_byte(&b, '\0');
	shown(path, b.p);
	CHECK(!made_has(buf_str(&l.text), "  2026-11-20 12:41") && made_has(buf_str(&l.text), "  2026-11-20 12:42  42\n"));
	CHECK(made_has(buf_str(&l.text), "  2026-11-20 12:49  49\n") && made_has(buf_str(&l.text), "... and 4 more rows"));
	CHECK(made_has(buf_str(&l.text), "k15") && !made_has(buf_str(&l.text), "k16"));
	shut();
	buf_free(&b);
}

static void
bounds(char *path)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "l%d\t", i);
	buf_add(&b, STR("time\twindow"));
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "\tv%d", i);
	buf_byte(&b, '\n');
	for (int i = 0; i < 40; i++)
		buf_add(&b, STR("x\t"));
	buf_add(&b, STR("1795176000\t300"));
	for (int i = 0; i < 40; i++)
		buf_add(&b, STR("\t1"));
	buf_add(&b, (struct str){ "\n", 2 });
	shown(path, b.p);
	CHECK(made_has(buf_str(&l.text), " v7\n") && !made_has(buf_str(&l.text), "v8"));
	shut();
	buf_free(&b);
}

int
main(int argc, char *argv[])
{
	char *path = argv[1], want[200];

	if (argc != 2)
		return 2;
	windows(path);
	bounds(path);
	CHECK_STR(shown(path, "time\twindow\tn\n"), "");
	shut();
	/* Another header is another stream; the same one again goes on. */
	CHECK_STR(shown(path, "time\twindow\ta\n1795176000\t0\t1\ntime\twindow\tb\n1795176000\t0\t2\n"
	    "time\twindow\tb\n1795176060\t0\t3\n"),
	    "Recent figures\n\n  time (UTC)        b\n  2026-11-20 12:00  2\n  2026-11-20 12:01  3\n\n");
	shut();
	snprintf(want, sizeof(want), "%s:1: no metrics: \"window\" does not stand right after \"time\"", path);
	CHECK_STR(str_of(read_text(path, "time\ta\n1\t2\n")), want);
	recent_close(&r);
	CHECK(read_text(path, "time\twindow\ta\nx\t1\t2\n") != NULL);
	recent_close(&r);
	recent_open(&r);
	CHECK_STR(str_of(recent_read(&r, "/")), "/: a directory");
	CHECK_STR(str_of(recent_read(&r, "/no/such")), "/no/such: No such file or directory");
	recent_close(&r);
	return test_end();
}
