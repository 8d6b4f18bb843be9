/*
 * made.h - alerts and streams for the tests of what tells people.
 *
 *	struct alert a = made_alert(ALERT_FIRING, "miss", "tier=\"edge\"", T0);
 *	made_stream(&tsv, &in, path, "time\ta\n1\t2\n");	then made_end()
 */
#ifndef MADE_H
#define MADE_H

#include <unistd.h>

#include "alerts.h"
#include "in.h"
#include "str.h"
#include "test.h"
#include "tsv.h"
#include "when.h"

#define T0	(INT64_C(1795176000) * WHEN_SEC)	/* 2026-11-20 12:00:00 UTC */
#define MIN	(60 * WHEN_SEC)

static inline struct alert
made_alert(enum alert_state state, const char *rule, const char *labels, int64_t since_us)
{
	return (struct alert){ .time_us = T0, .state = state, .severity = STR("critical"),
	    .rule = str_of(rule), .labels = str_of(labels), .value = STR("17.2"),
	    .threshold = STR("15"), .since_us = since_us, .fired_us = since_us,
	    .resolved_us = state == ALERT_RESOLVED ? since_us + MIN : 0 };
}

static inline void
made_stream(struct tsv *t, struct in *in, char *path, const char *text)
{
	static char *paths[2];	/* in.h keeps it */
	FILE *f = fopen(path, "w");

	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	paths[0] = path;
	in_open(in, paths, IN_TSV_LINE_MAX);
	tsv_open(t, in);
}

static inline void
made_end(struct tsv *t, struct in *in)
{
	tsv_close(t);
	in_close(in);
}

static inline bool
made_has(struct str s, const char *what)
{
	return str_find(s, str_of(what)) < s.n;
}

#endif
