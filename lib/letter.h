/*
 * letter.h - a letter for people, written once and read twice: as text, and
 * as HTML that mail programs show.
 *
 *	struct letter l;
 *	letter_open(&l, STR("1 alert fires"));
 *	letter_badge(&l, LETTER_RED, STR("FIRING"), STR("miss_critical"));
 *	letter_fact(&l, STR("Value"), value);
 *	letter_fact(&l, STR("Threshold"), threshold);
 *	letter_list(&l, STR("Possible causes"), causes, ';');
 *	letter_close(&l);
 *	use(buf_str(&l.text), buf_str(&l.html));
 *	letter_free(&l);
 *
 * Each call writes the same words to both.  All text comes as it stands in the
 * stream, escaped (tsv.h).  In paragraphs, lists and links, which operators
 * write, \n \t \\ become what they mean; any other escape, and all of them in
 * what strangers may have written, stay to be seen: nobody can begin a line.
 * Signs that turn the direction of text are shown as U+FFFD.  The HTML holds no
 * image, no script and no address that is loaded by itself.
 *
 * A letter has an end, whatever was written: a text of over LETTER_TEXT_MAX
 * bytes is cut, and once a form is past LETTER_MAX the letter says that it is
 * full, and takes no more.
 *
 * Ownership: the letter's buffers are its own.
 * Errors: none; the buffers are never `over`.
 */
#ifndef LETTER_H
#define LETTER_H

#include "base.h"
#include "buf.h"

#define LETTER_MAX	(1024 * 1024)		/* bytes of each form from which it is full */
#define LETTER_TEXT_MAX	4096			/* bytes of a text that are shown, */
#define LETTER_CELL_MAX	256			/* and of a table's cell */
#define LETTER_PAD_MAX	60			/* characters to which a cell is filled up in text */
#define LETTER_COLS	24			/* columns of a table */

enum letter_colour { LETTER_RED, LETTER_AMBER, LETTER_BLUE, LETTER_GREEN, LETTER_GREY };

struct letter {
	struct buf text, html;	/* OWNED */

	/* private from here */
	bool facts;		/* a table of facts is open */
	bool full;		/* and that was said */
};

void	letter_open(struct letter *l, struct str title);
void	letter_close(struct letter *l);
void	letter_free(struct letter *l);

void	letter_heading(struct letter *l, struct str s);
void	letter_para(struct letter *l, struct str s);
void	letter_small(struct letter *l, struct str s);

/* A coloured word, and what it is about. */
void	letter_badge(struct letter *l, enum letter_colour c, struct str word, struct str s);

/* A name and its value; those that follow each other make one table.  An empty value: nothing. */
void	letter_fact(struct letter *l, struct str name, struct str value);

/* The pieces of s between the separators.  Empty: nothing. */
void	letter_list(struct letter *l, struct str heading, struct str s, char sep);

/* A paragraph that is a link where it is an http:// or https:// address.  Empty: nothing. */
void	letter_link(struct letter *l, struct str heading, struct str s);

/* A time as it stands in letters: 2026-11-20 12:05:00 UTC. */
void	letter_time(struct buf *b, int64_t us);

/* The same text on one line, for a subject. */
void	letter_line(struct buf *b, struct str s);

/* Is it one address of the web, and nothing else that could be taken for a part of it? */
bool	letter_is_address(struct str s);

/* rows * cols cells, row by row, the first row the header; what is a number stands right. */
void	letter_table(struct letter *l, const struct str *cell, size_t rows, size_t cols);

#endif
