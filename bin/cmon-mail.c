/*
 * cmon-mail - tell people by mail: alerts, once each, and reports.
 *
 * The input is read whole before the ledger is locked, so that whoever writes
 * it never waits for a mail server.  Then, for each recipient, what is due is
 * written down, sent, and written down as sent.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts.h"
#include "buf.h"
#include "due.h"
#include "in.h"
#include "ledger.h"
#include "letter.h"
#include "mail.h"
#include "mime.h"
#include "msg.h"
#include "net.h"
#include "notice.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "recent.h"
#include "sha256.h"
#include "sheet.h"
#include "str.h"
#include "tsv.h"
#include "when.h"

#define SECRET_VARIABLE	"CMON_MAIL_SECRET"
#define REFUSED_US	(3600 * WHEN_SEC)	/* a refusal is asked for again after so long */
#define TELL_MAX	(64 * 1024)		/* bytes of a group's name, or of a miss */

static struct {
	const char *ledger, *server, *from, *user, *secret, *ca, *channel, *dedup, *metrics, *link;
	const char *subject, *now;
	struct opt_list to;
	int64_t repeat_us, timeout_us, once_us;
	bool no_tls, dry_run, drill, verbose;
} cfg = {
	.channel = "mail", .dedup = "episodes", .repeat_us = 4 * 3600 * WHEN_SEC,
	.timeout_us = 20 * WHEN_SEC,
};

static const struct opt opts[] = {
	{ 's', "state", "FILE", OPT_TEXT, &cfg.ledger, "the ledger of what was told to whom" },
	{ 0, "server", "URL", OPT_TEXT, &cfg.server, "smtp://host:587, smtps://, or the API's https://" },
	{ 0, "from", "ADDRESS", OPT_TEXT, &cfg.from, "sender: a@b.c, or 'name <a@b.c>'" },
	{ 0, "to", "ADDRESS", OPT_LIST, &cfg.to, "recipient; may be given again" },
	{ 0, "user", "NAME", OPT_TEXT, &cfg.user, "user for SMTP authentication" },
	{ 0, "secret", "FILE", OPT_TEXT, &cfg.secret, "file (0600) with the password or key" },
	{ 0, "ca", "FILE", OPT_TEXT, &cfg.ca, "trust these certificates" },
	{ 0, "no-tls", NULL, OPT_FLAG, &cfg.no_tls, "smtp:// without TLS" },
	{ 0, "timeout", "DURATION", OPT_SPAN, &cfg.timeout_us, "longest transaction (20s)" },
	{ 0, "channel", "NAME", OPT_TEXT, &cfg.channel, "alerts for this channel (mail)" },
	{ 0, "repeat", "DURATION", OPT_SPAN, &cfg.repeat_us, "tell again of what still fires (4h)" },
	{ 0, "dedup", "HOW", OPT_TEXT, &cfg.dedup, "episodes, or types: one mail a set of rules" },
	{ 0, "metrics", "FILE", OPT_TEXT, &cfg.metrics, "show the newest rows of these metrics" },
	{ 0, "link", "URL", OPT_TEXT, &cfg.link, "link to a page about it all" },
	{ 0, "subject", "TEXT", OPT_TEXT, &cfg.subject, "mail any rows as a report" },
	{ 0, "once-per", "DURATION", OPT_SPAN, &cfg.once_us, "one such report in each DURATION" },
	{ 0, "dry-run", NULL, OPT_FLAG, &cfg.dry_run, "print the mail, send and record nothing" },
	{ 0, "drill", NULL, OPT_FLAG, &cfg.drill, "send a drill and say what became of it" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "use this time instead of the clock" },
	{ 'v', "verbose", NULL, OPT_FLAG, &cfg.verbose, "say what was sent to whom" },
};
static const struct opt_prog prog = {
	"cmon-mail", "[file ...]", "tell people by mail: alerts, once each, and reports",
	opts, countof(opts)
};

/* What a run has at hand. */
static struct {
	struct mailbox from, to[MAIL_RECIPIENTS];
	size_t n;
	struct net net;
	char secret[NET_SECRET_MAX];
	int64_t now_us;
	struct ledger ledger;
	bool records;			/* there is a ledger to write to */
	struct out out;			/* of a dry run */
	char shown[LEDGER_ID + 1];	/* the mail it printed last */
	bool later, trouble;		/* what the exit status will say */
} run;

/*
 * Options.
 */

