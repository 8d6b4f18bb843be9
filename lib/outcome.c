#include "outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "in.h"
#include "msg.h"
#include "str.h"

const struct str outcome_name[OUTCOMES] = {
	[OUTCOME_NONE]  = { "\0\0\0\0\0\0\0", 0 },
	[OUTCOME_HIT]   = { "hit\0\0\0\0", 3 },
	[OUTCOME_STALE] = { "stale\0\0", 5 },
	[OUTCOME_REVAL] = { "reval\0\0", 5 },
	[OUTCOME_MISS]  = { "miss\0\0\0", 4 },
	[OUTCOME_PASS]  = { "pass\0\0\0", 4 },
	[OUTCOME_SYNTH] = { "synth\0\0", 5 },
	[OUTCOME_ERROR] = { "error\0\0", 5 },
};

/* In lower case; where products share a word, it stands with the first. */
static const struct {
	const char *word;
	enum outcome outcome;
	const char *tier;
} ours[] = {
	/* our own, so that what we have written can be read again */
	{ "reval", OUTCOME_REVAL, NULL },

	/* nginx, $upstream_cache_status: ngx_http_file_cache.c */
	{ "hit", OUTCOME_HIT, NULL },
	{ "miss", OUTCOME_MISS, NULL },
	{ "expired", OUTCOME_MISS, NULL },
	{ "bypass", OUTCOME_PASS, NULL },
	{ "stale", OUTCOME_STALE, NULL },
	{ "updating", OUTCOME_STALE, NULL },
	{ "revalidated", OUTCOME_REVAL, NULL },

	/* Varnish, %{Varnish:handling}x: varnishncsa.c */
	{ "pass", OUTCOME_PASS, NULL },
	{ "hitmiss", OUTCOME_PASS, NULL },
	{ "hitpass", OUTCOME_PASS, NULL },
	{ "pipe", OUTCOME_PASS, NULL },
	{ "synth", OUTCOME_SYNTH, NULL },

	/* Apache, X-Cache: mod_cache.c; %{cache-status}e is a phrase, below */
	{ "revalidate", OUTCOME_REVAL, NULL },
	{ "invalidate", OUTCOME_PASS, NULL },

	/* application caches in layers */
	{ "edge_hit", OUTCOME_HIT, "edge" },
	{ "kv_hit", OUTCOME_HIT, "kv" },
	{ "r2_rehydrated", OUTCOME_MISS, "r2_cold" },
	{ "api_miss", OUTCOME_MISS, "origin" },

	/* Squid, %Ss: LogTags.cc; and Traffic Server, %<crc>: Log.cc */
	{ "tcp_hit", OUTCOME_HIT, NULL },
	{ "tcp_mem_hit", OUTCOME_HIT, NULL },
	{ "tcp_disk_hit", OUTCOME_HIT, NULL },
	{ "tcp_cf_hit", OUTCOME_HIT, NULL },
	{ "tcp_ims_hit", OUTCOME_HIT, NULL },
	{ "tcp_inm_hit", OUTCOME_HIT, NULL },
	{ "tcp_negative_hit", OUTCOME_HIT, NULL },
	{ "tcp_offline_hit", OUTCOME_HIT, NULL },
	{ "tcp_hit_redirect", OUTCOME_HIT, NULL },
	{ "tcp_refresh_fail_old", OUTCOME_STALE, NULL },
	{ "tcp_refresh_fail", OUTCOME_STALE, NULL },
	{ "tcp_refresh_fail_hit", OUTCOME_STALE, NULL },
	{ "tcp_ref_fail_hit", OUTCOME_STALE, NULL },
	{ "tcp_refresh_unmodified", OUTCOME_REVAL, NULL },
	{ "tcp_refresh_hit", OUTCOME_REVAL, NULL },
	{ "tcp_miss", OUTCOME_MISS, NULL },
	{ "tcp_refresh", OUTCOME_MISS, NULL },
	{ "tcp_refresh_modified", OUTCOME_MISS, NULL },
	{ "tcp_refresh_miss", OUTCOME_MISS, NULL },
	{ "tcp_expired_miss", OUTCOME_MISS, NULL },
	{ "tcp_client_refresh_miss", OUTCOME_MISS, NULL },
	{ "tcp_client_refresh", OUTCOME_MISS, NULL },
	{ "tcp_ims_miss", OUTCOME_MISS, NULL },
	{ "tcp_swapfail_miss", OUTCOME_MISS, NULL },
	{ "tcp_swapfail", OUTCOME_MISS, NULL },
	{ "tcp_miss_redirect", OUTCOME_MISS, NULL },
	{ "tcp_tunnel", OUTCOME_PASS, NULL },
	{ "tcp_redirect", OUTCOME_SYNTH, NULL },
	{ "tcp_denied", OUTCOME_ERROR, NULL },
	{ "tcp_denied_reply", OUTCOME_ERROR, NULL },
	{ "tcp_refresh_fail_err", OUTCOME_ERROR, NULL },
	{ "none_none", OUTCOME_NONE, NULL },
	{ "tag_none", OUTCOME_NONE, NULL },

	/* CloudFront, x-edge-result-type and x-edge-detailed-result-type */
	{ "originshieldhit", OUTCOME_HIT, NULL },
	{ "refreshhit", OUTCOME_REVAL, NULL },
	{ "missgeneratedresponse", OUTCOME_SYNTH, NULL },
	{ "redirect", OUTCOME_SYNTH, NULL },
	{ "lambdageneratedresponse", OUTCOME_SYNTH, NULL },
	{ "functiongeneratedresponse", OUTCOME_SYNTH, NULL },
	{ "error", OUTCOME_ERROR, NULL },
	{ "limitexceeded", OUTCOME_ERROR, NULL },
	{ "capacityexceeded", OUTCOME_ERROR, NULL },
	{ "lambdaexecutionerror", OUTCOME_ERROR, NULL },

	/* Cloudflare, CacheCacheStatus and CF-Cache-Status */
	{ "stream_hit", OUTCOME_HIT, NULL },
	{ "deferred", OUTCOME_MISS, NULL },
	{ "dynamic", OUTCOME_PASS, NULL },
	{ "ignored", OUTCOME_PASS, NULL },
	{ "none", OUTCOME_SYNTH, NULL },
	{ "unknown", OUTCOME_SYNTH, NULL },

	/* Fastly, fastly_info.state */
	{ "hit-cluster", OUTCOME_HIT, NULL },
	{ "hit-wait", OUTCOME_HIT, NULL },
	{ "hit-wait-cluster", OUTCOME_HIT, NULL },
	{ "hit-remote", OUTCOME_HIT, NULL },
	{ "hit-stale", OUTCOME_STALE, NULL },
	{ "hit-stale-cluster", OUTCOME_STALE, NULL },
	{ "hit-refresh", OUTCOME_REVAL, NULL },
	{ "hit-synth", OUTCOME_SYNTH, NULL },
	{ "miss-cluster", OUTCOME_MISS, NULL },
	{ "miss-wait", OUTCOME_MISS, NULL },
	{ "miss-wait-cluster", OUTCOME_MISS, NULL },
	{ "miss-remote", OUTCOME_MISS, NULL },
	{ "pass-cluster", OUTCOME_PASS, NULL },
	{ "pass-wait", OUTCOME_PASS, NULL },
	{ "pass-remote", OUTCOME_PASS, NULL },
	{ "error-cluster", OUTCOME_ERROR, NULL },
	{ "error-wait", OUTCOME_ERROR, NULL },

	/* Akamai, Akamai-Cache-Status */
	{ "hitstale", OUTCOME_STALE, NULL },
	{ "constructed", OUTCOME_SYNTH, NULL },
};

