/*
 * reason.h - why an alert is in the state that it is in, for people.
 *
 *	reason_write(&o, &w, one, &run);
 *
 *	firing  miss_high{host="a"}
 *	  since 2026-11-20T12:05:00Z, firing since 2026-11-20T12:10:00Z
 *	  miss_pct = 17.2, and > 12 (clear): yes
 *	    row of 2026-11-20T12:05:00Z, 5m long, ended 3s ago, 1200 requests
 *
 * Ownership: all BORROWED.  Errors: out.h's.
 */
#ifndef REASON_H
#define REASON_H

#include "alarms.h"
#include "base.h"
#include "out.h"

void	reason_write(struct out *o, const struct watch *w,
    const struct alarm *one, const struct judge_run *run);

/* Says on standard error that runs are always so far apart, and what to do. */
void	reason_gaps(const struct judge_run *run, const char *state);

/* The rule as a whole, in a line. */
void	reason_rule(struct out *o, const struct rule *rule, int64_t interval_us);

#endif
