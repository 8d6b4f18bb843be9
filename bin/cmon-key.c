/*
 * cmon-key - the endpoint and the key of each URL, by rules.
 *
 * A filter: the rows of the stream with columns added, a row in, a row out.
 */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "fragments.h"
#include "in.h"
#include "keyrules.h"
#include "keys.h"
#include "limit.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "regex.h"
#include "scan.h"
#include "str.h"
#include "tsv.h"
#include "widen.h"

#define NONE		STR("(none)")
#define MEM_DEFAULT	((uint64_t)256 << 20)	/* bytes */

enum column { ENDPOINT, KEY, RULE, COLUMNS };
static const struct str column_name[COLUMNS] = { { "endpoint", 8 }, { "key", 3 }, { "rule", 4 } };

static struct {
	const char *cache, *columns, *explain, *limit, *method, *output, *rules, *url, *vhost;
	uint64_t count, mem;
	int64_t ttl_us;		/* -1: none */
	bool check, follow, fragments, keyed, replace;
} cfg = {
	.cache = "cache", .columns = "endpoint,key", .method = "method", .url = "url", .vhost = "vhost",
	.mem = MEM_DEFAULT, .ttl_us = -1,
};

static const struct opt opts[] = {
	{ 'r', "rules", "FILE", OPT_TEXT, &cfg.rules, "the rules" },
	{ 'c', "columns", "NAME,...", OPT_TEXT, &cfg.columns, "columns to add, in this order" },
	{ 'F', "follow", NULL, OPT_FLAG, &cfg.follow, "write rows whenever the input pauses" },
	{ 'n', "count", "N", OPT_COUNT, &cfg.count, "at most N values of a column, the rest (other)" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "write into FILE" },
	{ 0, "cache", "COLUMN", OPT_TEXT, &cfg.cache, "the column with what the cache did" },
	{ 0, "check", NULL, OPT_FLAG, &cfg.check, "read the rules, and do nothing else" },
	{ 0, "explain", "URL", OPT_TEXT, &cfg.explain, "say what becomes of this URL, and why" },
	{ 0, "fragments", NULL, OPT_FLAG, &cfg.fragments, "report which parts of URLs split the cache" },
	{ 0, "keyed", NULL, OPT_FLAG, &cfg.keyed, "with it: the cache goes by the key, not by the URL" },
	{ 0, "limit", "COLUMN", OPT_TEXT, &cfg.limit, "the column of --count (key)" },
	{ 0, "mem", "SIZE", OPT_SIZE, &cfg.mem, "memory of the tables (256M)" },
	{ 0, "method", "COLUMN", OPT_TEXT, &cfg.method, "the column with the method" },
	{ 0, "replace", NULL, OPT_FLAG, &cfg.replace, "fill columns that are there already" },
	{ 0, "ttl", "DURATION", OPT_SPAN, &cfg.ttl_us, "with --fragments: how long copies stay fresh" },
	{ 0, "url", "COLUMN", OPT_TEXT, &cfg.url, "the column with the URL" },
	{ 0, "vhost", "COLUMN", OPT_TEXT, &cfg.vhost, "the column with the host" },
};
static const struct opt_prog prog = {
	"cmon-key", "[file ...]", "the endpoint and the key of each URL, by rules", opts, countof(opts)
};

struct job {
	struct keyrules rules;
	struct keys keys;
	struct keys_event event;	/* the row at hand */
	struct tsv *tsv;
	struct out out;
	enum column col[COLUMNS];	/* to add */
	size_t n;
	struct widen widen;		/* those, and the one to limit if it is another */
	struct limit limit;
	size_t limited;			/* its number in widen, or WIDEN_NONE */
	int url, vhost, method;		/* columns of the stream, or -1 */
	struct buf raw[3];		/* url, vhost, method whose escapes are undone */
	struct fragments fragments;
	struct buf text, field[COLUMNS];
};

static void
say(const char *text)
{
	warn("%s", text);
}

/* --- columns --- */

static void
choose(struct job *j)
{
	struct str rest = str_of(cfg.columns), name;

	while (rest.n && str_cut(&rest, ',', &name)) {
		size_t c = 0;

		while (c < COLUMNS && !str_eq(name, column_name[c]))
			c++;
		if (c == COLUMNS)
			opt_wrong(&prog, "--columns: endpoint, key or rule, not \"%.*s\"", STRF(name));
		for (size_t i = 0; i < j->n; i++)
			if (j->col[i] == (enum column)c)
				opt_wrong(&prog, "--columns: \"%.*s\" stands twice", STRF(name));
		j->col[j->n++] = (enum column)c;
	}
}

