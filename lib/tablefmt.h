/*
 * tablefmt.h - logs with a header line, CSV and TSV: which of their columns
 * are read, and into which of ours.
 *
 *	struct tablefmt t;
 *	if (!tablefmt_open(&t, STR("time=when,latency_ms=dur:s"), header, n, NULL))
 *		die("%s", t.why);
 *	if (!tablefmt_row(&t, cell, ncells, field))
 *		...t.why
 *
 * Specifications are those of jsonfmt.h, with the names of columns for paths.
 * Without one, columns of well-known names fill ours and the others pass under
 * their own.
 *
 * Ownership: t owns its names; slices are the row's.
 * Errors: false, with the reason in why.
 */
#ifndef TABLEFMT_H
#define TABLEFMT_H

#include "base.h"
#include "event.h"
#include "mem.h"
#include "when.h"

enum {
	TABLEFMT_WHY_MAX = 512,	/* bytes */
};

struct tablefmt {
	size_t n;
	struct event_field field[EVENT_FIELDS];
	char why[TABLEFMT_WHY_MAX];

	/* private from here */
	size_t cells;			/* of a row */
	uint16_t from[EVENT_FIELDS];	/* the cell of field i */
	struct str *name;		/* OWNED array: the header */
	struct when_format when;
	struct arena text;		/* OWNED */
};

/* A log without even a header: n is 0, and columns (-c) or `time` are its fields. */
MUST_USE bool tablefmt_open(struct tablefmt *t, struct str spec, const struct str *header,
	    size_t n, const char *columns);

/* Is it the header that was opened?  Every input has its own, and the same. */
bool	tablefmt_is_header(const struct tablefmt *t, const struct str *cell, size_t n);

MUST_USE bool tablefmt_row(struct tablefmt *t, const struct str *cell, size_t n,
	    struct str *field);
void	tablefmt_close(struct tablefmt *t);

#endif