static void
read_addresses(void)
{
	const char *why;

	if (!cfg.from || cfg.to.n == 0)
		opt_wrong(&prog, "--from and --to are needed");
	why = mime_mailbox(str_of(cfg.from), &run.from);
	if (why)
		opt_wrong(&prog, "--from: \"%s\": %s", cfg.from, why);
	for (size_t i = 0; i < cfg.to.n; i++) {
		why = mime_mailbox(str_of(cfg.to.v[i]), &run.to[i]);
		if (why)
			opt_wrong(&prog, "--to: \"%s\": %s", cfg.to.v[i], why);
		for (size_t k = 0; k < i; k++)
			if (str_eq(run.to[k].address, run.to[i].address))
				opt_wrong(&prog, "--to: \"%s\" is given twice", cfg.to.v[i]);
	}
	run.n = cfg.to.n;
}

static void
read_server(void)
{
	const char *why, *variable = getenv(SECRET_VARIABLE);

	if (!cfg.server)
		opt_wrong(&prog, "--server is needed, or --dry-run");
	run.net = (struct net){ .url = cfg.server, .ca = cfg.ca, .user = cfg.user,
	    .timeout_us = cfg.timeout_us, .plain = cfg.no_tls };
	if (cfg.secret) {
		why = net_secret(cfg.secret, run.secret);
		if (why)
			die("%s: %s", cfg.secret, why);
		run.net.secret = run.secret;
	} else if (variable && *variable) {
		run.net.secret = variable;
	}
	why = net_check(&run.net);
	if (why)
		opt_wrong(&prog, "--server: %.*s: %s", STRF(net_host(cfg.server)), why);
	if (cfg.timeout_us < WHEN_SEC / 10)
		opt_wrong(&prog, "--timeout: less than 100ms");
}

static void
check_options(void)
{
	read_addresses();
	if (!cfg.dry_run)
		read_server();
	if (strcmp(cfg.dedup, "episodes") != 0 && strcmp(cfg.dedup, "types") != 0)
		opt_wrong(&prog, "--dedup: neither episodes nor types: \"%s\"", cfg.dedup);
	if (cfg.link && !letter_is_address(str_of(cfg.link)))
		opt_wrong(&prog, "--link: not an http:// or https:// address: \"%s\"", cfg.link);
	if (cfg.subject && !tsv_is_escaped(str_of(cfg.subject)))
		opt_wrong(&prog, "--subject: not UTF-8, or a control character");
	if (cfg.once_us && (!cfg.subject || !cfg.ledger))
		opt_wrong(&prog, "--once-per needs --subject and --state");
	if (!cfg.subject && !cfg.drill && !cfg.dry_run && !cfg.ledger)
		opt_wrong(&prog, "--state is needed");
}

/*
 * Sending.
 */

static void
say_damage(void)
{
	if (run.ledger.damaged)
		warn("%s:%llu: damaged, passed over, as are %llu rows in all: something may be told twice",
		    cfg.ledger, (unsigned long long)run.ledger.damaged_line,
		    (unsigned long long)run.ledger.damaged);
}

/* False: another run has it.  A file without a name is an empty ledger. */
static bool
open_ledger(void)
{
	run.records = cfg.ledger && !cfg.dry_run;
	switch (ledger_open(&run.ledger, cfg.ledger ? cfg.ledger : "", run.now_us, run.records)) {
	case LEDGER_OPEN:
		say_damage();
		return true;
	case LEDGER_BUSY:
		if (cfg.verbose)
			warn("%s: another run has it locked", cfg.ledger);
		run.later = true;
		return false;
	case LEDGER_FOREIGN:
		die("%s: not a ledger of this version: move it away to start a new one", cfg.ledger);
	case LEDGER_ERROR:
		die_sys("%s", cfg.ledger);
	}
	return false;
}

/* What cannot be written down is told all the same, and perhaps told again. */
static void
must(bool written)
{
	if (written)
		return;
	warn("%s: %s: what is sent now may be sent again", cfg.ledger, strerror(errno));
	run.trouble = true;
}

/* The message as it is, but with lines that end in LF. */
static void
print(const struct mail *m)
{
	struct mime mime;
	const char *why = mail_mime(m, &mime);
	struct str rest = buf_str(&mime.out), line;

	if (why)
		die("%s", why);
	if (strcmp(m->id, run.shown) != 0)
		while (rest.n && str_cut(&rest, '\n', &line)) {
			out_add(&run.out, (struct str){ line.p, line.n - 1 });
			out_byte(&run.out, '\n');
		}
	memcpy(run.shown, m->id, sizeof(run.shown));
	mime_close(&mime);
}

