/*
 * cmon-parse - log lines in, events out: any server's log becomes one record.
 *
 * Reads lines in a format that is named, given as the server's own string, or
 * told from the first lines, and writes them as rows of cmon-tsv(5).  Holds one
 * line at a time: memory does not grow with the input.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "event.h"
#include "explain.h"
#include "format.h"
#include "in.h"
#include "mem.h"
#include "msg.h"
#include "opt.h"
#include "out.h"
#include "outcome.h"
#include "str.h"
#include "when.h"

enum {
	REASONS = 8,		/* kinds of reject told apart in the summary */
	KEY_FILE_MIN = 16,	/* bytes of a secret */
	KEY_FILE_MAX = 4096,
	SUMMARY_MAX = 4096,	/* bytes */
};

static struct {
	const char *format, *columns, *rejects, *since, *until, *now, *output;
	const char *words, *anonymize;
	double max_rejects_pct;
	uint64_t max_line;
	bool quiet, verbose, follow, explain;
	struct event_opts event;
} cfg = {
	.max_rejects_pct = 1,
	.max_line = IN_LOG_LINE_MAX,
	.event = { .since = INT64_MIN, .until = INT64_MAX },
};

static const struct opt opts[] = {
	{ 'f', "format", "FORMAT", OPT_TEXT, &cfg.format,
	    "a name, the server's own format string, json[:SPEC]" },
	{ 'c', "columns", "COL,...", OPT_TEXT, &cfg.columns, "columns to write, in this order" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "replace FILE as a whole" },
	{ 'R', "rejects", "FILE", OPT_TEXT, &cfg.rejects, "keep rejected lines, as they are" },
	{ 'E', "max-rejects", "PCT", OPT_PERCENT, &cfg.max_rejects_pct,
	    "fail when more are rejected (1)" },
	{ 'S', "since", "TIME", OPT_TEXT, &cfg.since, "only what happened from TIME on" },
	{ 'U', "until", "TIME", OPT_TEXT, &cfg.until, "only what happened before TIME" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "what -1h counts from" },
	{ 0, "host", "NAME", OPT_TEXT, &cfg.event.host, "the machine that wrote the log" },
	{ 0, "tier", "NAME[,BEHIND]", OPT_TEXT, &cfg.event.tier,
	    "this cache's layer, and what is behind it (origin)" },
	{ 0, "words", "FILE", OPT_TEXT, &cfg.words, "more cache words: word, outcome, tier" },
	{ 0, "anonymize", "HOW", OPT_TEXT, &cfg.anonymize,
	    "clients: cut, or hash:FILE with a secret" },
	{ 0, "redact", "PARAM,...", OPT_TEXT, &cfg.event.redact,
	    "hide values of query parameters, and user info" },
	{ 0, "sample", "N", OPT_COUNT, &cfg.event.sample, "keep 1 of N keys, with weight N" },
	{ 0, "max-line", "SIZE", OPT_SIZE, &cfg.max_line, "longest line wanted (64k)" },
	{ 'F', "follow", NULL, OPT_FLAG, &cfg.follow, "write rows when the input pauses" },
	{ 0, "explain", NULL, OPT_FLAG, &cfg.explain, "show how the first line is read" },
	{ 'q', "quiet", NULL, OPT_FLAG, &cfg.quiet, "no summary" },
	{ 'v', "verbose", NULL, OPT_FLAG, &cfg.verbose, "name every rejected line" },
};

static const struct opt_prog prog = {
	"cmon-parse", "[file ...]", "turn log lines into events", opts, countof(opts)
};

/* What became of the lines.  All of them are in one of these. */
static struct {
	uint64_t records, left_out, rejected, aside, incomplete;
	struct {
		char what[FORMAT_WHY_MAX];
		uint64_t n;
	} reason[REASONS];
	uint64_t other_reasons;
	char first[512];	/* path:line of the first reject */
} count;

static struct in in;
static struct out out, rejects;
static struct format format;
static struct event event;
static struct outcome_words words;

/* ---- options ---- */

static int64_t
now_us(void)
{
	struct timespec ts;
	int64_t us;

	if (!cfg.now) {
		clock_gettime(CLOCK_REALTIME, &ts);
		return (int64_t)ts.tv_sec * WHEN_SEC + ts.tv_nsec / 1000;
	}
	if (!when_user(str_of(cfg.now), 0, &us))
		opt_wrong(&prog, "--now: not a time: \"%s\"", cfg.now);
	return us;
}

static void
set_time(const char *name, const char *text, int64_t now, int64_t *us)
{
	if (text && !when_user(str_of(text), now, us))
		opt_wrong(&prog, "--%s: not a time: \"%s\" (2026-11-20T12:00Z, 1795176000, -1h)",
		    name, text);
}

