/*
 * due: what one party is told of one alert, for everything that it may know
 * and everything that the table may say; repeats, types, reports, clocks.
 */
#include "due.h"

#include "made.h"

#define PATH	"l.tsv"
#define OPS	STR("ops@example.test")

static struct ledger l;
static struct due_table t;
static uint32_t party;
static struct due_rule rule = { .now_us = T0, .repeat_us = 240 * MIN, .channel = { "mail", 4 } };

/* An empty ledger, and an empty table. */
static void
fresh(void)
{
	unlink(PATH);
	rule.now_us = T0;
	CHECK(ledger_open(&l, PATH, T0 - 600 * MIN, true) == LEDGER_OPEN);
	party = ledger_party(&l, STR("mail"), OPS);
	CHECK(!due_open(&t));
}

static void
shut(void)
{
	due_close(&t);
	ledger_close(&l);
}

static void
add(struct alert a)
{
	const char *why = due_add(&t, &a);

	CHECK_STR(str_of(why ? why : ""), "");
}

static struct ledger_item
item(const char *name, enum ledger_sign sign, int64_t since_us)
{
	struct ledger_item it = { .sign = sign, .since_us = since_us };

	CHECK(ledger_key(&t.sha, str_of(name), STR(""), &it.key));
	return it;
}

static void
knows(enum ledger_sign sign, int64_t since_us)
{
	struct ledger_item it = item("a", sign, since_us);

	if (sign != LEDGER_NONE)
		CHECK(ledger_note(&l, party, &it, 1, T0 - 100 * MIN, STR("")));
}

/* The signs of what is due, told, noted and missed, with episodes by number: "+2 -1 | !2 | ~1". */
static struct str
due_of(struct due *d)
{
	static char text[200];
	const struct ledger_item *list[3];
	size_t n[3], at = 0;

	CHECK(due_find(d, &t, &l, party, &rule));
	list[0] = d->item, list[1] = d->noted, list[2] = d->missed;
	n[0] = d->n, n[1] = d->nnoted, n[2] = d->nmissed;
	for (size_t k = 0; k < 3; k++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", k ? "|" : "");
		for (size_t i = 0; i < n[k]; i++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%c%d", " +-!~"[list[k][i].sign],
			    (int)((list[k][i].since_us - (T0 - 60 * MIN)) / (10 * MIN)));
	}
	return (struct str){ text, at };
}

/* Episode 1 is the one before; episode 2 is the table's. */
static int64_t
since(int episode)
{
	return episode ? T0 - 60 * MIN + episode * 10 * MIN : 0;
}