static void
say(const struct mailbox *to, const struct net_reply *r)
{
	static const char *const class[] = { "sent", "not now", "refused", "cannot send" };

	if (r->class != NET_SENT || cfg.verbose || cfg.drill)
		warn("%.*s: %.*s: %s: %s", STRF(net_host(cfg.server)), STRF(to->address),
		    class[r->class], r->why);
	run.later |= r->class == NET_RETRY;
	run.trouble |= r->class == NET_PERMANENT || r->class == NET_CONFIG;
}

/* After the send, for the ledger. */
static void
record(uint32_t party, const struct net_reply *r)
{
	struct ledger *l = &run.ledger;
	int64_t next = run.now_us + ledger_backoff(l->party[party].attempt);

	switch (r->class) {
	case NET_SENT:
		must(ledger_done(l, party, LEDGER_SENT, r->code, r->why, 0));
		break;
	case NET_RETRY:
		must(ledger_done(l, party, LEDGER_RETRY, r->code, r->why, next));
		break;
	case NET_PERMANENT:
		must(ledger_done(l, party, LEDGER_FAILED, r->code, r->why, run.now_us + REFUSED_US));
		break;
	case NET_CONFIG:
		must(ledger_done(l, party, LEDGER_RETRY, r->code, r->why, 0));
		break;
	}
}

/* One mail to one recipient; false: others need not be tried now. */
static bool
transact(const struct mail *m, size_t to, struct net_reply *r)
{
	const char *why = mail_send(&run.net, m, run.to[to].address, r);

	if (why)
		die("%.*s: %s", STRF(run.to[to].address), why);
	say(&run.to[to], r);
	return !r->down;
}

/* What is due, to one recipient: intent, send, and what became of it. */
static bool
deliver(const struct mail *m, size_t to, uint32_t party, const struct due *d, int64_t as_of_us)
{
	struct net_reply r;
	bool up;

	if (cfg.dry_run) {
		print(m);
		return true;
	}
	if (run.records)
		must(ledger_intent(&run.ledger, party, m->id, d->item, d->n, as_of_us));
	up = transact(m, to, &r);
	if (run.records)
		record(party, &r);
	net_reply_free(&r);
	return up;
}

/*
 * Alerts.
 */

static void
miss(uint32_t party, const struct due_table *t, const struct ledger_item *item)
{
	const struct alert *a = due_alert(t, &item->key);
	struct buf b;

	buf_init(&b, TELL_MAX);
	if (a) {
		buf_add(&b, a->rule);
		buf_byte(&b, ' ');
		buf_add(&b, a->labels);
	}
	must(ledger_note(&run.ledger, party, item, 1, t->as_of_us, buf_str(&b)));
	buf_free(&b);
}

static void
note(uint32_t party, const struct due_table *t, const struct due *d)
{
	if (!run.records)
		return;
	if (d->nnoted)
		must(ledger_note(&run.ledger, party, d->noted, d->nnoted, t->as_of_us, STR("")));
	for (size_t i = 0; i < d->nmissed; i++)
		miss(party, t, &d->missed[i]);
}

static bool
send_notice(size_t to, uint32_t party, const struct notice_of *of)
{
	struct notice n;
	struct mail m;
	bool up;

	notice_make(&n, of);
	m = (struct mail){
		.from = run.from, .to = run.to, .nto = run.n, .date_us = run.now_us,
		.id = of->due->id, .kind = "alerts", .state = n.state, .rules = buf_str(&n.rules),
		.thread = buf_str(&n.thread), .subject = buf_str(&n.subject),
		.text = buf_str(&n.letter.text), .html = buf_str(&n.letter.html),
	};
	up = deliver(&m, to, party, of->due, of->table->as_of_us);
	notice_free(&n);
	return up;
}

/*
 * What is due to one recipient: first a message that is open, then what is
 * new.  False: the server is down.
 */
