#include "due.h"

#include <stdlib.h>

#include "hash.h"
#include "num.h"
#include "str.h"
#include "when.h"

#define AHEAD_US	(2 * 3600 * WHEN_SEC)	/* twice the longest wait between tries */

/*
 * The table.
 */

const char *
due_open(struct due_table *t)
{
	struct hash_key key;

	*t = (struct due_table){ .n = 0 };
	if (!hash_key_random(&key))
		return "no random bytes";
	map_init(&t->by_key, &key);
	return sha256_open(&t->sha) ? NULL : "no SHA-256 in libcrypto";
}

void
due_close(struct due_table *t)
{
	free(t->alert);
	free(t->key);
	map_free(&t->by_key);
	arena_free(&t->text);
	sha256_close(&t->sha);
}

#define TEXTS	12

/* The text fields of an alert, to go through them all. */
static void
texts(struct alert *a, struct str *s[TEXTS])
{
	struct str *all[TEXTS] = { &a->severity, &a->rule, &a->labels, &a->value, &a->threshold, &a->summary,
	    &a->causes, &a->runbook, &a->channels, &a->muted_by, &a->flags,
	    &a->condition };

	memcpy(s, all, sizeof(all));
}

/* Copies; alerts of one rule, one after the other, share its texts. */
static bool
copy(struct due_table *t, struct alert *to, const struct alert *from)
{
	struct alert none = { .time_us = 0 }, *before = t->n ? &t->alert[t->n - 1] : &none;
	struct str *s[TEXTS], *b[TEXTS];

	*to = *from;
	texts(to, s);
	texts(before, b);
	for (size_t i = 0; i < countof(s); i++) {
		if (!tsv_is_escaped(*s[i]))
			return false;
		*s[i] = b[i]->n && str_eq(*s[i], *b[i]) ? *b[i] : arena_dup(&t->text, *s[i]);
	}
	return true;
}

const char *
due_add(struct due_table *t, const struct alert *a)
{
	struct ledger_key k;
	struct alert own;
	bool added;
	uint32_t i;

	if (!copy(t, &own, a))
		return "an alert holds bytes that the stream may not: UTF-8, controls escaped";
	if (a->since_us == 0 && a->state != ALERT_INACTIVE)
		return "column \"since\": empty, but the alert is not inactive";
	if (!ledger_key(&t->sha, a->rule, a->labels, &k))
		return "SHA-256 failed";
	if (a->time_us > t->as_of_us)
		t->as_of_us = a->time_us;
	i = map_put(&t->by_key, (struct str){ (const char *)k.b, sizeof(k.b) }, &added);
	if (added) {
		if (t->n == DUE_ALERTS)
			return "more than a million alerts";
		t->alert = mem_grow(t->alert, &t->cap, t->n + 1, sizeof(*t->alert));
		t->key = mem_grow(t->key, &t->key_cap, t->n + 1, sizeof(*t->key));
		t->n++;
	}
	t->alert[i] = own;
	t->key[i] = k;
	return NULL;
}

const struct alert *
due_alert(const struct due_table *t, const struct ledger_key *k)
{
	uint32_t i = map_get(&t->by_key, (struct str){ (const char *)k->b, sizeof(k->b) });

	return i == MAP_NONE ? NULL : &t->alert[i];
}

/*
 * What is due.
 */

static bool
is_for(const struct alert *a, struct str channel)
{
	struct str rest = a->channels, name;

	if (str_trim(rest).n == 0)
		return true;
	while (str_cut(&rest, ',', &name))
		if (str_eq(str_trim(name), channel))
			return true;
	return false;
}

bool
due_fires(const struct alert *a, const struct due_rule *r)
{
	return a->state == ALERT_FIRING && a->muted_by.n == 0 && is_for(a, r->channel);
}

static void
add(struct ledger_item **list, size_t *n, size_t *cap, const struct ledger_key *key,
    enum ledger_sign sign, int64_t since_us)
{
	*list = mem_grow(*list, cap, *n + 1, sizeof(**list));
	(*list)[(*n)++] = (struct ledger_item){ *key, sign, since_us };
}

