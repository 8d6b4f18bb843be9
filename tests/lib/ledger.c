/*
 * ledger: random histories against a model in plain arrays, across reopening
 * and folding; every truncation and every damaged byte of a small file.
 */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "str.h"
#include "test.h"
#include "when.h"

#define PATH	"l.tsv"
#define T0	(INT64_C(1795176000) * WHEN_SEC)
#define OPS	STR("ops@example.test")

static struct ledger l;

static void
fresh(void)
{
	unlink(PATH);
	unlink(PATH ".lock");
}

static bool
open_at(int64_t now_us)
{
	return ledger_open(&l, PATH, now_us, true) == LEDGER_OPEN;
}

static struct ledger_item
item(unsigned key, enum ledger_sign sign, int64_t since_us)
{
	struct ledger_item it = { .sign = sign, .since_us = since_us };

	memset(&it.key, (int)(key >> 8), sizeof(it.key));
	it.key.b[0] = (unsigned char)key;
	return it;
}

static bool
same(const struct ledger_item *a, const struct ledger_item *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&a[i].key, &b[i].key, sizeof(a->key)) != 0 || a[i].sign != b[i].sign ||
		    a[i].since_us != b[i].since_us)
			return false;
	return true;
}

static void
id_of(char to[LEDGER_ID + 1], unsigned n)
{
	snprintf(to, LEDGER_ID + 1, "%032x", n);
}

static void
two_phases(void)
{
	struct ledger_item it[] = { item(1, LEDGER_FIRING, T0), item(2, LEDGER_OVER, T0 + 1500000) };
	const struct ledger_entry *e;
	char id[LEDGER_ID + 1];
	uint32_t p;

	fresh();
	CHECK(open_at(T0));
	p = ledger_party(&l, STR("alerts"), OPS);
	CHECK(!ledger_get(&l, p, &it[0].key));
	id_of(id, 7);
	CHECK(ledger_intent(&l, p, id, it, 2, T0));
	ledger_close(&l);		/* and there the program was killed */

	CHECK(open_at(T0 + 60 * WHEN_SEC));
	p = ledger_party(&l, STR("alerts"), OPS);
	CHECK_INT(l.parties, 1);
	CHECK(l.party[p].open && l.party[p].n == 2 && l.party[p].attempt == 1);
	CHECK_STR(str_of(l.party[p].id), "00000000000000000000000000000007");
	CHECK(same(l.party[p].set, it, 2));
	CHECK_INT(l.party[p].start_us, T0);
	CHECK(ledger_intent(&l, p, id, l.party[p].set, l.party[p].n, T0));
	CHECK(l.party[p].attempt == 2 && l.party[p].n == 2);
	CHECK(ledger_done(&l, p, LEDGER_RETRY, 451, "451 later\tplease\r\n", T0 + 180 * WHEN_SEC));
	ledger_close(&l);

	CHECK(open_at(T0 + 120 * WHEN_SEC));
	p = ledger_party(&l, STR("alerts"), OPS);
	CHECK(l.party[p].open && l.party[p].attempt == 2);
	CHECK_INT(l.party[p].next_us, T0 + 180 * WHEN_SEC);
	CHECK(!ledger_get(&l, p, &it[0].key));
	CHECK(ledger_intent(&l, p, id, NULL, 0, T0));
	CHECK(ledger_done(&l, p, LEDGER_SENT, 250, "", 0));
	ledger_close(&l);

	CHECK(ledger_open(&l, PATH, T0, false) == LEDGER_OPEN);
	p = ledger_party(&l, STR("alerts"), OPS);
	CHECK(!l.party[p].open);
	CHECK_INT(l.party[p].sent_us, T0 + 120 * WHEN_SEC);
	CHECK_STR(str_of(l.party[p].last_id), "00000000000000000000000000000007");
	e = ledger_get(&l, p, &it[0].key);
	CHECK(e && e->item.sign == LEDGER_FIRING && e->item.since_us == T0);
	e = ledger_get(&l, p, &it[1].key);
	CHECK(e && e->item.sign == LEDGER_OVER && e->item.since_us == T0 + 1500000);
	CHECK_INT(l.damaged, 0);
	ledger_close(&l);
}

