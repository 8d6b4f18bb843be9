/*
 * cmon-alert - judge metrics by rules: what is pending, firing, resolved.
 */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alarms.h"
#include "in.h"
#include "mem.h"
#include "msg.h"
#include "nagios.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "path.h"
#include "reason.h"
#include "rules.h"
#include "silence.h"
#include "state.h"
#include "str.h"
#include "tsv.h"
#include "watch.h"
#include "when.h"

#define INTERVAL_US	(300 * WHEN_SEC)
#define INTERVAL_MAX_US	(366 * WHEN_DAY)
#define GAPS_SAID	3		/* so many gaps in a row are how it is, and are said */
#define STEPS_MAX	1000000		/* runs that a backfill stands for */

static struct {
	const char *rules, *state, *output, *now, *explain, *silence, *channels;
	char *silences;		/* STATE.silences */
	int64_t interval_us;
	bool check, exit_status, nagios, backfill;
} cfg;

static const struct opt opts[] = {
	{ 'i', "interval", "DURATION", OPT_SPAN, &cfg.interval_us, "time between runs; default 5m" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "write the table into FILE" },
	{ 'r', "rules", "FILE", OPT_TEXT, &cfg.rules, "rules, cmon-rules(5)" },
	{ 's', "state", "FILE", OPT_TEXT, &cfg.state, "what is kept between runs" },
	{ 0, "backfill", NULL, OPT_FLAG, &cfg.backfill, "replay history: the changes there would have been" },
	{ 0, "channels", "NAMES", OPT_TEXT, &cfg.channels, "with --check: the channels that somebody serves" },
	{ 0, "check", NULL, OPT_FLAG, &cfg.check, "validate rules and silences, and do nothing else" },
	{ 0, "exit-status", NULL, OPT_FLAG, &cfg.exit_status, "exit with 1 while an alert fires that is not muted" },
	{ 0, "explain", "RULE", OPT_TEXT, &cfg.explain, "say why the rule's alerts are in their states" },
	{ 0, "nagios", NULL, OPT_FLAG, &cfg.nagios, "one line and the status of a Nagios plugin" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "instead of the clock" },
	{ 0, "silence", "VERB", OPT_TEXT, &cfg.silence,
	    "add MATCHERS DURATION [COMMENT], list, or end ID" },
};
static const struct opt_prog prog = {
	"cmon-alert", "[file ...]", "judge metrics by rules: pending, firing, resolved",
	opts, countof(opts)
};

/* All that one run works with. */
struct desk {
	struct hash_key key;
	int64_t now_us, interval_us;
	struct rules rules;
	struct silences silences;
	struct watch watch;
	struct alarms alarms;
};

static void
say(const char *text)
{
	warn("%s", text);
}

static int
lock(const char *path)
{
	int fd;

	if (path_is_special(path))
		die("%s: %s", path, STATE_NO_FILE);
	fd = state_lock(path);
	if (fd == -1 && errno == EWOULDBLOCK && !cfg.nagios)
		die_later("%s: another run has it locked", path);
	if (fd == -1)
		die_sys("%s.lock", path);
	return fd;
}

/* --- one run --- */

static void
open_desk(struct desk *d)
{
	d->now_us = opt_now(&prog, cfg.now);
	d->interval_us = cfg.interval_us ? cfg.interval_us : INTERVAL_US;
	if (!rules_read(&d->rules, cfg.rules, say))
		die("%s: not one rule is used until its mistakes are mended", cfg.rules);
	if (cfg.state)
		silences_read(&d->silences, cfg.silences, say);
	if (!hash_key_random(&d->key))
		die_sys("random bytes");
	watch_open(&d->watch, &d->rules, &d->key, d->now_us);
	if (!alarms_open(&d->alarms, &d->rules, &d->key))
		die("libcrypto has no SHA-256");
}

static void
close_desk(struct desk *d)
{
	alarms_close(&d->alarms);
	watch_close(&d->watch);
	silences_free(&d->silences);
	rules_free(&d->rules);
}

static void
read_metrics(struct desk *d, char *const *paths)
{
	char why[WATCH_WHY_MAX];
	static struct tsv t;
	struct in in;

	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(&t, &in);
	if (!watch_read(&d->watch, &t, why))
		die("%s", why);
	tsv_close(&t);
	in_close(&in);
}

