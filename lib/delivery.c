#include "delivery.h"

#include <errno.h>
#include <string.h>

#include "mime.h"
#include "msg.h"
#include "state.h"
#include "str.h"
#include "when.h"

static void
say_damage(const struct delivery *d)
{
	const struct ledger *l = &d->ledger;

	if (l->damaged)
		warn("%s:%llu: damaged, passed over, as are %llu rows in all: something may be told twice",
		    d->path, (unsigned long long)l->damaged_line, (unsigned long long)l->damaged);
}

/* A file without a name is an empty ledger. */
bool
delivery_open(struct delivery *d)
{
	d->records = d->path && !d->print;
	switch (ledger_open(&d->ledger, d->path ? d->path : "", d->now_us, d->records)) {
	case LEDGER_OPEN:
		say_damage(d);
		return true;
	case LEDGER_BUSY:
		if (d->verbose)
			warn("%s: another run has it locked", d->path);
		d->later = true;
		break;
	case LEDGER_FOREIGN:
		warn("%s: not a ledger of this version: move it away to start a new one", d->path);
		d->trouble = true;
		break;
	case LEDGER_NO_FILE:
		warn("%s: %s", d->path, STATE_NO_FILE);
		d->trouble = true;
		break;
	case LEDGER_ERROR:
		warn("%s: %s", d->path, strerror(errno));
		d->trouble = true;
		break;
	}
	return false;
}

void
delivery_close(struct delivery *d)
{
	ledger_close(&d->ledger);
}

void
delivery_must(struct delivery *d, bool written)
{
	if (written)
		return;
	warn("%s: %s: what is sent now may be sent again", d->path, strerror(errno));
	d->trouble = true;
}

static void
cannot_write(struct delivery *d, const struct mailbox *to, const char *why)
{
	warn("%.*s: %s", STRF(to->address), why);
	d->trouble = true;
}

static void
print(struct delivery *d, const struct mail *m, const struct mailbox *to)
{
	struct mime mime;
	const char *why = mail_mime(m, &mime);
	struct str rest = buf_str(&mime.out), line;

	if (why)
		cannot_write(d, to, why);
	else if (strcmp(m->id, d->shown) != 0)
		while (rest.n && str_cut(&rest, '\n', &line)) {
			out_add(d->print, (struct str){ line.p, line.n - 1 });
			out_byte(d->print, '\n');
		}
	memcpy(d->shown, m->id, sizeof(d->shown));
	mime_close(&mime);
}

static void
say(struct delivery *d, const struct mailbox *to, const struct net_reply *r)
{
	static const char *const class[] = { "sent", "not now", "refused", "cannot send" };

	if (r->class != NET_SENT || d->verbose)
		warn("%.*s: %.*s: %s: %s", STRF(net_host(d->net.url)), STRF(to->address),
		    class[r->class], r->why);
	d->later |= r->class == NET_RETRY;
	d->trouble |= r->class == NET_PERMANENT || r->class == NET_CONFIG;
}

/* False: nothing was sent, and r says nothing. */
static bool
transact(struct delivery *d, const struct mail *m, const struct mailbox *to, struct net_reply *r)
{
	const char *why = mail_send(&d->net, m, to->address, r);

	if (why)
		cannot_write(d, to, why);
	else
		say(d, to, r);
	return !why;
}

/* After the send, for the ledger. */
static void
record(struct delivery *d, uint32_t party, const struct net_reply *r)
{
	struct ledger *l = &d->ledger;
	enum ledger_status status = LEDGER_RETRY;
	int64_t next_us = 0;

	switch (r->class) {
	case NET_SENT:
		status = LEDGER_SENT;
		break;
	case NET_RETRY:
		next_us = ledger_backoff(l->party[party].attempt);
		next_us = d->now_us + (r->wait_us > next_us ? r->wait_us : next_us);
		break;
	case NET_PERMANENT:
		status = LEDGER_FAILED;
		next_us = d->now_us + DELIVERY_REFUSED_S * WHEN_SEC;
		break;
	case NET_CONFIG:	/* as soon as somebody has mended it */
		break;
	}
	delivery_must(d, ledger_done(l, party, status, r->code, r->why, next_us));
}

bool
delivery_try(struct delivery *d, const struct mail *m, const struct mailbox *to)
{
	struct net_reply r;
	bool up;

	if (d->print) {
		print(d, m, to);
		return true;
	}
	up = !transact(d, m, to, &r) || !r.down;
	net_reply_free(&r);
	return up;
}

bool
delivery_send(struct delivery *d, const struct mail *m, const struct mailbox *to,
    uint32_t party, const struct due *due, int64_t as_of_us)
{
	struct net_reply r;
	bool sent, up;

	if (!d->records)
		return delivery_try(d, m, to);
	delivery_must(d, ledger_intent(&d->ledger, party, m->id, due->item, due->n, as_of_us));
	sent = transact(d, m, to, &r);
	up = !sent || !r.down;
	if (sent)
		record(d, party, &r);
	net_reply_free(&r);
	return up;
}
