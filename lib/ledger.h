/*
 * ledger.h - what was told to whom: the memory of a program that delivers.
 *
 *	struct ledger l;
 *	switch (ledger_open(&l, "mail.tsv", now_us, true)) { ... }
 *	p = ledger_party(&l, STR("alerts"), STR("ops@example.test"));	its number
 *	ok = ledger_intent(&l, p, id, item, n);		before the send,
 *	...send...
 *	ok = ledger_done(&l, p, LEDGER_SENT, 250, "", 0);	and after it
 *	ledger_close(&l);
 *
 * One row an event (ledgerfile.h), synced to the disk before the call returns.
 * An intent without an end was perhaps delivered and perhaps not: it stays
 * `open` and is sent again under its own id, so that nothing is lost and a
 * duplicate can be recognised.
 *
 * A row that is damaged is passed over, counted, and gone the next time; the
 * worst of it is that something is told twice.
 *
 * Over LEDGER_COMPACT bytes, rows of more than LEDGER_KEEP_S seconds are folded
 * into the state they lead to.
 *
 * Ownership: the ledger owns everything; path is BORROWED.
 * Errors: false and errno, with the file as it was.  What was to be appended
 * holds in memory all the same.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "base.h"
#include "buf.h"
#include "ledgerfile.h"
#include "map.h"
#include "mem.h"
#include "sha256.h"

#define LEDGER_ID	32			/* characters of a message's id */
#define LEDGER_COMPACT	(1024 * 1024)		/* bytes from which old rows are folded */
#define LEDGER_FOLD_ALL	(16 * 1024 * 1024)	/* bytes from which all are */
#define LEDGER_KEEP_S	(30 * 86400)
#define LEDGER_OVER_S	(8 * 86400)		/* of an alert that is over, at least: longer than it is shown */
#define LEDGER_WHY_MAX	256			/* bytes of a server's words that are kept */

/* Somebody who is told something. */
struct ledger_party {
	struct str group, recipient;
	int64_t start_us;	/* of the first row */
	int64_t sent_us;	/* of the last message, 0: none */
	int64_t as_of_us;	/* of the newest table that was told of */
	char last_id[LEDGER_ID + 1];	/* of the last message; "": none */

	bool open;		/* a message has begun and not ended */
	char id[LEDGER_ID + 1];
	struct ledger_item *set; /* OWNED */
	size_t n, cap;
	unsigned attempt;	/* made so far */
	int64_t next_us;	/* not before; 0: now */
};

/* What a party knows of an alert. */
struct ledger_entry {
	uint32_t party;
	struct ledger_item item;
	int64_t time_us;	/* when that was told or noted */
};

/* An alert that was over before the party could be told. */
struct ledger_miss {
	uint32_t party;
	struct str text;	/* what it was, as in the stream */
	int64_t since_us, time_us;	/* of the episode; when that was noted */
};

struct ledger {
	struct ledger_party *party;	/* OWNED; by number */
	size_t parties;
	struct ledger_entry *entry;	/* OWNED */
	size_t entries;
	struct ledger_miss *miss; /* OWNED; of the last LEDGER_KEEP_S */
	size_t misses;
	uint64_t damaged;	/* rows passed over */
	uint64_t damaged_line;	/* the first of them */

	/* private from here */
	struct ledgerfile file;	/* OWNED */
	int64_t now_us;
	struct map by_name, by_key;	/* OWNED */
	size_t party_cap, entry_cap, miss_cap;
	struct arena text;	/* OWNED: of misses */
};

/*
 * Without `write` nothing is made, locked or changed; a path that is not there
 * is an empty ledger.
 */
MUST_USE enum ledger_opened ledger_open(struct ledger *l, const char *path, int64_t now_us, bool write);
void	ledger_close(struct ledger *l);

/* The party of that name, both parts escaped as in the stream; noted as new if it is. */
uint32_t ledger_party(struct ledger *l, struct str group, struct str recipient);

/* What the party knows of an alert, or NULL. */
const struct ledger_entry *ledger_get(const struct ledger *l, uint32_t party,
    const struct ledger_key *key);

/* Before each attempt; item is BORROWED, or the party's own open set. */
MUST_USE bool ledger_intent(struct ledger *l, uint32_t party, const char *id,
    const struct ledger_item *item, size_t n, int64_t as_of_us);

/* After it: SENT, RETRY, FAILED or DROPPED; next_us is for RETRY and FAILED. */
MUST_USE bool ledger_done(struct ledger *l, uint32_t party, enum ledger_status status,
    int code, const char *why, int64_t next_us);

/* What is known from now on without a message; for one that was missed, why says what it was. */
MUST_USE bool ledger_note(struct ledger *l, uint32_t party, const struct ledger_item *item,
    size_t n, int64_t as_of_us, struct str why);

/* The id of a message: of the one before it and of all that it tells. */
MUST_USE bool ledger_id(struct sha256 *h, const struct ledger_party *p,
    const struct ledger_item *item, size_t n, char to[LEDGER_ID + 1]);

/* The key of an alert, or of anything else that two texts name. */
MUST_USE bool ledger_key(struct sha256 *h, struct str rule, struct str labels, struct ledger_key *k);

/* How long to wait after so many attempts: 1, 2, 4 ... minutes, to an hour. */
int64_t	ledger_backoff(unsigned attempts);

#endif
