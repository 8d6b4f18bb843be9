/*
 * keys.h - which endpoint a request belongs to, and which key its response is
 * kept under: by the rules of keyrules.h, as cmon-keys.5 says.
 *
 *	struct keys k;
 *	keys_open(&k, &rules);			no rules at all are rules too
 *	keys_take(&k, &(struct keys_event){ .url = url });
 *	rule = keys_find(&k);			NULL: none matches
 *	keys_endpoint(&k, rule, &b);
 *	keys_key(&k, rule, NULL, &b);
 *	keys_close(&k);
 *
 * All texts are raw bytes, not escaped.
 *
 * Ownership: the rules, and what keys_take() was given until the next one, are
 * BORROWED.
 * Errors: none; regular expressions that gave up are counted.
 */
#ifndef KEYS_H
#define KEYS_H

#include "base.h"
#include "buf.h"
#include "keyrules.h"
#include "literals.h"
#include "url.h"

#define KEYS_TEXT_MAX	65536	/* bytes of a key or endpoint; a longer one is cut to */
#define KEYS_CUT	1024	/* so many, a hash of the whole at their end */

struct keys_event {
	struct str url;			/* SCAN_SLACK bytes behind it may be read */
	struct str vhost, method;	/* as the columns have them, or empty */
};

/* A key as it would be if its rule were otherwise. */
struct keys_change {
	unsigned how;			/* in these forms too */
	bool sort;			/* sorted */
	bool bare;			/* without parameters that have no "=" */
	const struct str *without;	/* without those of this name, in normal form; or NULL */
};

/* What is known of a rule before any event. */
struct keys_quick {
	bool key;			/* of pieces of the URL, unchanged, and our own, */
	size_t bytes;			/* which have so many */
	bool endpoint;			/* always fixed */
	struct str fixed;
};

struct keys {
	bool vhost, method;		/* some rule asks for them */
	uint64_t gave_up;		/* matches, by REGEX_LIMIT; */
	uint64_t gave_up_line;		/* the first of them by the rule in this line */
	struct url u;			/* of the event at hand */
	struct str path;		/* its path in normal form, which patterns see */

	/* private from here */
	const struct keyrules *rules;	/* BORROWED */
	struct key_rule plain;		/* for what no rule matches */
	struct arena text;		/* OWNED: its */
	struct literals literals;
	struct keys_quick *quick;	/* OWNED, by rule; the last is plain's */
	uint32_t *literal;		/* OWNED: the rule of literal i */
	uint32_t *regex;		/* OWNED: the rules that are expressions */
	size_t regexes;
	const struct keys_event *event;	/* BORROWED */
	const struct key_rule *queried;	/* whose query is in `query`, or NULL */
	struct buf normal, host, raw_query, query, name, scratch;
	struct url_params params;
};

void	keys_open(struct keys *k, const struct keyrules *rules);

void	keys_take(struct keys *k, const struct keys_event *e);
const struct key_rule *keys_find(struct keys *k);

/* Appended to b; rule NULL: as where none matches.  change may be NULL. */
void	keys_endpoint(struct keys *k, const struct key_rule *rule, struct buf *b);
void	keys_key(struct keys *k, const struct key_rule *rule, const struct keys_change *change, struct buf *b);

/*
 * The same in the stream's escaped form, for most events and in a fraction of
 * the time: where the rule's texts are in that form already, and url was a
 * field without a backslash, of which the key has whole pieces.  Otherwise
 * false, and b is as it was.
 */
bool	keys_key_field(struct keys *k, const struct key_rule *rule, struct buf *b) MUST_USE;

/* The rule's endpoint in that form where it is the same for all its events; else NULL. */
const struct str *keys_endpoint_field(const struct keys *k, const struct key_rule *rule);

/* A parameter's name in normal form; BORROWED until the next call. */
struct str keys_name(struct keys *k, struct str name);

void	keys_close(struct keys *k);

#endif
