/*
 * ledgerfile: rows come back as they were put; a file that is cut anywhere has
 * all its whole rows; a damaged byte costs the row it is in; an append that
 * fails leaves the file as it was.
 */
#include "ledgerfile.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "str.h"
#include "test.h"
#include "when.h"

#define PATH	"f.tsv"
#define T0	(INT64_C(1795176000) * WHEN_SEC)
#define ROWS	5

static struct ledgerfile f;
static const struct ledger_item items[] = {
	{ { { 0x3c, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0x2f } }, LEDGER_FIRING, T0 + 500000 },
	{ { { 0xff } }, LEDGER_OVER, T0 }, { { { 1 } }, LEDGER_MUTED, 0 },
	{ { { 2 } }, LEDGER_MISSED, -WHEN_SEC },
};

static struct ledger_row
row(size_t i)
{
	struct ledger_row r[ROWS] = {
		{ .status = LEDGER_START },
		{ .id = STR("7"), .status = LEDGER_INTENT, .attempt = 1, .item = items, .n = countof(items) },
		{ .id = STR("7"), .status = LEDGER_RETRY, .code = 451, .attempt = 1,
		    .next_us = T0 + 60 * WHEN_SEC, .why = STR("451 4.3.0 later\\tplease") },
		{ .id = STR("7"), .status = LEDGER_SENT, .code = 250, .attempt = 2 },
		{ .status = LEDGER_NOTED, .item = items + 3, .n = 1, .why = STR("miss caf\xc3\xa9") },
	};

	r[i].time_us = T0 + (int64_t)i;
	r[i].as_of_us = T0 - 1;
	r[i].group = STR("mail");
	r[i].recipient = STR("ops@example.test");
	return r[i];
}

static bool
same(const struct ledger_row *a, const struct ledger_row *b)
{
	bool ok = a->time_us == b->time_us && a->next_us == b->next_us && a->as_of_us == b->as_of_us &&
	    str_eq(a->id, b->id) && str_eq(a->group, b->group) && str_eq(a->recipient, b->recipient) &&
	    str_eq(a->why, b->why) && a->status == b->status && a->code == b->code &&
	    a->attempt == b->attempt && a->n == b->n;

	for (size_t i = 0; ok && i < a->n; i++)
		ok = memcmp(&a->item[i].key, &b->item[i].key, sizeof(a->item[i].key)) == 0 &&
		    a->item[i].sign == b->item[i].sign && a->item[i].since_us == b->item[i].since_us;
	return ok;
}

static bool
is_row(const struct ledger_row *r, size_t i)
{
	struct ledger_row want = row(i);

	return same(r, &want);
}

static void
put_file(const char *p, size_t n)
{
	FILE *to = fopen(PATH, "w");

	CHECK(to && fwrite(p, 1, n, to) == n && fclose(to) == 0);
}

static size_t
get_file(char *to, size_t max)
{
	FILE *from = fopen(PATH, "r");
	size_t n = from ? fread(to, 1, max, from) : 0;

	CHECK(from && fclose(from) == 0);
	return n;
}

static void
write_rows(void)
{
	unlink(PATH);
	CHECK(ledgerfile_open(&f, PATH, true) == LEDGER_OPEN);
	for (size_t i = 0; i < ROWS; i++) {
		struct ledger_row r = row(i);

		CHECK(ledgerfile_append(&f, &r));
	}
	ledgerfile_close(&f);
}

/* How many rows are read, each in its order; `damaged` counts the others. */
static size_t
read_rows(size_t *damaged)
{
	struct ledger_row r;
	enum ledgerfile_got got;
	size_t n = 0, i = 0;

	*damaged = 0;
	while ((got = ledgerfile_next(&f, &r)) != LEDGERFILE_END) {
		if (got == LEDGERFILE_DAMAGED) {
			++*damaged;
			continue;
		}
		while (i < ROWS && !is_row(&r, i))
			i++;
		CHECK(i < ROWS);	/* a row is one of ours, and behind the one before */
		i++;
		n++;
	}
	return n;
}

static void
round_trip(void)
{
	char text[4096];
	size_t n, damaged;

	write_rows();
	n = get_file(text, sizeof(text));
	CHECK(str_starts((struct str){ text, n }, STR("time\tid\tgroup\trecipient\tstatus\tcode\tattempt"
	    "\tnext_try\tas_of\twhy\tset\tsum\n1795176000\t\tmail\tops@example.test\tstart\t0\t0\t0"
	    "\t1795175999.999999\t\t\t")));
	CHECK(str_find((struct str){ text, n }, STR("\t+3c09010203040506070809" "0a0b0c0d2f.1795176000.5,"
	    "-ff000000000000000000000000000000.1795176000,!01")) < n);
	CHECK(ledgerfile_open(&f, PATH, false) == LEDGER_OPEN);
	CHECK(f.header && f.size == (int64_t)n);
	CHECK_INT(read_rows(&damaged), ROWS);
	CHECK_INT(damaged, 0);
	CHECK(f.at == n && f.line == ROWS + 1);
	CHECK(!ledgerfile_append(&f, &(struct ledger_row){ .time_us = T0 }) && errno == EBADF);
	ledgerfile_close(&f);
}

