/*
 * csv: rows, faults and line numbers, wherever the blocks are cut.  With a
 * file of hexadecimal documents as argument, prints the rows of each, for
 * csv_truth.py to compare with Python's.
 */
#include "csv.h"

#include "str.h"
#include "test.h"

/* One row as text: "line fault: a|b;", with "!" where the input ended in it. */
static void
render(void *ctx, const struct csv_row *row)
{
	struct buf *b = ctx;

	buf_printf(b, "%" PRIu64 "%s", row->line, row->unended ? "!" : "");
	if (row->fault)
		buf_printf(b, " %s", csv_reason(row->fault));
	for (size_t i = 0; i < row->n; i++) {
		buf_byte(b, i ? '|' : ':');
		buf_add(b, row->field[i]);
	}
	buf_byte(b, ';');
}

static struct str
read_all(struct buf *b, struct str doc, char delim, size_t cut)
{
	struct csv c;

	buf_reset(b);
	csv_open(&c, delim, render, b);
	csv_feed(&c, (struct str){ doc.p, cut });
	csv_feed(&c, str_from(doc, cut));
	csv_finish(&c);
	csv_close(&c);
	return buf_str(b);
}

static void
test_rows(void)
{
#define QUOTE "a quote inside a field"
	static const struct { const char *doc, *want; } table[] = {
		{ "", "" },
		{ "\n\r\n\n", "" },
		{ "a,b\nc,d\n", "1:a|b;2:c|d;" },
		{ "a,b\r\nc,d\r\n", "1:a|b;2:c|d;" },
		{ "a,b\n\n\r\nc\n", "1:a|b;4:c;" },
		{ "a\nb", "1:a;2!:b;" },
		{ "a,", "1!:a|;" },
		{ ",\n\"\"\n", "1:|;2:;" },
		{ " a , b\t\n", "1: a | b\t;" },
		{ "\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d;" },
		{ "\"x\ny\r\nz\",1\nb\n", "1:x\ny\r\nz|1;4:b;" },
		{ "\"a\"", "1!:a;" },
		{ "a\rb\n", "1:a;1:b;" },
		{ "a;b\tc\n", "1:a;b\tc;" },
		/* A stray quote costs its row, or those up to where it shows. */
		{ "a\"b,c\nd\n", "1 " QUOTE ";2:d;" },
		{ "x,\"ab\"c,d\ne\n", "1 " QUOTE ";2:e;" },
		{ "x,\"ab\ny,\"c\",d\ne\n", "1 " QUOTE ";3:e;" },
		{ "\"a\" \nb\n", "1 " QUOTE ";2:b;" },
		{ "a\n\"b\nc\n", "1:a;2 a quote that is never closed;" },
		{ "a\n\"b", "1:a;2! a quote that is never closed;" },
		{ "a\"b", "1 " QUOTE ";" },
	};
#undef QUOTE
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < countof(table); i++) {
		struct str doc = str_of(table[i].doc);

		for (size_t cut = 0; cut <= doc.n; cut++)
			CHECK_STR(read_all(&b, doc, ',', cut), table[i].want);
	}
	CHECK_STR(read_all(&b, STR("a,b\t\"c\td\"\n"), '\t', 3), "1:a,b|c\td;");
	CHECK_STR(read_all(&b, STR("a,b;c\n"), ';', 3), "1:a,b|c;");
	buf_free(&b);
}

/* All bytes but quote, comma and line ends stand for themselves, bare or quoted. */
static void
test_bytes(void)
{
	struct buf b;

	buf_init(&b, 64);
	for (int byte = 0; byte < 256; byte++) {
		char bare[] = "x,?y,z\n", quoted[] = "x,\"?y\",z\n", want[] = "1:x|?y|z;";

		bare[2] = quoted[3] = want[4] = (char)byte;
		if (!byte || !strchr("\",\r\n", byte))
			CHECK(str_eq(read_all(&b, (struct str){ bare, sizeof(bare) - 1 }, ',', 3),
			    (struct str){ want, sizeof(want) - 1 }));
		if (byte != '"')
			CHECK(str_eq(read_all(&b, (struct str){ quoted, sizeof(quoted) - 1 }, ',', 4),
			    (struct str){ want, sizeof(want) - 1 }));
	}
	buf_free(&b);
}

struct seen {
	uint64_t line[8];
	enum csv_fault fault[8];
	size_t n[8], bytes[8], rows;
};