/*
 * Apache's %{cache-status}e is prose: mod_cache.c, to which those from "response
 * status" on are misses, of what it then found not to be kept.  The first that
 * fits holds.
 */
static const struct {
	const char *start;
	enum outcome outcome;
} phrases[] = {
	{ "cache hit: ", OUTCOME_STALE },	/* "503 status; stale content returned" */
	{ "cache hit", OUTCOME_HIT },
	{ "conditional cache hit", OUTCOME_REVAL },
	{ "conditional cache miss", OUTCOME_MISS },
	{ "cache miss", OUTCOME_MISS },
	{ "cache invalidated", OUTCOME_PASS },
	{ "response status ", OUTCOME_MISS },
	{ "broken expires header", OUTCOME_MISS },
	{ "expires header already expired", OUTCOME_MISS },
	{ "s-maxage or max-age zero", OUTCOME_MISS },
	{ "query string present but", OUTCOME_MISS },
	{ "http status 304 not modified", OUTCOME_MISS },
	{ "no last-modified; etag", OUTCOME_MISS },
	{ "cache-control: no-store", OUTCOME_MISS },
	{ "cache-control: private", OUTCOME_MISS },
	{ "authorization required", OUTCOME_MISS },
	{ "vary header contains", OUTCOME_MISS },
	{ "environment variable 'no-cache'", OUTCOME_MISS },
	{ "r->no_cache present", OUTCOME_MISS },
	{ "updated entity is older", OUTCOME_MISS },
	{ "contradiction: 304", OUTCOME_MISS },
};