static void
locking(void)
{
	struct ledger other;

	CHECK(open_at(T0));
	CHECK(ledger_open(&other, PATH, T0, true) == LEDGER_BUSY);
	ledger_close(&other);
	CHECK(ledger_open(&other, PATH, T0, false) == LEDGER_OPEN);
	ledger_close(&other);
	ledger_close(&l);
	CHECK(ledger_open(&l, "no/such/folder", T0, true) == LEDGER_ERROR && errno == ENOENT);
	ledger_close(&l);
	CHECK(ledger_open(&l, "no/such/folder", T0, false) == LEDGER_OPEN);
	ledger_close(&l);
	CHECK(ledger_open(&l, ".", T0, false) == LEDGER_NO_FILE && ledger_open(&l, ".", T0, true) == LEDGER_NO_FILE);
	ledger_close(&l);
}

static void
put_file(const char *p, size_t n)
{
	FILE *f = fopen(PATH, "w");

	CHECK(f && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

static size_t
get_file(char *to, size_t max)
{
	FILE *f = fopen(PATH, "r");
	size_t n = f ? fread(to, 1, max, f) : 0;

	CHECK(f && fclose(f) == 0);
	return n;
}

static void
foreign(void)
{
	static const char *const text[] = { "root:x:0:0:root:/root:/bin/bash\n", "tina", "\n", "t\n",
	    "time\tid\tgroup\trecipient\tstatus\tcode\tattempt\tnext_try\tas_of\twhy\tset\tsum2\n" };

	for (size_t i = 0; i < countof(text); i++) {
		char got[200];
		size_t n = strlen(text[i]);

		put_file(text[i], n);
		CHECK(ledger_open(&l, PATH, T0, true) == LEDGER_FOREIGN);
		ledger_close(&l);
		CHECK(get_file(got, sizeof(got)) == n && memcmp(got, text[i], n) == 0);
	}
}

/*
 * Alert 1 was told, 2 is in a message whose end is not known, 3 was never
 * heard of.  Whatever is broken: 2 and 3 must not be taken as told.
 */
static void
small_file(void)
{
	struct ledger_item it[] = { item(1, LEDGER_FIRING, T0), item(2, LEDGER_FIRING, T0) };
	char id[LEDGER_ID + 1];
	uint32_t p;

	fresh();
	CHECK(open_at(T0));
	p = ledger_party(&l, STR("alerts"), OPS);
	id_of(id, 1);
	CHECK(ledger_intent(&l, p, id, &it[0], 1, T0));
	CHECK(ledger_done(&l, p, LEDGER_SENT, 250, "", 0));
	id_of(id, 2);
	CHECK(ledger_intent(&l, p, id, &it[1], 1, T0));
	ledger_close(&l);
}

static void
not_taken_as_told(void)
{
	struct ledger_item it[] = { item(1, LEDGER_FIRING, T0), item(2, LEDGER_FIRING, T0),
	    item(3, LEDGER_FIRING, T0) };
	uint32_t p = ledger_party(&l, STR("alerts"), OPS);
	const struct ledger_entry *e = ledger_get(&l, p, &it[0].key);

	CHECK(!e || (e->item.sign == LEDGER_FIRING && e->item.since_us == T0));
	CHECK(!ledger_get(&l, p, &it[1].key));
	CHECK(!ledger_get(&l, p, &it[2].key));
	CHECK(l.party[p].next_us == 0);
}

static void
damage(void)
{
	static char whole[4096], got[8192];
	size_t n, k;

	small_file();
	n = get_file(whole, sizeof(whole));
	CHECK(n > 300 && n < sizeof(whole));
	for (size_t cut = 0; cut < n; cut++) {
		struct ledger_item again = item(9, LEDGER_FIRING, T0);

		put_file(whole, cut);
		CHECK(open_at(T0 + 1));
		not_taken_as_told();
		CHECK_INT(l.damaged, 0);
		CHECK(ledger_note(&l, ledger_party(&l, STR("alerts"), OPS), &again, 1, T0, STR("")));
		ledger_close(&l);
		CHECK(open_at(T0 + 2));
		CHECK(l.damaged == 0 && ledger_get(&l, ledger_party(&l, STR("alerts"), OPS), &again.key));
		ledger_close(&l);
	}
	for (size_t at = 0; at < n; at++)
		for (unsigned flip = 1; flip < 256; flip *= 4) {
			put_file(whole, n);
			whole[at] = (char)(whole[at] ^ (char)flip);
			put_file(whole, n);
			CHECK(open_at(T0 + 1));
			not_taken_as_told();
			ledger_close(&l);
			whole[at] = (char)(whole[at] ^ (char)flip);
			/* It was mended, and what was read is still there. */
			CHECK(open_at(T0 + 2));
			CHECK_INT(l.damaged, 0);
			not_taken_as_told();
			ledger_close(&l);
		}
	put_file(whole, n);
	CHECK(open_at(T0 + 1));
	ledger_close(&l);
	k = get_file(got, sizeof(got));
	CHECK(k == n && memcmp(got, whole, n) == 0);	/* reading a good file changes nothing */
}

/*
 * A model: per party and alert what was told last.
 */
#define PARTIES	3
#define ALERTS	400

struct model {
	struct ledger_item known[PARTIES][ALERTS];
	int64_t known_us[PARTIES][ALERTS];
	bool open[PARTIES];
	struct ledger_item set[PARTIES][ALERTS];
	size_t n[PARTIES];
	int64_t sent_us[PARTIES], next_us[PARTIES];
	char id[PARTIES][LEDGER_ID + 1], last[PARTIES][LEDGER_ID + 1];
};

static void
same_as_model(const struct model *m, const uint32_t *party, int64_t now)
{
	for (size_t p = 0; p < PARTIES; p++) {
		const struct ledger_party *q = &l.party[party[p]];

		CHECK(q->open == m->open[p]);
		CHECK_INT(q->sent_us, m->sent_us[p]);
		CHECK_STR(str_of(q->last_id), m->last[p]);
		if (q->open && m->open[p]) {
			CHECK_INT(q->next_us, m->next_us[p]);
			CHECK_STR(str_of(q->id), m->id[p]);
			CHECK(q->n == m->n[p] && same(q->set, m->set[p], q->n));
		}
		for (unsigned a = 0; a < ALERTS; a++) {
			struct ledger_item want = item(a, LEDGER_NONE, 0);
			const struct ledger_entry *e = ledger_get(&l, party[p], &want.key);

			want = m->known[p][a];
			if (e)
				CHECK(same(&e->item, &want, 1) &&
				    e->time_us == m->known_us[p][a]);
			else		/* forgotten, but only what is over and old */
				CHECK(want.sign == LEDGER_NONE || (want.sign != LEDGER_FIRING &&
				    now - m->known_us[p][a] > LEDGER_OVER_S * WHEN_SEC));
		}
	}
}

static void
take(struct model *m, size_t p, const struct ledger_item *it, size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		unsigned a = it[i].key.b[0] + 256U * it[i].key.b[1];

		m->known[p][a] = it[i];
		m->known_us[p][a] = now;
	}
}

static size_t
random_set(struct ledger_item *it, uint64_t *seed, int64_t now)
{
	size_t n = test_random(seed) % 40;

	for (size_t i = 0; i < n; i++)
		it[i] = item((unsigned)(test_random(seed) % ALERTS),
		    (enum ledger_sign)(1 + test_random(seed) % 4), now - (int64_t)(test_random(seed) % 9000));
	return n;
}

static void
step(struct model *m, uint32_t *party, uint64_t *seed, int64_t now)
{
	static struct ledger_item it[ALERTS];
	size_t p = test_random(seed) % PARTIES, n = random_set(it, seed, now);

	switch (test_random(seed) % 5) {
	case 0:
		CHECK(ledger_note(&l, party[p], it, n, now, STR("x")));
		take(m, p, it, n, now);
		break;
	case 1:		/* an open one is left for another: it was not sent */
		id_of(m->id[p], (unsigned)test_random(seed));
		CHECK(ledger_intent(&l, party[p], m->id[p], it, n, now));
		m->open[p] = true;
		memcpy(m->set[p], it, n * sizeof(*it));
		m->n[p] = n;
		m->next_us[p] = 0;
		break;
	case 2:
		if (m->open[p]) {
			CHECK(ledger_intent(&l, party[p], m->id[p], NULL, 0, now));
			m->next_us[p] = now + WHEN_SEC;
			CHECK(ledger_done(&l, party[p], LEDGER_RETRY, 451, "x", m->next_us[p]));
		}
		break;
	case 3:
		if (m->open[p]) {
			CHECK(ledger_done(&l, party[p], LEDGER_DROPPED, 0, "", 0));
			m->open[p] = false;
		}
		break;
	default:
		if (m->open[p]) {
			CHECK(ledger_done(&l, party[p], LEDGER_SENT, 250, "", 0));
			take(m, p, m->set[p], m->n[p], now);
			m->open[p] = false;
			m->sent_us[p] = now;
			memcpy(m->last[p], m->id[p], sizeof(m->id[p]));
		}
	}
}

static int64_t
file_size(void)
{
	struct stat st;

	return stat(PATH, &st) == 0 ? (int64_t)st.st_size : 0;
}

static void
histories(void)
{
	static const struct str group[PARTIES] = { { "alerts", 6 }, { "alerts", 6 }, { "report: x", 9 } };
	static const struct str who[PARTIES] = { { "a@b", 3 }, { "c@d", 3 }, { "a@b", 3 } };
	static struct model m;
	uint32_t party[PARTIES];
	uint64_t seed = 20261120;
	int64_t now = T0, biggest = 0;
	unsigned folded = 0;

	fresh();
	for (unsigned run = 0; run < 600; run++) {
		int64_t before = file_size();

		now += (int64_t)(test_random(&seed) % (8 * 3600)) * WHEN_SEC;
		CHECK(open_at(now));
		folded += file_size() < before;
		for (size_t p = 0; p < PARTIES; p++)
			party[p] = ledger_party(&l, group[p], who[p]);
		same_as_model(&m, party, now);
		for (unsigned i = 0; i < 10; i++)
			step(&m, party, &seed, now);
		same_as_model(&m, party, now);
		ledger_close(&l);
		biggest = file_size() > biggest ? file_size() : biggest;
	}
	CHECK(folded > 0 && folded < 100);	/* it happens, and not at every run */
	CHECK(biggest > LEDGER_COMPACT && biggest < 4 * (int64_t)LEDGER_COMPACT);
}

static void
many(void)
{
	size_t n = 100000;
	struct ledger_item *it = malloc(n * sizeof(*it));
	uint32_t p;

	CHECK(it != NULL);
	fresh();
	CHECK(open_at(T0));
	p = ledger_party(&l, STR("alerts"), OPS);
	for (size_t i = 0; it && i < n; i++) {
		it[i] = item(1, LEDGER_FIRING, T0);
		memcpy(it[i].key.b, &i, sizeof(i));
	}
	CHECK(ledger_intent(&l, p, "x", it, n, T0));
	CHECK(ledger_done(&l, p, LEDGER_SENT, 250, "", 0));
	ledger_close(&l);
	CHECK(open_at(T0 + 1));
	CHECK_INT(l.entries, n);
	ledger_close(&l);
	free(it);
}

static void
ids(void)
{
	struct ledger_item it[] = { item(1, LEDGER_FIRING, T0), item(2, LEDGER_OVER, T0) };
	struct ledger_party p = { .open = false };
	struct ledger_key k;
	char a[LEDGER_ID + 1], b[LEDGER_ID + 1];
	struct sha256 h;

	CHECK(sha256_open(&h));
	CHECK(ledger_id(&h, &p, it, 2, a) && ledger_id(&h, &p, it, 2, b) && strcmp(a, b) == 0);
	CHECK(strlen(a) == LEDGER_ID);
	CHECK(ledger_id(&h, &p, it, 1, b) && strcmp(a, b) != 0);
	id_of(p.last_id, 1);
	CHECK(ledger_id(&h, &p, it, 2, b) && strcmp(a, b) != 0);
	/* printf 'miss\ttier="edge"' | sha256sum */
	CHECK(ledger_key(&h, STR("miss"), STR("tier=\"edge\""), &k));
	CHECK(k.b[0] == 0x3c && k.b[15] == 0x2f);
	sha256_close(&h);

	CHECK_INT(ledger_backoff(0), 60 * WHEN_SEC);
	CHECK_INT(ledger_backoff(1), 60 * WHEN_SEC);
	CHECK_INT(ledger_backoff(2), 120 * WHEN_SEC);
	CHECK_INT(ledger_backoff(6), 1920 * WHEN_SEC);
	CHECK_INT(ledger_backoff(7), 3600 * WHEN_SEC);
	CHECK_INT(ledger_backoff(UINT32_MAX), 3600 * WHEN_SEC);
}

int
main(int argc, char *argv[])
{
	if (argc != 2 || chdir(argv[1]) == -1)
		return 2;
	two_phases();
	locking();
	foreign();
	damage();
	histories();
	many();
	ids();
	return test_end();
}