static bool
tell(size_t to, uint32_t party, struct due_table *t, const struct due_rule *rule,
    const struct recent *recent)
{
	bool up = true, more = true;

	while (up && more) {
		struct due d;

		if (!due_find(&d, t, &run.ledger, party, rule))
			die("SHA-256 failed");
		note(party, t, &d);
		more = d.again && run.records;
		switch (d.what) {
		case DUE_SEND:
			up = send_notice(to, party, &(struct notice_of){ t, &d, rule, recent,
			    cfg.link, run.now_us });
			more = more && !run.ledger.party[party].open;
			break;
		case DUE_WAIT:
			warn("%.*s: a mail waits for its next try", STRF(run.to[to].address));
			run.later = true;
			more = false;
			break;
		case DUE_OLD:
			if (cfg.verbose)
				warn("a newer table was told of already");
			more = false;
			break;
		case DUE_NOTHING:
			if (more)
				must(ledger_done(&run.ledger, party, LEDGER_DROPPED, 0, "", 0));
		}
		due_free(&d);
	}
	return up;
}

static void
tell_all(struct due_table *t, const struct recent *recent)
{
	struct due_rule rule = { .now_us = run.now_us, .repeat_us = cfg.repeat_us,
	    .channel = str_of(cfg.channel), .types = strcmp(cfg.dedup, "types") == 0 };
	char group[TELL_MAX];
	bool up = true;
	int n = snprintf(group, sizeof(group), "%s%s", cfg.channel, rule.types ? ":types" : "");

	for (size_t i = 0; i < run.n && up; i++)
		up = tell(i, ledger_party(&run.ledger, (struct str){ group, (size_t)n },
		    run.to[i].address), t, &rule, recent);
}

static void
read_alerts(struct tsv *tsv, struct due_table *t)
{
	struct alerts_bound bound;
	struct alert a;
	const char *why;

	for (enum tsv_what what = TSV_HEADER; what != TSV_END; what = tsv_next(tsv)) {
		if (what == TSV_BAD)
			die("%s", tsv->why);
		if (what == TSV_HEADER)
			why = alerts_bind(&bound, tsv);
		else
			why = alerts_read(&bound, tsv, &a);
		if (!why && what == TSV_ROW)
			why = due_add(t, &a);
		if (why)
			die("%s:%llu: %s", TSV_AT(tsv), why);
	}
}

static void
alerts(struct tsv *tsv)
{
	struct due_table t;
	struct recent recent;
	const char *why = due_open(&t);

	if (why)
		die("%s", why);
	read_alerts(tsv, &t);
	recent_open(&recent);
	/* Figures are an extra: without them the alert is told all the same. */
	if (cfg.metrics && (why = recent_read(&recent, cfg.metrics))) {
		warn("%s", why);
		run.trouble = true;
	}
	if (open_ledger())
		tell_all(&t, cfg.metrics ? &recent : NULL);
	recent_close(&recent);
	due_close(&t);
}

/*
 * Reports.
 */

/* What the party of alerts could not be told in time, since the last report. */
static void
write_misses(struct letter *l, struct str recipient, int64_t since_us)
{
	const struct ledger *g = &run.ledger;
	bool any = false;

	for (size_t i = 0; i < g->misses; i++) {
		const struct ledger_miss *m = &g->miss[i];
		char text[NUM_MAX];

		if (!str_eq(g->party[m->party].recipient, recipient) || m->time_us < since_us)
			continue;
		if (!any)
			letter_heading(l, STR("Alerts that were over before a mail could be sent"));
		any = true;
		letter_fact(l, (struct str){ text, (size_t)(when_put_iso(text, m->since_us) - text) },
		    m->text);
	}
}

static bool
send_report(const struct sheets *s, size_t to, uint32_t party, const struct due *d)
{
	int64_t last_us = run.ledger.party[party].sent_us;
	struct letter l;
	struct mail m;
	struct buf b;
	bool up;

	letter_open(&l, str_of(cfg.subject));
	letter_heading(&l, str_of(cfg.subject));
	sheets_write(s, &l);
	write_misses(&l, run.to[to].address, last_us ? last_us : run.now_us - cfg.once_us);
	if (cfg.link)
		letter_link(&l, STR("See also"), str_of(cfg.link));
	buf_init(&b, MSG_MAX);
	buf_printf(&b, "Written by %s at ", msg_prog());
	letter_time(&b, run.now_us);
	letter_small(&l, buf_str(&b));
	buf_free(&b);
	letter_close(&l);
	m = (struct mail){
		.from = run.from, .to = run.to, .nto = run.n, .date_us = run.now_us, .id = d->id,
		.kind = "reports", .subject = str_of(cfg.subject),
		.text = buf_str(&l.text), .html = buf_str(&l.html),
	};
	up = deliver(&m, to, party, d, run.now_us);
	letter_free(&l);
	return up;
}

