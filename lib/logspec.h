/*
 * logspec.h - what an operator says about a log of keys and values:
 * "time=.ts,latency_ms=.took:s", a list of column=key or column=key:unit.
 *
 *	struct logspec item;
 *	while (spec.n) {
 *		if (!logspec_next(&spec, &item, &when, why, sizeof(why)))
 *			...
 *		use(item.field, item.key);
 *	}
 *
 * The unit of a duration is s, ms, us or ns; that of a time is a format as in
 * when.h, which is compiled into *when.  Quotes hide commas and colons.
 *
 * Ownership: slices are the specification's.
 * Errors: false, with the reason in why.
 */
#ifndef LOGSPEC_H
#define LOGSPEC_H

#include "base.h"
#include "event.h"
#include "when.h"

struct logspec {
	struct event_field field;
	struct str key;
};

MUST_USE bool logspec_next(struct str *spec, struct logspec *item,
	    struct when_format *when, char *why, size_t room);

#endif
