/* bulletin: a report has its tables, and the misses of its reader since the last one. */
#include "bulletin.h"

#include "made.h"
#include "msg.h"

static struct ledger l;

static void
miss(uint32_t party, unsigned char key, const char *text)
{
	struct ledger_item it = { .key = { { key } }, .sign = LEDGER_MISSED, .since_us = T0 - 10 * MIN };

	CHECK(ledger_note(&l, party, &it, 1, T0, str_of(text)));
}

int
main(int argc, char *argv[])
{
	static struct tsv t;
	struct bulletin_of of = { .subject = STR("the day"), .ledger = &l, .recipient = STR("a@b"),
	    .since_us = T0 - MIN, .link = "https://s.example.test/", .now_us = T0 + 5 * MIN };
	struct sheets s;
	struct letter letter;
	struct in in;
	char path[] = "t.tsv";

	if (argc != 2 || chdir(argv[1]) == -1)
		return 2;
	msg_init("cmon-test");
	sheets_open(&s);
	made_stream(&t, &in, path, "time\tn\n1795176000\t5\n");
	CHECK(tsv_next(&t) == TSV_HEADER);
	sheets_header(&s, &t);
	CHECK(tsv_next(&t) == TSV_ROW);
	sheets_row(&s, &t);
	of.sheets = &s;

	/* An old one, one for somebody else, and one of each channel. */
	unlink("l.tsv");
	CHECK(ledger_open(&l, "l.tsv", T0 - 2 * MIN, true) == LEDGER_OPEN);
	miss(ledger_party(&l, STR("mail"), STR("a@b")), 1, "old");
	ledger_close(&l);
	CHECK(ledger_open(&l, "l.tsv", T0, true) == LEDGER_OPEN);
	bulletin_make(&letter, &of);
	CHECK(!made_has(buf_str(&letter.text), "over before"));
	letter_free(&letter);
	miss(ledger_party(&l, STR("mail"), STR("a@b")), 2, "miss tier=\"<i>\"");
	miss(ledger_party(&l, STR("mail"), STR("c@d")), 2, "other");
	miss(ledger_party(&l, STR("pager"), STR("a@b")), 3, "slow a\\nb");
	bulletin_make(&letter, &of);
	CHECK_STR(buf_str(&letter.text), "the day\n\n  time                  n\n  2026-11-20T12:00:00Z  5\n\n"
	    "Alerts that were over before a mail could be sent\n\n"
	    "  2026-11-20T11:50:00Z  miss tier=\"<i>\"\n  2026-11-20T11:50:00Z  slow a\\nb\n\n"
	    "See also\n  https://s.example.test/\n\n-- \nWritten by cmon-test at 2026-11-20 12:05:00 UTC\n");
	CHECK(made_has(buf_str(&letter.html), "tier=&quot;&lt;i&gt;&quot;"));
	letter_free(&letter);
	ledger_close(&l);
	sheets_close(&s);
	made_end(&t, &in);
	return test_end();
}