/* What the run before left; its time in *last, 0 if there was none, and its gaps. */
static enum state_got
read_state(struct desk *d, int64_t *last, uint64_t *gaps)
{
	struct state s;
	enum state_got got = state_read(&s, cfg.state, ALARMS_STATE, ALARMS_VERSION);

	if (got == STATE_REFUSED)
		die("%s", s.why);
	if (got == STATE_FORMER)
		warn("%s", s.why);
	*last = s.written_us;
	*gaps = s.gaps;
	if (*last > d->now_us) {
		char then[NUM_MAX];

		*when_put_iso(then, *last) = '\0';
		die("%s: the run before was at %s, later than now: set the clock right "
		    "(or move the file away, which sends what fires again)", cfg.state, then);
	}
	if (!alarms_load(&d->alarms, &s))
		die("SHA-256 failed");
	state_close(&s);
	return got;
}

static void
step(struct desk *d, const struct judge_run *run)
{
	if (!alarms_step(&d->alarms, &d->watch, &d->silences, run))
		die("SHA-256 failed");
}

static void
save(const struct desk *d, enum state_got got, uint64_t gaps)
{
	struct state_writer w;

	alarms_save(&d->alarms, &w, d->now_us, gaps);
	if (!state_save(&w, cfg.state, got))
		die_sys("%s", cfg.state);
}

static bool
sounds(const struct alarm *one)
{
	return one->e.state == ALERT_FIRING && one->muted_by.n == 0;
}

static int
write_table(struct desk *d, const struct alarm *const *order)
{
	int status = EXIT_OK;
	struct out o;

	out_open(&o, cfg.output);
	alerts_header(&o);
	for (uint32_t i = 0; i < d->alarms.n; i++) {
		struct alert row;

		if (cfg.exit_status && sounds(order[i]))
			status = EXIT_LOOK;
		if (!alarm_shown(order[i]))
			continue;
		row = alarms_row(&d->alarms, order[i], d->now_us);
		alerts_write(&o, &row);
	}
	out_close(&o);
	return status;
}

static int
write_nagios(struct desk *d, const struct alarm *const *order)
{
	struct buf line;
	enum nagios status = nagios_line(&d->alarms, order, &line);
	struct out o;

	out_open(&o, cfg.output);
	out_add(&o, buf_str(&line));
	out_close(&o);
	buf_free(&line);
	return (int)status;
}

static int
run(char *const *paths)
{
	struct desk d = { 0 };
	const struct alarm **order;
	struct judge_run judgement;
	enum state_got got;
	int64_t last;
	uint64_t gaps;
	int locked, status;

	open_desk(&d);
	locked = lock(cfg.state);
	read_metrics(&d, paths);
	got = read_state(&d, &last, &gaps);
	judgement = judge_run(d.now_us, last, d.interval_us);
	gaps = judgement.gap ? gaps + 1 : 0;
	if (gaps == GAPS_SAID)	/* once, and again only after a run that came in time */
		reason_gaps(&judgement, cfg.state);
	step(&d, &judgement);
	/* First what is known, then what is told: a table that gets lost comes again. */
	save(&d, got, gaps);
	state_unlock(locked);
	order = alarms_order(&d.alarms);
	status = cfg.nagios ? write_nagios(&d, order) : write_table(&d, order);
	free(order);
	close_desk(&d);
	return status;
}

/* --- why --- */

static bool
is_of(const struct alarm *one, struct str rule)
{
	return str_starts(one->rule_id, rule) &&
	    (one->rule_id.n == rule.n || str_eq(str_from(one->rule_id, rule.n), STR(ALARMS_NODATA)));
}

static int
explain(char *const *paths)
{
	struct desk d = { 0 };
	const struct alarm **order;
	const struct rule *rule;
	struct judge_run judgement;
	int64_t last;
	uint64_t gaps;
	struct out o;

	open_desk(&d);
	rule = rules_find(&d.rules, str_of(cfg.explain));
	if (!rule)
		die("%s: no rule has the id \"%s\"", cfg.rules, cfg.explain);
	read_metrics(&d, paths);
	read_state(&d, &last, &gaps);
	judgement = judge_run(d.now_us, last, d.interval_us);
	step(&d, &judgement);
	out_open(&o, cfg.output);
	reason_rule(&o, rule, d.interval_us);
	order = alarms_order(&d.alarms);
	for (uint32_t i = 0; i < d.alarms.n; i++)
		if (is_of(order[i], rule->id) && alarm_shown(order[i]))
			reason_write(&o, &d.watch, order[i], &judgement);
	out_close(&o);
	free(order);
	close_desk(&d);
	return EXIT_OK;
}