static void
check_options(void)
{
	if (cfg.limit && !cfg.count)
		opt_wrong(&prog, "--limit: how many values? --count says it");
	if (cfg.check && !cfg.rules)
		opt_wrong(&prog, "--check: which file? --rules names it");
	if (!cfg.fragments && (cfg.keyed || cfg.ttl_us >= 0))
		opt_wrong(&prog, "--%s goes with --fragments", cfg.keyed ? "keyed" : "ttl");
	if (cfg.ttl_us == 0)
		opt_wrong(&prog, "--ttl: no copy is fresh for 0 s, and nothing could be gained");
	if (cfg.fragments && (cfg.follow || cfg.limit || cfg.explain))
		opt_wrong(&prog, "--fragments does not go with --follow, --limit or --explain");
}

static void
plan(struct job *j)
{
	struct str names[COLUMNS + 1], limit = str_of(cfg.limit ? cfg.limit : "key");
	size_t n = 0;

	for (; n < j->n; n++)
		names[n] = column_name[j->col[n]];
	j->limited = WIDEN_NONE;
	widen_open(&j->widen, names, n);
	if (cfg.fragments)
		return;
	for (size_t i = 0; cfg.count && i < n; i++)
		if (str_eq(names[i], limit))
			j->limited = i;
	if (cfg.count && j->limited == WIDEN_NONE) {
		j->limited = n;
		names[n++] = limit;
	}
	if (cfg.count && !limit_open(&j->limit, cfg.count, (size_t)(cfg.mem < SIZE_MAX ? cfg.mem : SIZE_MAX)))
		die_sys("no random bytes");
	widen_open(&j->widen, names, n);
}

static int
needed(const struct job *j, bool wanted, const char *name, const char *option)
{
	int col = wanted ? tsv_col(j->tsv, str_of(name)) : -1;

	if (wanted && col == -1)
		die("%s:%llu: no column \"%s\": %s names another", TSV_AT(j->tsv), name, option);
	return col;
}

static void
bind(struct job *j)
{
	j->url = needed(j, j->n > 0, cfg.url, "--url");
	j->vhost = needed(j, j->n > 0 && j->keys.vhost, cfg.vhost, "a rule asks for the host; --vhost");
	j->method = needed(j, j->n > 0 && j->keys.method, cfg.method, "a rule asks for the method; --method");
}

static void
bind_columns(struct job *j)
{
	const struct tsv *t = j->tsv;
	size_t there = widen_bind(&j->widen, t);

	bind(j);
	if (there < j->n && !cfg.replace)
		die("%s:%llu: column \"%.*s\" is there already: --replace fills it anew, -c leaves it out",
		    TSV_AT(t), STRF(j->widen.name[there]));
	if (j->limited != WIDEN_NONE && j->limited >= j->n && j->widen.at[j->limited] == -1)
		die("%s:%llu: no column \"%.*s\": --limit names another", TSV_AT(t),
		    STRF(j->widen.name[j->limited]));
}

/* --- values --- */

/* All of b, with slack behind it. */
static struct str
slackened(struct buf *b)
{
	size_t n = b->n;

	memset(buf_room(b, SCAN_SLACK), 0, SCAN_SLACK);
	return (struct str){ b->p, n };
}

/* The bytes behind a field's escapes. */
static struct str
raw(struct job *j, size_t i, int col, const char *name)
{
	struct buf *b = &j->raw[i];
	struct str field;

	if (col == -1)
		return STR("");
	field = tsv_field(j->tsv, col);
	if (LIKELY(scan_byte(field.p, field.p + field.n, '\\') == field.p + field.n))
		return field;
	buf_reset(b);
	if (!tsv_unescape(b, field))
		die("%s:%llu: column \"%s\": a bad escape: \"%.*s\"", TSV_AT(j->tsv), name, STRF(field));
	return slackened(b);
}

static struct str
escaped(struct job *j, size_t i, struct str raw_text)
{
	struct buf *b = &j->field[i];
	char *to;

	buf_reset(b);
	/* What rows say of many keys, or of none, no key may say. */
	if (UNLIKELY(raw_text.n && raw_text.p[0] == '(') &&
	    (str_eq(raw_text, LIMIT_OTHER) || str_eq(raw_text, NONE))) {
		buf_add(b, STR("\\x28"));
		raw_text = str_from(raw_text, 1);
	}
	to = buf_room(b, TSV_ROOM(raw_text.n));
	b->n = (size_t)((raw_text.n ? tsv_put(to, raw_text) : to) - b->p);
	return buf_str(b);
}

static struct str
endpoint(struct job *j, size_t i, const struct key_rule *rule)
{
	const struct str *fixed = keys_endpoint_field(&j->keys, rule);

	if (fixed)
		return *fixed;
	buf_reset(&j->text);
	keys_endpoint(&j->keys, rule, &j->text);
	return escaped(j, i, buf_str(&j->text));
}

