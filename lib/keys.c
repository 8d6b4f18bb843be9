#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "msg.h"
#include "scan.h"
#include "str.h"

#define HASH_DIGITS	16	/* of a text that is cut */

static bool
rule_has(const struct key_rule *rule, enum template_kind kind)
{
	return template_has(&rule->endpoint, kind) || template_has(&rule->key, kind);
}

void
keys_open(struct keys *k, const struct keyrules *rules)
{
	size_t literals = 0;

	memset(k, 0, sizeof(*k));
	k->rules = rules;
	k->literal = mem_array(rules->n, sizeof(*k->literal));
	k->regex = mem_array(rules->n, sizeof(*k->regex));
	for (size_t i = 0; i < rules->n; i++) {
		const struct key_rule *rule = &rules->rule[i];

		k->vhost |= rule->vhost.n || rule_has(rule, TEMPLATE_VHOST);
		k->method |= rule->method.n || rule_has(rule, TEMPLATE_METHOD);
		if (rule->kind == KEY_REGEX) {
			k->regex[k->regexes++] = (uint32_t)i;
			continue;
		}
		k->literal[literals++] = (uint32_t)i;
		literals_add(&k->literals, rule->pattern, (rule->kind == KEY_EXACT ? LITERALS_EXACT : 0) |
		    (key_rule_plain(rule) ? 0 : LITERALS_IF));
	}
	if (!literals_build(&k->literals))
		die("bug: more patterns than keyrules_read() lets through");
	key_rule_of(&k->plain, &k->text, "${url}", URL_NORMAL, true);
	buf_init(&k->normal, SIZE_MAX);
	buf_init(&k->host, SIZE_MAX);
	buf_init(&k->raw_query, SIZE_MAX);
	buf_init(&k->query, SIZE_MAX);
	buf_init(&k->name, SIZE_MAX);
	buf_init(&k->scratch, SIZE_MAX);
}

void
keys_take(struct keys *k, const struct keys_event *e)
{
	k->event = e;
	k->queried = NULL;
	k->path = &k->u.path;
	url_split(&k->u, e->url);
	if (UNLIKELY(k->u.odd)) {
		buf_reset(&k->normal);
		url_path(&k->normal, k->u.path, URL_NORMAL);
		k->own_path.n = k->normal.n;
		memset(buf_room(&k->normal, SCAN_SLACK), 0, SCAN_SLACK);
		k->own_path.p = k->normal.p;
		k->path = &k->own_path;
	}
}

/* --- which rule --- */

static struct str
host(struct keys *k)
{
	buf_reset(&k->host);
	url_lower(&k->host, k->u.host.n ? k->u.host : k->event->vhost);
	return buf_str(&k->host);
}

struct str
keys_name(struct keys *k, struct str name)
{
	if (LIKELY(str_chr(name, '%') == name.n))
		return name;
	buf_reset(&k->name);
	url_percent(&k->name, name);
	return buf_str(&k->name);
}

static bool
host_is(const struct key_list *list, struct str h)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str want = list->v[i];

		if (str_starts(want, STR("*.")) ? str_ends(h, str_from(want, 1)) : str_eq(want, h))
			return true;
	}
	return false;
}

/* "name", or "name=value" with that value. */
static bool
query_has(struct keys *k, struct str want)
{
	struct str rest = k->u.query, text;
	size_t eq = str_chr(want, '=');

	while (rest.n && str_cut(&rest, '&', &text)) {
		size_t at = str_chr(text, '=');

		if (text.n == 0)
			continue;
		if (eq < want.n ? str_eq(keys_name(k, text), want) :
		    str_eq(keys_name(k, (struct str){ text.p, at }), want))
			return true;
	}
	return false;
}

static bool
conditions_hold(struct keys *k, const struct key_rule *rule)
{
	if (rule->vhost.n && !host_is(&rule->vhost, host(k)))
		return false;
	if (rule->method.n && !key_listed(&rule->method, k->event->method))
		return false;
	for (size_t i = 0; i < rule->with.n; i++)
		if (!query_has(k, rule->with.v[i]))
			return false;
	return true;
}

static bool
literal_holds(void *ctx, uint32_t number)
{
	struct keys *k = ctx;

	return conditions_hold(k, &k->rules->rule[k->literal[number]]);
}

