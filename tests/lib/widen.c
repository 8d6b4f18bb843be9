/* widen: where columns are added, and where they are filled. */
#include "widen.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

static const struct str names[] = { { "b", 1 }, { "c", 1 } };
static const struct str values[] = { { "B", 1 }, { "", 0 } };

static bool
read_file(const char *path, char *to, size_t room)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(to, 1, room - 1, f) : 0;

	to[n] = '\0';
	return f && fclose(f) == 0;
}

/* The stream in, and what comes out; there: what widen_bind() says of the last header. */
static void
check(const char *text, const char *want, size_t there)
{
	char from[] = "/tmp/cmon-widen-XXXXXX", to[] = "/tmp/cmon-widen-XXXXXX", got[512] = "";
	char *paths[] = { from, NULL };
	int fd = mkstemp(from), out_fd = mkstemp(to);
	static struct tsv t;
	struct widen w;
	struct in in;
	struct out o;
	size_t bound = 0;
	enum tsv_what what;

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&t, &in);
	out_open(&o, to);
	widen_open(&w, names, countof(names));
	while ((what = tsv_next(&t)) == TSV_HEADER || what == TSV_ROW)
		if (what == TSV_HEADER) {
			bound = widen_bind(&w, &t);
			widen_header(&w, &t, &o);
		} else {
			widen_row(&w, &t, &o, values);
		}
	CHECK(what == TSV_END);
	CHECK(bound == there);
	tsv_close(&t);
	in_close(&in);
	out_close(&o);
	close(fd);
	close(out_fd);
	CHECK(read_file(to, got, sizeof(got)));
	CHECK_STR(str_of(got), want);
	unlink(from);
	unlink(to);
}

int
main(void)
{
	check("time\tx\n1\t2\n", "time\tx\tb\tc\n1\t2\tB\t\n", WIDEN_NONE);
	check("x\ttime\twindow\n2\t1\t0\n", "x\tb\tc\ttime\twindow\n2\tB\t\t1\t0\n", WIDEN_NONE);
	check("time\twindow\n1\t0\n", "b\tc\ttime\twindow\nB\t\t1\t0\n", WIDEN_NONE);
	check("c\ttime\n3\t1\n", "c\ttime\tb\n\t1\tB\n", 1);
	check("b\tc\ttime\n2\t3\t1\n", "b\tc\ttime\nB\t\t1\n", 0);
	check("time\n1\nb\ttime\n2\t3\n", "time\tb\tc\n1\tB\t\nb\ttime\tc\nB\t3\t\n", 0);
	return test_end();
}
