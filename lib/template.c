#include "template.h"

#include <string.h>

#include "str.h"

#define ARG	STR("arg_")

static const struct { struct str name; enum template_kind kind; } places[] = {
	{ { "path", 4 }, TEMPLATE_PATH }, { { "query", 5 }, TEMPLATE_QUERY },
	{ { "url", 3 }, TEMPLATE_URL }, { { "rest", 4 }, TEMPLATE_REST },
	{ { "vhost", 5 }, TEMPLATE_VHOST }, { { "method", 6 }, TEMPLATE_METHOD },
};

static const struct { struct str name; unsigned mods; } mods[] = {
	{ { "numbers", 7 }, TEMPLATE_NUMBERS }, { { "ids", 3 }, TEMPLATE_IDS },
	{ { "fold", 4 }, TEMPLATE_NUMBERS | TEMPLATE_IDS }, { { "lower", 5 }, TEMPLATE_LOWER },
};

static bool
name_mod(struct template_part *p, struct str name)
{
	for (size_t i = 0; i < countof(mods); i++)
		if (str_eq(name, mods[i].name)) {
			p->mods |= mods[i].mods;
			return true;
		}
	return false;
}

static bool
name_place(struct template_part *p, struct str name, template_group *group, const void *ctx)
{
	for (size_t i = 0; i < countof(places); i++)
		if (str_eq(name, places[i].name)) {
			p->kind = places[i].kind;
			return true;
		}
	if (str_starts(name, ARG) && name.n > ARG.n) {
		p->kind = TEMPLATE_ARG;
		p->text = str_from(name, ARG.n);
		return true;
	}
	p->kind = TEMPLATE_GROUP;
	p->group = group(ctx, name);
	return p->group > 0;
}

/* What stands between ${ and }. */
static const char *
parse_place(struct template_part *p, struct str s, template_group *group, const void *ctx)
{
	struct str name = { s.p, str_chr(s, ':') }, words = str_from(s, name.n), word;

	if (!name_place(p, name, group, ctx))
		return "a name in ${} is none of path, query, url, rest, vhost, method, arg_NAME, "
		    "or a group of the pattern";
	if (words.n == 0)
		return NULL;
	words = str_from(words, 1);
	while (str_cut(&words, ',', &word))
		if (!name_mod(p, word))
			return "behind a colon stand numbers, ids, fold or lower";
	return NULL;
}

/* One part off the front of *rest. */
static const char *
parse_part(struct template_part *p, struct str *rest, template_group *group, const void *ctx)
{
	struct str s = *rest;
	size_t n = str_chr(s, '$');
	const char *why = NULL;

	*p = (struct template_part){ .kind = TEMPLATE_TEXT, .text = { s.p, n } };
	if (n > 0) {
		*rest = str_from(s, n);
		return NULL;
	}
	n = 2;
	if (s.n >= 2 && s.p[1] == '$') {
		p->text = (struct str){ s.p, 1 };
	} else if (s.n >= 2 && s.p[1] >= '1' && s.p[1] <= '9') {
		p->kind = TEMPLATE_GROUP;
		p->group = group(ctx, (struct str){ s.p + 1, 1 });
		if (p->group == 0)
			why = "the pattern has no group of that number";
	} else if (s.n >= 2 && s.p[1] == '{') {
		size_t end = str_chr(s, '}');

		if (end == s.n)
			return "a ${ has no }";
		why = parse_place(p, (struct str){ s.p + 2, end - 2 }, group, ctx);
		n = end + 1;
	} else {
		return "a $ stands before a digit or {; a dollar sign is $$";
	}
	*rest = str_from(s, n);
	return why;
}

const char *
template_parse(struct template *t, struct arena *a, struct str text, template_group *group, const void *ctx)
{
	struct template_part part[TEMPLATE_PARTS];

	*t = (struct template){ NULL, 0 };
	while (text.n) {
		const char *why;

		if (t->n == TEMPLATE_PARTS)
			return "too many parts";
		why = parse_part(&part[t->n], &text, group, ctx);
		if (why)
			return why;
		t->n++;
	}
	t->part = arena_alloc(a, t->n * sizeof(part[0]));
	if (t->n)
		memcpy(t->part, part, t->n * sizeof(part[0]));
	return NULL;
}

bool
template_has(const struct template *t, enum template_kind kind)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->part[i].kind == kind)
			return true;
	return false;
}
