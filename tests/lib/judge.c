/* judge: the life of an alert, against a reading of it that counts time. */
#include "judge.h"

#include "test.h"

#define STEP	INT64_C(300)

/*
 * The second truth: no times are remembered, only how long what is known has
 * lasted; written from the manual.
 */
struct model {
	enum alert_state state;
	int64_t bad, good;	/* for how long */
	bool fine;		/* when last known */
	int64_t resolved_at;
	bool after;		/* pending, with an episode behind it */
};

static void
model_step(struct model *m, enum verdict v, int64_t now, int64_t passed, int64_t for_us, int64_t keep_us)
{
	if (m->resolved_at && now - m->resolved_at >= JUDGE_REMEMBER_US) {
		if (m->state == ALERT_RESOLVED)
			m->state = ALERT_INACTIVE;
		m->after = false;
		m->resolved_at = 0;
	}
	if (v == VERDICT_UNKNOWN)
		return;
	m->bad += passed;
	m->good = m->fine ? m->good + passed : 0;
	m->fine = v == VERDICT_FINE;
	if (v == VERDICT_BREACH) {
		if (m->state == ALERT_INACTIVE || m->state == ALERT_RESOLVED) {
			m->after = m->state == ALERT_RESOLVED;
			m->state = ALERT_PENDING;
			m->bad = 0;
		}
		if (m->state == ALERT_PENDING && m->bad >= for_us)
			m->state = ALERT_FIRING;
	} else if (m->state == ALERT_PENDING) {
		m->state = m->after ? ALERT_RESOLVED : ALERT_INACTIVE;
	} else if (m->state == ALERT_FIRING) {
		if (m->good >= keep_us) {
			m->state = ALERT_RESOLVED;
			m->resolved_at = now;
		}
	}
}

static void
test_against_model(void)
{
	uint64_t seed = 11;

	for (int round = 0; round < 3000; round++) {
		struct judge_times times = { STEP * (int64_t)(test_random(&seed) % 4) * 1000000,
		    STEP * (int64_t)(test_random(&seed) % 4) * 1000000 };
		struct episode e = { 0 };
		struct model m = { 0 };
		int64_t now = 1000 * STEP * 1000000, last = 0;

		for (int i = 0; i < 60; i++) {
			enum verdict v = test_random(&seed) % 7 == 0 ? VERDICT_UNKNOWN :
			    test_random(&seed) % 5 < 2 ? VERDICT_FINE : VERDICT_BREACH;
			int64_t passed = STEP * 1000000;
			struct judge_run run;

			now += passed;
			run = judge_run(now, last, passed);
			judge(&e, &times, v, &run);
			model_step(&m, v, now, last ? passed : 0, times.for_us, times.keep_us);
			last = now;
			CHECK_INT(e.state, m.state);
			CHECK((e.since > 0) == (e.state != ALERT_INACTIVE));
			CHECK((e.fired > 0) == (e.state == ALERT_FIRING || e.state == ALERT_RESOLVED));
			CHECK((e.resolved > 0) == (e.state == ALERT_RESOLVED));
			CHECK(e.since <= now && (!e.fired || e.since <= e.fired));
		}
	}
}

static void
test_end_of_rule(void)
{
	struct judge_times none = { 0, 0 }, wait = { 600000000, 0 };
	struct judge_run run = judge_run(1000000, 0, 300000000);
	struct episode e = { 0 };

	judge_end(&e, &run);
	CHECK(e.state == ALERT_INACTIVE);
	judge(&e, &wait, VERDICT_BREACH, &run);
	CHECK(e.state == ALERT_PENDING);
	judge_end(&e, &run);
	CHECK(e.state == ALERT_INACTIVE && e.since == 0);
	judge(&e, &none, VERDICT_BREACH, &run);
	judge_end(&e, &run);
	CHECK(e.state == ALERT_RESOLVED && e.resolved == 1000000);
}

static void
test_gaps(void)
{
	int64_t m = 60000000;

	CHECK(!judge_run(60 * m, 0, 5 * m).gap);
	CHECK(!judge_run(100 * m, 40 * m, 5 * m).gap);
	CHECK(judge_run(101 * m, 40 * m, 5 * m).gap);
	CHECK(!judge_run(130 * m, 40 * m, 30 * m).gap);
	CHECK(judge_run(131 * m, 40 * m, 30 * m).gap);
}

static void
test_reached(void)
{
	struct judge_run run = judge_run(1000, 0, 300);

	CHECK(judge_reached(1000, 0, &run));
	CHECK(judge_reached(430, 600, &run) && !judge_reached(431, 600, &run));	/* 30 of the interval */
	CHECK(judge_reached(910, 100, &run) && !judge_reached(911, 100, &run));	/* 10 of the span */
}

int
main(void)
{
	test_against_model();
	test_end_of_rule();
	test_gaps();
	test_reached();
	return test_end();
}