/* Is the report of this period due to the party?  The same one keeps its id. */
static bool
report_due(struct sha256 *h, uint32_t party, struct ledger_item *item, struct due *d)
{
	const struct ledger_party *p = &run.ledger.party[party];
	const struct ledger_entry *e = ledger_get(&run.ledger, party, &item->key);
	bool again = p->open && p->n == 1 && p->set[0].since_us == item->since_us;

	*d = (struct due){ .item = item, .n = 1 };
	if (cfg.once_us && e && e->item.since_us == item->since_us)
		return false;
	if (!ledger_id(h, p, item, 1, d->id))
		die("SHA-256 failed");
	if (again)
		memcpy(d->id, p->id, sizeof(d->id));
	if (again && p->next_us > run.now_us && p->next_us - run.now_us <= REFUSED_US) {
		run.later = true;
		return false;
	}
	return true;
}

static void
report_all(const struct sheets *s)
{
	int64_t period = cfg.once_us ? cfg.once_us : 1;
	struct ledger_item item = { .sign = LEDGER_FIRING, .since_us = run.now_us / period * period };
	struct sha256 h;
	struct due d;
	struct buf group;
	bool up = true;

	if (!sha256_open(&h) || !ledger_key(&h, STR("report"), str_of(cfg.subject), &item.key))
		die("no SHA-256 in libcrypto");
	buf_init(&group, TELL_MAX);
	buf_printf(&group, "report: %s", cfg.subject);
	for (size_t i = 0; i < run.n && up; i++) {
		uint32_t party = ledger_party(&run.ledger, buf_str(&group), run.to[i].address);

		if (report_due(&h, party, &item, &d))
			up = send_report(s, i, party, &d);
	}
	buf_free(&group);
	sha256_close(&h);
}

static void
report(struct tsv *tsv)
{
	struct sheets s;

	sheets_open(&s);
	for (enum tsv_what what = TSV_HEADER; what != TSV_END; what = tsv_next(tsv)) {
		if (what == TSV_BAD)
			die("%s", tsv->why);
		if (what == TSV_HEADER)
			sheets_header(&s, tsv);
		else
			sheets_row(&s, tsv);
	}
	if (open_ledger())
		report_all(&s);
	sheets_close(&s);
}

/*
 * A drill.
 */

static void
drill(void)
{
	static const char *const subject = "[DRILL] this is a test of cmon-mail";
	char id[LEDGER_ID + 1];
	struct letter l;
	struct mail m;
	struct net_reply r;

	snprintf(id, sizeof(id), "d%031llx", (unsigned long long)run.now_us);
	letter_open(&l, str_of(subject));
	letter_badge(&l, LETTER_BLUE, STR("DRILL"), STR("no alert fires"));
	letter_para(&l, STR("Somebody wants to know whether mail gets through to you. It does. "
	    "There is nothing to do."));
	letter_fact(&l, STR("Server"), net_host(cfg.server ? cfg.server : "(dry run)"));
	letter_close(&l);
	m = (struct mail){
		.from = run.from, .to = run.to, .nto = run.n, .date_us = run.now_us, .id = id,
		.kind = "drills", .subject = str_of(subject),
		.text = buf_str(&l.text), .html = buf_str(&l.html),
	};
	for (size_t i = 0; i < run.n; i++) {
		if (cfg.dry_run) {
			print(&m);
			continue;
		}
		transact(&m, i, &r);
		net_reply_free(&r);
	}
	letter_free(&l);
}

static void
read_and_tell(char *const *paths)
{
	static struct tsv tsv;
	struct in in;

	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&tsv, &in);
	if (tsv_next(&tsv) != TSV_HEADER)
		die("%s", tsv.why);
	if (cfg.subject)
		report(&tsv);
	else
		alerts(&tsv);
	tsv_close(&tsv);
	in_close(&in);
	ledger_close(&run.ledger);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);

	run.now_us = opt_now(&prog, cfg.now);
	check_options();
	if (cfg.dry_run)
		out_open(&run.out, NULL);
	if (cfg.drill)
		drill();
	else
		read_and_tell(argv + first);
	if (cfg.dry_run)
		out_close(&run.out);
	if (run.trouble)
		return EXIT_TROUBLE;
	return run.later ? EXIT_LATER : EXIT_OK;
}
