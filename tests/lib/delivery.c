/*
 * delivery: delivery DIR URL - one message through all that may become of it,
 * with a mail server at URL that takes everything, and none at localhost:1.
 */
#include "delivery.h"

#include "made.h"
#include "msg.h"

#define PATH	"l.tsv"
#define ID	"00000000000000000000000000000007"

static struct mailbox from = { { "", 0 }, { "cmon@example.test", 17 } };
static struct mailbox to = { { "", 0 }, { "ops@example.test", 16 } };
static struct mail mail = { .nto = 1, .date_us = T0, .id = ID, .kind = "alerts",
    .subject = { "s", 1 }, .text = { "t\n", 2 }, .html = { "<p>t</p>\n", 9 } };
static struct ledger_item item = { .sign = LEDGER_FIRING, .since_us = T0 };
static struct due due = { .what = DUE_SEND, .item = &item, .n = 1, .id = ID };
static uint32_t party;

static struct delivery
a_delivery(const char *url, const char *path)
{
	return (struct delivery){ .path = path, .now_us = T0, .net = { .url = url, .plain = true,
	    .timeout_us = 10 * WHEN_SEC } };
}

static void
begin(struct delivery *d, const char *url)
{
	*d = a_delivery(url, PATH);
	CHECK(delivery_open(d) && d->records);
	party = ledger_party(&d->ledger, STR("mail"), to.address);
}

/* No server: later, the intent stays open, and the next try has its time. */
static void
not_now(void)
{
	struct delivery d, other;

	begin(&d, "smtp://localhost:1");
	other = a_delivery("smtp://localhost:1", PATH);
	CHECK(!delivery_open(&other) && other.later && !other.trouble);
	delivery_close(&other);
	CHECK(!delivery_send(&d, &mail, &to, party, &due, T0));
	CHECK(d.later && !d.trouble);
	CHECK(d.ledger.party[party].open && d.ledger.party[party].next_us == T0 + MIN);
	CHECK(!ledger_get(&d.ledger, party, &item.key));
	delivery_close(&d);
}

/* Certificates that are not there: nothing that time mends, but tried again at once. */
static void
cannot(void)
{
	struct delivery d;

	begin(&d, "smtps://localhost:1");
	d.net.plain = false;
	d.net.url = "ftp://localhost:1";	/* no protocol of ours: libcurl refuses it */
	CHECK(!delivery_send(&d, &mail, &to, party, &due, T0));
	CHECK(d.trouble && !d.later);
	CHECK(d.ledger.party[party].open && d.ledger.party[party].next_us == 0 && d.ledger.party[party].attempt == 2);
	delivery_close(&d);
}

static void
sent(const char *url)
{
	const struct ledger_entry *e;
	struct delivery d;

	begin(&d, url);
	CHECK(delivery_send(&d, &mail, &to, party, &due, T0));
	CHECK(!d.trouble && !d.later && !d.ledger.party[party].open);
	delivery_close(&d);
	begin(&d, url);
	e = ledger_get(&d.ledger, party, &item.key);
	CHECK(e && e->item.since_us == T0 && d.ledger.party[party].sent_us == T0);
	CHECK(delivery_try(&d, &mail, &to));	/* a drill leaves no trace */
	CHECK(d.ledger.party[party].attempt == 0 || !d.ledger.party[party].open);
	delivery_close(&d);
}

/* A mail that cannot be made is trouble, and goes nowhere. */
static void
unmakable(const char *url)
{
	struct mail bad = mail;
	struct delivery d;

	bad.subject = STR("a\nb");
	begin(&d, url);
	due.id[0] = 'f';
	CHECK(delivery_send(&d, &bad, &to, party, &due, T0));
	CHECK(d.trouble);
	due.id[0] = '0';
	delivery_close(&d);
}

static void
print(void)
{
	static const struct mailbox list[] = { { { "", 0 }, { "a@b.c", 5 } }, { { "", 0 }, { "d@e.f", 5 } } };
	struct delivery d = a_delivery(NULL, PATH);
	struct mail m = mail;
	struct out out;
	char text[4096];
	size_t n;
	FILE *f;

	m.to = list;
	m.nto = 2;
	out_open(&out, "printed");
	d.print = &out;
	CHECK(delivery_open(&d) && !d.records);
	CHECK(delivery_send(&d, &m, &list[0], 0, &due, T0) && delivery_send(&d, &m, &list[1], 0, &due, T0));
	delivery_close(&d);
	CHECK(out_close(&out) == 0);
	f = fopen("printed", "r");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	CHECK(f && fclose(f) == 0);
	CHECK(str_starts((struct str){ text, n }, STR("Date: Fri, 20 Nov 2026 12:00:00 +0000\nFrom: <cmon@")));
	CHECK(!strchr(text, '\r') && !strstr(strstr(text, "Date:") + 1, "Date:"));	/* once for both */
}

static void
foreign(void)
{
	struct delivery d = a_delivery("smtp://localhost:1", "foreign");
	FILE *f = fopen("foreign", "w");

	CHECK(f && fputs("root:x:0:0\n", f) >= 0 && fclose(f) == 0);
	CHECK(!delivery_open(&d) && d.trouble && !d.later);
	delivery_close(&d);
	d = a_delivery("smtp://localhost:1", "no/such/folder");
	CHECK(!delivery_open(&d) && d.trouble);
	delivery_close(&d);
}

int
main(int argc, char *argv[])
{
	if (argc != 3 || chdir(argv[1]) == -1)
		return 2;
	msg_init("delivery");
	mail.from = from;
	mail.to = &to;
	not_now();
	cannot();
	sent(argv[2]);
	unmakable(argv[2]);
	print();
	foreign();
	return test_end();
}
