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
 * All texts are raw bytes, not escaped; keyfields.h has the same as fields.
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

struct keys {
	bool vhost, method;		/* some rule asks for them */
	uint64_t gave_up;		/* matches, by REGEX_LIMIT; */
	uint64_t gave_up_line;		/* the first of them by the rule in this line */
	struct url u;			/* of the event at hand */
	const struct str *path;		/* its path in normal form, which patterns see */

	const struct keyrules *rules;	/* BORROWED */
	struct key_rule plain;		/* for what no rule matches */
	const struct keys_event *event;	/* at hand, BORROWED */

	/* private from here */
	struct arena text;		/* OWNED: its */
	struct literals literals;
	uint32_t *literal;		/* OWNED: the rule of literal i */
	uint32_t *regex;		/* OWNED: the rules that are expressions */
	size_t regexes;
	const struct key_rule *queried;	/* whose query is in `query`, or NULL */
	struct str own_path;		/* where it is not that of u; in normal */
	struct buf normal, host, raw_query, query, name, scratch;
	struct url_params params;
};

void	keys_open(struct keys *k, const struct keyrules *rules);

void	keys_take(struct keys *k, const struct keys_event *e);
const struct key_rule *keys_find(struct keys *k);

/* Appended to b; rule NULL: as where none matches.  change may be NULL. */
void	keys_endpoint(struct keys *k, const struct key_rule *rule, struct buf *b);
void	keys_key(struct keys *k, const struct key_rule *rule, const struct keys_change *change, struct buf *b);

/* A parameter's name in normal form; BORROWED until the next call. */
struct str keys_name(struct keys *k, struct str name);

void	keys_close(struct keys *k);

#endif