static void
add_own(struct due *d, const struct ledger_key *key, enum ledger_sign sign, int64_t since_us)
{
	add(&d->own, &d->own_n, &d->own_cap, key, sign, since_us);
}

/* Was the party there when the episode began, and never told of it? */
static bool
missed(const struct ledger_entry *e, int64_t since_us, const struct ledger_party *p)
{
	return since_us > p->start_us && (!e || e->item.since_us < since_us);
}

/* The episode before this one, if the table still knows of it; else 0. */
static int64_t
episode_before(const struct alert *a)
{
	struct str text;
	int64_t us;

	return alert_flag(a, STR("prev_since"), &text) && num_fixed(text, 6, &us) ? us : 0;
}

static void
compare(struct due *d, const struct due_table *t, size_t i, const struct ledger_entry *e,
    const struct ledger_party *p, const struct due_rule *r)
{
	const struct alert *a = &t->alert[i];
	const struct ledger_key *k = &t->key[i];
	bool same = e && e->item.since_us == a->since_us;
	bool told = e && e->item.sign == LEDGER_FIRING;
	int64_t before = episode_before(a);

	/* It has ended: this episode, or it is another one already. */
	if (told && (!same || a->state == ALERT_RESOLVED || a->state == ALERT_INACTIVE))
		add_own(d, k, LEDGER_OVER, e->item.since_us);
	if (!is_for(a, r->channel))
		return;
	if (before && missed(e, before, p))
		add(&d->missed, &d->nmissed, &d->missed_cap, k, LEDGER_MISSED, before);
	if (a->state == ALERT_RESOLVED && missed(e, a->since_us, p))
		add(&d->missed, &d->nmissed, &d->missed_cap, k, LEDGER_MISSED, a->since_us);
	if (a->state != ALERT_FIRING || (told && same))
		return;
	if (a->muted_by.n == 0)
		add_own(d, k, LEDGER_FIRING, a->since_us);
	else if (!(same && e->item.sign == LEDGER_MUTED))
		add(&d->noted, &d->nnoted, &d->noted_cap, k, LEDGER_MUTED, a->since_us);
}

static void
find_episodes(struct due *d, const struct due_table *t, const struct ledger *l, uint32_t party,
    const struct due_rule *r)
{
	for (size_t i = 0; i < t->n; i++)
		compare(d, t, i, ledger_get(l, party, &t->key[i]), &l->party[party], r);
}

