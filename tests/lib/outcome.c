/* outcome: words of all products, files of words, what is counted. */
#include "outcome.h"

#include <unistd.h>

#include "slack.h"
#include "str.h"

static const char *
meaning(struct outcome_words *w, const char *text)
{
	const struct outcome_word *o = outcome_find(w, slack(text));

	return o->known ? outcome_name[o->outcome].p : "?";
}

/* Reference: the vocabularies of each product's own source and manual. */
static const char *const words[][2] = {
	{ "HIT", "hit" }, { "MISS", "miss" }, { "EXPIRED", "miss" }, { "BYPASS", "pass" },
	{ "STALE", "stale" }, { "UPDATING", "stale" }, { "REVALIDATED", "reval" }, { "-", "" }, { "", "" },
	{ "hitmiss", "pass" }, { "hitpass", "pass" }, { "pipe", "pass" }, { "synth", "synth" },
	{ "TCP_HIT", "hit" }, { "TCP_MEM_HIT/200", "hit" }, { "TCP_REFRESH_FAIL_OLD", "stale" },
	{ "TCP_REFRESH_UNMODIFIED", "reval" }, { "TCP_REFRESH_HIT", "reval" }, { "TCP_TUNNEL", "pass" },
	{ "TCP_DENIED", "error" }, { "TCP_MISS_ABORTED", "miss" }, { "TCP_HIT_CF_TIMEDOUT", "hit" },
	{ "TCP_CLIENT_REFRESH_MISS", "miss" }, { "TCP_REF_FAIL_HIT", "stale" }, { "NONE_NONE", "" },
	{ "RefreshHit", "reval" }, { "LambdaGeneratedResponse", "synth" }, { "LimitExceeded", "error" },
	{ "dynamic", "pass" }, { "deferred", "miss" }, { "stream_hit", "hit" }, { "none", "synth" },
	{ "HIT-STALE-CLUSTER", "stale" }, { "MISS-WAIT", "miss" }, { "HIT-SYNTH", "synth" },
	{ "cache hit", "hit" }, { "cache hit: 502 status; stale content returned", "stale" },
	{ "conditional cache hit: entity refreshed", "reval" }, { "cache miss: attempting entity save", "miss" },
	{ "conditional cache miss: entity refreshed", "miss" }, { "cache invalidated by POST", "pass" },
	{ "cache hit: 504 status; stale content returned", "stale" },
	{ "conditional cache hit: entity refresh failed", "reval" }, { "Response status 501", "miss" },
	{ "No Last-Modified; Etag; Expires; Cache-Control:max-age or Cache-Control:s-maxage headers", "miss" },
	{ "Cache-Control: private present", "miss" },
	{ "HIT from cache.example.net", "hit" }, { "HIT, MISS", "hit" }, { "  hit  ", "hit" },
	{ "edge_hit", "hit" }, { "kv_hit", "hit" }, { "r2_rehydrated", "miss" }, { "api_miss", "miss" },
	{ "HITS", "?" }, { "H", "?" }, { "TCP_", "?" }, { "_aborted", "?" },
};

static void
load(struct outcome_words *w, const char *text, bool ok)
{
	char path[] = "/tmp/outcome.XXXXXX", why[256] = "";
	int fd = mkstemp(path);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	CHECK(outcome_load(w, path, why, sizeof(why)) == ok);
	CHECK(ok == (*why == '\0'));
	unlink(path);
}

int
main(void)
{
	struct outcome_words w;
	char many[32];

	outcome_open(&w, &hash_published);
	for (int twice = 0; twice < 2; twice++)		/* from the table, then remembered */
		for (size_t i = 0; i < countof(words); i++)
			CHECK_STR(str_of(meaning(&w, words[i][0])), words[i][1]);
	CHECK_INT(w.unknown.n, 4);
	CHECK_INT(w.count[0], 2);
	CHECK_STR(outcome_find(&w, slack("kv_hit"))->tier, "kv");
	CHECK(outcome_tiered(&w, STR("api_miss")) && !outcome_tiered(&w, STR("HIT")));
	CHECK(!outcome_tiered(&w, STR("HITS")));

	for (int i = 0; i < 300; i++) {
		snprintf(many, sizeof(many), "no%d", i);
		meaning(&w, many);
	}
	CHECK_INT(w.unknown.n, OUTCOME_UNKNOWN_MAX);
	CHECK_INT(w.others, 300 - (OUTCOME_UNKNOWN_MAX - 4));

	load(&w, "outcome\tword\n# ours\n\nmiss\tHIT\n\tNO1\nhit\twarm up\n", true);
	CHECK_STR(str_of(meaning(&w, "hit")), "miss");
	CHECK_STR(str_of(meaning(&w, "no1")), "");
	CHECK_STR(str_of(meaning(&w, "Warm Up")), "hit");
	load(&w, "word\toutcome\ttier\nram\thit\tmemory\n", true);
	CHECK_STR(outcome_find(&w, slack("RAM"))->tier, "memory");
	load(&w, "", false);
	load(&w, "word\n", false);
	load(&w, "word\toutcome\tword\n", false);
	load(&w, "word\toutcome\nx\thit\ty\n", false);
	load(&w, "word\toutcome\nx\thits\n", false);
	outcome_close(&w);
	return test_end();
}