/* plain: the URL has no escapes. */
static struct str
value(struct job *j, size_t i, const struct key_rule *rule, bool plain)
{
	char *end, number[NUM_MAX];

	buf_reset(&j->text);
	switch (j->col[i]) {
	case ENDPOINT:
		return endpoint(j, i, rule);
	case KEY:
		buf_reset(&j->field[i]);
		if (plain && keys_key_field(&j->keys, rule, &j->field[i]))
			return buf_str(&j->field[i]);
		keys_key(&j->keys, rule, NULL, &j->text);
		break;
	case RULE:
		end = rule ? num_put_u64(number, rule->line) : number;
		buf_add(&j->text, (struct str){ number, (size_t)(end - number) });
		break;
	case COLUMNS:
		break;
	}
	return escaped(j, i, buf_str(&j->text));
}

/* Of metrics over all URLs, over those without one, over those folded before. */
static bool
stands_for_many(const struct job *j, struct str url)
{
	return url.n == 0 || (j->widen.metrics && (str_eq(url, NONE) || str_eq(url, LIMIT_OTHER)));
}

static const struct key_rule *
find(struct job *j)
{
	j->event = (struct keys_event){ raw(j, 0, j->url, cfg.url), raw(j, 1, j->vhost, cfg.vhost),
	    raw(j, 2, j->method, cfg.method) };
	keys_take(&j->keys, &j->event);
	return keys_find(&j->keys);
}

static void
compute(struct job *j, struct str *v)
{
	struct str url = tsv_field(j->tsv, j->url);
	const struct key_rule *rule;

	if (stands_for_many(j, url)) {
		for (size_t i = 0; i < j->n; i++)
			v[i] = url;
		return;
	}
	rule = find(j);
	for (size_t i = 0; i < j->n; i++) {
		v[i] = value(j, i, rule, j->event.url.p == url.p);
		/* An empty label would be the total over it. */
		if (v[i].n == 0 && j->widen.metrics)
			v[i] = NONE;
	}
}

static void
row(struct job *j)
{
	struct str v[COLUMNS + 1] = { { NULL, 0 } };
	size_t bytes = tsv_line(j->tsv).n;

	if (j->n)
		compute(j, v);
	if (j->limited != WIDEN_NONE) {
		if (j->limited >= j->n)
			v[j->limited] = tsv_field(j->tsv, j->widen.at[j->limited]);
		v[j->limited] = limit_take(&j->limit, v[j->limited]);
	}
	for (size_t i = 0; i < j->widen.n; i++)
		bytes += v[i].n + 1;
	if (UNLIKELY(bytes > IN_TSV_LINE_MAX))
		die("%s:%llu: the row would be over %d bytes with what is added: take shorter lines of the log, "
		    "or fewer columns", TSV_AT(j->tsv), IN_TSV_LINE_MAX);
	widen_row(&j->widen, j->tsv, &j->out, v);
}

/* --- verbs --- */

static void
flush(void *out)
{
	out_flush(out);
}

static void
summary(const struct job *j)
{
	if (j->keys.gave_up)
		warn("%llu paths took a regular expression too long, or are over %d bytes, and count as not "
		    "matching it: the first was that of %s:%llu", (unsigned long long)j->keys.gave_up, REGEX_TEXT_MAX,
		    cfg.rules, (unsigned long long)j->keys.gave_up_line);
	if (j->limit.folded)
		warn("column \"%.*s\": %llu rows of later values are \"(other)\": see --count and --mem",
		    STRF(j->widen.name[j->limited]), (unsigned long long)j->limit.folded);
}

static void
open_stream(struct job *j, struct tsv *t, struct in *in, char *const *paths)
{
	in_open(in, paths, IN_TSV_LINE_MAX);
	if (cfg.follow) {
		in->idle = flush;
		in->idle_ctx = &j->out;
	}
	tsv_open(t, in);
	j->tsv = t;
}

/* A request of the replay. */
static void
replay(struct job *j)
{
	const struct key_rule *rule;
	const char *why;

	if (tsv_field(j->tsv, j->url).n == 0)
		return;
	rule = find(j);
	why = fragments_add(&j->fragments, j->tsv, &j->keys, rule, endpoint(j, 0, rule));
	if (why)
		die("%s:%llu: %s", TSV_AT(j->tsv), why);
}

static void
bind_replay(struct job *j)
{
	const char *why = fragments_bind(&j->fragments, j->tsv);

	if (why)
		die("%s:%llu: %s", TSV_AT(j->tsv), why);
	bind(j);
	/* The host is part of the URL where the log has it. */
	if (j->vhost == -1)
		j->vhost = tsv_col(j->tsv, str_of(cfg.vhost));
}