static void
note(void *ctx, const struct csv_row *row)
{
	struct seen *s = ctx;

	if (s->rows == countof(s->line))
		abort();
	s->line[s->rows] = row->line;
	s->fault[s->rows] = row->fault;
	s->n[s->rows] = row->n;
	for (size_t i = 0; i < row->n; i++)
		s->bytes[s->rows] += row->field[i].n;
	s->rows++;
}

static void
feed_many(struct csv *c, struct str piece, size_t times)
{
	while (times--)
		csv_feed(c, piece);
}

/* The longest and widest rows pass; one byte or field more does not. */
static void
test_limits(void)
{
	static const char x[1024] = { 'x' };
	const struct str kib = { x, sizeof(x) };
	struct seen s = {0};
	struct csv c;

	csv_open(&c, ',', note, &s);
	for (int quoted = 0; quoted < 2; quoted++) {
		struct str quote = quoted ? STR("\"") : STR("");

		for (int over = 0; over < 2; over++) {
			csv_feed(&c, quote);
			feed_many(&c, kib, CSV_ROW_MAX / sizeof(x));
			csv_feed(&c, over ? STR("x") : STR(""));
			csv_feed(&c, quote);
			csv_feed(&c, STR("\n"));
		}
	}
	feed_many(&c, STR("x,"), CSV_COLS - 1);
	csv_feed(&c, STR("x\n"));
	feed_many(&c, STR("x,"), CSV_COLS);
	csv_feed(&c, STR("x\n"));
	/* Many fields, and a quote left open, past the cap; then all is well again. */
	for (int i = 0; i < 1200; i++) {
		csv_feed(&c, kib);
		csv_feed(&c, i % 2 ? STR(",") : STR(""));
	}
	csv_feed(&c, STR("\n\"\n\n"));
	feed_many(&c, kib, 2 * CSV_ROW_MAX / sizeof(x));
	csv_finish(&c);
	CHECK_INT(s.rows, 8);
	for (size_t i = 0; i < 8; i++) {
		static const enum csv_fault faults[] = {
			CSV_GOOD, CSV_TOO_LONG, CSV_GOOD, CSV_TOO_LONG,
			CSV_GOOD, CSV_TOO_WIDE, CSV_TOO_LONG, CSV_TOO_LONG,
		};

		CHECK_INT(s.line[i], i + 1);
		CHECK_INT(s.fault[i], faults[i]);
		CHECK_INT(s.n[i], faults[i] ? 0 : i == 4 ? CSV_COLS : 1);
	}
	CHECK_INT(s.bytes[0], CSV_ROW_MAX);
	CHECK_INT(s.bytes[2], CSV_ROW_MAX);
	CHECK_INT(c.rows, 8);
	/* The next input starts anew. */
	s.rows = 0;
	csv_feed(&c, STR("a,b\n"));
	csv_finish(&c);
	CHECK_INT(s.rows, 1);
	CHECK_INT(s.line[0], 1);
	CHECK_INT(s.n[0], 2);
	csv_close(&c);
}

static void
print_row(void *ctx, const struct csv_row *row)
{
	(void)ctx;
	printf("\t%" PRIu64 ":%d:%d", row->line, row->unended, (int)row->fault);
	for (size_t i = 0; i < row->n; i++) {
		putchar(i ? ',' : ':');
		for (size_t k = 0; k < row->field[i].n; k++)
			printf("%02x", (unsigned char)row->field[i].p[k]);
	}
}

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
print_corpus(FILE *f)
{
	char *text = NULL;
	uint64_t seed = 3;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&text, &cap, f)) > 0) {
		struct str doc = { text, (size_t)n / 2 };
		struct csv c;

		for (size_t i = 0; i < doc.n; i++)
			text[i] = (char)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
		csv_open(&c, ',', print_row, NULL);
		while (doc.n) {
			size_t piece = 1 + test_random(&seed) % doc.n;

			csv_feed(&c, (struct str){ doc.p, piece });
			doc = str_from(doc, piece);
		}
		csv_finish(&c);
		csv_close(&c);
		putchar('\n');
	}
	free(text);
}

int
main(int argc, char **argv)
{
	FILE *f;

	if (argc > 1) {
		if (!(f = fopen(argv[1], "rb")))
			return 2;
		print_corpus(f);
		return fclose(f) != 0;
	}
	test_rows();
	test_bytes();
	test_limits();
	return test_end();
}
