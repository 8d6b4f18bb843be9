/*
 * delivery.h - a message on its way: written down, sent, and written down as
 * sent.
 *
 *	struct delivery d = { .net = net, .now_us = now_us, .path = "mail.tsv" };
 *	if (!delivery_open(&d))
 *		return d.later ? EXIT_LATER : EXIT_TROUBLE;
 *	up = delivery_send(&d, &mail, to, party, &due, as_of_us);
 *	...
 *	delivery_close(&d);
 *	if (d.trouble) ... else if (d.later) ...
 *
 * The ledger's rule of two phases is kept here: an intent before each attempt,
 * and after it what the server said.  A run that dies between them leaves the
 * message open, and the next one sends it again under the same id.
 *
 * What goes wrong with one recipient is said on standard error and kept for
 * the exit status; the others are told all the same.  A ledger that cannot be
 * written does not stop a mail either: told twice is better than never.
 *
 * With `print` nothing is sent or recorded: messages go there, each once, in
 * lines that end in LF.
 *
 * Ownership: the delivery owns its ledger; path, net and print are BORROWED.
 * Errors: said as above, in later and trouble.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "base.h"
#include "due.h"
#include "ledger.h"
#include "mail.h"
#include "net.h"
#include "out.h"

#define DELIVERY_REFUSED_S	3600	/* what was refused is asked for again after so long */

struct delivery {
	const char *path;	/* of the ledger; NULL: none */
	struct net net;
	struct out *print;	/* NULL: send */
	int64_t now_us;
	bool verbose;		/* say also what went well */

	struct ledger ledger;
	bool records;		/* there is a ledger to write to */
	bool later, trouble;	/* something waits; something will not mend itself */

	/* private from here */
	char shown[LEDGER_ID + 1];	/* the message printed last */
};

/* Opens the ledger.  False: another run has it (later), or it is none (trouble), and that was said. */
MUST_USE bool delivery_open(struct delivery *d);
void	delivery_close(struct delivery *d);

/* What the ledger could not take is said, and is trouble. */
void	delivery_must(struct delivery *d, bool written);

/* One attempt, of which the ledger knows nothing.  False: the server is down for all. */
bool	delivery_try(struct delivery *d, const struct mail *m, const struct mailbox *to);

/* What is due to one party, in two phases.  False: the server is down for all. */
bool	delivery_send(struct delivery *d, const struct mail *m, const struct mailbox *to,
    uint32_t party, const struct due *due, int64_t as_of_us);

#endif