/* Secrets come from a file that nobody else can read. */
static void
read_key(const char *path)
{
	char secret[KEY_FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd == -1 || fstat(fd, &st) == -1)
		die_sys("%s", path);
	if (st.st_mode & 077)
		die("%s: others may read this secret: chmod 600 it", path);
	n = read(fd, secret, sizeof(secret));
	if (n == -1)
		die_sys("%s", path);
	close(fd);
	if (n < KEY_FILE_MIN)
		die("%s: a secret has at least %d bytes", path, KEY_FILE_MIN);
	for (uint64_t i = 0; i < 2; i++)
		cfg.event.privacy_key.k[i] =
		    hash_bytes(&(struct hash_key){ { i, 0 } }, secret, (size_t)n);
}

static void
settle_options(void)
{
	int64_t now = now_us();

	set_time("since", cfg.since, now, &cfg.event.since);
	set_time("until", cfg.until, now, &cfg.event.until);
	cfg.event.columns = cfg.columns;
	if (cfg.max_line == 0 || cfg.max_line > SIZE_MAX / 16)
		opt_wrong(&prog, "--max-line: from 1 to %zu bytes", SIZE_MAX / 16);
	if (!cfg.anonymize)
		return;
	if (strcmp(cfg.anonymize, "cut") == 0) {
		cfg.event.privacy = EVENT_CUT;
	} else if (strncmp(cfg.anonymize, "hash:", 5) == 0) {
		cfg.event.privacy = EVENT_HASHED;
		read_key(cfg.anonymize + 5);
	} else {
		opt_wrong(&prog, "--anonymize: cut or hash:FILE, not \"%s\"", cfg.anonymize);
	}
}

static void
open_words(void)
{
	struct hash_key key;
	char why[MSG_MAX];

	if (!hash_key_random(&key))
		die_sys("random bytes");
	outcome_open(&words, &key);
	if (cfg.words && !outcome_load(&words, cfg.words, why, sizeof(why)))
		die("%s", why);
}

/* ---- the format ---- */

/* Do cache words in the sample say which layer answered? */
static bool
names_tiers(struct str sample)
{
	struct str field[EVENT_FIELDS];
	size_t n;

	for (; (n = str_chr(sample, '\n')) < sample.n; sample = str_from(sample, n + 1)) {
		if (!format_read(&format, (struct str){ sample.p, n }, field))
			continue;
		for (size_t i = 0; i < format.n; i++)
			if (format.field[i].as == AS_CACHE && outcome_tiered(&words, field[i]))
				return true;
	}
	return false;
}

static void
open_format(void)
{
	struct str sample = { NULL, 0 };

	if (!cfg.format || strcmp(cfg.format, "json") == 0 || !cfg.columns)
		sample = in_peek(&in, FORMAT_SAMPLE_BYTES);
	if (cfg.format) {
		if (!format_open(&format, cfg.format, sample, cfg.columns))
			die("--format: %s", format.why);
	} else if (!format_detect(&format, sample, cfg.columns)) {
		if (!cfg.explain || format.n == 0)
			die("%s: %s", in.path, format.why);
		warn("%s: %s", in.path, format.why);
	} else if (!cfg.quiet && !cfg.explain) {
		warn("%s: reading as %s (%u of %u lines)", in.path, format.name,
		    format.matched, format.sampled);
	}
	cfg.event.absolute_urls = format.absolute_urls;
	cfg.event.unescape = format.unescape;
	cfg.event.tiers = names_tiers(sample);
	if (!event_open(&event, format.field, format.n, &cfg.event, &words))
		die("%s", event.why);
}

/* ---- lines ---- */

static void
count_reason(const char *why)
{
	size_t i = 0;

	while (i < REASONS && count.reason[i].n && strcmp(count.reason[i].what, why) != 0)
		i++;
	if (i == REASONS) {
		count.other_reasons++;
		return;
	}
	if (count.reason[i].n++ == 0)
		snprintf(count.reason[i].what, sizeof(count.reason[i].what), "%s", why);
}

static void
reject(struct str line, const char *why)
{
	if (count.rejected++ == 0)
		snprintf(count.first, sizeof(count.first), "%s:%llu", in.path,
		    (unsigned long long)in.lineno);
	count_reason(why);
	if (cfg.verbose)
		warn("%s:%llu: %s", in.path, (unsigned long long)in.lineno, why);
	if (cfg.rejects) {
		out_add(&rejects, line);
		out_byte(&rejects, '\n');
	}
}

static void
reject_value(struct str line)
{
	char why[FORMAT_WHY_MAX];

	snprintf(why, sizeof(why), "\"%.*s\": %s", STRF(format.field[event.bad_field].name),
	    event.why);
	reject(line, why);
}

