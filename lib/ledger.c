#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "mem.h"
#include "str.h"
#include "tsv.h"
#include "when.h"

#define BACKOFF_MAX	(3600 * WHEN_SEC)

/*
 * What rows mean.
 */

static uint32_t
party_number(struct ledger *l, struct str group, struct str recipient, bool *added)
{
	struct str name;
	struct buf b;
	uint32_t i;

	buf_init(&b, IN_TSV_LINE_MAX);
	buf_add(&b, group);
	buf_byte(&b, '\t');
	buf_add(&b, recipient);
	i = map_put(&l->by_name, buf_str(&b), added);
	buf_free(&b);
	if (!*added)
		return i;
	l->party = mem_grow(l->party, &l->party_cap, l->parties + 1, sizeof(*l->party));
	name = map_key(&l->by_name, i);
	l->party[l->parties++] = (struct ledger_party){
		.group = { name.p, group.n },
		.recipient = str_from(name, group.n + 1),
	};
	return i;
}

static struct str
entry_name(char to[sizeof(uint32_t) + sizeof(struct ledger_key)], uint32_t party,
    const struct ledger_key *key)
{
	memcpy(to, &party, sizeof(party));
	memcpy(to + sizeof(party), key, sizeof(*key));
	return (struct str){ to, sizeof(party) + sizeof(*key) };
}

static void
learn(struct ledger *l, uint32_t party, const struct ledger_item *item, int64_t time_us)
{
	char name[sizeof(party) + sizeof(item->key)];
	bool added;
	uint32_t i = map_put(&l->by_key, entry_name(name, party, &item->key), &added);

	if (added) {
		l->entry = mem_grow(l->entry, &l->entry_cap, l->entries + 1, sizeof(*l->entry));
		l->entries++;
	}
	l->entry[i] = (struct ledger_entry){ party, *item, time_us };
}

const struct ledger_entry *
ledger_get(const struct ledger *l, uint32_t party, const struct ledger_key *key)
{
	char name[sizeof(party) + sizeof(*key)];
	uint32_t i = map_get(&l->by_key, entry_name(name, party, key));

	return i == MAP_NONE ? NULL : &l->entry[i];
}

static void
learn_all(struct ledger *l, uint32_t party, const struct ledger_item *item, size_t n,
    int64_t time_us)
{
	for (size_t i = 0; i < n; i++)
		learn(l, party, &item[i], time_us);
}

static void
keep_id(char to[LEDGER_ID + 1], struct str id)
{
	memset(to, 0, LEDGER_ID + 1);
	memcpy(to, id.p, id.n < LEDGER_ID ? id.n : LEDGER_ID);
}

static void
begin(struct ledger_party *p, const struct ledger_row *r)
{
	bool again = p->open && str_eq(str_of(p->id), r->id) && r->n == 0;

	p->open = true;
	p->attempt = (unsigned)r->attempt;
	p->next_us = 0;
	if (again)
		return;
	keep_id(p->id, r->id);
	p->set = mem_grow(p->set, &p->cap, r->n, sizeof(*p->set));
	p->n = r->n;
	if (r->n)
		memcpy(p->set, r->item, r->n * sizeof(*p->set));
}

static void
miss(struct ledger *l, uint32_t party, const struct ledger_row *r)
{
	l->miss = mem_grow(l->miss, &l->miss_cap, l->misses + 1, sizeof(*l->miss));
	l->miss[l->misses++] = (struct ledger_miss){ party, arena_dup(&l->text, r->why),
	    r->item->since_us, r->time_us };
}

static void
apply(struct ledger *l, uint32_t number, const struct ledger_row *r)
{
	struct ledger_party *p = &l->party[number];
	bool of_open = p->open && str_eq(str_of(p->id), r->id);

	if (p->start_us == 0)
		p->start_us = r->time_us;
	if (r->as_of_us > p->as_of_us)
		p->as_of_us = r->as_of_us;
	switch (r->status) {
	case LEDGER_START:
		break;
	case LEDGER_INTENT:
		begin(p, r);
		break;
	case LEDGER_SENT:
		p->sent_us = r->time_us;
		keep_id(p->last_id, r->id);
		if (of_open)
			learn_all(l, number, p->set, p->n, r->time_us);
		p->open = p->open && !of_open;
		break;
	case LEDGER_RETRY:
	case LEDGER_FAILED:
		if (of_open)
			p->next_us = r->next_us;
		break;
	case LEDGER_DROPPED:
		p->open = p->open && !of_open;
		break;
	case LEDGER_NOTED:
		learn_all(l, number, r->item, r->n, r->time_us);
		if (r->n == 1 && r->item->sign == LEDGER_MISSED && r->why.n)
			miss(l, number, r);
		break;
	}
}