static void
tell(const struct job *j)
{
	const struct fragments *f = &j->fragments;

	if (f->assumed)
		warn("no column \"%s\": taken for a hit is each request of a key that was asked for before%s",
		    cfg.cache, cfg.ttl_us >= 0 ? ", within the TTL" : "");
	if (f->unknown)
		warn("column \"%s\": %llu rows with a word that is no outcome were left out", cfg.cache,
		    (unsigned long long)f->unknown);
	if (f->replay.crowded)
		warn("%llu rows with more than %d parameters were left out", (unsigned long long)f->replay.crowded,
		    REPLAY_PARAMS_MAX);
}

static int
fragments(struct job *j, char *const *paths)
{
	static struct tsv t;
	struct in in;

	j->fragments = (struct fragments){ .cache = cfg.cache, .method = cfg.method,
	    .replay = { .keyed = cfg.keyed, .rules = cfg.rules != NULL } };
	if (!fragments_open(&j->fragments, cfg.ttl_us >= 0 ? cfg.ttl_us : REPLAY_FOR_EVER, (size_t)cfg.mem))
		die_sys("no random bytes");
	open_stream(j, &t, &in, paths);
	for (;;)
		switch (tsv_next(&t)) {
		case TSV_HEADER:
			bind_replay(j);
			break;
		case TSV_ROW:
			replay(j);
			break;
		case TSV_BAD:
			die("%s", t.why);
		case TSV_END:
			fragments_write(&j->fragments, &j->out, cfg.count);
			tell(j);
			fragments_close(&j->fragments);
			tsv_close(&t);
			in_close(&in);
			summary(j);
			return EXIT_OK;
		}
}

static int
filter(struct job *j, char *const *paths)
{
	static struct tsv t;
	struct in in;

	open_stream(j, &t, &in, paths);
	for (;;)
		switch (tsv_next(&t)) {
		case TSV_HEADER:
			bind_columns(j);
			widen_header(&j->widen, &t, &j->out);
			break;
		case TSV_ROW:
			row(j);
			break;
		case TSV_BAD:
			die("%s", t.why);
		case TSV_END:
			tsv_close(&t);
			in_close(&in);
			summary(j);
			return EXIT_OK;
		}
}

static void
explain_line(struct job *j, const char *what, struct str text)
{
	char line[16];
	int n = snprintf(line, sizeof(line), "%-10s", what);

	out_add(&j->out, (struct str){ line, (size_t)n });
	out_shown(&j->out, escaped(j, 0, text));
	out_byte(&j->out, '\n');
}

static int
explain(struct job *j)
{
	struct keys_event e = { .method = STR("GET") };
	const struct key_rule *rule;

	buf_add(&j->raw[0], str_of(cfg.explain));
	e.url = slackened(&j->raw[0]);
	keys_take(&j->keys, &e);
	rule = keys_find(&j->keys);
	if (rule)
		buf_printf(&j->text, "%s:%llu: %.*s", cfg.rules, (unsigned long long)rule->line, STRF(rule->pattern));
	else
		buf_add(&j->text, cfg.rules ? STR("none matches") : STR("none given"));
	explain_line(j, "rule", buf_str(&j->text));
	explain_line(j, "host", j->keys.u.host);
	explain_line(j, "path", j->keys.path);
	explain_line(j, "query", j->keys.u.query);
	buf_reset(&j->text);
	keys_endpoint(&j->keys, rule, &j->text);
	explain_line(j, "endpoint", buf_str(&j->text));
	buf_reset(&j->text);
	keys_key(&j->keys, rule, NULL, &j->text);
	explain_line(j, "key", buf_str(&j->text));
	return rule ? EXIT_OK : EXIT_LOOK;
}

static void
load(struct job *j)
{
	if (cfg.rules && !keyrules_read(&j->rules, cfg.rules, say))
		die("%s: the rules have mistakes: nothing was done", cfg.rules);
	keys_open(&j->keys, &j->rules);
	for (size_t i = 0; i < countof(j->raw); i++)
		buf_init(&j->raw[i], SIZE_MAX);
	for (size_t i = 0; i < countof(j->field); i++)
		buf_init(&j->field[i], SIZE_MAX);
	buf_init(&j->text, SIZE_MAX);
}

static void
unload(struct job *j)
{
	keys_close(&j->keys);
	keyrules_free(&j->rules);
	limit_close(&j->limit);
	for (size_t i = 0; i < countof(j->raw); i++)
		buf_free(&j->raw[i]);
	for (size_t i = 0; i < countof(j->field); i++)
		buf_free(&j->field[i]);
	buf_free(&j->text);
}

static int
run(struct job *j, char *const *paths)
{
	int status;

	out_open(&j->out, cfg.output);
	status = cfg.explain ? explain(j) : cfg.fragments ? fragments(j, paths) : filter(j, paths);
	out_close(&j->out);
	return status;
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv), status;
	static struct job j;

	check_options();
	choose(&j);
	plan(&j);
	load(&j);
	status = cfg.check ? EXIT_OK : run(&j, argv + first);
	unload(&j);
	return status;
}
