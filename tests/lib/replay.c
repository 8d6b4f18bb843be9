/* replay: by hand; tests/cmon-key.bats has brute force. */
#include "replay.h"

#include "slack.h"
#include "str.h"

#define SECOND	1000000

static struct keyrules none;
static struct keys keys;
static struct replay r;

static void
start(int64_t ttl_us)
{
	keys_open(&keys, &none);
	CHECK(replay_open(&r, ttl_us, 1 << 20));
}

static void
done(void)
{
	replay_close(&r);
	keys_close(&keys);
}

static void
ask(int64_t at_s, const char *url, enum outcome outcome, int64_t bytes)
{
	struct keys_event u = { .url = slack(url) };
	struct replay_event e = { .time_us = at_s * SECOND, .logged = outcome != OUTCOME_NONE,
	    .outcome = outcome, .comparable = bytes >= 0, .status = 200, .bytes = bytes };

	keys_take(&keys, &u);
	CHECK(replay_add(&r, &keys, keys_find(&keys), &e));
}

static const struct replay_part *
part(enum replay_kind kind, const char *name)
{
	for (size_t i = 0; i < r.parts; i++)
		if (r.part[i].kind == kind && str_eq(r.part[i].name, str_of(name)))
			return &r.part[i];
	fprintf(stderr, "no part \"%s\"\n", name);
	exit(1);
}

static void
test_ttl(void)
{
	start(10 * SECOND);
	ask(0, "/a", OUTCOME_MISS, 5);
	ask(9, "/a?u=1", OUTCOME_MISS, 5);	/* gained: /a is there */
	ask(10, "/a?u=2", OUTCOME_MISS, 5);	/* not: too old, and fetches */
	ask(12, "/a", OUTCOME_REVAL, 5);	/* fetches too */
	ask(21, "/a?u=3", OUTCOME_MISS, 6);	/* gained */
	ask(22, "/a?u=4", OUTCOME_MISS, -1);	/* not */
	ask(23, "/a?u=4", OUTCOME_MISS, -1);	/* not: in spite of its own */
	ask(24, "/a?u=4", OUTCOME_HIT, -1);
	CHECK_INT(part(REPLAY_PARAM, "u")->gained, 2);
	CHECK_INT(part(REPLAY_PARAM, "u")->requests, 6);
	CHECK_INT(part(REPLAY_PARAM, "u")->hits, 1);
	CHECK_INT(part(REPLAY_PARAM, "u")->values, 4);
	CHECK_INT(part(REPLAY_PARAM, "u")->keys, 4);
	CHECK_INT(part(REPLAY_PARAM, "u")->groups, 1);
	CHECK_INT(part(REPLAY_PARAM, "u")->compared, 1);
	CHECK_INT(part(REPLAY_PARAM, "u")->same, 0);
	CHECK_INT(r.endpoint[0].hits, 2);
	CHECK_INT(r.endpoint[0].misses, 6);
	done();
}

/* The name of a group is asked for after its keys, and before them. */
static void
test_names(void)
{
	start(REPLAY_FOR_EVER);
	ask(0, "/a?u=1&v=1", OUTCOME_MISS, 5);
	ask(1, "/a?v=1", OUTCOME_MISS, 5);
	ask(2, "/a?u=1", OUTCOME_MISS, 7);
	ask(3, "/a", OUTCOME_MISS, 7);
	replay_sort(&r);
	CHECK_STR(r.part[0].name, "u");
	CHECK_STR(r.part[1].name, "v");
	CHECK_INT(part(REPLAY_PARAM, "u")->gained, 2);
	CHECK_INT(part(REPLAY_PARAM, "v")->gained, 2);
	CHECK_INT(part(REPLAY_PARAM, "u")->compared, 2);
	CHECK_INT(part(REPLAY_PARAM, "u")->same, 2);
	CHECK_INT(part(REPLAY_PARAM, "v")->same, 0);
	done();
}

static void
test_assumed(void)
{
	start(10 * SECOND);
	ask(0, "/a?u=1", OUTCOME_NONE, -1);
	ask(5, "/a?u=1", OUTCOME_NONE, -1);
	ask(6, "/a?u=2", OUTCOME_NONE, -1);
	ask(11, "/a?u=1", OUTCOME_NONE, -1);
	CHECK_INT(part(REPLAY_PARAM, "u")->hits, 1);
	CHECK_INT(part(REPLAY_PARAM, "u")->misses, 3);
	CHECK_INT(part(REPLAY_PARAM, "u")->gained, 1);
	done();
}

static void
test_extremes(void)
{
	start(10 * SECOND);
	ask(INT64_MIN / SECOND, "/a?u=1", OUTCOME_MISS, 0);
	ask(INT64_MAX / SECOND, "/a?u=2", OUTCOME_MISS, 0);
	ask(INT64_MIN / SECOND, "/a?u=3", OUTCOME_MISS, 0);
	CHECK_INT(part(REPLAY_PARAM, "u")->gained, 1);	/* before what is fetched: fresh */
	done();
}

int
main(void)
{
	test_ttl();
	test_names();
	test_assumed();
	test_extremes();
	return test_end();
}
