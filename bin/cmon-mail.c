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
#include "bulletin.h"
#include "delivery.h"
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
#define TELL_MAX	(64 * 1024)		/* bytes of a channel's group, or of a miss */
#define CHANNEL_MAX	256			/* bytes of a channel's name */
#define TIMEOUT_MAX_US	WHEN_DAY		/* libcurl counts milliseconds in 31 bits */

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
	char secret[NET_SECRET_MAX];
	struct delivery d;
	struct out out;			/* of a dry run */
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
	run.d.net = (struct net){ .url = cfg.server, .ca = cfg.ca, .user = cfg.user,
	    .timeout_us = cfg.timeout_us, .plain = cfg.no_tls };
	if (cfg.secret) {
		why = net_secret(cfg.secret, run.secret);
		if (why)
			die("%s: %s", cfg.secret, why);
		run.d.net.secret = run.secret;
	} else if (variable && *variable) {
		run.d.net.secret = variable;
	}
	why = net_check(&run.d.net);
	if (why)
		opt_wrong(&prog, "--server: %.*s: %s", STRF(net_host(cfg.server)), why);
	if (cfg.timeout_us < WHEN_SEC / 10 || cfg.timeout_us > TIMEOUT_MAX_US)
		opt_wrong(&prog, "--timeout: from 100ms to 1d");
}

/* A channel's name stands in the ledger, where "name:types" is another's. */
static void
check_channel(void)
{
	size_t n = strspn(cfg.channel, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	if (cfg.channel[n] || n == 0 || n > CHANNEL_MAX)
		opt_wrong(&prog, "--channel: up to %d letters, digits, _ and -: \"%s\"", CHANNEL_MAX, cfg.channel);
}

static void
check_options(void)
{
	read_addresses();
	check_channel();
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
	delivery_must(&run.d, ledger_note(&run.d.ledger, party, item, 1, t->as_of_us, buf_str(&b)));
	buf_free(&b);
}

static void
note(uint32_t party, const struct due_table *t, const struct due *d)
{
	if (!run.d.records)
		return;
	if (d->nnoted)
		delivery_must(&run.d, ledger_note(&run.d.ledger, party, d->noted, d->nnoted, t->as_of_us, STR("")));
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
		.from = run.from, .to = run.to, .nto = run.n, .date_us = run.d.now_us,
		.id = of->due->id, .kind = "alerts", .state = n.state, .rules = buf_str(&n.rules),
		.thread = buf_str(&n.thread), .subject = buf_str(&n.subject),
		.text = buf_str(&n.letter.text), .html = buf_str(&n.letter.html),
	};
	up = delivery_send(&run.d, &m, &run.to[to], party, of->due, of->table->as_of_us);
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

		if (!due_find(&d, t, &run.d.ledger, party, rule))
			die("SHA-256 failed");
		note(party, t, &d);
		more = d.again && run.d.records;
		switch (d.what) {
		case DUE_SEND:
			up = send_notice(to, party, &(struct notice_of){ t, &d, rule, recent,
			    cfg.link, run.d.now_us });
			more = more && !run.d.ledger.party[party].open;
			break;
		case DUE_WAIT:
			warn("%.*s: a mail waits for its next try", STRF(run.to[to].address));
			run.d.later = true;
			more = false;
			break;
		case DUE_OLD:
			if (cfg.verbose)
				warn("a newer table was told of already");
			more = false;
			break;
		case DUE_NOTHING:
			if (more)
				delivery_must(&run.d, ledger_done(&run.d.ledger, party, LEDGER_DROPPED, 0, "", 0));
		}
		due_free(&d);
	}
	return up;
}

