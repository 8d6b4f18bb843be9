/*
 * csv.h - rows of comma-separated values, RFC 4180, by libcsv: quotes, quotes
 * doubled in them, newlines in them, LF or CRLF at the end; any delimiter.
 *
 *	static void row(void *ctx, const struct csv_row *r) { ... r->field[0] ... }
 *
 *	csv_open(&csv, ',', row, ctx);
 *	while (in_block(&in, &block))
 *		csv_feed(&csv, block);
 *	csv_finish(&csv);		the last row, if its newline is missing
 *	csv_close(&csv);
 *
 * Blocks may be cut anywhere.  All rows come in order, the bad ones too, with
 * a fault and without fields; empty lines are no rows.  Nothing is trimmed.
 * Strict, because a stray quote would swallow what follows: a quote inside an
 * unquoted field, or anything but a delimiter after a closing one, spoils its
 * row, and reading goes on at the next line.  So it does after a field that
 * passes CSV_ROW_MAX.  A carriage return outside quotes ends a row.  What the
 * input ends within, in quotes, is unended if it is one line.
 *
 * Ownership: csv_open allocates, csv_close frees.  Fields are BORROWED until
 * row() returns; SCAN_SLACK bytes behind them may be read, not used.
 * Errors: in the rows.
 */
#ifndef CSV_H
#define CSV_H

#include "base.h"
#include "buf.h"

#define CSV_ROW_MAX	(1024 * 1024)	/* bytes of all fields of a row */
#define CSV_COLS	1024		/* fields of a row */

enum csv_fault { CSV_GOOD, CSV_BAD_QUOTE, CSV_OPEN_QUOTE, CSV_TOO_LONG, CSV_TOO_WIDE };

struct csv_row {
	const struct str *field;
	size_t n;
	uint64_t line;		/* its first, from 1; lines end with LF */
	bool unended;		/* no newline after it, at the end of the input */
	enum csv_fault fault;
};

typedef void csv_row_fn(void *ctx, const struct csv_row *row);

struct csv {
	uint64_t rows;			/* handed over, bad ones too */

	/* private from here */
	struct csv_parser *parser;	/* OWNED: libcsv's */
	csv_row_fn *row;
	void *ctx;
	struct buf text;		/* OWNED: the row's fields, end to end */
	size_t n, end[CSV_COLS];	/* where they end in text */
	uint64_t line;			/* of the row or the next one */
	uint64_t newlines;		/* in the current row, so far */
	uint64_t fed;			/* newlines in all that libcsv has seen */
	enum csv_fault fault;
	bool skip;			/* to the next newline */
};

void	csv_open(struct csv *c, char delim, csv_row_fn *row, void *ctx);
void	csv_feed(struct csv *c, struct str block);

/* The end of an input; another one may follow, from its line 1. */
void	csv_finish(struct csv *c);
void	csv_close(struct csv *c);

/* What a fault means, to stand in a message. */
const char *csv_reason(enum csv_fault);

#endif
