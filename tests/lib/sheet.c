/* sheet: rows of any stream as tables: times, totals, bounds. */
#include "sheet.h"

#include "buf.h"
#include "made.h"

static struct letter l;

/* The text of a stream's sheets; letter_free(&l) is the caller's. */
static struct str
sheet_of(char *path, const char *text)
{
	static struct tsv t;
	struct sheets s;
	struct in in;

	made_stream(&t, &in, path, text);
	sheets_open(&s);
	for (enum tsv_what what; (what = tsv_next(&t)) != TSV_END;) {
		if (what == TSV_BAD) {
			CHECK_STR(str_of(t.why), "");
			break;
		}
		if (what == TSV_HEADER)
			sheets_header(&s, &t);
		else
			sheets_row(&s, &t);
	}
	letter_open(&l, STR("t"));
	sheets_write(&s, &l);
	letter_close(&l);
	sheets_close(&s);
	made_end(&t, &in);
	return buf_str(&l.text);
}

static void
bounds(char *path)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add(&b, STR("time\ta\n"));
	for (int i = 0; i < 201; i++)
		buf_printf(&b, "%d\tx%d\n", i, i);
	buf_byte(&b, '\0');
	CHECK(made_has(sheet_of(path, b.p), "x199\n\n... of 201 rows\n"));
	CHECK(!made_has(buf_str(&l.text), "x200"));
	letter_free(&l);

	buf_reset(&b);
	for (int i = 0; i < 18; i++)
		buf_printf(&b, "time\tcol%d\n1\t%d\n", i, i);
	buf_byte(&b, '\0');
	CHECK(made_has(sheet_of(path, b.p), "col15"));
	CHECK(!made_has(buf_str(&l.text), "col16") && made_has(buf_str(&l.text), "... and 2 more tables"));
	letter_free(&l);

	buf_reset(&b);
	buf_add(&b, STR("time"));
	for (int i = 0; i < 30; i++)
		buf_printf(&b, "\tc%d", i);
	buf_add(&b, STR("\n1"));
	for (int i = 0; i < 30; i++)
		buf_printf(&b, "\tv%d", i);
	buf_add(&b, (struct str){ "\n", 2 });	/* and its NUL */
	CHECK(made_has(sheet_of(path, b.p), "v22\n") && !made_has(buf_str(&l.text), "v23"));
	letter_free(&l);
	buf_free(&b);
}

int
main(int argc, char *argv[])
{
	if (argc != 2)
		return 2;
	CHECK_STR(sheet_of(argv[1], "tier\ttime\twindow\tn\n\t1795176000\t300\t5\nedge\t1795176000.5\t300\t\n"),
	    "  tier   time                    window  n\n"
	    "  (all)  2026-11-20T12:00:00Z       300  5\n"
	    "  edge   2026-11-20T12:00:00.5Z     300   \n\n");
	letter_free(&l);
	/* Without a window there are no labels, so an empty field is just empty. */
	CHECK_STR(sheet_of(argv[1], "a\ttime\n\t1795176000\n"), "  a  time\n     2026-11-20T12:00:00Z\n\n");
	letter_free(&l);
	/* All columns that are times, but not small numbers. */
	CHECK_STR(sheet_of(argv[1], "time\tfired\tn\n1795176000\t1795176060\t5\n1795176000\t7\t5\n"),
	    "  time                  fired                 n\n  2026-11-20T12:00:00Z  2026-11-20T12:01:00Z  5\n"
	    "  2026-11-20T12:00:00Z  7                     5\n\n");
	letter_free(&l);
	CHECK_STR(sheet_of(argv[1], "time\tnote\n"), "  time  note\n\nNo rows.\n\n");
	letter_free(&l);
	bounds(argv[1]);
	return test_end();
}
