/*
 * keyrules.h - the rules of cmon-key as they stand in their file,
 * cmon-keys.5.
 *
 *	struct keyrules r;
 *	if (!keyrules_read(&r, "keys.tsv", say))
 *		die(...);			every mistake was said
 *	for (size_t i = 0; i < r.n; i++)
 *		use(&r.rule[i]);
 *	keyrules_free(&r);
 *
 * Texts are raw bytes: the file's escapes are undone.
 *
 * Ownership: the rules own all their text.
 * Errors: false after say() was told every mistake, with its line and what to
 * write instead; the rules are then good for keyrules_free() only.
 */
#ifndef KEYRULES_H
#define KEYRULES_H

#include "base.h"
#include "mem.h"
#include "regex.h"
#include "table.h"
#include "template.h"

#define KEYRULES_MAX	10000	/* rules in a file */
#define KEYRULES_LIST	64	/* names in a list */

enum key_kind { KEY_PREFIX, KEY_EXACT, KEY_REGEX };

struct key_list {
	struct str *v;
	size_t n;
};

struct key_rule {
	uint64_t line;
	enum key_kind kind;
	struct str pattern;	/* without what says its kind */
	struct regex regex;	/* OWNED; of KEY_REGEX */
	struct key_list vhost, method, with, keep, drop;	/* vhost: in lower case */
	struct template endpoint, key;
	unsigned how;		/* enum url_how */
	bool sort;
};

struct keyrules {
	struct key_rule *rule;	/* OWNED, in the file's order */
	size_t n;

	/* private from here */
	size_t cap;
	struct arena text;	/* OWNED */
};

MUST_USE bool keyrules_read(struct keyrules *r, const char *path, table_say *say);
void	keyrules_free(struct keyrules *r);

/* A rule that is in no file: its key, a template without groups. */
void	key_rule_of(struct key_rule *rule, struct arena *a, const char *key, unsigned how, bool sort);

/* Whether the rule is for all events whose path it matches. */
bool	key_rule_plain(const struct key_rule *rule);

/* A name against one of a list, which may end in "*". */
bool	key_glob(struct str glob, struct str name);
bool	key_listed(const struct key_list *list, struct str name);

#endif