/* --- history --- */

static void
write_changes(struct desk *d, struct out *o, int64_t at)
{
	const struct alarm **order = alarms_order(&d->alarms);

	for (uint32_t i = 0; i < d->alarms.n; i++) {
		struct alert row;

		if (order[i]->e.state == order[i]->before)
			continue;
		row = alarms_row(&d->alarms, order[i], at);
		row.muted_by = STR("backfill");
		alerts_write(o, &row);
	}
	free(order);
}

/* A rule without rows looks like one that all is well by. */
static void
say_untried(const struct desk *d)
{
	struct buf names;

	buf_init(&names, MSG_MAX);
	for (uint32_t i = 0; i < d->rules.n; i++)
		if (d->rules.rule[i].enabled && !watch_has_rows(&d->watch, i)) {
			buf_byte(&names, ' ');
			buf_add(&names, d->rules.rule[i].id);
		}
	if (buf_str(&names).n)
		warn("%s: not tried, since no row has their column and labels:%.*s",
		    cfg.rules, STRF(buf_str(&names)));
	buf_free(&names);
}

/* A run at each interval, as if cron had been there. */
static int
backfill(char *const *paths)
{
	struct desk d = { 0 };
	int64_t first, end, last = 0;
	struct out o;

	open_desk(&d);
	watch_keep(&d.watch);
	read_metrics(&d, paths);
	out_open(&o, cfg.output);
	alerts_header(&o);
	if (watch_span(&d.watch, &first, &end)) {
		first = (first + d.interval_us - 1) / d.interval_us * d.interval_us;
		if ((end - first) / d.interval_us > STEPS_MAX)
			die("the history is longer than %d intervals: leave out old rows, or widen -i", STEPS_MAX);
		for (int64_t at = first; at < end + d.interval_us; at += d.interval_us) {
			struct judge_run judgement = judge_run(at, last, d.interval_us);

			watch_until(&d.watch, at);
			step(&d, &judgement);
			write_changes(&d, &o, at);
			last = at;
		}
	}
	say_untried(&d);
	close_desk(&d);
	return out_close(&o);
}

/* --- files that people write --- */

/* Of a rule that is valid; false: what it says cannot be meant. */
static bool
check_rule(const struct rule *r)
{
	struct str channel;

	/* Any time is rounded up to the next run, so this is as good as it gets. */
	if (r->for_us > 0 && r->for_us < cfg.interval_us)
		warn("%s:%" PRIu64 ": column \"for\": note: shorter than the interval of -i: "
		    "it fires at the second run", cfg.rules, r->line);
	if (!cfg.channels || !rule_unserved(r, str_of(cfg.channels), &channel))
		return true;
	warn("%s:%" PRIu64 ": nobody serves the channel \"%.*s\": give it a cmon-mail --channel, "
	    "or take it out", cfg.rules, r->line, STRF(channel));
	return false;
}

static int
check(void)
{
	struct silences silences = { 0 };
	struct rules rules;
	int status = EXIT_OK;

	if (!rules_read(&rules, cfg.rules, say))
		status = EXIT_TROUBLE;
	if (cfg.state && !silences_read(&silences, cfg.silences, say))
		status = EXIT_TROUBLE;
	for (size_t i = 0; i < rules.n && status != EXIT_TROUBLE; i++)
		if (!check_rule(&rules.rule[i]))
			status = EXIT_LOOK;
	silences_free(&silences);
	rules_free(&rules);
	return status;
}

/* Who types: sudo and login say so, under cron or in a container only the system does. */
static const char *
author(void)
{
	static const char *const names[] = { "SUDO_USER", "LOGNAME", "USER" };
	const struct passwd *user;

	for (size_t i = 0; i < countof(names); i++) {
		const char *who = getenv(names[i]);

		if (who && *who)
			return who;
	}
	user = getpwuid(getuid());
	return user ? user->pw_name : "";
}

