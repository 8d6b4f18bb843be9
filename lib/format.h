/*
 * format.h - the formats cmon-parse knows by name, and which of them a log is
 * written in.
 *
 *	struct format f;
 *	if (!format_open(&f, "nginx-cache", sample, NULL))	// or
 *	if (!format_detect(&f, sample, NULL))
 *		die("%s", f.why);
 *	event_open(&e, f.field, f.n, &opts, &words);
 *	if (!format_read(&f, line, field))
 *		...f.why, from byte f.stop on
 *	format_close(&f);
 *
 * A new format is a line in the table of format.c when a format string says
 * it; else a module like jsonfmt.c and a `case` here.
 *
 * Ownership: what is passed in is BORROWED; fields are the format's.
 * Errors: false, with the reason in why.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include "base.h"
#include "event.h"
#include "jsonfmt.h"
#include "logfmt.h"
#include "mem.h"
#include "prefix.h"
#include "tablefmt.h"

enum {
	FORMAT_SAMPLE_BYTES = 64 * 1024,	/* of a log, for detection */
	FORMAT_SAMPLE_LINES = 1000,
	FORMAT_MATCH_PCT = 90,			/* of its lines must be read */
	FORMAT_WHY_MAX = 1024,			/* bytes */
};

enum format_kind { FORMAT_LOG, FORMAT_JSON, FORMAT_TSV, FORMAT_CSV };

struct format {
	const char *name;		/* for messages; NULL: a string of the operator's */
	enum format_kind kind;
	const struct event_field *field;
	size_t n;
	bool headed;			/* the first line of every input names its columns */
	bool absolute_urls;		/* event_opts */
	size_t (*unescape)(struct str raw, char *to);

	size_t stop;			/* after format_read() was false */
	int stop_field;			/* -1: none in particular */
	char why[FORMAT_WHY_MAX];

	unsigned matched, sampled;	/* lines, after format_detect() */

	/* private from here */
	enum prefix prefix;		/* what stood in front last time */
	int ident;			/* the field %l, or -1 */
	struct logfmt log;
	struct jsonfmt json;
	struct tablefmt table;
	struct arena row;		/* OWNED: cells of a line of CSV */
};

/*
 * text is a name, a server's format string, or one of json, csv and tsv, alone
 * or as in "json:SPEC".  The sample is the beginning of the log, for what a
 * format leaves to it (the keys of a JSON log, the header of a table); columns
 * is -c or NULL.
 */
MUST_USE bool format_open(struct format *f, const char *text, struct str sample,
	    const char *columns);

/*
 * The format in which most of the sample's lines are read; where there is no
 * sample, and so no line, one with every column of ours, or those of -c, and
 * f.sampled is 0.  False when that is less than FORMAT_MATCH_PCT of them: why
 * says which came closest, and where its first line went wrong, and f is that
 * one, open, if f.n is not 0.
 */
MUST_USE bool format_detect(struct format *f, struct str sample, const char *columns);

/*
 * The slices of a line's fields, good until the next call.  What prefix.h knows
 * may stand in front of it.  CSV, whose rows may
 * span lines, is read by csv.h, and its rows are handed to format_cells().
 */
MUST_USE bool format_read(struct format *f, struct str line, struct str *field);
MUST_USE bool format_cells(struct format *f, const struct str *cell, size_t n,
	    struct str *field);

/*
 * The key of field i as the operator wrote it, if that was in none of the lines
 * read; else empty.
 */
struct str format_unseen(const struct format *f, size_t i);

/* Of the first line of a further input: is it the header of the first one? */
bool	format_is_header(struct format *f, struct str line);

/* Blank lines, and lines that begin with '#', are no records in any format. */
static inline bool
format_is_aside(struct str line)
{
	return line.n == 0 || *line.p == '#';
}

void	format_close(struct format *f);

#endif