static int
by_rule(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The set of rules that fire, as one key; false: no SHA-256. *n is how many alerts those are. */
static bool
types_key(struct due_table *t, const struct due_rule *r, struct ledger_key *k, size_t *n)
{
	struct str *rule = mem_array(t->n + 1, sizeof(*rule));
	struct buf b;
	bool ok;

	*n = 0;
	for (size_t i = 0; i < t->n; i++)
		if (due_fires(&t->alert[i], r))
			rule[(*n)++] = t->alert[i].rule;
	qsort(rule, *n, sizeof(*rule), by_rule);
	buf_init(&b, LEDGERFILE_MAX);
	for (size_t i = 0; i < *n; i++)
		if (i == 0 || !str_eq(rule[i], rule[i - 1])) {
			buf_add(&b, rule[i]);
			buf_byte(&b, '\t');
		}
	ok = !b.over && ledger_key(&t->sha, STR("types"), buf_str(&b), k);
	buf_free(&b);
	free(rule);
	return ok;
}

/* The last set told of is all that counts; nothing firing forgets it, quietly. */
static bool
find_types(struct due *d, struct due_table *t, const struct ledger *l, uint32_t party,
    const struct due_rule *r)
{
	struct ledger_key k;
	const struct ledger_entry *e;
	size_t firing;
	bool told;

	if (!types_key(t, r, &k, &firing))
		return false;
	e = firing ? ledger_get(l, party, &k) : NULL;
	told = e && e->item.sign == LEDGER_FIRING;
	for (size_t i = 0; i < l->entries; i++) {
		const struct ledger_entry *o = &l->entry[i];

		if (o->party != party || o->item.sign != LEDGER_FIRING || (told && o == e))
			continue;
		if (firing)
			add_own(d, &o->item.key, LEDGER_OVER, o->item.since_us);
		else
			add(&d->noted, &d->nnoted, &d->noted_cap, &o->item.key, LEDGER_OVER, 0);
	}
	if (firing && !told)
		add_own(d, &k, LEDGER_FIRING, 0);
	return true;
}

static bool
find_repeat(const struct due_table *t, const struct ledger_party *p, const struct due_rule *r)
{
	int64_t age = r->now_us - p->sent_us;

	if (r->repeat_us == 0 || p->sent_us == 0 || (age >= 0 && age < r->repeat_us))
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (due_fires(&t->alert[i], r))
			return true;
	return false;
}

static bool
find_new(struct due *d, struct due_table *t, const struct ledger *l, uint32_t party,
    const struct due_rule *r)
{
	const struct ledger_party *p = &l->party[party];

	if (r->types) {
		if (!find_types(d, t, l, party, r))
			return false;
	} else {
		find_episodes(d, t, l, party, r);
	}
	d->repeat = d->own_n == 0 && find_repeat(t, p, r);
	d->item = d->own;
	d->n = d->own_n;
	d->what = d->n || d->repeat ? DUE_SEND : DUE_NOTHING;
	return ledger_id(&t->sha, p, d->item, d->n, d->id);
}

/* Clocks are set: what the ledger says of a time far off is not waited for. */
static bool
waits(const struct ledger_party *p, int64_t now_us)
{
	return p->next_us > now_us && p->next_us - now_us <= AHEAD_US;
}

/* Can anything still be said of the open message?  Rows may be absent for now. */
static enum due_what
open_message(const struct due *d, const struct due_table *t, const struct ledger_party *p,
    const struct due_rule *r)
{
	bool any = false;

	if (waits(p, r->now_us))
		return DUE_WAIT;
	for (size_t i = 0; i < t->n && (d->repeat || r->types) && !any; i++)
		any = due_fires(&t->alert[i], r);
	for (size_t i = 0; i < p->n && !any; i++)
		any = due_alert(t, &p->set[i].key) != NULL;
	return any ? DUE_SEND : DUE_NOTHING;
}

bool
due_find(struct due *d, struct due_table *t, const struct ledger *l, uint32_t party,
    const struct due_rule *r)
{
	const struct ledger_party *p = &l->party[party];

	*d = (struct due){ .what = DUE_OLD };
	if (t->as_of_us < p->as_of_us && p->as_of_us <= r->now_us)
		return true;
	if (!p->open)
		return find_new(d, t, l, party, r);
	d->again = true;
	d->repeat = p->n == 0;
	d->item = p->set;
	d->n = p->n;
	memcpy(d->id, p->id, sizeof(d->id));
	d->what = open_message(d, t, p, r);
	return true;
}

bool
due_report(struct due *d, struct sha256 *h, const struct ledger *l, uint32_t party,
    const struct ledger_item *report, int64_t now_us)
{
	const struct ledger_party *p = &l->party[party];
	const struct ledger_entry *e = ledger_get(l, party, &report->key);

	*d = (struct due){ .what = DUE_NOTHING, .item = report, .n = 1 };
	if (e && e->item.since_us == report->since_us)
		return true;
	d->what = DUE_SEND;
	d->again = p->open && p->n == 1 && p->set[0].since_us == report->since_us;
	if (!d->again)
		return ledger_id(h, p, report, 1, d->id);
	memcpy(d->id, p->id, sizeof(d->id));
	if (waits(p, now_us))
		d->what = DUE_WAIT;
	return true;
}

void
due_free(struct due *d)
{
	free(d->own);
	free(d->noted);
	free(d->missed);
	*d = (struct due){ .what = DUE_NOTHING };
}
