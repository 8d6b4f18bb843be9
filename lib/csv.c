/* csv.c - comma-separated values: libcsv, with our limits and line numbers. */
#include "csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "scan.h"
#include "str.h"

/* libcsv reports each CR and LF, of empty lines too, so that we can count. */
#define OPTIONS	(CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL)
#define BLOCK	(16 * 1024)	/* bytes by which libcsv's field buffer grows */

/* No byte counts as a blank to be trimmed. */
static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

/*
 * libcsv collects one field and the quote after it, and wants room for one
 * byte more.  Refused here, it stops with CSV_ENOMEM: the field is too long.
 */
static void *
grow_field(void *p, size_t n)
{
	size_t cap = 0;

	return n <= CSV_ROW_MAX + 2 ? mem_grow(p, &cap, n, 1) : NULL;
}

static uint64_t
count_newlines(const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t lines = 0;

	while (n && (p = memchr(p, '\n', n))) {
		n = (size_t)(end - ++p);
		lines++;
	}
	return lines;
}

static void
clear_row(struct csv *c)
{
	buf_reset(&c->text);
	c->n = 0;
	c->fault = CSV_GOOD;
	c->line += c->newlines;
	c->newlines = 0;
}

static void
hand_over(struct csv *c, bool unended)
{
	struct str field[CSV_COLS];
	struct csv_row row = { field, 0, c->line, unended, c->fault };
	size_t from = 0;

	if (row.fault == CSV_GOOD) {
		row.n = c->n;
		buf_room(&c->text, SCAN_SLACK);
		c->text.n -= SCAN_SLACK;
	}
	for (size_t i = 0; i < row.n; from = c->end[i++])
		field[i] = (struct str){ c->text.p ? c->text.p + from : "", c->end[i] - from };
	c->rows++;
	c->row(c->ctx, &row);
}

static void
on_field(void *p, size_t n, void *ctx)
{
	struct csv *c = ctx;

	c->newlines += count_newlines(p, n);
	if (c->n == CSV_COLS) {
		c->fault = CSV_TOO_WIDE;
		return;
	}
	buf_add(&c->text, (struct str){ p, n });
	if (c->text.over || c->text.n > CSV_ROW_MAX)
		c->fault = CSV_TOO_LONG;
	c->end[c->n++] = c->text.n;
}

/* newline is CR, LF, or -1 where the input ends. */
static void
on_row(int newline, void *ctx)
{
	struct csv *c = ctx;

	if (c->n)
		hand_over(c, newline < 0);
	c->newlines += newline == '\n';
	clear_row(c);
}

/* Hands over a row that libcsv gave up, and makes libcsv forget it. */
static void
give_up(struct csv *c, enum csv_fault fault, bool unended)
{
	c->fault = fault;
	hand_over(c, unended);
	clear_row(c);
	csv_set_opts(c->parser, 0);
	csv_fini(c->parser, NULL, NULL, NULL);
	csv_set_opts(c->parser, OPTIONS);
}

void
csv_open(struct csv *c, char delim, csv_row_fn *row, void *ctx)
{
	*c = (struct csv){ .row = row, .ctx = ctx, .line = 1 };
	buf_init(&c->text, CSV_ROW_MAX + SCAN_SLACK);
	c->parser = mem_alloc(sizeof(*c->parser));
	csv_init(c->parser, OPTIONS);
	csv_set_delim(c->parser, (unsigned char)delim);
	csv_set_space_func(c->parser, no_space);
	csv_set_realloc_func(c->parser, grow_field);
	csv_set_blk_size(c->parser, BLOCK);
}

/* Drops what is left of a line; returns the rest of the block. */
static struct str
skip_line(struct csv *c, struct str block)
{
	size_t n = str_chr(block, '\n');

	if (n == block.n)
		return str_from(block, n);
	c->skip = false;
	c->line = ++c->fed + 1;
	return str_from(block, n + 1);
}

void
csv_feed(struct csv *c, struct str block)
{
	size_t n;

	while (block.n) {
		if (c->skip) {
			block = skip_line(c, block);
			continue;
		}
		n = csv_parse(c->parser, block.p, block.n, on_field, on_row, c);
		c->fed += count_newlines(block.p, n);
		block = str_from(block, n);
		if (block.n) {
			give_up(c, csv_error(c->parser) == CSV_ENOMEM ?
			    CSV_TOO_LONG : CSV_BAD_QUOTE, false);
			c->skip = true;
		}
	}
}

void
csv_finish(struct csv *c)
{
	/* Over lines, it is no row still being written: the quote took them in. */
	if (csv_fini(c->parser, on_field, on_row, c) != 0)
		give_up(c, CSV_OPEN_QUOTE, c->fed < c->line);
	c->line = 1;
	c->fed = 0;
	c->skip = false;
}

void
csv_close(struct csv *c)
{
	if (c->parser)
		csv_free(c->parser);
	free(c->parser);
	buf_free(&c->text);
	*c = (struct csv){0};
}

const char *
csv_reason(enum csv_fault fault)
{
	static const char *const reasons[] = {
		[CSV_GOOD] = "valid",
		[CSV_BAD_QUOTE] = "a quote inside a field",
		[CSV_OPEN_QUOTE] = "a quote that is never closed",
		[CSV_TOO_LONG] = "a row of more than 1 MiB",
		[CSV_TOO_WIDE] = "a row of more than 1024 fields",
	};

	return reasons[fault];
}
