#include "judge.h"

struct judge_run
judge_run(int64_t now, int64_t last, int64_t interval)
{
	int64_t longest = 3 * interval > JUDGE_GAP_US ? 3 * interval : JUDGE_GAP_US;

	return (struct judge_run){ now, last, interval, last && now - last > longest };
}

bool
judge_reached(int64_t since, int64_t span, const struct judge_run *run)
{
	int64_t slack = (span < run->interval ? span : run->interval) / 10;

	return run->now - since >= span - slack;
}

/* A pending alert that came to nothing. */
static void
back(struct episode *e)
{
	if (e->prev_resolved)
		*e = (struct episode){ .state = ALERT_RESOLVED, .since = e->prev_since,
		    .fired = e->prev_fired, .resolved = e->prev_resolved };
	else
		*e = (struct episode){ .state = ALERT_INACTIVE };
}

static void
resolve(struct episode *e, int64_t now)
{
	e->state = ALERT_RESOLVED;
	e->resolved = now;
	e->keep_since = 0;
}

static void
begin(struct episode *e, int64_t now)
{
	struct episode prev = *e;

	*e = (struct episode){ .state = ALERT_PENDING, .since = now };
	if (prev.state == ALERT_RESOLVED) {
		e->prev_since = prev.since;
		e->prev_fired = prev.fired;
		e->prev_resolved = prev.resolved;
	}
}

static void
breach(struct episode *e, const struct judge_times *times, const struct judge_run *run)
{
	e->keep_since = 0;
	if (e->state == ALERT_INACTIVE || e->state == ALERT_RESOLVED)
		begin(e, run->now);
	if (e->state == ALERT_PENDING && judge_reached(e->since, times->for_us, run)) {
		e->state = ALERT_FIRING;
		e->fired = run->now;
	}
}

static void
fine(struct episode *e, const struct judge_times *times, const struct judge_run *run)
{
	if (e->state == ALERT_PENDING) {
		back(e);
	} else if (e->state == ALERT_FIRING) {
		if (!e->keep_since)
			e->keep_since = run->now;
		if (judge_reached(e->keep_since, times->keep_us, run))
			resolve(e, run->now);
	}
}

static void
freeze(struct episode *e, const struct judge_run *run)
{
	int64_t passed = run->last && !run->gap ? run->now - run->last : 0;

	if (e->state == ALERT_PENDING)
		e->since += passed;
	if (e->keep_since)
		e->keep_since += passed;
}

static void
forget(struct episode *e, int64_t now)
{
	if (e->state == ALERT_RESOLVED && now - e->resolved >= JUDGE_REMEMBER_US)
		*e = (struct episode){ .state = ALERT_INACTIVE };
	if (e->prev_resolved && now - e->prev_resolved >= JUDGE_REMEMBER_US)
		e->prev_since = e->prev_fired = e->prev_resolved = 0;
}

void
judge(struct episode *e, const struct judge_times *times, enum verdict verdict,
    const struct judge_run *run)
{
	if (run->gap && e->state == ALERT_PENDING)
		e->since = run->now;
	if (run->gap && e->keep_since)
		e->keep_since = run->now;
	forget(e, run->now);
	switch (verdict) {
	case VERDICT_BREACH:
		breach(e, times, run);
		break;
	case VERDICT_FINE:
		fine(e, times, run);
		break;
	case VERDICT_UNKNOWN:
		freeze(e, run);
		break;
	}
}

void
judge_end(struct episode *e, const struct judge_run *run)
{
	forget(e, run->now);
	if (e->state == ALERT_PENDING)
		back(e);
	else if (e->state == ALERT_FIRING)
		resolve(e, run->now);
}