static void
parse_line(struct str line)
{
	struct str field[EVENT_FIELDS];
	char *to;

	if (UNLIKELY(format_is_aside(line))) {
		count.aside++;
		return;
	}
	if (UNLIKELY(!format_read(&format, line, field))) {
		reject(line, format.why);
		return;
	}
	to = out_room(&out, event_room(&event, line.n));
	if (UNLIKELY(event_row(&event, field, line, &to) == EVENT_BAD))
		reject_value(line);
	else
		out_used(&out, to);
}

static void
flush(void *ctx)
{
	out_flush(ctx);
}

static void
parse(void)
{
	struct str line;

	out_add(&out, event_header(&event));
	while (in_line(&in, &line)) {
		if (UNLIKELY(in.unended))
			count.incomplete++;
		else
			parse_line(line);
	}
	count.records = event.rows;
	count.left_out = event.left_out;
	count.rejected += in.dropped;
}

static int
explain_line(void)
{
	struct str line;
	bool ok = false;

	while (in_line(&in, &line))
		if (!format_is_aside(line)) {
			ok = explain(&out, &format, &event, line);
			break;
		}
	in_close(&in);
	out_close(&out);
	return ok ? EXIT_OK : EXIT_LOOK;
}

/* ---- the summary ---- */

static void
add_reasons(struct buf *b)
{
	const char *sep = " (";

	for (size_t i = 0; i < REASONS && count.reason[i].n; i++, sep = "; ")
		buf_printf(b, "%s%s: %llu", sep, count.reason[i].what,
		    (unsigned long long)count.reason[i].n);
	if (count.other_reasons)
		buf_printf(b, "; other reasons: %llu", (unsigned long long)count.other_reasons);
	if (in.dropped) {
		buf_printf(b, "%sover %llu bytes: %llu", sep, (unsigned long long)cfg.max_line,
		    (unsigned long long)in.dropped);
		sep = "; ";
	}
	if (*count.first)
		buf_printf(b, "; first at %s", count.first);
	buf_printf(b, ")");
}

static void
add_unknown_words(struct buf *b)
{
	const char *sep = "; unknown cache words: ";

	for (uint32_t i = 0; i < words.unknown.n; i++, sep = ", ")
		buf_printf(b, "%s%.*s %llu", sep, STRF(map_key(&words.unknown, i)),
		    (unsigned long long)words.count[i]);
	if (words.others)
		buf_printf(b, "%sothers %llu", sep, (unsigned long long)words.others);
}

static void
add_count(struct buf *b, uint64_t n, const char *what)
{
	if (n)
		buf_printf(b, ", %llu %s", (unsigned long long)n, what);
}

static void
summarize(void)
{
	struct buf b;

	if (cfg.quiet || !(cfg.verbose || count.rejected || count.incomplete || words.unknown.n))
		return;
	buf_init(&b, SUMMARY_MAX);
	buf_printf(&b, "%llu lines: %llu records", (unsigned long long)in.lines,
	    (unsigned long long)(count.records + count.left_out));
	add_count(&b, count.left_out, "of them left out");
	add_count(&b, count.aside, "blank or directives");
	add_count(&b, count.incomplete, "incomplete (no newline at the end)");
	add_count(&b, count.rejected, "rejected");
	if (count.rejected)
		add_reasons(&b);
	add_unknown_words(&b);
	warn("%.*s", STRF(buf_str(&b)));
	buf_free(&b);
}

/*
 * Too much of the log was not understood: the rows written are cut short, so
 * that nobody takes them for the whole.
 */
static void
judge_rejects(void)
{
	uint64_t all = count.records + count.left_out + count.rejected;

	if (count.rejected == 0)
		return;
	if (count.rejected == all)
		die("no line was read as %s", format.name ? format.name : "the format says");
	if ((double)count.rejected * 100 > cfg.max_rejects_pct * (double)all)
		die("%.3g %% of the lines were rejected, over the %.3g %% of --max-rejects",
		    (double)count.rejected * 100 / (double)all, cfg.max_rejects_pct);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);

	settle_options();
	open_words();
	in_open(&in, argv + first, (size_t)cfg.max_line);
	out_open(&out, cfg.output);
	if (cfg.follow) {
		in.idle = flush;
		in.idle_ctx = &out;
	}
	open_format();
	if (cfg.explain)
		return explain_line();
	if (cfg.rejects)
		out_open(&rejects, cfg.rejects);
	parse();
	summarize();
	if (cfg.rejects)
		out_close(&rejects);
	judge_rejects();
	in_close(&in);
	event_close(&event);
	outcome_close(&words);
	format_close(&format);
	return out_close(&out);
}