static const char *
add_silence(struct silences *s, char *const *words, int64_t now)
{
	const char *comment;
	int64_t span, end;

	if (!words[0] || !words[1])
		opt_wrong(&prog, "--silence add: matchers and a duration are needed: rule=miss_high,host=a 2h");
	if (!num_duration(str_of(words[1]), &span))
		opt_wrong(&prog, "--silence add: not a duration (90s, 5m, 2h, 7d): \"%s\"", words[1]);
	comment = words[2] ? words[2] : "";
	if (words[2] && words[3])
		opt_wrong(&prog, "--silence add: put the comment in quotes: \"%s\"", words[3]);
	if (ADD_OVERFLOW(now, span, &end))
		end = INT64_MAX;
	return silences_add(s, str_of(words[0]), now, end, str_of(author()), str_of(comment));
}

/* The file is replaced as a whole, so whoever only reads it needs no lock. */
static int
read_silences(int64_t now)
{
	struct silences s;
	struct out o;

	silences_read(&s, cfg.silences, say);
	out_open(&o, cfg.output);
	silences_list(&s, &o, now);
	silences_free(&s);
	return out_close(&o);
}

static int
change_silences(char *const *words, int64_t now)
{
	const char *path = cfg.silences, *why;
	struct silences s;
	int locked = lock(path);

	if (!silences_read(&s, path, say))
		die("%s: mend its mistakes first: writing it would lose those rows", path);
	if (strcmp(cfg.silence, "add") == 0)
		why = add_silence(&s, words, now);
	else if (!words[0] || words[1])
		opt_wrong(&prog, "--silence end: one id is needed; --silence list shows them");
	else
		why = silences_end(&s, str_of(words[0]), now);
	if (why)
		die("--silence %s: \"%s\": %s", cfg.silence, words[0], why);
	silences_write(&s, path, now);
	silences_free(&s);
	state_unlock(locked);
	return EXIT_OK;
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0 || errno != ENOENT;
}

static int
silence(char *const *words)
{
	bool list = strcmp(cfg.silence, "list") == 0, add = strcmp(cfg.silence, "add") == 0;
	int64_t now = opt_now(&prog, cfg.now) / WHEN_SEC * WHEN_SEC;

	if (!list && !add && strcmp(cfg.silence, "end") != 0)
		opt_wrong(&prog, "--silence: add, list or end, not \"%s\"", cfg.silence);
	if (!exists(cfg.state) && !exists(cfg.silences)) {
		if (!add)
			die("%s: no such state, nor silences of it: --state is that of the runs", cfg.state);
		warn("%s: no such state yet: the silence is for runs with this --state", cfg.state);
	}
	return list ? read_silences(now) : change_silences(words, now);
}

static void
name_silences(void)
{
	size_t n = strlen(cfg.state) + sizeof(".silences");

	cfg.silences = mem_alloc(n);
	snprintf(cfg.silences, n, "%s.silences", cfg.state);
}

static void
check_options(void)
{
	int modes = cfg.check + cfg.nagios + cfg.backfill + !!cfg.explain + !!cfg.silence;

	if (modes > 1)
		opt_wrong(&prog, "--backfill, --check, --explain, --nagios and --silence exclude each other");
	if (cfg.channels && !cfg.check)
		opt_wrong(&prog, "--channels goes with --check");
	if (cfg.interval_us < 0 || cfg.interval_us > INTERVAL_MAX_US)
		opt_wrong(&prog, "--interval: from 1us to 366d");
	if (!cfg.rules && !cfg.silence)
		opt_wrong(&prog, "which rules? --rules FILE");
	if (!cfg.state && !cfg.check && !cfg.backfill)
		opt_wrong(&prog, "where to keep what was firing? --state FILE");
	if (cfg.state && cfg.backfill)
		opt_wrong(&prog, "--backfill starts from nothing and keeps nothing: leave out --state");
}

int
main(int argc, char *argv[])
{
	char *const *operands;

	/* Nagios calls its own 3 what we call 2, wrong options included. */
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--nagios") == 0)
			msg_trouble(NAGIOS_UNKNOWN);
	operands = argv + opt_parse(&prog, argc, argv);
	check_options();
	if (cfg.state)
		name_silences();
	if (cfg.check)
		return check();
	if (cfg.silence)
		return silence(operands);
	if (cfg.explain)
		return explain(operands);
	return cfg.backfill ? backfill(operands) : run(operands);
}
