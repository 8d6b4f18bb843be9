/*
 * sheet.h - any rows of a stream as the tables of a letter.
 *
 *	struct sheets s;
 *	sheets_open(&s);
 *	case TSV_HEADER: sheets_header(&s, &tsv);
 *	case TSV_ROW:    sheets_row(&s, &tsv);
 *	...
 *	sheets_write(&s, &letter);
 *	sheets_close(&s);
 *
 * Each header starts a table.  Times become dates, an empty label says (all).
 * SHEET_ROWS rows and LETTER_COLS columns of a table are shown, and how many
 * rows there were; SHEETS tables at most.
 *
 * Ownership: the sheets copy what they show.
 * Errors: none; memory is bounded.
 */
#ifndef SHEET_H
#define SHEET_H

#include "base.h"
#include "letter.h"
#include "mem.h"
#include "tsv.h"

#define SHEETS		16
#define SHEET_ROWS	200
#define SHEET_CELL_MAX	256	/* bytes of a field that are shown */

struct sheet {
	size_t cols, rows;	/* shown, the header among the rows */
	uint64_t seen;		/* rows, without the header */
	int labels;		/* columns left of the time of a window, or 0 */
	struct str *cell;	/* OWNED */
};

struct sheets {
	struct sheet sheet[SHEETS];
	size_t n;
	uint64_t more;		/* tables not shown */
	struct arena text;	/* OWNED */
};

void	sheets_open(struct sheets *s);
void	sheets_header(struct sheets *s, const struct tsv *t);
void	sheets_row(struct sheets *s, const struct tsv *t);
void	sheets_write(const struct sheets *s, struct letter *l);
void	sheets_close(struct sheets *s);

#endif
