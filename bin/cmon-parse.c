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
#include <unistd.h>

#include "account.h"
#include "buf.h"
#include "csv.h"
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

enum {
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
	    "a name, the server's own format string, json, csv, tsv" },
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

static struct in in;
static struct account account;
static uint64_t lineno;		/* of the current record in the current input */
static struct out out, rejects;
static struct format format;
static struct event event;
static struct outcome_words words;

/* ---- options ---- */

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
	int64_t now = opt_now(&prog, cfg.now);

	cfg.event.since = opt_time(&prog, "since", cfg.since, now, cfg.event.since);
	cfg.event.until = opt_time(&prog, "until", cfg.until, now, cfg.event.until);
	cfg.event.columns = cfg.columns;
	if (cfg.max_line == 0 || cfg.max_line > SIZE_MAX / 16)
		opt_wrong(&prog, "--max-line: from 1 to %zu bytes", SIZE_MAX / 16);
	if (cfg.rejects && strcmp(cfg.rejects, cfg.output ? cfg.output : "-") == 0)
		opt_wrong(&prog, "--rejects: rows go there: \"%s\"", cfg.rejects);
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
	struct str sample = in_peek(&in, FORMAT_SAMPLE_BYTES);

	if (cfg.format) {
		if (!format_open(&format, cfg.format, sample, cfg.columns))
			die("--format: %s", format.why);
	} else if (!format_detect(&format, sample, cfg.columns)) {
		if (!cfg.explain || format.n == 0)
			die("%s: %s", in.path, format.why);
		warn("%s: %s", in.path, format.why);
	} else if (!cfg.quiet && !cfg.explain && format.sampled == 0) {
		warn("%s: no line to tell the format by: a header and no rows", in.path);
	} else if (!cfg.quiet && !cfg.explain) {
		warn("%s: reading as %s (%u of %u lines)", in.path, format.name,
		    format.matched, format.sampled);
	}
	/* The time alone: all else has keys that nobody has told us. */
	if (format.kind == FORMAT_JSON && format.n == 1 && !cfg.columns && !cfg.quiet &&
	    !(cfg.format && strchr(cfg.format, ':')))
		warn("%s: the time is the only well-known key: name the others, as in "
		    "-f json:time=.ts,cache=.result.outcome", in.path);
	cfg.event.absolute_urls = format.absolute_urls;
	cfg.event.unescape = format.unescape;
	cfg.event.tiers = names_tiers(sample);
	if (!event_open(&event, format.field, format.n, &cfg.event, &words))
		die("%s", event.why);
}

/* ---- lines ---- */

static void
reject(struct str line, const char *why)
{
	account_reject(&account, in.path, lineno, line, why);
}

/* Writes a record whose fields were found; line is what -R keeps. */
static void
write_record(const struct str *field, struct str line)
{
	char *to = out_room(&out, event_room(&event, line.n)), why[FORMAT_WHY_MAX];

	if (LIKELY(event_row(&event, field, line, &to) != EVENT_BAD)) {
		out_used(&out, to);
		return;
	}
	if (event.bad_field < 0) {
		reject(line, event.why);
		return;
	}
	snprintf(why, sizeof(why), "\"%.*s\": %s", STRF(format.field[event.bad_field].name),
	    event.why);
	reject(line, why);
}

static _Noreturn void
other_header(void)
{
	die("%s:1: other columns than in the first input", in.path);
}

static void
parse_line(struct str line)
{
	struct str field[EVENT_FIELDS];

	if (UNLIKELY(format.headed && lineno == 1)) {
		if (!format_is_header(&format, line))
			other_header();
		account.aside++;
	} else if (UNLIKELY(format_is_aside(line))) {
		account.aside++;
	} else if (UNLIKELY(!format_read(&format, line, field))) {
		reject(line, format.why);
	} else {
		write_record(field, line);
	}
}

static void
parse_lines(void)
{
	struct str line;

	while (in_line(&in, &line)) {
		lineno = in.lineno;
		if (UNLIKELY(in.unended))
			account.incomplete++;
		else
			parse_line(line);
	}
	account.lines = in.lines;
	account.too_long = in.dropped;
	account.rejected += in.dropped;
}

/* ---- rows of CSV, which may span lines ---- */

static void
parse_row(void *ctx, const struct csv_row *row)
{
	bool *header_next = ctx;
	struct str field[EVENT_FIELDS], line = { NULL, 0 };

	account.lines++;
	lineno = row->line;
	if (row->unended) {
		account.incomplete++;
	} else if (*header_next) {
		if (!tablefmt_is_header(&format.table, row->field, row->n))
			other_header();
		account.aside++;
	} else if (row->fault != CSV_GOOD) {
		reject(line, csv_reason(row->fault));
	} else if (!format_cells(&format, row->field, row->n, field)) {
		reject(line, format.why);
	} else {
		line.p = row->field[0].p;
		line.n = (size_t)(row->field[row->n - 1].p + row->field[row->n - 1].n - line.p);
		write_record(field, line);
	}
	*header_next = false;
}

static void
parse_csv(void)
{
	bool header_next;
	struct str block;
	struct csv csv;

	csv_open(&csv, ',', parse_row, &header_next);
	while (in_next(&in)) {
		header_next = true;
		while (in_block(&in, &block))
			csv_feed(&csv, block);
		csv_finish(&csv);
	}
	csv_close(&csv);
}

static void
flush(void *ctx)
{
	out_flush(ctx);
}

static void
parse(void)
{
	out_add(&out, event_header(&event));
	if (format.kind == FORMAT_CSV)
		parse_csv();
	else
		parse_lines();
	account.records = event.rows;
	account.left_out = event.left_out;
}

static int
explain_line(void)
{
	struct str line;
	bool ok = false;

	while (in_line(&in, &line)) {
		if (format_is_aside(line) || (format.headed && in.lineno == 1))
			continue;
		ok = explain(&out, &format, &event, line);
		break;
	}
	in_close(&in);
	out_close(&out);
	return ok ? EXIT_OK : EXIT_LOOK;
}

/* ---- the summary ---- */

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

/* Keys that somebody named and no line had; false: none. */
static bool
add_unseen_keys(struct buf *b)
{
	const char *sep = "; in no line: ";
	size_t before = b->n;

	for (size_t i = 0; i < format.n && account.records + account.left_out; i++) {
		struct str key = format_unseen(&format, i);

		if (key.n == 0)
			continue;
		buf_printf(b, "%s\"%.*s\"", sep, STRF(key));
		sep = ", ";
	}
	return b->n > before;
}

static void
summarize(void)
{
	bool due = cfg.verbose || account.rejected || account.incomplete || words.unknown.n || words.others;
	struct buf b;

	buf_init(&b, SUMMARY_MAX);
	account_summary(&account, &b);
	add_unknown_words(&b);
	due |= add_unseen_keys(&b);
	if (cfg.quiet || !due) {
		buf_free(&b);
		return;
	}
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
	double pct = account_rejected_pct(&account);

	if (account.rejected && account.records + account.left_out == 0)
		die("no line was read as %s: --explain shows where the first one goes wrong",
		    format.name ? format.name : "the format says");
	if (pct > cfg.max_rejects_pct)
		die("%.3g %% of the lines were rejected, over the %.3g %% of --max-rejects%s",
		    pct, cfg.max_rejects_pct, cfg.quiet ? ": without --quiet it says why" : "");
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
	account.verbose = cfg.verbose;
	if (cfg.rejects) {
		out_open(&rejects, cfg.rejects);
		account.keep = &rejects;
	}
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
