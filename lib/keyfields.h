/*
 * keyfields.h - the endpoint and the key of an event as fields of the stream,
 * escaped.
 *
 *	struct keyfields f;
 *	keyfields_open(&f, &keys);
 *	keys_take(&keys, &event);
 *	rule = keys_find(&keys);
 *	put(keyfields_endpoint(&f, rule), keyfields_key(&f, rule, as_is));
 *	keyfields_close(&f);
 *
 * They are what keys.h makes, and then tsv_put(); but most endpoints are the
 * same for all events of a rule, and most keys whole pieces of the URL between
 * texts of the rule, which need no escaping again.  Those take a fraction of
 * the time.
 *
 * What rows say of many keys, or of none, no event may say: "(other)" and
 * "(none)" are written "\x28other)" and "\x28none)".
 *
 * Ownership: the keys are BORROWED until the end; a field, until the next call
 * of the same function.
 * Errors: none.
 */
#ifndef KEYFIELDS_H
#define KEYFIELDS_H

#include "base.h"
#include "buf.h"
#include "keyrules.h"
#include "keys.h"
#include "num.h"

#define KEYFIELDS_NONE	STR("(none)")

struct keyfields {
	/* private from here */
	struct keys *keys;		/* BORROWED */
	const struct keyrules *rules;	/* BORROWED */
	struct keyfields_known *known;	/* OWNED: of each rule; at the end, of none */
	struct arena text;		/* OWNED: theirs */
	struct buf raw, endpoint, key;
	char number[NUM_MAX];
};

void	keyfields_open(struct keyfields *f, struct keys *keys);

/*
 * Of the event that keys_take() took last, and its rule.  as_is: its URL is a
 * field of the stream that has no backslash.
 */
struct str keyfields_endpoint(struct keyfields *f, const struct key_rule *rule);
struct str keyfields_key(struct keyfields *f, const struct key_rule *rule, bool as_is);
struct str keyfields_rule(struct keyfields *f, const struct key_rule *rule);	/* its line */

/* Any raw text so, into b, whose bytes are BORROWED. */
struct str keyfields_escape(struct buf *b, struct str raw);

void	keyfields_close(struct keyfields *f);

#endif