/* One row, into the file and into memory. */
static bool
enter(struct ledger *l, uint32_t party, struct ledger_row *r)
{
	bool ok;

	r->time_us = l->now_us;
	r->group = l->party[party].group;
	r->recipient = l->party[party].recipient;
	ok = ledgerfile_append(&l->file, r);
	apply(l, party, r);
	return ok;
}

/*
 * Opening: all rows are read, and what is damaged or old becomes shorter.
 */

/*
 * The state at this moment as rows: what is known, in runs of one time, the
 * last message, and the one that is open.
 */
static void
put_state(struct buf *b, const struct ledger *l, uint32_t number)
{
	const struct ledger_party *p = &l->party[number];
	struct ledger_row r = { .time_us = p->start_us, .group = p->group, .recipient = p->recipient,
	    .as_of_us = p->as_of_us, .status = LEDGER_START };

	ledgerfile_put(b, &r);
	r.status = LEDGER_NOTED;
	r.n = 1;
	for (size_t i = 0; i < l->entries; i++) {
		const struct ledger_entry *e = &l->entry[i];

		if (e->party != number || (e->item.sign != LEDGER_FIRING &&
		    l->now_us - e->time_us > LEDGER_OVER_S * WHEN_SEC))
			continue;
		r.time_us = e->time_us;
		r.item = &e->item;
		ledgerfile_put(b, &r);
	}
	r.n = 0;
	if (p->sent_us) {
		r.status = LEDGER_SENT;
		r.time_us = p->sent_us;
		r.id = str_of(p->last_id);
		ledgerfile_put(b, &r);
	}
	if (p->open) {
		r.status = LEDGER_INTENT;
		r.time_us = l->now_us;
		r.id = str_of(p->id);
		r.attempt = p->attempt;
		r.item = p->set;
		r.n = p->n;
		ledgerfile_put(b, &r);
		r.status = LEDGER_RETRY;
		r.next_us = p->next_us;
		r.n = 0;
		ledgerfile_put(b, &r);
	}
}

static void
put_states(struct buf *b, const struct ledger *l)
{
	buf_reset(b);
	for (uint32_t i = 0; i < l->parties; i++)
		put_state(b, l, i);
}

/*
 * Goes through the rows.  While all so far are older than `fold`, *folded is
 * where those end, and *head the state in their place.
 */
static bool
read_rows(struct ledger *l, int64_t fold, struct buf *head, size_t *folded)
{
	enum ledgerfile_got got;
	bool old = true, added;
	uint64_t rows = 0;
	struct ledger_row r;

	while ((got = ledgerfile_next(&l->file, &r)) != LEDGERFILE_END) {
		if (got == LEDGERFILE_DAMAGED) {
			if (l->damaged++ == 0)
				l->damaged_line = l->file.line;
			continue;
		}
		if (old && r.time_us >= fold) {
			old = false;
			*folded = l->file.at;
			put_states(head, l);
		}
		rows++;
		apply(l, party_number(l, r.group, r.recipient, &added), &r);
	}
	if (old) {
		*folded = l->file.at;
		put_states(head, l);
	}
	return l->file.size == 0 || l->file.header || rows;
}

/* What was read, into a better form: not damaged, not too long. */
static void
mend(struct ledger *l, struct buf *head, size_t folded)
{
	size_t all = (size_t)l->file.size;

	if (l->damaged) {
		put_states(head, l);
		folded = all;
	}
	if (!head->over && (l->damaged ||
	    (all > LEDGER_COMPACT && head->n + (all - folded) < all / 2)))
		ledgerfile_replace(&l->file, buf_str(head), folded);
}

static enum ledger_opened
read_ledger(struct ledger *l, bool write)
{
	int64_t fold = INT64_MIN;
	struct buf head;
	size_t folded = 0;
	bool ours;

	if (l->file.size > LEDGER_FOLD_ALL)
		fold = INT64_MAX;
	else if (l->file.size > LEDGER_COMPACT)
		fold = l->now_us - LEDGER_KEEP_S * WHEN_SEC;
	buf_init(&head, LEDGERFILE_MAX);
	ours = read_rows(l, fold, &head, &folded);
	if (ours && write)
		mend(l, &head, folded);
	buf_free(&head);
	ledgerfile_forget(&l->file);
	return ours ? LEDGER_OPEN : LEDGER_FOREIGN;
}

