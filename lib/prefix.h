/*
 * prefix.h - what others put in front of a log's lines on their way: syslog,
 * Kubernetes, docker compose, a blank, a pair of quotes around it all.
 *
 *	struct str rest = prefix_cut(PREFIX_SYSLOG, line);
 *	if (rest.n < line.n)
 *		...there was one
 *
 *	PREFIX_CONTAINER  2026-11-20T12:00:00.123456789Z stdout F ...
 *	PREFIX_COMPOSE	  proxy-1  | ...
 *	PREFIX_SYSLOG	  <190>Nov 20 12:00:00 web1 nginx: ...
 *			  2026-11-20T12:00:00+01:00 web1 nginx[4711]: ...
 *			  <190>1 2026-11-20T12:00:00Z web1 nginx 4711 - - ...
 *	PREFIX_BLANKS	  blanks and tabs
 *	PREFIX_QUOTES	  "..." around the line
 *
 * Ownership: slices of the argument.  Errors: none: the line as it was.
 */
#ifndef PREFIX_H
#define PREFIX_H

#include "base.h"

enum prefix {
	PREFIX_NONE, PREFIX_CONTAINER, PREFIX_COMPOSE, PREFIX_SYSLOG, PREFIX_BLANKS,
	PREFIX_QUOTES,
	PREFIXES
};

struct str prefix_cut(enum prefix kind, struct str line);

#endif
