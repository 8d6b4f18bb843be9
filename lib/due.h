/*
 * due.h - what is to be told: the alert table held against the ledger.
 *
 *	struct due_table t;
 *	due_open(&t);
 *	why = due_add(&t, &alert);		each row of the table
 *	due_find(&d, &t, &ledger, party, &rule);
 *	if (d.what == DUE_SEND)
 *		...tell t.alert[...] of d.item[0 .. d.n)...
 *	due_free(&d);
 *	due_close(&t);
 *
 * The rule is Alertmanager's (notify/dedup_stage.go): tell when an alert fires
 * that was not told of, when one that was told of is over, and again when
 * something has been firing for `repeat` since the last message.
 *
 * Ownership: the table copies what it holds; a due's items are its own, or
 * BORROWED from the party whose open message they are.
 * Errors: due_add gives a reason, or NULL.
 */
#ifndef DUE_H
#define DUE_H

#include "alerts.h"
#include "base.h"
#include "ledger.h"
#include "map.h"
#include "mem.h"
#include "sha256.h"

#define DUE_ALERTS	1000000		/* alerts of a table */

struct due_table {
	struct alert *alert;		/* OWNED; the last row of each */
	struct ledger_key *key;		/* OWNED */
	size_t n;
	int64_t as_of_us;		/* the newest row's time; 0: there is none */

	/* private from here */
	size_t cap, key_cap;
	struct map by_key;		/* OWNED */
	struct arena text;		/* OWNED */
	struct sha256 sha;		/* OWNED */
};

MUST_USE const char *due_open(struct due_table *t);
MUST_USE const char *due_add(struct due_table *t, const struct alert *a);
void	due_close(struct due_table *t);

/* The alert of that key, or NULL. */
const struct alert *due_alert(const struct due_table *t, const struct ledger_key *k);

struct due_rule {
	int64_t now_us;
	int64_t repeat_us;	/* 0: never */
	struct str channel;	/* whose alerts; those without channels are everybody's */
	bool types;		/* one item for the set of rules that fire */
};

/* Does it fire, and is it for us to tell? */
bool	due_fires(const struct alert *a, const struct due_rule *r);

enum due_what {
	DUE_NOTHING,
	DUE_WAIT,	/* a message is open, and its next try is later */
	DUE_SEND,
	DUE_OLD,	/* the table is older than what was told */
};

struct due {
	enum due_what what;
	bool again;		/* the open message */
	bool repeat;		/* nothing new, but still firing */
	char id[LEDGER_ID + 1];
	const struct ledger_item *item;
	size_t n;

	/* What is to be recorded without a message, see ledger.h. */
	struct ledger_item *noted, *missed;	/* OWNED */
	size_t nnoted, nmissed;

	/* private from here */
	struct ledger_item *own;	/* OWNED */
	size_t own_n, own_cap, noted_cap, missed_cap;
};

/* False: no SHA-256. */
MUST_USE bool due_find(struct due *d, struct due_table *t, const struct ledger *l, uint32_t party,
    const struct due_rule *r);

/*
 * A report, as an item that fires at the start of its period: once in each.
 * One that is open keeps its id.  It has nothing to free; false as above.
 */
MUST_USE bool due_report(struct due *d, struct sha256 *h, const struct ledger *l, uint32_t party,
    const struct ledger_item *report, int64_t now_us);
void	due_free(struct due *d);

#endif