enum ledger_opened
ledger_open(struct ledger *l, const char *path, int64_t now_us, bool write)
{
	struct hash_key key;
	enum ledger_opened opened;

	*l = (struct ledger){ .now_us = now_us };
	opened = ledgerfile_open(&l->file, path, write);
	if (!hash_key_random(&key))
		return LEDGER_ERROR;
	map_init(&l->by_name, &key);
	map_init(&l->by_key, &key);
	return opened == LEDGER_OPEN ? read_ledger(l, write) : opened;
}

void
ledger_close(struct ledger *l)
{
	for (size_t i = 0; i < l->parties; i++)
		free(l->party[i].set);
	free(l->party);
	free(l->entry);
	free(l->miss);
	arena_free(&l->text);
	map_free(&l->by_name);
	map_free(&l->by_key);
	ledgerfile_close(&l->file);
	*l = (struct ledger){ .file = { .fd = -1, .lock = -1 } };
}

/*
 * Entries.
 */

uint32_t
ledger_party(struct ledger *l, struct str group, struct str recipient)
{
	bool added;
	uint32_t i = party_number(l, group, recipient, &added);

	/* Without this row the party is new again next time: no harm. */
	if (added)
		enter(l, i, &(struct ledger_row){ .status = LEDGER_START });
	return i;
}

bool
ledger_intent(struct ledger *l, uint32_t party, const char *id, const struct ledger_item *item,
    size_t n, int64_t as_of_us)
{
	const struct ledger_party *p = &l->party[party];
	bool again = p->open && strcmp(p->id, id) == 0;
	struct ledger_row r = { .id = str_of(id), .status = LEDGER_INTENT, .as_of_us = as_of_us,
	    .attempt = again ? p->attempt + 1 : 1, .item = again ? NULL : item, .n = again ? 0 : n };

	return enter(l, party, &r);
}

bool
ledger_done(struct ledger *l, uint32_t party, enum ledger_status status, int code,
    const char *why, int64_t next_us)
{
	const struct ledger_party *p = &l->party[party];
	char words[TSV_ROOM(LEDGER_WHY_MAX)], id[LEDGER_ID + 1];
	struct str said = str_of(why);
	struct ledger_row r = { .status = status, .code = code, .attempt = p->attempt, .next_us = next_us,
	    .as_of_us = p->as_of_us };

	if (said.n > LEDGER_WHY_MAX)
		said.n = LEDGER_WHY_MAX;
	r.why = (struct str){ words, (size_t)(tsv_put(words, said) - words) };
	memcpy(id, p->id, sizeof(id));
	r.id = str_of(id);
	return enter(l, party, &r);
}

bool
ledger_note(struct ledger *l, uint32_t party, const struct ledger_item *item, size_t n,
    int64_t as_of_us, struct str why)
{
	struct ledger_row r = { .status = LEDGER_NOTED, .item = item, .n = n, .as_of_us = as_of_us,
	    .why = str_head(why, LEDGER_WHY_MAX) };

	return enter(l, party, &r);
}

bool
ledger_id(struct sha256 *h, const struct ledger_party *p, const struct ledger_item *item,
    size_t n, char to[LEDGER_ID + 1])
{
	unsigned char sum[SHA256_BYTES];
	char hex[SHA256_HEX];
	struct buf b;
	bool ok;

	buf_init(&b, LEDGERFILE_MAX);
	buf_add(&b, str_of(p->last_id));
	for (size_t i = 0; i < n; i++)
		ledgerfile_put_item(&b, &item[i]);
	ok = !b.over && sha256(h, &(struct str){ b.p, b.n }, 1, sum);
	buf_free(&b);
	if (!ok)
		return false;
	sha256_hex(hex, sum);
	keep_id(to, (struct str){ hex, LEDGER_ID });
	return true;
}

bool
ledger_key(struct sha256 *h, struct str rule, struct str labels, struct ledger_key *k)
{
	const struct str part[] = { rule, STR("\t"), labels };
	unsigned char sum[SHA256_BYTES];

	if (!sha256(h, part, countof(part), sum))
		return false;
	memcpy(k->b, sum, sizeof(k->b));
	return true;
}

int64_t
ledger_backoff(unsigned attempts)
{
	int64_t us = 60 * WHEN_SEC;

	while (attempts-- > 1 && us < BACKOFF_MAX)
		us *= 2;
	return us < BACKOFF_MAX ? us : BACKOFF_MAX;
}
