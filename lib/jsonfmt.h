/*
 * jsonfmt.h - logs of one JSON object a line: which keys are read, and into
 * which columns.
 *
 *	struct jsonfmt j;
 *	if (!jsonfmt_open(&j, STR("time=.ts,key=.request.uri"), sample, NULL))
 *		die("%s", j.why);
 *	if (!jsonfmt_read(&j, line, field))
 *		...j.why, at byte j.stop
 *
 * A specification is that of logspec.h, its keys paths as in json.h.  Without
 * one, keys that are well known are looked for in a sample of the log: the
 * first of a column's keys that occurs there holds, and those of the same unit
 * behind it stand in on lines that lack it.
 *
 * Ownership: the specification and the columns are BORROWED; the sample is only
 * read by jsonfmt_open(); slices are the line's, which needs SCAN_SLACK bytes
 * behind it.
 * Errors: false, with the reason in why.
 */
#ifndef JSONFMT_H
#define JSONFMT_H

#include "base.h"
#include "event.h"
#include "json.h"
#include "when.h"

enum {
	JSONFMT_FALLBACKS = 6,	/* paths of one column */
	JSONFMT_WHY_MAX = 512,	/* bytes */
};

struct jsonfmt {
	size_t n;
	struct event_field field[JSON_PATHS_MAX];

	size_t stop;		/* after jsonfmt_read() was false */
	char why[JSONFMT_WHY_MAX];

	uint64_t absent;	/* bit i: field[i] has been in no line so far */
	struct str named[JSON_PATHS_MAX]; /* the key an operator gave for field[i], or empty */

	/* private from here */
	struct {
		uint8_t n, path[JSONFMT_FALLBACKS];
	} from[JSON_PATHS_MAX];
	struct json_paths want;
	struct json_value value[JSON_PATHS_MAX];
	struct when_format when;
};

MUST_USE bool jsonfmt_open(struct jsonfmt *j, struct str spec, struct str sample,
	    const char *columns);
MUST_USE bool jsonfmt_read(struct jsonfmt *j, struct str line, struct str *field);

#endif
