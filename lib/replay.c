#include "replay.h"

#include <stdlib.h>

#include "str.h"

#define NO_LINK		UINT32_MAX

/* A copy in a cache. */
struct copy {
	int64_t fetched_us;
	bool there;
};

/* The first response of a key that may be kept. */
struct response {
	int64_t status, bytes;
};

struct replay_key {
	struct copy own;
	struct response response;
	uint32_t links;		/* the first of its groups, or NO_LINK */
	bool asked_for;		/* and not only a group's name */
	bool answered;		/* response is set */
};

struct replay_group {
	struct copy shared;
	struct response response; /* of the first key that has one */
	uint32_t part;
	uint32_t answers;	/* keys with a response */
	bool differ;
};

struct replay_link {
	uint32_t group, next;
	bool has_part;		/* the key has the part that its group lacks */
};

bool
replay_open(struct replay *r, int64_t ttl_us, size_t mem)
{
	struct hash_key key;

	*r = (struct replay){ .ttl_us = ttl_us, .mem = mem };
	if (!hash_key_random(&key))
		return false;
	map_init(&r->endpoint_map, &key);
	map_init(&r->part_map, &key);
	map_init(&r->value_map, &key);
	map_init(&r->key_map, &key);
	map_init(&r->group_map, &key);
	key_rule_of(&r->as_logged, &r->text, "${vhost}${url}", 0, false);
	buf_init(&r->k, SIZE_MAX);
	buf_init(&r->g, SIZE_MAX);
	buf_init(&r->id, SIZE_MAX);
	buf_init(&r->name, SIZE_MAX);
	return true;
}

static size_t
held(const struct replay *r)
{
	return map_bytes(&r->endpoint_map) + map_bytes(&r->part_map) + map_bytes(&r->value_map) +
	    map_bytes(&r->key_map) + map_bytes(&r->group_map) +
	    r->endpoint_cap * sizeof(*r->endpoint) + r->part_cap * sizeof(*r->part) +
	    r->key_cap * sizeof(*r->key) + r->group_cap * sizeof(*r->group) + r->link_cap * sizeof(*r->link);
}

/* --- numbers for things --- */

static void
number(struct buf *b, uint32_t n)
{
	buf_add(b, (struct str){ (const char *)&n, sizeof(n) });
}

static uint32_t
endpoint_of(struct replay *r, struct str name)
{
	bool added;
	uint32_t i = map_put(&r->endpoint_map, name, &added);

	if (added) {
		r->endpoint = mem_grow(r->endpoint, &r->endpoint_cap, (size_t)i + 1, sizeof(*r->endpoint));
		r->endpoint[i] = (struct replay_endpoint){ .name = map_key(&r->endpoint_map, i) };
	}
	return i;
}

static uint32_t
part_of(struct replay *r, uint32_t endpoint, enum replay_kind kind, struct str name)
{
	struct str id;
	uint32_t i;
	bool added;

	buf_reset(&r->id);
	number(&r->id, endpoint);
	number(&r->id, kind);
	buf_add(&r->id, name);
	i = map_put(&r->part_map, buf_str(&r->id), &added);
	if (added) {
		id = map_key(&r->part_map, i);
		r->part = mem_grow(r->part, &r->part_cap, (size_t)i + 1, sizeof(*r->part));
		r->part[i] = (struct replay_part){ .kind = kind, .endpoint = endpoint,
		    .name = str_from(id, id.n - name.n) };
		r->parts = (size_t)i + 1;
	}
	return i;
}

static uint32_t
key_of(struct replay *r, struct str text)
{
	bool added;
	uint32_t i = map_put(&r->key_map, text, &added);

	if (added) {
		r->key = mem_grow(r->key, &r->key_cap, (size_t)i + 1, sizeof(*r->key));
		r->key[i] = (struct replay_key){ .links = NO_LINK };
	}
	return i;
}

static void
value_of(struct replay *r, uint32_t part, struct str value)
{
	bool added;

	buf_reset(&r->id);
	number(&r->id, part);
	buf_add(&r->id, value);
	(void)map_put(&r->value_map, buf_str(&r->id), &added);
	r->part[part].values += added;
}

static void
link_up(struct replay *r, uint32_t key, uint32_t group, bool has_part)
{
	r->link = mem_grow(r->link, &r->link_cap, r->links + 1, sizeof(*r->link));
	r->link[r->links] = (struct replay_link){ group, r->key[key].links, has_part };
	r->key[key].links = (uint32_t)r->links++;
}

