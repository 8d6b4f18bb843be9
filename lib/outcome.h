/*
 * outcome.h - what a product's word says about a cache: HIT, TCP_MEM_HIT,
 * "conditional cache hit: entity refreshed", kv_hit, in one vocabulary.
 *
 *	struct outcome_words w;
 *	outcome_open(&w, &random_key);
 *	if (path && !outcome_load(&w, path, why, sizeof(why)))
 *		die("%s", why);
 *	const struct outcome_word *o = outcome_find(&w, STR("TCP_HIT/200"));
 *	if (o->known)
 *		use(outcome_name[o->outcome], o->tier);
 *	outcome_close(&w);
 *
 * One table for all products: where two use the same word they mean the same.
 * Letters' case does not matter.  Of a text that is no word as a whole, what
 * stands before the first of " /:;,(" is looked up: header fields say "HIT
 * from proxy1", Squid says TCP_HIT/200.  "-" and nothing are no word.
 *
 * Ownership: words and tiers belong to the table, until outcome_close().
 * Errors: outcome_load() returns false and writes "path:line: what: why".
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "base.h"
#include "hash.h"
#include "map.h"
#include "mem.h"
#include "scan.h"

enum outcome {
	OUTCOME_NONE,	/* no cache involved, or not known */
	OUTCOME_HIT,	/* fresh from this cache */
	OUTCOME_STALE,	/* from this cache past its time to live */
	OUTCOME_REVAL,	/* origin said 304, the body came from here */
	OUTCOME_MISS,	/* body from a slower layer */
	OUTCOME_PASS,	/* deliberately uncached */
	OUTCOME_SYNTH,	/* made here */
	OUTCOME_ERROR,	/* failed or refused */
	OUTCOMES
};

extern const struct str outcome_name[OUTCOMES];	/* OUTCOME_NONE is empty */

struct outcome_word {
	enum outcome outcome;
	bool known;
	struct str tier;	/* the layer that the word names, or empty */
};

enum {
	OUTCOME_MEMO = 64,		/* words remembered */
	OUTCOME_MEMO_TEXT = 32,		/* bytes of one; longer ones are looked up */
	OUTCOME_WORD_MAX = 64,		/* bytes of a word in the table, and of a tier */
	OUTCOME_NAME_ROOM = 8,		/* bytes readable at outcome_name[].p */
	OUTCOME_UNKNOWN_MAX = 100,	/* unknown words kept apart */
};

struct outcome_memo {
	char text[OUTCOME_MEMO_TEXT];
	uint8_t n;
	const struct outcome_word *word;
};

struct outcome_words {
	struct map map;			/* lower-case word -> its number */
	struct outcome_word *word;	/* OWNED, by number */
	size_t cap;
	struct arena text;		/* OWNED: tiers */
	struct map unknown;
	uint64_t *count;		/* OWNED, of unknown words, by number */
	uint64_t others;		/* unknown words beyond OUTCOME_UNKNOWN_MAX */
	struct outcome_memo memo[OUTCOME_MEMO];
};

void	outcome_open(struct outcome_words *w, const struct hash_key *key);

/*
 * More words, which win over ours: TSV under the header word, outcome and, if
 * it likes, tier; an empty outcome is "known, and none".
 */
MUST_USE bool outcome_load(struct outcome_words *w, const char *path, char *why, size_t room);

/*
 * What a text says.  An unknown one is counted; never NULL.  The text needs
 * SCAN_SLACK readable bytes behind it.
 */
static inline const struct outcome_word *outcome_find(struct outcome_words *w, struct str text);
const struct outcome_word *outcome_find_slow(struct outcome_words *w, struct str text);

/* Does any word of the table name a layer?  Of ours the applications' do. */
bool	outcome_tiered(const struct outcome_words *w, struct str text);

void	outcome_close(struct outcome_words *w);

static inline struct outcome_memo *
outcome_memo(struct outcome_words *w, struct str text)
{
	return &w->memo[((unsigned char)text.p[0] * 5u + (unsigned)text.n) % OUTCOME_MEMO];
}

static inline const struct outcome_word *
outcome_find(struct outcome_words *w, struct str text)
{
	struct outcome_memo *m;

	if (LIKELY(text.n)) {
		m = outcome_memo(w, text);
		if (LIKELY(m->n == text.n && scan_same(m->text, text.p, text.n)))
			return m->word;
	}
	return outcome_find_slow(w, text);
}

#endif
