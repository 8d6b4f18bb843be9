/*
 * judge.h - the life of one alert: pending, firing, resolved.
 *
 *	struct episode e = { 0 };		inactive
 *	struct judge_run run = { now, last, interval, gap };
 *	struct judge_times times = { for_us, keep_us };
 *
 *	judge(&e, &times, VERDICT_BREACH, &run);
 *
 *	              breach                  held for `for`
 *	inactive ----------------> pending -----------------> firing
 *	   ^  ^                      |  ^                       |
 *	   |  +----------------------+  | breach                | fine for `keep`
 *	   |         fine               |                       v
 *	   +------------------------ resolved <-----------------+
 *	          after a week
 *
 * Unknown freezes all of it: neither timer runs, and the time until the next
 * known run does not count.  A pending alert that comes to nothing goes back
 * to what it was, so that the end of the episode before is not forgotten
 * while its message may still be on the way.
 *
 * Times are microseconds; 0 is never.  `for` and `keep` are reached when no
 * more than a tenth of them and of the interval is missing, because cron
 * starts a run a little early or late.
 *
 * Checked against `promtool test rules` (tests/cmon-alert-promtool.bats).
 *
 * Ownership: none.  Errors: none.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "alerts.h"
#include "base.h"

/* Resolved ones are shown so long: a mail server may be away until then, and no end is lost. */
#define JUDGE_REMEMBER_US	(7 * 86400 * INT64_C(1000000))
#define JUDGE_GAP_US		(3600 * INT64_C(1000000))	/* or 3 intervals: a gap */

enum verdict { VERDICT_FINE, VERDICT_BREACH, VERDICT_UNKNOWN };

struct episode {
	enum alert_state state;
	int64_t since, fired, resolved;
	int64_t keep_since;	/* firing, but fine since then */
	int64_t prev_since, prev_fired, prev_resolved;
};

struct judge_times {
	int64_t for_us, keep_us;
};

struct judge_run {
	int64_t now, last;	/* last: of the run before, 0: there was none */
	int64_t interval;
	bool gap;		/* too long ago to say anything on the time between */
};

/* Fills in a run; the clock must not go back: now >= last. */
struct judge_run judge_run(int64_t now, int64_t last, int64_t interval);

void	judge(struct episode *e, const struct judge_times *times, enum verdict verdict,
    const struct judge_run *run);

/* Its rule is no more: what fires is resolved. */
void	judge_end(struct episode *e, const struct judge_run *run);

/* Has a span begun at since passed? */
bool	judge_reached(int64_t since, int64_t span, const struct judge_run *run);

#endif
