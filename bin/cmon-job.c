/*
 * cmon-job - run a pipeline from cron: one at a time, every failure seen,
 * told once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "joblog.h"
#include "msg.h"
#include "net.h"
#include "num.h"
#include "opt.h"
#include "shell.h"
#include "str.h"
#include "when.h"

#define PIPELINE_MAX	(128 * 1024)	/* bytes: what execve(2) takes in one argument */
#define PATH_BYTES	4096
#define PING_US		(10 * WHEN_SEC)	/* for an answer */

static struct {
	const char *state, *shell, *ping, *now;
	int64_t timeout_us, repeat_us;
	bool verbose;
} cfg = { .timeout_us = 3600 * WHEN_SEC, .repeat_us = 4 * 3600 * WHEN_SEC };

static const struct opt opts[] = {
	{ 's', "state", "FILE", OPT_TEXT, &cfg.state, "the file of rows" },
	{ 't', "timeout", "DURATION", OPT_SPAN, &cfg.timeout_us, "end the pipeline after this time; default 1h" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "what the row says, instead of the clock" },
	{ 0, "ping", "URL|@FILE", OPT_TEXT, &cfg.ping, "ask for URL after success: a dead man's switch" },
	{ 0, "repeat", "DURATION", OPT_SPAN, &cfg.repeat_us, "when the same failure is told again; default 4h" },
	{ 0, "shell", "PATH", OPT_TEXT, &cfg.shell, "a shell that has pipefail" },
	{ 'v', "verbose", NULL, OPT_FLAG, &cfg.verbose, "pass on standard error; tell of a job still running" },
};
static const struct opt_prog prog = {
	"cmon-job", "name -- pipeline",
	"run a pipeline from cron: one at a time, every failure seen, told once", opts, countof(opts)
};

/* Default of --state: root's, or below the home of the one who runs it. */
static const char *
default_state(char *room, size_t n)
{
	const char *home = getenv("HOME");

	if (geteuid() == 0)
		return "/var/lib/cmon/jobs.tsv";
	if (home && *home) {
		snprintf(room, n, "%s/.local/state/cmon/jobs.tsv", home);
		return room;
	}
	die("HOME is not set: name a file with --state");
}

/* The folders above path, as mkdir -p. */
static void
make_folders(const char *path)
{
	char dir[PATH_BYTES];

	for (size_t i = 1; i < sizeof(dir) && path[i]; i++) {
		if (path[i] != '/')
			continue;
		memcpy(dir, path, i);
		dir[i] = '\0';
		if (mkdir(dir, 0755) == -1 && errno != EEXIST)
			die_sys("%s", dir);
	}
}

/* A name stands in a file's name, a row and messages: plain letters. */
static void
check_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	if (name[n] || n == 0 || n > JOBLOG_NAME_MAX || *name == '.')
		opt_wrong(&prog, "a name has 1 to %d letters, digits, '_', '-' and '.', not first: \"%s\"",
		    JOBLOG_NAME_MAX, name);
}

static void
join(struct buf *b, char *const *words)
{
	buf_init(b, PIPELINE_MAX);
	for (; *words; words++) {
		if (b->n)
			buf_byte(b, ' ');
		buf_add(b, str_of(*words));
	}
	buf_byte(b, '\0');
	if (b->over)
		die("the pipeline is over %d bytes: put it into a script", PIPELINE_MAX);
	if (b->n == 1)
		opt_wrong(&prog, "no pipeline to run");
}

/* What is told of a failure, on one line. */
static void
account(struct buf *b, const struct shell_run *r)
{
	char dur[NUM_MAX];

	buf_init(b, JOBLOG_TOLD_MAX - 1);
	if (r->stages > 1 && r->stage)
		buf_printf(b, "stage %d of %d ", r->stage, r->stages);
	if (r->status == SHELL_TIMED_OUT) {
		*num_put_u64(dur, (uint64_t)(cfg.timeout_us / WHEN_SEC)) = '\0';
		buf_printf(b, "took more than %s s and was ended", dur);
	} else if (r->status > 128) {
		buf_printf(b, "ended by signal %d", r->status - 128);
	} else {
		buf_printf(b, "ended with %d", r->status);
	}
	if (*r->last)
		buf_printf(b, ": %s", r->last);
	buf_byte(b, '\0');
	for (size_t i = 0; i + 1 < b->n; i++)
		if ((unsigned char)b->p[i] < ' ')
			b->p[i] = '?';
}

/* Unless `what' was what was told last, and lately; mostly it is the text. */
static void
tell(struct joblog *l, const char *what, const char *text, int64_t now_us)
{
	if (joblog_news(l, what, now_us, cfg.repeat_us))
		warn("%s: %s", l->name, text);
}

