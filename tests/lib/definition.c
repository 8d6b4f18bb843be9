/* definition: what decides which TTL a key has is in it, and nothing else. */
#include "definition.h"

#include <unistd.h>

#include "str.h"
#include "stream.h"

#define HEAD	"name\tcohorts\tstatus\tstart\tduration\tsalt\tendpoint\tscheme\tperiod\twashout\tcoverage\tmetrics\tpins\n"
#define HALVES	"control:50:5m,treatment:50:10m"
#define PLAIN	"x\t" HALVES "\trunning\t1000\t1d\t\t\t\t\t\t\t\t\n"

static void
say(const char *text)
{
	fprintf(stderr, "%s\n", text);
	test_failed++;
}

/* Of the first experiment of a file. */
static struct str
define(const char *row, char room[1024])
{
	char path[] = FILE_NAME, text[1024];
	struct experiments x;
	struct buf b;
	size_t n;

	snprintf(text, sizeof(text), "%s%s", HEAD, row);
	file_write(path, text);
	CHECK(experiments_read(&x, path, say));
	unlink(path);
	buf_init(&b, 1024);
	CHECK(definition_put(&x, &x.e[0], &b));
	n = b.n;
	memcpy(room, b.p, n);
	buf_free(&b);
	experiments_free(&x);
	return (struct str){ room, n };
}

/* Differs from PLAIN in a word of that name; "": not at all. */
static void
differs(const char *row, const char *word)
{
	char a[1024], b[1024];
	struct str was = define(PLAIN, a), is = define(row, b), old, new;

	definition_differ(was, is, &old, &new);
	CHECK(str_eq(was, is) == (*word == '\0'));
	CHECK(*word ? str_starts(old, str_of(word)) && str_starts(new, str_of(word)) && !str_eq(old, new) :
	    old.n == 0 && new.n == 0);
}

static void
test_words(void)
{
	char room[1024];

	CHECK_STR(define(PLAIN, room), "scheme=cmon1 salt=x endpoint= start=1000 period=0 washout=0 "
	    "pins=0:0000000000000000 cohorts=control:50:300s,treatment:50:600s");
	differs("x\tcontrol:50:5m,treatment:50:11m\trunning\t1000\t1d\n", "cohorts=");
	differs("x\tcontrol:40:5m,treatment:60:10m\trunning\t1000\t1d\n", "cohorts=");
	differs("x\tcontrol:50:5m,treatment:*:10m\trunning\t1000\t1d\n", "cohorts=");
	differs("x\t" HALVES "\trunning\t1001\t1d\n", "start=");
	differs("x\t" HALVES "\trunning\t1000\t1d\ty\n", "salt=");
	differs("x\t" HALVES "\trunning\t1000\t1d\t\te\n", "endpoint=");
	differs("x\t" HALVES "\trunning\t1000\t1d\t\t\tnginx\n", "scheme=");
	differs("x\t" HALVES "\trunning\t1000\t1d\t\t\t\t1h\n", "period=");
	differs("x\t" HALVES "\trunning\t1000\t1d\t\t\t\t\t1h\n", "washout=");
	/* Written otherwise, or of no weight for TTLs. */
	differs("x\tcontrol:50:300s,treatment:50.0:600s\trunning\t1000\t1d\n", "");
	differs("x\t" HALVES "\tcompleted\t1970-01-01T00:16:40Z\t7d\tx\t\tcmon1\t\t\t10\terror_pct\n", "");
}

static struct str
with_pins(const char *pins, char room[1024])
{
	char path[] = FILE_NAME, row[256];
	struct str s;

	file_write(path, pins);
	snprintf(row, sizeof(row), "x\t" HALVES "\trunning\t1000\t1d\t\t\t\t\t\t\t\t%s\n", path);
	s = define(row, room);
	unlink(path);
	return s;
}

/* In another order, it is the same experiment; with another key, not. */
static void
test_pins(void)
{
	char a[1024], b[1024];
	struct str one = with_pins("time\tkey\n1\tproduct:42\n1\ta\\tb\n1\tproduct:42\n", a);

	CHECK(str_find(one, STR(" pins=2:")) < one.n);
	CHECK(str_eq(one, with_pins("key\na\\tb\nproduct:42\n", b)));
	CHECK(!str_eq(one, with_pins("key\na\\tc\nproduct:42\n", b)));
}

/* What is cut is no definition: another could look the same. */
static void
test_full(void)
{
	char path[] = FILE_NAME;
	struct experiments x;
	struct buf b;

	file_write(path, HEAD PLAIN);
	CHECK(experiments_read(&x, path, say));
	unlink(path);
	buf_init(&b, 100);
	CHECK(!definition_put(&x, &x.e[0], &b));
	buf_free(&b);
	experiments_free(&x);
}

int
main(void)
{
	test_words();
	test_pins();
	test_full();
	return test_end();
}
