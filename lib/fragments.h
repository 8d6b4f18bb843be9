/*
 * fragments.h - the report of cmon-key --fragments: events of a stream into a
 * replay, and what it found as rows of metrics.
 *
 *	struct fragments f = { .cache = "cache", ... };
 *	if (!fragments_open(&f, ttl_us, mem_bytes))
 *		...errno...
 *	case TSV_HEADER:
 *		why = fragments_bind(&f, &t);
 *	case TSV_ROW:
 *		why = fragments_add(&f, &t, &keys, rule, endpoint);
 *	fragments_write(&f, &out, rows);
 *	fragments_close(&f);
 *
 * Ownership: names of columns are BORROWED.
 * Errors: a reason, NULL being success; the place is the caller's to say.
 */
#ifndef FRAGMENTS_H
#define FRAGMENTS_H

#include "base.h"
#include "out.h"
#include "replay.h"
#include "tsv.h"

struct fragments {
	const char *cache, *method;	/* columns */
	struct replay replay;
	bool assumed;			/* some events had no column for what the cache did */
	uint64_t unknown;		/* fields of it with a word that is no outcome */

	/* private from here */
	int cache_col, method_col, status_col, bytes_col, weight_col;
	int64_t first_us, last_us;
	bool any;
};

bool	fragments_open(struct fragments *f, int64_t ttl_us, size_t mem) MUST_USE;

MUST_USE const char *fragments_bind(struct fragments *f, const struct tsv *t);

/* endpoint is escaped; the URL is that which keys_take() was given. */
MUST_USE const char *fragments_add(struct fragments *f, const struct tsv *t, struct keys *keys,
	    const struct key_rule *rule, struct str endpoint);

/* The first `rows` of them; 0: all. */
void	fragments_write(struct fragments *f, struct out *o, uint64_t rows);

void	fragments_close(struct fragments *f);

#endif