/* Squid adds these behind its words. */
static const struct str tails[] = {
	{ "_cf", 3 }, { "_ignored", 8 }, { "_timedout", 9 }, { "_aborted", 8 },
};

/* What a phrase says: one word for each outcome, without a tier. */
static const struct outcome_word bare[OUTCOMES] = {
	[OUTCOME_HIT] = { .outcome = OUTCOME_HIT, .known = true },
	[OUTCOME_STALE] = { .outcome = OUTCOME_STALE, .known = true },
	[OUTCOME_REVAL] = { .outcome = OUTCOME_REVAL, .known = true },
	[OUTCOME_MISS] = { .outcome = OUTCOME_MISS, .known = true },
	[OUTCOME_PASS] = { .outcome = OUTCOME_PASS, .known = true },
};

static const struct outcome_word no_word = { .known = true };
static const struct outcome_word unknown_word = { .known = false };

static void
add(struct outcome_words *w, struct str word, struct outcome_word what)
{
	bool added;
	uint32_t i = map_put(&w->map, word, &added);

	w->word = mem_grow(w->word, &w->cap, (size_t)i + 1, sizeof(*w->word));
	w->word[i] = what;
}

void
outcome_open(struct outcome_words *w, const struct hash_key *key)
{
	*w = (struct outcome_words){ .others = 0 };
	map_init(&w->map, key);
	map_init(&w->unknown, key);
	w->count = mem_array(OUTCOME_UNKNOWN_MAX, sizeof(*w->count));
	for (size_t i = 0; i < countof(ours); i++)
		add(w, str_of(ours[i].word), (struct outcome_word){
			.outcome = ours[i].outcome,
			.known = true,
			.tier = str_of(ours[i].tier),
		});
}