/* A group begins as the copy and the response of the key that is it. */
static uint32_t
group_of(struct replay *r, uint32_t part, uint32_t key)
{
	const struct replay_key *k = &r->key[key];
	bool added;
	uint32_t i;

	buf_reset(&r->id);
	number(&r->id, part);
	number(&r->id, key);
	i = map_put(&r->group_map, buf_str(&r->id), &added);
	if (!added)
		return i;
	r->group = mem_grow(r->group, &r->group_cap, (size_t)i + 1, sizeof(*r->group));
	r->group[i] = (struct replay_group){ .shared = k->own, .response = k->response, .part = part,
	    .answers = k->answered };
	r->part[part].groups++;
	/* What the rules' key is called says nothing of a URL that is called so. */
	if (r->part[part].kind != REPLAY_KEY)
		link_up(r, key, i, false);
	return i;
}

/* --- the groups of a key --- */

/* Which key's text is in r->g, the part being left out. */
static void
join(struct replay *r, uint32_t key, uint32_t part)
{
	uint32_t group = group_of(r, part, key_of(r, buf_str(&r->g)));

	for (uint32_t i = r->key[key].links; i != NO_LINK; i = r->link[i].next)
		if (r->link[i].group == group)
			return;		/* a parameter that stands there twice */
	link_up(r, key, group, true);
	r->part[part].keys++;
}

struct place {
	struct keys *keys;
	const struct key_rule *rule, *base;
	uint32_t endpoint, key;
};

/* True when the key is another one with that change. */
static bool
changes(struct replay *r, const struct place *at, const struct keys_change *c)
{
	buf_reset(&r->g);
	number(&r->g, at->endpoint);
	keys_key(at->keys, at->base, c, &r->g);
	return !str_eq(buf_str(&r->g), buf_str(&r->k));
}

static void
try_change(struct replay *r, const struct place *at, enum replay_kind kind, struct keys_change c)
{
	if (changes(r, at, &c))
		join(r, at->key, part_of(r, at->endpoint, kind, STR("")));
}

static void
try_params(struct replay *r, const struct place *at)
{
	struct str rest = at->keys->u.query, text;
	uint32_t part;

	while (rest.n && str_cut(&rest, '&', &text)) {
		size_t eq = str_chr(text, '=');
		bool bare = eq == text.n;
		struct str name;

		if (text.n == 0)
			continue;
		buf_reset(&r->name);
		if (!bare)
			buf_add(&r->name, keys_name(at->keys, (struct str){ text.p, eq }));
		name = buf_str(&r->name);
		if (!changes(r, at, &(struct keys_change){ .bare = bare, .without = bare ? NULL : &name }))
			continue;
		part = part_of(r, at->endpoint, bare ? REPLAY_BARE : REPLAY_PARAM, name);
		join(r, at->key, part);
		value_of(r, part, keys_name(at->keys, bare ? text : str_from(text, eq + 1)));
	}
}

static void
connect(struct replay *r, const struct place *at)
{
	try_params(r, at);
	try_change(r, at, REPLAY_ORDER, (struct keys_change){ .sort = true });
	try_change(r, at, REPLAY_ENCODING, (struct keys_change){ .how = URL_NORMAL });
	try_change(r, at, REPLAY_CASE, (struct keys_change){ .how = URL_LOWER });
	if (r->keyed || !r->rules)
		return;
	buf_reset(&r->g);
	number(&r->g, ~at->endpoint);	/* no URL is a key of these */
	keys_key(at->keys, at->rule, NULL, &r->g);
	join(r, at->key, part_of(r, at->endpoint, REPLAY_KEY, STR("")));
}

/* --- the replay --- */

static bool
fresh(const struct replay *r, const struct copy *c, int64_t now_us)
{
	return c->there && (r->ttl_us == REPLAY_FOR_EVER || (i128)now_us - c->fetched_us < r->ttl_us);
}

static void
answer(struct replay *r, struct replay_key *k, const struct replay_event *e)
{
	struct response got = { e->status, e->bytes };

	if (k->answered || !e->comparable)
		return;
	k->answered = true;
	k->response = got;
	for (uint32_t i = k->links; i != NO_LINK; i = r->link[i].next) {
		struct replay_group *g = &r->group[r->link[i].group];
		struct replay_part *p = &r->part[g->part];
		bool differs;

		if (g->answers++ == 0) {
			g->response = got;
			continue;
		}
		differs = got.status != g->response.status || got.bytes != g->response.bytes;
		p->compared += g->answers == 2;
		p->same += g->answers == 2 && !differs;
		p->same -= g->answers > 2 && differs && !g->differ;
		g->differ |= differs;
	}
}

