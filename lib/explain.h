/*
 * explain.h - show how one line of a log is read, field by field, or where it
 * stops being what its format says.
 *
 *	ok = explain(&out, &format, &event, line);
 *
 * For people: a row a field with its name, its text and the columns it fills,
 * or what was read so far and a mark below the place where it went wrong.
 *
 * Ownership: all BORROWED.
 * Errors: false: the line does not read.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "event.h"
#include "format.h"
#include "out.h"

bool	explain(struct out *o, struct format *f, struct event *e, struct str line);

#endif
