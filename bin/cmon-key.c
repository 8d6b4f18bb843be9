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
#include "keyfields.h"
#include "keyrow.h"
#include "keyrules.h"
#include "keys.h"
#include "limit.h"
#include "msg.h"
#include "opt.h"
#include "out.h"
#include "regex.h"
#include "str.h"
#include "tsv.h"
#include "widen.h"

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
	struct keyfields fields;
	struct keyrow in;		/* the row at hand */
	struct tsv *tsv;
	struct out out;
	enum column col[COLUMNS];	/* to add */
	size_t n;
	struct widen widen;		/* those, and the one to limit if it is another */
	struct limit limit;
	size_t limited;			/* its number in widen, or WIDEN_NONE */
	struct str value[COLUMNS + 1];	/* of the columns of widen */
	struct fragments fragments;
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

static void
bind(struct job *j)
{
	if (!keyrow_bind(&j->in, j->tsv, j->n ? &j->keys : NULL))
		die("%s", j->in.why);
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
	/* Else widen_row() needs them all. */
	if (j->widen.appends)
		tsv_want(j->tsv, keyrow_last(&j->in));
}

/* --- values --- */

static struct str
value(struct job *j, enum column column, const struct key_rule *rule)
{
	switch (column) {
	case ENDPOINT:
		return keyfields_endpoint(&j->fields, rule);
	case KEY:
		return keyfields_key(&j->fields, rule, j->in.as_is);
	default:
		return keyfields_rule(&j->fields, rule);
	}
}

/* Of metrics over all URLs, over those without one, over those folded before. */
static bool
stands_for_many(const struct job *j, struct str url)
{
	return url.n == 0 || (j->widen.metrics && (str_eq(url, KEYFIELDS_NONE) || str_eq(url, LIMIT_OTHER)));
}

static const struct key_rule *
find(struct job *j)
{
	if (!keyrow_read(&j->in, j->tsv))
		die("%s", j->in.why);
	keys_take(&j->keys, &j->in.event);
	return keys_find(&j->keys);
}

static void
compute(struct job *j)
{
	struct str url = tsv_field(j->tsv, j->in.col[KEYROW_URL]);
	const struct key_rule *rule;

	if (stands_for_many(j, url)) {
		for (size_t i = 0; i < j->n; i++)
			j->value[i] = url;
		return;
	}
	rule = find(j);
	for (size_t i = 0; i < j->n; i++) {
		struct str v = value(j, j->col[i], rule);

		/* An empty label would be the total over it. */
		j->value[i] = v.n || !j->widen.metrics ? v : KEYFIELDS_NONE;
	}
}

static void
fold(struct job *j)
{
	struct str *v = &j->value[j->limited];

	if (j->limited >= j->n)
		*v = tsv_field(j->tsv, j->widen.at[j->limited]);
	*v = limit_take(&j->limit, *v);
}

static void
row(struct job *j)
{
	size_t bytes = tsv_line(j->tsv).n;

	if (j->n)
		compute(j);
	if (j->limited != WIDEN_NONE)
		fold(j);
	for (size_t i = 0; i < j->widen.n; i++)
		bytes += j->value[i].n + 1;
	if (UNLIKELY(bytes > IN_TSV_LINE_MAX))
		die("%s:%llu: the row would be over %d bytes with what is added: take shorter lines of the log, "
		    "or fewer columns", TSV_AT(j->tsv), IN_TSV_LINE_MAX);
	widen_row(&j->widen, j->tsv, &j->out, j->value);
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

	if (tsv_field(j->tsv, j->in.col[KEYROW_URL]).n == 0)
		return;
	rule = find(j);
	why = fragments_add(&j->fragments, j->tsv, &j->keys, rule, keyfields_endpoint(&j->fields, rule));
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
	keyrow_may_have(&j->in, j->tsv, KEYROW_VHOST);
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
	struct buf field;

	buf_init(&field, SIZE_MAX);
	out_add(&j->out, (struct str){ line, (size_t)n });
	out_shown(&j->out, keyfields_escape(&field, text));
	out_byte(&j->out, '\n');
	buf_free(&field);
}

static int
explain(struct job *j)
{
	const struct key_rule *rule;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	keyrow_of(&j->in, str_of(cfg.explain), STR("GET"));
	keys_take(&j->keys, &j->in.event);
	rule = keys_find(&j->keys);
	if (rule)
		buf_printf(&b, "%s:%llu: %.*s", cfg.rules, (unsigned long long)rule->line, STRF(rule->pattern));
	else
		buf_add(&b, cfg.rules ? STR("none matches") : STR("none given"));
	explain_line(j, "rule", buf_str(&b));
	explain_line(j, "host", j->keys.u.host);
	explain_line(j, "path", *j->keys.path);
	explain_line(j, "query", j->keys.u.query);
	buf_reset(&b);
	keys_endpoint(&j->keys, rule, &b);
	explain_line(j, "endpoint", buf_str(&b));
	buf_reset(&b);
	keys_key(&j->keys, rule, NULL, &b);
	explain_line(j, "key", buf_str(&b));
	buf_free(&b);
	return rule ? EXIT_OK : EXIT_LOOK;
}

static void
load(struct job *j)
{
	if (cfg.rules && !keyrules_read(&j->rules, cfg.rules, say))
		die("%s: the rules have mistakes: nothing was done", cfg.rules);
	keys_open(&j->keys, &j->rules);
	keyfields_open(&j->fields, &j->keys);
	keyrow_open(&j->in, cfg.url, cfg.vhost, cfg.method);
}

static void
unload(struct job *j)
{
	keyfields_close(&j->fields);
	keys_close(&j->keys);
	keyrules_free(&j->rules);
	limit_close(&j->limit);
	keyrow_close(&j->in);
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