/* What the cache did, or would have done by the TTL. */
static enum outcome
outcome_of(const struct replay *r, const struct replay_key *k, const struct replay_event *e)
{
	if (e->logged)
		return e->outcome;
	return fresh(r, &k->own, e->time_us) ? OUTCOME_HIT : OUTCOME_MISS;
}

static void
play(struct replay *r, struct replay_key *k, uint32_t endpoint, const struct replay_event *e)
{
	enum outcome outcome = outcome_of(r, k, e);
	bool miss = outcome == OUTCOME_MISS, own = fresh(r, &k->own, e->time_us);
	/* Age unknown, a hit's copy counts only where age does not. */
	bool fetched = outcome == OUTCOME_REVAL || (!miss && r->ttl_us == REPLAY_FOR_EVER);
	struct copy now = { e->time_us, true };

	r->endpoint[endpoint].hits += !miss;
	r->endpoint[endpoint].misses += miss;
	for (uint32_t i = k->links; i != NO_LINK; i = r->link[i].next) {
		struct replay_group *g = &r->group[r->link[i].group];
		struct replay_part *p = &r->part[g->part];

		if (r->link[i].has_part) {
			p->requests++;
			p->hits += !miss;
			p->misses += miss;
		}
		if (miss && !own && fresh(r, &g->shared, e->time_us))
			p->gained++;
		else if (miss || fetched)
			g->shared = now;
	}
	if (miss || fetched)
		k->own = now;
}

static bool
is_crowded(struct str query)
{
	size_t n = 1;

	for (size_t i = 0; i < query.n; i++)
		n += query.p[i] == '&';
	return n > REPLAY_PARAMS_MAX;
}

bool
replay_add(struct replay *r, struct keys *keys, const struct key_rule *rule, const struct replay_event *e)
{
	struct place at = { .keys = keys, .rule = rule, .base = r->keyed ? rule : &r->as_logged };

	if (is_crowded(keys->u.query)) {
		r->crowded++;
		return true;
	}
	at.endpoint = endpoint_of(r, e->endpoint);
	buf_reset(&r->k);
	number(&r->k, at.endpoint);
	keys_key(keys, at.base, NULL, &r->k);
	at.key = key_of(r, buf_str(&r->k));
	if (!r->key[at.key].asked_for) {
		r->key[at.key].asked_for = true;
		connect(r, &at);
	}
	play(r, &r->key[at.key], at.endpoint, e);
	answer(r, &r->key[at.key], e);
	return held(r) <= r->mem && r->key_map.n < MAP_NONE - REPLAY_PARAMS_MAX - 8 &&
	    r->links < NO_LINK - 2 * REPLAY_PARAMS_MAX - 8;
}

/* --- the report --- */

struct ranked {
	struct replay_part part;
	struct str endpoint;
};

static int
compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const struct replay_part *p = &x->part, *q = &y->part;
	int d;

	if (p->gained != q->gained)
		return p->gained > q->gained ? -1 : 1;
	if (p->requests != q->requests)
		return p->requests > q->requests ? -1 : 1;
	d = str_cmp(x->endpoint, y->endpoint);
	if (d == 0)
		d = (p->kind > q->kind) - (p->kind < q->kind);
	return d ? d : str_cmp(p->name, q->name);
}

void
replay_sort(struct replay *r)
{
	struct ranked *v = mem_array(r->parts, sizeof(*v));

	for (size_t i = 0; i < r->parts; i++)
		v[i] = (struct ranked){ r->part[i], r->endpoint[r->part[i].endpoint].name };
	qsort(v, r->parts, sizeof(*v), compare);
	for (size_t i = 0; i < r->parts; i++)
		r->part[i] = v[i].part;
	free(v);
}

void
replay_close(struct replay *r)
{
	map_free(&r->endpoint_map);
	map_free(&r->part_map);
	map_free(&r->value_map);
	map_free(&r->key_map);
	map_free(&r->group_map);
	free(r->endpoint);
	free(r->part);
	free(r->key);
	free(r->group);
	free(r->link);
	arena_free(&r->text);
	buf_free(&r->k);
	buf_free(&r->g);
	buf_free(&r->id);
	buf_free(&r->name);
}