static void
one_alert(void)
{
	static const struct {
		enum ledger_sign sign;	/* what is known, */
		int known;		/* of which episode */
		enum alert_state state;
		const char *muted, *channels, *flags, *want;
	} c[] = {
		{ LEDGER_NONE, 0, ALERT_FIRING, "", "", "", "+2||" },
		{ LEDGER_NONE, 0, ALERT_FIRING, "", "mail", "", "+2||" },
		{ LEDGER_NONE, 0, ALERT_FIRING, "", "x, mail", "", "+2||" },
		{ LEDGER_NONE, 0, ALERT_FIRING, "", "pager,mails", "", "||" },
		{ LEDGER_NONE, 0, ALERT_FIRING, "silence:1", "", "", "|!2|" },
		{ LEDGER_NONE, 0, ALERT_PENDING, "", "", "", "||" },
		{ LEDGER_NONE, 0, ALERT_INACTIVE, "", "", "", "||" },
		{ LEDGER_NONE, 0, ALERT_RESOLVED, "", "", "", "||~2" },
		{ LEDGER_NONE, 0, ALERT_RESOLVED, "", "pager", "", "||" },
		{ LEDGER_NONE, 0, ALERT_FIRING, "", "", "prev_since=1795173000,prev_resolved=1795173060", "+2||~1" },
		{ LEDGER_FIRING, 2, ALERT_FIRING, "", "", "", "||" },
		{ LEDGER_FIRING, 2, ALERT_FIRING, "silence:1", "", "", "||" },
		{ LEDGER_FIRING, 2, ALERT_RESOLVED, "", "", "", "-2||" },
		{ LEDGER_FIRING, 2, ALERT_RESOLVED, "silence:1", "pager", "", "-2||" },
		{ LEDGER_FIRING, 2, ALERT_INACTIVE, "", "", "", "-2||" },
		{ LEDGER_FIRING, 1, ALERT_PENDING, "", "", "", "-1||" },
		{ LEDGER_FIRING, 1, ALERT_FIRING, "", "", "", "-1+2||" },
		{ LEDGER_FIRING, 1, ALERT_FIRING, "silence:1", "", "", "-1|!2|" },
		{ LEDGER_FIRING, 1, ALERT_RESOLVED, "", "", "", "-1||~2" },
		{ LEDGER_OVER, 2, ALERT_RESOLVED, "", "", "", "||" },
		{ LEDGER_OVER, 1, ALERT_FIRING, "", "", "", "+2||" },
		{ LEDGER_OVER, 1, ALERT_FIRING, "", "", "prev_since=1795173000,prev_resolved=1795173060", "+2||" },
		{ LEDGER_OVER, 1, ALERT_RESOLVED, "", "", "", "||~2" },
		{ LEDGER_MUTED, 2, ALERT_FIRING, "silence:1", "", "", "||" },
		{ LEDGER_MUTED, 2, ALERT_FIRING, "", "", "", "+2||" },
		{ LEDGER_MUTED, 2, ALERT_RESOLVED, "", "", "", "||" },
		{ LEDGER_MISSED, 2, ALERT_RESOLVED, "", "", "", "||" },
		{ LEDGER_MISSED, 1, ALERT_FIRING, "", "", "", "+2||" },
	};

	for (size_t i = 0; i < countof(c); i++) {
		struct alert a = made_alert(c[i].state, "a", "", since(2));
		struct due d;

		fresh();
		a.muted_by = str_of(c[i].muted);
		a.channels = str_of(c[i].channels);
		a.flags = str_of(c[i].flags);
		knows(c[i].sign, since(c[i].known));
		add(a);
		rule.repeat_us = 0;
		CHECK_STR(due_of(&d), c[i].want);
		CHECK(d.what == (c[i].want[0] == '|' ? DUE_NOTHING : DUE_SEND) && !d.again && !d.repeat);
		rule.repeat_us = 240 * MIN;
		due_free(&d);
		shut();
	}
}

/* A message that is open is the next one, as it is, when its time has come. */
static void
open_message(void)
{
	struct ledger_item it;
	struct due d;

	fresh();
	add(made_alert(ALERT_RESOLVED, "a", "", since(2)));
	it = item("a", LEDGER_FIRING, since(2));
	CHECK(ledger_intent(&l, party, "7", &it, 1, T0 - MIN));
	CHECK_STR(due_of(&d), "+2||");
	CHECK(d.what == DUE_SEND && d.again && strcmp(d.id, "7") == 0);
	CHECK(ledger_done(&l, party, LEDGER_RETRY, 451, "", T0 + MIN));
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_WAIT);
	rule.now_us = T0 + MIN;
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND);
	rule.now_us = T0 - 300 * MIN;	/* the clock went back: a wait of five hours is none */
	t.as_of_us = l.party[party].as_of_us;
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND);
	due_free(&d);
	due_close(&t);
	/* Nothing of it is in the table any more: nothing can be said. */
	CHECK(!due_open(&t));
	rule.now_us = T0 + MIN;
	add(made_alert(ALERT_FIRING, "b", "", since(2)));
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_NOTHING && d.again);
	due_free(&d);
	shut();
}

static void
repeats(void)
{
	struct ledger_item it;
	struct due d;

	fresh();
	add(made_alert(ALERT_FIRING, "a", "", since(2)));
	it = item("a", LEDGER_FIRING, since(2));
	CHECK(ledger_intent(&l, party, "7", &it, 1, T0 - 600 * MIN) &&
	    ledger_done(&l, party, LEDGER_SENT, 250, "", 0));	/* at T0 - 600 min, the ledger's now */
	rule.now_us = T0 - 600 * MIN + 240 * MIN - 1;
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_NOTHING);
	due_free(&d);
	rule.now_us++;
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND && d.repeat && d.n == 0);
	due_free(&d);
	rule.now_us = T0 - 700 * MIN;	/* sent in a time to come: told again rather than never */
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND && d.repeat);
	due_free(&d);
	shut();
}