static bool
regex_holds(struct keys *k, struct key_rule *rule)
{
	enum regex_found found = regex_match(&rule->regex, *k->path);

	if (UNLIKELY(found == REGEX_LIMIT) && k->gave_up++ == 0)
		k->gave_up_line = rule->line;
	return found == REGEX_YES;
}

const struct key_rule *
keys_find(struct keys *k)
{
	uint32_t literal = literals_first(&k->literals, *k->path, literal_holds, k);
	size_t best = literal == LITERALS_NONE ? k->rules->n : k->literal[literal];

	for (size_t i = 0; i < k->regexes && k->regex[i] < best; i++) {
		struct key_rule *rule = &k->rules->rule[k->regex[i]];

		if ((key_rule_plain(rule) || conditions_hold(k, rule)) && regex_holds(k, rule))
			return rule;
	}
	return best < k->rules->n ? &k->rules->rule[best] : NULL;
}

/* --- what it makes --- */

static bool
stays(struct keys *k, const struct key_rule *rule, const struct keys_change *c, const struct url_param *p)
{
	struct str name;

	if (c && c->bare && p->bare)
		return false;
	if (rule->keep.n + rule->drop.n == 0 && !(c && c->without))
		return true;
	name = keys_name(k, p->name);
	if (c && c->without && !p->bare && str_eq(name, *c->without))
		return false;
	return (rule->keep.n == 0 || key_listed(&rule->keep, name)) && !key_listed(&rule->drop, name);
}

/* The parameters of the query in the rule's forms, none dropped. */
static void
read_params(struct keys *k, unsigned how)
{
	struct str q = k->u.query;

	if (how & URL_PERCENT && str_chr(q, '%') < q.n) {
		buf_reset(&k->raw_query);
		url_percent(&k->raw_query, q);
		q = buf_str(&k->raw_query);
	}
	url_params(&k->params, q);
}

/* The query that is left, into k->query. */
static void
make_query(struct keys *k, const struct key_rule *rule, const struct keys_change *c)
{
	if (!c && k->queried == rule)
		return;
	k->queried = c ? NULL : rule;
	buf_reset(&k->query);
	if (k->u.query.n == 0)
		return;
	read_params(k, rule->how | (c ? c->how : 0));
	if (rule->sort || (c && c->sort))
		url_params_sort(&k->params);
	for (size_t i = 0; i < k->params.n; i++) {
		if (!stays(k, rule, c, &k->params.v[i]))
			continue;
		if (k->query.n)
			buf_byte(&k->query, '&');
		buf_add(&k->query, k->params.v[i].text);
	}
}

static void
put(struct keys *k, struct buf *b, struct str s, unsigned mods)
{
	if (LIKELY(!mods)) {
		buf_add(b, s);
		return;
	}
	if (mods & TEMPLATE_LOWER) {
		buf_reset(&k->scratch);
		url_lower(&k->scratch, s);
		s = buf_str(&k->scratch);
	}
	if (mods & ~(unsigned)TEMPLATE_LOWER)
		url_fold(b, s, (mods & TEMPLATE_NUMBERS ? URL_NUMBERS : 0) |
		    (mods & TEMPLATE_IDS ? URL_IDS : 0));
	else
		buf_add(b, s);
}

/* Names are not folded: p1 and p2 are two parameters. */
static void
put_query(struct keys *k, struct buf *b, unsigned mods)
{
	struct str rest = buf_str(&k->query), text;

	if (!mods) {
		buf_add(b, rest);
		return;
	}
	for (size_t i = 0; rest.n && str_cut(&rest, '&', &text); i++) {
		size_t eq = str_chr(text, '=');

		if (i)
			buf_byte(b, '&');
		put(k, b, (struct str){ text.p, eq }, mods & TEMPLATE_LOWER);
		put(k, b, str_from(text, eq), mods);
	}
}

static void
put_path(struct keys *k, struct buf *b, unsigned how, unsigned mods)
{
	size_t start;
	struct str own;

	if (k->u.opaque || (!k->u.odd && !(how & ~(unsigned)URL_NORMAL))) {
		put(k, b, k->u.path, mods);
		return;
	}
	if (!mods) {
		url_path(b, k->u.path, how);
		return;
	}
	start = k->query.n;	/* what is behind the query is free */
	url_path(&k->query, k->u.path, how);
	own = (struct str){ k->query.p + start, k->query.n - start };
	put(k, b, own, mods);
	k->query.n = start;
}

