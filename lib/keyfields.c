#include "keyfields.h"

#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "scan.h"
#include "str.h"
#include "tsv.h"

/* What a key is made of, as it stands. */
struct piece {
	enum template_kind kind;
	struct str text;	/* of TEMPLATE_TEXT; has slack */
};

/* What is known of a rule before any event. */
struct keyfields_known {
	bool fixed;		/* all endpoints are */
	struct str endpoint;
	struct piece *piece;	/* of all keys of plain URLs, or NULL */
	size_t n;
	size_t bytes;		/* of the pieces that are texts */
	size_t url_max;		/* bytes of a URL whose key is surely not to be cut */
	bool picks;		/* parameters */
};

/* --- before any event --- */

/* As a field it is the same, whatever stands beside it. */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e || s.p[i] == '\\')
			return false;
	return true;
}

static bool
has_pieces(const struct key_rule *rule)
{
	if (rule->kind == KEY_REGEX || rule->how & ~(unsigned)URL_NORMAL || !is_plain(rule->pattern))
		return false;
	for (size_t i = 0; i < rule->key.n; i++) {
		const struct template_part *p = &rule->key.part[i];

		if (p->mods || p->kind > TEMPLATE_REST || !is_plain(p->text))
			return false;
	}
	return rule->key.n > 0;
}

static struct str
slackened(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + SCAN_SLACK);

	memset(p, 0, s.n + SCAN_SLACK);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

static void
know_key(struct keyfields *f, struct keyfields_known *known, const struct key_rule *rule)
{
	if (!has_pieces(rule))
		return;
	known->n = rule->key.n;
	known->piece = arena_alloc(&f->text, known->n * sizeof(*known->piece));
	for (size_t i = 0; i < known->n; i++) {
		const struct template_part *p = &rule->key.part[i];

		known->piece[i] = (struct piece){ p->kind, slackened(&f->text, p->text) };
		known->bytes += p->text.n;
	}
	if (known->n && known->bytes < KEYS_TEXT_MAX)
		known->url_max = (KEYS_TEXT_MAX - known->bytes) / known->n;
	known->picks = rule->keep.n + rule->drop.n;
}

/* Of rule NULL too: of what no rule matches. */
static void
know(struct keyfields *f, struct keyfields_known *known, const struct key_rule *rule)
{
	const struct template *t = rule ? &rule->endpoint : NULL;

	known->fixed = !t || t->n == 0 || (t->n == 1 && t->part[0].kind == TEMPLATE_TEXT);
	if (known->fixed) {
		buf_reset(&f->raw);
		keys_endpoint(f->keys, rule, &f->raw);
		known->endpoint = arena_dup(&f->text, keyfields_escape(&f->endpoint, buf_str(&f->raw)));
	}
	know_key(f, known, rule ? rule : &f->keys->plain);
}

void
keyfields_open(struct keyfields *f, struct keys *k)
{
	*f = (struct keyfields){ .keys = k, .rules = k->rules };
	buf_init(&f->raw, SIZE_MAX);
	buf_init(&f->endpoint, SIZE_MAX);
	buf_init(&f->key, SIZE_MAX);
	f->known = mem_array(f->rules->n + 1, sizeof(*f->known));
	for (size_t i = 0; i < f->rules->n; i++)
		know(f, &f->known[i], &f->rules->rule[i]);
	know(f, &f->known[f->rules->n], NULL);
}

void
keyfields_close(struct keyfields *f)
{
	arena_free(&f->text);
	free(f->known);
	buf_free(&f->raw);
	buf_free(&f->endpoint);
	buf_free(&f->key);
	*f = (struct keyfields){ .keys = NULL };
}

/* --- of an event --- */

static bool
is_reserved(struct str s)
{
	return str_eq(s, LIMIT_OTHER) || str_eq(s, KEYFIELDS_NONE);
}