static size_t
newlines(const char *p, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += p[i] == '\n';
	return k;
}

static void
torn(void)
{
	char text[4096], got[4096];
	size_t n, damaged;

	write_rows();
	n = get_file(text, sizeof(text));
	for (size_t cut = 0; cut <= n; cut++) {
		size_t lines = newlines(text, cut), rows = lines ? lines - 1 : 0;
		struct ledger_row r = row(ROWS - 1);

		put_file(text, cut);
		CHECK(ledgerfile_open(&f, PATH, false) == LEDGER_OPEN);
		CHECK_INT(read_rows(&damaged), rows);
		CHECK_INT(damaged, 0);
		ledgerfile_close(&f);
		CHECK_INT(get_file(got, sizeof(got)), cut);	/* reading changes nothing */
		if (rows == ROWS)
			continue;
		CHECK(ledgerfile_open(&f, PATH, true) == LEDGER_OPEN);
		CHECK(ledgerfile_append(&f, &r));
		ledgerfile_close(&f);
		CHECK(ledgerfile_open(&f, PATH, false) == LEDGER_OPEN);
		CHECK_INT(read_rows(&damaged), rows + 1);
		CHECK_INT(damaged, 0);
		ledgerfile_close(&f);
	}
}

static void
damage(void)
{
	char text[4096];
	size_t n, damaged;

	write_rows();
	n = get_file(text, sizeof(text));
	for (size_t at = 0; at < n; at++)
		for (int bit = 0; bit < 8; bit++) {
			size_t rows;

			text[at] = (char)(text[at] ^ (1 << bit));
			put_file(text, n);
			CHECK(ledgerfile_open(&f, PATH, false) == LEDGER_OPEN);
			rows = read_rows(&damaged);
			ledgerfile_close(&f);
			/* A newline that goes joins two rows; the last one's is torn then. */
			CHECK(rows >= ROWS - 2 && rows <= ROWS);
			CHECK(damaged > 0 || at + 1 == n);
			text[at] = (char)(text[at] ^ (1 << bit));
		}
}

static void
no_room(void)
{
	struct rlimit old, small;
	char before[4096], after[4096];
	struct ledger_row r = row(1);
	size_t n;

	write_rows();
	n = get_file(before, sizeof(before));
	CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	small = old;
	small.rlim_cur = n + 10;	/* ten bytes of the row get through */
	CHECK(ledgerfile_open(&f, PATH, true) == LEDGER_OPEN);
	CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
	CHECK(!ledgerfile_append(&f, &r) && errno == EFBIG);
	CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
	CHECK(get_file(after, sizeof(after)) == n && memcmp(before, after, n) == 0);
	CHECK(ledgerfile_append(&f, &r));
	ledgerfile_close(&f);
}

static void
replace(void)
{
	struct ledger_row r;
	struct buf head;
	size_t damaged;

	write_rows();
	CHECK(ledgerfile_open(&f, PATH, true) == LEDGER_OPEN);
	for (size_t i = 0; i < 4; i++)
		CHECK(ledgerfile_next(&f, &r) == LEDGERFILE_ROW);
	buf_init(&head, 4096);
	r = row(0);
	ledgerfile_put(&head, &r);
	ledgerfile_replace(&f, buf_str(&head), f.at);
	ledgerfile_forget(&f);
	r = row(4);
	CHECK(ledgerfile_append(&f, &r));	/* into the new file */
	ledgerfile_close(&f);
	buf_free(&head);
	CHECK(ledgerfile_open(&f, PATH, true) == LEDGER_OPEN);
	CHECK(ledgerfile_next(&f, &r) == LEDGERFILE_ROW && is_row(&r, 0));
	CHECK(ledgerfile_next(&f, &r) == LEDGERFILE_ROW && is_row(&r, 3));
	CHECK(ledgerfile_next(&f, &r) == LEDGERFILE_ROW && is_row(&r, 4));
	CHECK_INT(read_rows(&damaged), 1);
	ledgerfile_close(&f);
	CHECK(access(PATH ".new", F_OK) == -1);
}

int
main(int argc, char *argv[])
{
	if (argc != 2 || chdir(argv[1]) == -1)
		return 2;
	round_trip();
	torn();
	damage();
	no_room();
	replace();
	return test_end();
}