static void
put_rest(struct keys *k, const struct key_rule *rule, struct buf *b, unsigned mods)
{
	struct str all = *k->path;
	size_t from = rule->pattern.n;

	if (rule->kind == KEY_REGEX) {
		struct str found = regex_group(&rule->regex, 0);

		from = found.p ? (size_t)(found.p + found.n - all.p) : 0;
	}
	put(k, b, str_from(all, from), mods | (rule->how & URL_LOWER ? TEMPLATE_LOWER : 0));
}

static void
put_arg(struct keys *k, const struct key_rule *rule, struct buf *b, const struct template_part *p,
    const struct keys_change *c)
{
	if (c && c->without && str_eq(p->text, *c->without))
		return;
	k->queried = NULL;
	read_params(k, rule->how | (c ? c->how : 0));
	for (size_t i = 0; i < k->params.n; i++)
		if (str_eq(keys_name(k, k->params.v[i].name), p->text)) {
			put(k, b, k->params.v[i].value, p->mods);
			return;
		}
}

static void
put_part(struct keys *k, const struct key_rule *rule, struct buf *b, const struct template_part *p,
    const struct keys_change *c)
{
	unsigned how = rule->how | (c ? c->how : 0);

	switch (p->kind) {
	case TEMPLATE_TEXT:
		buf_add(b, p->text);
		break;
	case TEMPLATE_PATH:
		put_path(k, b, how, p->mods);
		break;
	case TEMPLATE_QUERY:
		make_query(k, rule, c);
		put_query(k, b, p->mods);
		break;
	case TEMPLATE_URL:
		make_query(k, rule, c);
		put_path(k, b, how, p->mods);
		if (k->query.n)
			buf_byte(b, '?');
		put_query(k, b, p->mods);
		break;
	case TEMPLATE_REST:
		put_rest(k, rule, b, p->mods);
		break;
	case TEMPLATE_VHOST:
		put(k, b, host(k), p->mods);
		break;
	case TEMPLATE_METHOD:
		put(k, b, k->event->method, p->mods);
		break;
	case TEMPLATE_ARG:
		put_arg(k, rule, b, p, c);
		break;
	case TEMPLATE_GROUP:
		put(k, b, regex_group(&rule->regex, p->group),
		    p->mods | (how & URL_LOWER ? TEMPLATE_LOWER : 0));
		break;
	}
}

/* Of a text that is too long, its beginning and a hash of the whole. */
static void
cut(struct buf *b, size_t start)
{
	uint64_t hash = hash_bytes(&hash_published, b->p + start, b->n - start);
	char digits[HASH_DIGITS + 2];

	snprintf(digits, sizeof(digits), "~%016llx", (unsigned long long)hash);
	b->n = start + KEYS_CUT - (HASH_DIGITS + 1);
	buf_add(b, (struct str){ digits, HASH_DIGITS + 1 });
}

static void
make(struct keys *k, const struct key_rule *rule, const struct template *t, const struct keys_change *c,
    struct buf *b)
{
	size_t start = b->n;

	for (size_t i = 0; i < t->n; i++)
		put_part(k, rule, b, &t->part[i], c);
	if (UNLIKELY(b->n - start > KEYS_TEXT_MAX))
		cut(b, start);
}

void
keys_endpoint(struct keys *k, const struct key_rule *rule, struct buf *b)
{
	if (rule)
		make(k, rule, &rule->endpoint, NULL, b);
}

void
keys_key(struct keys *k, const struct key_rule *rule, const struct keys_change *change, struct buf *b)
{
	if (!rule)
		rule = &k->plain;
	make(k, rule, &rule->key, change, b);
}

void
keys_close(struct keys *k)
{
	arena_free(&k->text);
	literals_free(&k->literals);
	free(k->literal);
	free(k->regex);
	buf_free(&k->normal);
	buf_free(&k->host);
	buf_free(&k->raw_query);
	buf_free(&k->query);
	buf_free(&k->name);
	buf_free(&k->scratch);
	url_params_free(&k->params);
	memset(k, 0, sizeof(*k));
}