struct str
keyfields_escape(struct buf *b, struct str raw)
{
	bool reserved = raw.n && raw.p[0] == '(' && is_reserved(raw);
	char *to;

	buf_reset(b);
	if (reserved) {
		buf_add(b, STR("\\x28"));
		raw = str_from(raw, 1);
	}
	to = buf_room(b, TSV_ROOM(raw.n));
	b->n = (size_t)((raw.n ? tsv_put(to, raw) : to) - b->p);
	return buf_str(b);
}

static const struct keyfields_known *
known_of(const struct keyfields *f, const struct key_rule *rule)
{
	return &f->known[rule ? (size_t)(rule - f->rules->rule) : f->rules->n];
}

struct str
keyfields_endpoint(struct keyfields *f, const struct key_rule *rule)
{
	const struct keyfields_known *known = known_of(f, rule);

	if (known->fixed)
		return known->endpoint;
	buf_reset(&f->raw);
	keys_endpoint(f->keys, rule, &f->raw);
	return keyfields_escape(&f->endpoint, buf_str(&f->raw));
}

struct str
keyfields_rule(struct keyfields *f, const struct key_rule *rule)
{
	char *end = rule ? num_put_u64(f->number, rule->line) : f->number;

	return (struct str){ f->number, (size_t)(end - f->number) };
}

/* The query where no byte of what is left of it changes: none, or one parameter. */
static bool
take_query(const struct keyfields *f, const struct keyfields_known *known, const struct key_rule *rule,
    struct str *q)
{
	const char *end;
	struct str name;

	*q = f->keys->u.query;
	if (q->n == 0)
		return true;
	end = q->p + q->n;
	if (scan_byte(q->p, end, '&') < end || scan_byte(q->p, end, '%') < end)
		return false;
	if (!known->picks)
		return true;
	name = (struct str){ q->p, str_chr(*q, '=') };
	if ((rule->keep.n && !key_listed(&rule->keep, name)) || key_listed(&rule->drop, name))
		q->n = 0;
	return true;
}

static inline char *
copy(char *to, struct str s)
{
	scan_copy(to, s.p, s.n);
	return to + s.n;
}

static char *
put_piece(const struct keys *k, const struct key_rule *rule, const struct piece *p, struct str q, char *to)
{
	switch (p->kind) {
	case TEMPLATE_TEXT:
		return copy(to, p->text);
	case TEMPLATE_PATH:
		return copy(to, k->u.path);
	case TEMPLATE_URL:
		to = copy(to, k->u.path);
		if (q.n == 0)
			return to;
		*to++ = '?';
		return copy(to, q);
	case TEMPLATE_QUERY:
		return q.n ? copy(to, q) : to;
	default:
		return copy(to, str_from(*k->path, rule->pattern.n));
	}
}

/* The key of pieces, into f->key; false: it is not, or not of this URL. */
static bool
join(struct keyfields *f, const struct key_rule *rule)
{
	const struct keyfields_known *known = known_of(f, rule);
	const struct keys *k = f->keys;
	size_t url = k->event->url.n;
	struct str q;
	char *to;

	if (url >= known->url_max || k->u.odd || k->u.host.n || k->u.opaque)
		return false;
	if (!rule)
		rule = &k->plain;
	if (!take_query(f, known, rule, &q))
		return false;
	buf_reset(&f->key);
	to = buf_room(&f->key, known->bytes + known->n * (url + 1) + SCAN_SLACK);
	for (size_t i = 0; i < known->n; i++)
		to = put_piece(k, rule, &known->piece[i], q, to);
	f->key.n = (size_t)(to - f->key.p);
	return f->key.n == 0 || f->key.p[0] != '(';
}

struct str
keyfields_key(struct keyfields *f, const struct key_rule *rule, bool as_is)
{
	if (LIKELY(as_is) && join(f, rule))
		return buf_str(&f->key);
	buf_reset(&f->raw);
	keys_key(f->keys, rule, NULL, &f->raw);
	return keyfields_escape(&f->key, buf_str(&f->raw));
}