/* The URL that cfg.ping means.  A reason, or NULL. */
static const char *
find_url(struct net *n, char secret[NET_SECRET_MAX])
{
	const char *why = NULL;

	n->url = cfg.ping;
	if (*cfg.ping == '@') {
		why = net_secret(cfg.ping + 1, secret);
		n->url = secret;
	}
	if (!why && strncmp(n->url, "http", 4) != 0)
		why = "a URL to ping begins with https://, a file that has one with @";
	return why ? why : net_check(n);
}

/*
 * A server's word, or what to mend.  What libcurl says of the network has times
 * in it, and would be new at each run.
 */
static const char *
what_failed(const struct net_reply *r)
{
	if (r->code || r->class == NET_CONFIG || cfg.verbose)
		return r->why;
	return "no answer";
}

/* Asks for the URL; what went wrong, without what may be a secret, or "". */
static void
ping(char why[JOBLOG_TOLD_MAX])
{
	struct net n = { .timeout_us = PING_US };
	char secret[NET_SECRET_MAX];
	const char *wrong = find_url(&n, secret);
	struct net_reply r;

	*why = '\0';
	if (wrong) {
		snprintf(why, JOBLOG_TOLD_MAX, "done, but no ping: %s%s%s",
		    *cfg.ping == '@' ? cfg.ping + 1 : "", *cfg.ping == '@' ? ": " : "", wrong);
		return;
	}
	if (net_get(&n, &r) != NET_SENT)
		snprintf(why, JOBLOG_TOLD_MAX, "done, but no ping: %.*s: %s",
		    STRF(net_host(n.url)), what_failed(&r));
	net_reply_free(&r);
}

/* The pipeline's end as a row, and in words where they are due. */
static void
record(struct joblog *l, const struct shell_run *r)
{
	struct joblog_row row = { opt_now(&prog, cfg.now), r->dur_us, r->status };
	char why[JOBLOG_TOLD_MAX];
	struct buf line;

	if (r->status != 0) {
		account(&line, r);
		/* who waits says so now in these words, now in those */
		tell(l, r->status == EXIT_LATER ? "not now" : line.p, line.p, row.end_us);
		buf_free(&line);
	} else if (!cfg.ping) {
		tell(l, "", "", row.end_us);
	}
	if (!joblog_append(l, &row))
		die_sys("%s", l->path);
	if (r->status != 0 || !cfg.ping)
		return;
	ping(why);
	tell(l, why, why, row.end_us);
	if (!joblog_remember(l))
		die_sys("%s", l->path);
}

static int
verdict(int status)
{
	if (status == EXIT_OK || status == EXIT_LOOK || status == EXIT_LATER)
		return status;
	return EXIT_TROUBLE;
}

/* --ping, or the environment, where the pipeline shall not find it. */
static void
take_ping(char room[NET_SECRET_MAX])
{
	const char *env = getenv("CMON_JOB_PING");

	if (!cfg.ping && env && *env) {
		snprintf(room, NET_SECRET_MAX, "%s", env);
		cfg.ping = room;
	}
	unsetenv("CMON_JOB_PING");
}

/* Runs the pipeline unless it runs already. */
static int
run_job(const char *name, const char *pipeline, const char *shell)
{
	struct shell_run run = { .shell = shell, .pipeline = pipeline,
	    .timeout_us = cfg.timeout_us, .pass = cfg.verbose };
	struct joblog log;

	switch (joblog_open(&log, cfg.state, name)) {
	case JOBLOG_OPEN:
		break;
	case JOBLOG_BUSY:
		if (cfg.verbose)
			warn("%s: is still running", name);
		return EXIT_LATER;
	case JOBLOG_FAILED:
		die_sys("%s", cfg.state);
	}
	if (!shell_exec(&run))
		die_sys("%s", run.shell);
	record(&log, &run);
	joblog_close(&log);
	return verdict(run.status);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse_command(&prog, argc, argv), status;
	const char *name = argv[first], *shell;
	char room[PATH_BYTES], url[NET_SECRET_MAX];
	struct buf text;

	if (!name)
		opt_wrong(&prog, "no name and no pipeline");
	check_name(name);
	take_ping(url);
	argv += first + 1;
	join(&text, argv + (*argv && strcmp(*argv, "--") == 0));
	if (!shell_find(cfg.shell, &shell))
		die("%s has no \"set -o pipefail\": install bash",
		    cfg.shell ? cfg.shell : "none of the shells here");
	if (!cfg.state)
		make_folders(cfg.state = default_state(room, sizeof(room)));
	status = run_job(name, text.p, shell);
	buf_free(&text);
	return status;
}
