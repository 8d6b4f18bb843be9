/*
 * logkey.h - the names that logs of keys and values give to their fields, JSON
 * and CSV, and which column each fills.
 *
 *	for (size_t i = 0; i < LOGKEYS; i++)
 *		if (logkey[i].col == EVENT_URL) ... logkey[i].path
 *
 * Paths are as in json.h; one without steps is the name of a CSV column too.
 * Among the keys of one column the order is that of preference.
 *
 * Sources: Caddy, Cloudflare Logpush, Fastly, Traefik, Akamai DataStream 2 and
 * the usual names under nginx's escape=json.
 *
 * Ownership: static.  Errors: none.
 */
#ifndef LOGKEY_H
#define LOGKEY_H

#include "event.h"

struct logkey {
	enum event_col col;
	enum event_as as;
	const char *path;
};

enum { LOGKEYS = 132 };

extern const struct logkey logkey[LOGKEYS];

#endif