static void
tell_all(struct due_table *t, const struct recent *recent)
{
	struct due_rule rule = { .now_us = run.d.now_us, .repeat_us = cfg.repeat_us,
	    .channel = str_of(cfg.channel), .types = strcmp(cfg.dedup, "types") == 0 };
	char group[TELL_MAX];
	bool up = true;
	int n = snprintf(group, sizeof(group), "%s%s", cfg.channel, rule.types ? ":types" : "");

	for (size_t i = 0; i < run.n && up; i++)
		up = tell(i, ledger_party(&run.d.ledger, (struct str){ group, (size_t)n },
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
		run.d.trouble = true;
	}
	if (delivery_open(&run.d))
		tell_all(&t, cfg.metrics ? &recent : NULL);
	recent_close(&recent);
	due_close(&t);
}

/*
 * Reports.
 */

static bool
send_report(const struct sheets *s, size_t to, uint32_t party, const struct due *d)
{
	const struct ledger *g = &run.d.ledger;
	int64_t last_us = g->party[party].sent_us;
	struct letter l;
	struct mail m;
	bool up;

	bulletin_make(&l, &(struct bulletin_of){ .subject = str_of(cfg.subject), .sheets = s,
	    .ledger = g, .recipient = run.to[to].address, .link = cfg.link, .now_us = run.d.now_us,
	    .since_us = last_us ? last_us : run.d.now_us - cfg.once_us });
	m = (struct mail){
		.from = run.from, .to = run.to, .nto = run.n, .date_us = run.d.now_us, .id = d->id,
		.kind = "reports", .subject = str_of(cfg.subject),
		.text = buf_str(&l.text), .html = buf_str(&l.html),
	};
	up = delivery_send(&run.d, &m, &run.to[to], party, d, run.d.now_us);
	letter_free(&l);
	return up;
}

/* False: the server is down. */
static bool
tell_report(const struct sheets *s, size_t to, uint32_t party, struct sha256 *h,
    const struct ledger_item *item)
{
	struct due d;

	if (!due_report(&d, h, &run.d.ledger, party, item, run.d.now_us))
		die("SHA-256 failed");
	run.d.later |= d.what == DUE_WAIT;
	return d.what != DUE_SEND || send_report(s, to, party, &d);
}

static void
report_all(const struct sheets *s)
{
	int64_t period = cfg.once_us ? cfg.once_us : 1;
	struct ledger_item item = { .sign = LEDGER_FIRING, .since_us = run.d.now_us / period * period };
	struct sha256 h;
	struct buf group;
	bool up = true;

	if (!sha256_open(&h) || !ledger_key(&h, STR("report"), str_of(cfg.subject), &item.key))
		die("no SHA-256 in libcrypto");
	buf_init(&group, SIZE_MAX / 2);
	buf_printf(&group, "report: %s", cfg.subject);
	for (size_t i = 0; i < run.n && up; i++) {
		uint32_t party = ledger_party(&run.d.ledger, buf_str(&group), run.to[i].address);

		up = tell_report(s, i, party, &h, &item);
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
	if (delivery_open(&run.d))
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

	snprintf(id, sizeof(id), "d%031llx", (unsigned long long)run.d.now_us);
	letter_open(&l, str_of(subject));
	letter_badge(&l, LETTER_BLUE, STR("DRILL"), STR("no alert fires"));
	letter_para(&l, STR("Somebody wants to know whether mail gets through to you. It does. "
	    "There is nothing to do."));
	letter_fact(&l, STR("Server"), net_host(cfg.server ? cfg.server : "(dry run)"));
	letter_close(&l);
	m = (struct mail){
		.from = run.from, .to = run.to, .nto = run.n, .date_us = run.d.now_us, .id = id,
		.kind = "drills", .subject = str_of(subject),
		.text = buf_str(&l.text), .html = buf_str(&l.html),
	};
	for (size_t i = 0; i < run.n; i++)
		delivery_try(&run.d, &m, &run.to[i]);
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
	delivery_close(&run.d);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);

	run.d = (struct delivery){ .path = cfg.ledger, .verbose = cfg.verbose || cfg.drill,
	    .now_us = opt_now(&prog, cfg.now), .print = cfg.dry_run ? &run.out : NULL };
	check_options();
	if (cfg.dry_run)
		out_open(&run.out, NULL);
	if (cfg.drill)
		drill();
	else
		read_and_tell(argv + first);
	if (cfg.dry_run)
		out_close(&run.out);
	if (run.d.trouble)
		return EXIT_TROUBLE;
	return run.d.later ? EXIT_LATER : EXIT_OK;
}