/* The word in lower case, in room; false when it is too long for one. */
static bool
lower(struct str s, char room[OUTCOME_WORD_MAX], struct str *word)
{
	if (s.n > OUTCOME_WORD_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		room[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
	*word = (struct str){ room, s.n };
	return true;
}

static const struct outcome_word *
get(const struct outcome_words *w, struct str word)
{
	uint32_t i = map_get(&w->map, word);

	return i == MAP_NONE ? NULL : &w->word[i];
}

static const struct outcome_word *
get_without_tails(const struct outcome_words *w, struct str word)
{
	const struct outcome_word *o;
	size_t i = 0;

	while (!(o = get(w, word))) {
		while (i < countof(tails) && !str_ends(word, tails[i]))
			i++;
		if (i == countof(tails))
			return NULL;
		word.n -= tails[i].n;
		i = 0;
	}
	return o;
}

static const struct outcome_word *
look_up(const struct outcome_words *w, struct str text)
{
	char room[OUTCOME_WORD_MAX];
	const struct outcome_word *o;
	struct str word;
	size_t n = 0;

	text = str_trim(text);
	if (text.n == 0 || str_eq(text, STR("-")))
		return &no_word;
	if (!lower((struct str){ text.p, text.n < sizeof(room) ? text.n : sizeof(room) },
	    room, &word))
		return NULL;
	if (text.n <= sizeof(room) && (o = get(w, word)))
		return o;
	for (size_t i = 0; i < countof(phrases); i++)
		if (str_starts(word, str_of(phrases[i].start)))
			return &bare[phrases[i].outcome];
	while (n < word.n && !strchr(" /:;,(", word.p[n]))
		n++;
	word.n = n;
	return get_without_tails(w, word);
}

static void
count_unknown(struct outcome_words *w, struct str text)
{
	uint32_t i = map_get(&w->unknown, text);
	bool added;

	if (i == MAP_NONE) {
		if (w->unknown.n == OUTCOME_UNKNOWN_MAX || text.n > OUTCOME_WORD_MAX) {
			w->others++;
			return;
		}
		i = map_put(&w->unknown, text, &added);
	}
	w->count[i]++;
}

const struct outcome_word *
outcome_find_slow(struct outcome_words *w, struct str text)
{
	const struct outcome_word *o = look_up(w, text);
	struct outcome_memo *m;

	if (!o) {
		count_unknown(w, text);
		return &unknown_word;
	}
	if (text.n && text.n <= sizeof(m->text)) {
		m = outcome_memo(w, text);
		memcpy(m->text, text.p, text.n);
		m->n = (uint8_t)text.n;
		m->word = o;
	}
	return o;
}

bool
outcome_tiered(const struct outcome_words *w, struct str text)
{
	const struct outcome_word *o = look_up(w, text);

	return o && o->tier.n;
}

/* A file being loaded: where we are, and its columns. */
struct load {
	struct outcome_words *w;
	const char *path;
	uint64_t lineno;
	char *why;
	size_t room;
	int word, outcome, tier;	/* columns; tier may be -1 */
	size_t cols;
};

static bool PRINTF(2, 3)
wrong(struct load *l, const char *fmt, ...)
{
	int n = snprintf(l->why, l->room, "%s:%llu: ", l->path, (unsigned long long)l->lineno);
	va_list ap;

	if (n < 0 || (size_t)n >= l->room)
		return false;
	va_start(ap, fmt);
	vsnprintf(l->why + n, l->room - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

enum { FILE_COLS = 3 };

static size_t
split(struct str line, struct str field[FILE_COLS + 1])
{
	size_t n = 0;

	while (n <= FILE_COLS && str_cut(&line, '\t', &field[n]))
		n++;
	return n;
}

static bool
load_header(struct load *l, struct str line)
{
	struct str name[FILE_COLS + 1];

	l->word = l->outcome = l->tier = -1;
	l->cols = split(line, name);
	for (size_t i = 0; i < l->cols; i++) {
		if (str_eq(name[i], STR("word")) && l->word < 0)
			l->word = (int)i;
		else if (str_eq(name[i], STR("outcome")) && l->outcome < 0)
			l->outcome = (int)i;
		else if (str_eq(name[i], STR("tier")) && l->tier < 0)
			l->tier = (int)i;
		else
			return wrong(l, "the header has word, outcome and tier, not \"%.*s\"",
			    STRF(name[i]));
	}
	if (l->word < 0 || l->outcome < 0)
		return wrong(l, "the header needs the columns word and outcome");
	return true;
}

static bool
outcome_of(struct str s, enum outcome *o)
{
	for (int i = 0; i < OUTCOMES; i++)
		if (str_eq(s, outcome_name[i])) {
			*o = (enum outcome)i;
			return true;
		}
	return false;
}

static bool
load_row(struct load *l, struct str line)
{
	struct str field[FILE_COLS + 1], word;
	struct outcome_word what = { .known = true };
	char room[OUTCOME_WORD_MAX];

	if (split(line, field) != l->cols)
		return wrong(l, "a row has %zu fields, as the header", l->cols);
	if (field[l->word].n == 0 || !lower(field[l->word], room, &word))
		return wrong(l, "a word has 1 to %d bytes", OUTCOME_WORD_MAX);
	if (!outcome_of(field[l->outcome], &what.outcome))
		return wrong(l, "no outcome: \"%.*s\" (hit, stale, reval, miss, pass, synth, "
		    "error, or nothing)", STRF(field[l->outcome]));
	if (l->tier >= 0 && field[l->tier].n > OUTCOME_WORD_MAX)
		return wrong(l, "a tier has at most %d bytes", OUTCOME_WORD_MAX);
	if (l->tier >= 0)
		what.tier = arena_dup(&l->w->text, field[l->tier]);
	add(l->w, word, what);
	return true;
}

bool
outcome_load(struct outcome_words *w, const char *path, char *why, size_t room)
{
	struct load l = { .w = w, .path = path, .room = room };
	char *paths[] = { NULL, NULL };
	char *name = mem_alloc(strlen(path) + 1);
	struct str line;
	struct in in;
	bool ok = true;

	l.why = why;
	memcpy(name, path, strlen(path));
	paths[0] = name;
	in_open(&in, paths, IN_LOG_LINE_MAX);
	while (ok && in_line(&in, &line)) {
		l.lineno = in.lineno;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		ok = l.cols ? load_row(&l, line) : load_header(&l, line);
	}
	if (ok && in.dropped)
		ok = wrong(&l, "a line behind this one is over %d bytes", IN_LOG_LINE_MAX);
	if (ok && l.cols == 0)
		ok = wrong(&l, "the header is missing: word, outcome, tier");
	in_close(&in);
	free(name);
	memset(w->memo, 0, sizeof(w->memo));
	return ok;
}

void
outcome_close(struct outcome_words *w)
{
	map_free(&w->map);
	map_free(&w->unknown);
	arena_free(&w->text);
	free(w->word);
	free(w->count);
	*w = (struct outcome_words){ .others = 0 };
}