static void
overtaken(void)
{
	struct ledger_item it;
	struct due d;

	fresh();
	add(made_alert(ALERT_FIRING, "a", "", since(2)));
	it = item("b", LEDGER_OVER, since(1));
	CHECK(ledger_note(&l, party, &it, 1, T0 + MIN, STR("")));
	rule.now_us = T0 + 2 * MIN;
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_OLD);
	rule.now_us = T0;		/* a table of the future was told of: its clock was wrong */
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND);
	due_free(&d);
	shut();
}

static void
types(void)
{
	char id[LEDGER_ID + 1];
	struct due d;

	fresh();
	rule.types = true;
	add(made_alert(ALERT_FIRING, "a", "h=\"1\"", since(2)));
	add(made_alert(ALERT_FIRING, "b", "", since(2)));
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND && d.n == 1);
	memcpy(id, d.id, sizeof(id));
	CHECK(ledger_intent(&l, party, id, d.item, d.n, T0) && ledger_done(&l, party, LEDGER_SENT, 250, "", 0));
	due_free(&d);
	rule.repeat_us = 0;
	add(made_alert(ALERT_FIRING, "a", "h=\"2\"", since(2)));	/* hidden: the same rules */
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_NOTHING);
	due_free(&d);
	add(made_alert(ALERT_FIRING, "c", "", since(2)));
	CHECK(due_find(&d, &t, &l, party, &rule) && d.what == DUE_SEND && d.n == 2 && strcmp(id, d.id) != 0);
	due_free(&d);
	rule.types = false;
	rule.repeat_us = 240 * MIN;
	shut();
}

static void
reports(void)
{
	struct ledger_item it, next;
	struct due d, again;

	fresh();
	it = item("report", LEDGER_FIRING, T0);
	next = it;
	next.since_us = T0 + 1440 * MIN;
	CHECK(due_report(&d, &t.sha, &l, party, &it, T0) && d.what == DUE_SEND && !d.again && d.n == 1);
	CHECK(ledger_intent(&l, party, d.id, d.item, d.n, T0));
	CHECK(due_report(&again, &t.sha, &l, party, &it, T0) && again.what == DUE_SEND && again.again &&
	    strcmp(again.id, d.id) == 0);
	CHECK(ledger_done(&l, party, LEDGER_RETRY, 451, "", T0 + MIN));
	CHECK(due_report(&again, &t.sha, &l, party, &it, T0) && again.what == DUE_WAIT);
	CHECK(due_report(&again, &t.sha, &l, party, &next, T0 + 1440 * MIN) && again.what == DUE_SEND &&
	    strcmp(again.id, d.id) != 0);
	CHECK(ledger_done(&l, party, LEDGER_SENT, 250, "", 0));
	CHECK(due_report(&again, &t.sha, &l, party, &it, T0 + MIN) && again.what == DUE_NOTHING);
	shut();
}

static void
tables(void)
{
	struct alert a = made_alert(ALERT_FIRING, "a", "", T0);

	fresh();
	add(a);
	a.value = STR("18");
	a.time_us = T0 + MIN;
	add(a);				/* the last row of an alert holds */
	CHECK(t.n == 1 && t.as_of_us == T0 + MIN);
	CHECK_STR(t.alert[0].value, "18");
	a.summary = STR("a\tb");
	CHECK(due_add(&t, &a) != NULL);
	a.summary = STR("");
	a.since_us = 0;
	CHECK(due_add(&t, &a) != NULL);
	shut();
}

int
main(int argc, char *argv[])
{
	if (argc != 2 || chdir(argv[1]) == -1)
		return 2;
	one_alert();
	open_message();
	repeats();
	overtaken();
	types();
	reports();
	tables();
	return test_end();
}
