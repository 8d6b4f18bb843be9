/*
 * template.h - texts with places to be filled: "item:${path:fold}:$1".
 *
 *	struct template t;
 *	const char *why = template_parse(&t, &arena, STR("item:$1"), group, ctx);
 *	for (size_t i = 0; i < t.n; i++)
 *		fill(&t.part[i]);
 *
 * cmon-keys.5 says what may stand in one.
 *
 * Ownership: parts are the arena's; their texts are slices of the template.
 * Errors: a reason, whose lower-case words say what to write; NULL is success.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "base.h"
#include "mem.h"

#define TEMPLATE_PARTS	64

enum template_kind {
	TEMPLATE_TEXT,
	TEMPLATE_PATH,
	TEMPLATE_QUERY,
	TEMPLATE_URL,
	TEMPLATE_REST,
	TEMPLATE_VHOST,
	TEMPLATE_METHOD,
	TEMPLATE_ARG,		/* the parameter called text */
	TEMPLATE_GROUP,
};

enum template_mod {
	TEMPLATE_NUMBERS = 1,	/* as URL_NUMBERS and URL_IDS */
	TEMPLATE_IDS = 2,
	TEMPLATE_LOWER = 4,
};

struct template_part {
	enum template_kind kind;
	unsigned mods;
	struct str text;
	size_t group;
};

struct template {
	struct template_part *part;
	size_t n;
};

/* A group's number by its name, from 1; 0: there is none of that name. */
typedef size_t template_group(const void *ctx, struct str name);

MUST_USE const char *template_parse(struct template *t, struct arena *a, struct str text,
	    template_group *group, const void *ctx);

/* Whether a place of that kind is in it. */
bool	template_has(const struct template *t, enum template_kind kind);

#endif
