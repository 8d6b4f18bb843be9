/*
 * slack.h - texts with readable bytes behind them, as lines from in.h have.
 *
 *	struct str s = slack("192.0.2.1");	good until 64 more were asked for
 */
#ifndef SLACK_H
#define SLACK_H

#include "scan.h"
#include "test.h"

#define SLACK_TEXTS	64
#define SLACK_MAX	4096

static inline struct str
slack_of(struct str s)
{
	static char room[SLACK_TEXTS][SLACK_MAX + SCAN_SLACK];
	static unsigned next;
	char *to = room[next++ % SLACK_TEXTS];

	if (s.n > SLACK_MAX)
		abort();
	/* What lies behind looks like more of the same, to be caught by it. */
	memset(to, '"', SLACK_MAX + SCAN_SLACK);
	if (s.n)
		memcpy(to, s.p, s.n);
	return (struct str){ to, s.n };
}

static inline struct str
slack(const char *s)
{
	return slack_of((struct str){ s, strlen(s) });
}

#endif
