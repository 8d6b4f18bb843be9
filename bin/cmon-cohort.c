/*
 * cmon-cohort - which cohort of an experiment a key is in.
 *
 * A filter: the rows of the stream with columns added, a row in, a row out.
 * And the same assignment for one key, or as a server's configuration.
 */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "emit.h"
#include "held.h"
#include "in.h"
#include "metric.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "place.h"
#include "placecol.h"
#include "str.h"
#include "tsv.h"
#include "when.h"
#include "widen.h"

#define NONE		STR("(none)")
#define COLUMNS_MAX	64	/* added */
#define WORD_MAX	64	/* bytes shown of a cohort nobody knows */
#define VARIABLE_MAX	64	/* bytes of a name in nginx */

static struct {
	const char *columns, *emit, *endpoint, *experiments, *from, *key, *lookup;
	const char *now, *only, *output, *state, *variable;
	bool allow_change, check, follow;
} cfg = {
	.columns = "experiment,cohort", .endpoint = "endpoint", .key = "key",
	.variable = "request_uri",
};

static const struct opt opts[] = {
	{ 'x', "experiments", "FILE", OPT_TEXT, &cfg.experiments, "the experiments" },
	{ 'c', "columns", "NAME,...", OPT_TEXT, &cfg.columns, "columns to add, in this order" },
	{ 'F', "follow", NULL, OPT_FLAG, &cfg.follow, "write rows whenever the input pauses" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "write into FILE" },
	{ 's', "state", "FILE", OPT_TEXT, &cfg.state, "remember experiments, refuse changed ones" },
	{ 0, "allow-change", NULL, OPT_FLAG, &cfg.allow_change, "take a changed experiment as a new beginning" },
	{ 0, "check", NULL, OPT_FLAG, &cfg.check, "read the experiments, and do nothing else" },
	{ 0, "emit", "nginx|js", OPT_TEXT, &cfg.emit, "write the server's configuration" },
	{ 0, "endpoint", "COLUMN", OPT_TEXT, &cfg.endpoint, "the column with the endpoint" },
	{ 0, "from-field", "COLUMN", OPT_TEXT, &cfg.from, "take the cohort that the server logged" },
	{ 0, "key", "COLUMN", OPT_TEXT, &cfg.key, "the column with the key" },
	{ 0, "lookup", "KEY", OPT_TEXT, &cfg.lookup, "say where this key is" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "instead of the clock's time" },
	{ 0, "only", "NAME", OPT_TEXT, &cfg.only, "use this experiment alone, whatever its status" },
	{ 0, "variable", "NAME", OPT_TEXT, &cfg.variable, "nginx' variable with the key" },
};
static const struct opt_prog prog = {
	"cmon-cohort", "[file ...]", "which cohort of an experiment a key is in", opts, countof(opts)
};

struct job {
	struct experiments x;
	struct places places;
	struct tsv *tsv;
	struct out out;
	struct placecol col[COLUMNS_MAX];
	size_t n;
	struct widen widen;
	bool by_endpoint;		/* some experiment has one */
	int key, endpoint, from, experiment;	/* columns of the stream, or -1 */
	struct buf raw;			/* a key whose escapes are undone */
	uint64_t unknown;		/* rows with a cohort nobody knows, */
	char word[WORD_MAX];		/* the first of them, */
	uint64_t line;			/* and its line */
};

/* Where one row is. */
struct row {
	const struct experiment *e;	/* NULL: in no experiment */
	struct placed at;
	bool hashed;			/* and not what was logged */
	bool total;			/* of metrics, over all keys */
};

static void
say(const char *text)
{
	warn("%s", text);
}

/* --- columns --- */

static void
choose(struct job *j, const char *columns)
{
	struct str rest = str_of(columns), name;

	while (str_cut(&rest, ',', &name)) {
		if (j->n == COLUMNS_MAX)
			opt_wrong(&prog, "--columns: more than %d", COLUMNS_MAX);
		for (size_t i = 0; i < j->n; i++)
			if (str_eq(name, j->col[i].name))
				opt_wrong(&prog, "--columns: \"%.*s\" stands twice", STRF(name));
		if (!placecol_of(&j->col[j->n++], name))
			opt_wrong(&prog, "--columns: nobody knows \"%.*s\": experiment, cohort, ttl_s, ttl, bucket, hash "
			    "or a column of the experiments file", STRF(name));
	}
}

static int
needed(const struct job *j, const char *name, const char *hint)
{
	int col = tsv_col(j->tsv, str_of(name));

	if (col == -1)
		die("%s:%llu: no column \"%s\": %s", TSV_AT(j->tsv), name, hint);
	return col;
}

static void
bind(struct job *j)
{
	const struct tsv *t = j->tsv;
	size_t there;

	j->key = j->from = j->experiment = j->endpoint = -1;
	if (cfg.from) {
		j->from = needed(j, cfg.from, "--from-field names the one with the cohort that was logged");
		j->experiment = tsv_col(t, STR("experiment"));
	} else {
		j->key = needed(j, cfg.key, "run cmon-key before, or name the column with --key");
	}
	if (j->by_endpoint && j->experiment == -1)
		j->endpoint = needed(j, cfg.endpoint, "run cmon-key before, or name the column with --endpoint");
	there = widen_bind(&j->widen, t);
	if (there != WIDEN_NONE && !cfg.from)
		die("%s:%llu: column \"%.*s\" is there already: --from-field takes what was logged, "
		    "-c leaves it out", TSV_AT(t), STRF(j->col[there].name));
}

/* --- values --- */

static struct str
value(const struct job *j, const struct placecol *c, const struct row *p, char room[NUM_MAX])
{
	struct str s = p->e ? placecol_text(c, p->e, &p->at, p->hashed, room) : STR("");

	/* An empty label would be the total over it. */
	return s.n == 0 && j->widen.metrics && !p->total ? NONE : s;
}

static void
put_row(struct job *j, const struct row *p)
{
	static char room[COLUMNS_MAX][NUM_MAX];
	struct str v[COLUMNS_MAX];

	for (size_t i = 0; i < j->n; i++)
		v[i] = value(j, &j->col[i], p, room[i]);
	widen_row(&j->widen, j->tsv, &j->out, v);
}

/* --- where a row is --- */

static struct str
raw_key(struct job *j, struct str key)
{
	if (str_chr(key, '\\') == key.n)
		return key;
	buf_reset(&j->raw);
	if (!tsv_unescape(&j->raw, key))
		die("%s:%llu: column \"%s\": a bad escape: \"%.*s\"", TSV_AT(j->tsv), cfg.key, STRF(key));
	return buf_str(&j->raw);
}

static void
find(struct job *j, struct row *p, int64_t us)
{
	struct str named = j->experiment == -1 ? STR("") : tsv_field(j->tsv, j->experiment);

	if (named.n == 0 || str_eq(named, NONE)) {
		p->e = places_find(&j->places, j->endpoint == -1 ? STR("") : tsv_field(j->tsv, j->endpoint), us);
		return;
	}
	p->e = experiments_named(&j->x, named);
	if (p->e && (!places_have(&j->places, p->e) || us >= p->e->end_us))
		p->e = NULL;
}

/* By the key. */
static void
compute(struct job *j, struct row *p, int64_t us)
{
	struct str key = tsv_field(j->tsv, j->key);

	p->total = key.n == 0;
	if (key.n == 0 || str_eq(key, NONE))
		p->e = NULL;
	if (!p->e)
		return;
	if (str_eq(key, STR("(other)")))
		die("%s:%llu: column \"%s\": \"(other)\" is many keys: assign cohorts before "
		    "keys are folded", TSV_AT(j->tsv), cfg.key);
	if (!places_key(&j->places, p->e, raw_key(j, key), us, &p->at))
		die("SHA-256 failed");
	p->hashed = true;
}

/* By the log. */
static void
trust(struct job *j, struct row *p, int64_t us)
{
	struct str word = tsv_field(j->tsv, j->from);

	p->total = word.n == 0;
	if (!p->e)
		return;
	p->at.arm = word.n == 0 || str_eq(word, NONE) ? ASSIGN_NONE : place_arm(p->e, word);
	p->at.ttl_of = place_ttl_of(p->e, p->at.arm, us);
	p->at.arm = place_washout(p->e, p->at.arm, us);
	if (p->at.arm != PLACE_UNKNOWN)
		return;
	if (j->unknown++ == 0) {
		snprintf(j->word, sizeof(j->word), "%.*s", STRF(word));
		j->line = j->tsv->in->lineno;
	}
}

/* A row of metrics must not stand for two cohorts. */
static void
check_window(const struct job *j, const struct experiment *e, int64_t us)
{
	struct str field = tsv_field(j->tsv, j->tsv->time + 1);
	int64_t window, end, change = place_next_change(e, us);
	char room[NUM_MAX];

	if (!num_fixed(field, 6, &window) || window < 0 || ADD_OVERFLOW(us, window, &end))
		die("%s:%llu: column \"window\": not a length in seconds: \"%.*s\"", TSV_AT(j->tsv), STRF(field));
	if (end > change)
		die("%s:%llu: this window contains a change of \"%.*s\" at %.*s: assign events, "
		    "or take shorter windows", TSV_AT(j->tsv),
		    STRF(e->name), (int)(when_put_iso(room, change) - room), room);
}

static void
row(struct job *j)
{
	struct str time = tsv_field(j->tsv, j->tsv->time);
	struct row p = { 0 };
	int64_t us;

	if (!num_fixed(time, 6, &us))
		die("%s:%llu: column \"time\": not a number: \"%.*s\"", TSV_AT(j->tsv), STRF(time));
	find(j, &p, us);
	if (p.e && j->widen.metrics)
		check_window(j, p.e, us);
	if (cfg.from)
		trust(j, &p, us);
	else
		compute(j, &p, us);
	put_row(j, &p);
}

/* --- verbs --- */

static void
flush(void *out)
{
	out_flush(out);
}

static int
summary(const struct job *j)
{
	if (j->unknown == 0)
		return EXIT_OK;
	warn("%llu rows with a cohort that their experiment does not have: the first, in line %llu, is \"%s\"",
	    (unsigned long long)j->unknown, (unsigned long long)j->line, j->word);
	return EXIT_LOOK;
}

static int
filter(struct job *j, char *const *paths)
{
	static struct tsv t;
	struct str names[COLUMNS_MAX];
	struct in in;

	for (size_t i = 0; i < j->n; i++)
		names[i] = j->col[i].name;
	in_open(&in, paths, IN_TSV_LINE_MAX);
	if (cfg.follow) {
		in.idle = flush;
		in.idle_ctx = &j->out;
	}
	tsv_open(&t, &in);
	j->tsv = &t;
	buf_init(&j->raw, IN_TSV_LINE_MAX);
	widen_open(&j->widen, names, j->n);
	for (;;)
		switch (tsv_next(&t)) {
		case TSV_HEADER:
			bind(j);
			widen_header(&j->widen, &t, &j->out);
			break;
		case TSV_ROW:
			row(j);
			break;
		case TSV_BAD:
			die("%s", t.why);
		case TSV_END:
			buf_free(&j->raw);
			tsv_close(&t);
			in_close(&in);
			return summary(j);
		}
}

/* A row for each experiment in use. */
static int
lookup(struct job *j, int64_t now_us)
{
	struct tsv_row r = { &j->out, 0 };
	int status = EXIT_LOOK;
	char room[NUM_MAX];

	tsv_as_is(&r, STR("time"));
	for (size_t i = 0; i < j->n; i++)
		tsv_as_is(&r, j->col[i].name);
	tsv_end_row(&r);
	for (size_t k = 0; k < j->x.n; k++) {
		struct row p = { .e = &j->x.e[k], .hashed = true };

		if (!places_have(&j->places, p.e))
			continue;
		if (!places_key(&j->places, p.e, str_of(cfg.lookup), now_us, &p.at))
			die("SHA-256 failed");
		tsv_time(&r, now_us);
		for (size_t i = 0; i < j->n; i++)
			tsv_as_is(&r, value(j, &j->col[i], &p, room));
		tsv_end_row(&r);
		status = EXIT_OK;
	}
	return status;
}

static struct str
variable(void)
{
	struct str s = str_of(cfg.variable);

	if (str_starts(s, STR("$")))
		s = str_from(s, 1);
	if (s.n == 0 || s.n > VARIABLE_MAX || strspn(s.p, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != s.n)
		opt_wrong(&prog, "--variable: no name of a variable of nginx: \"%s\"", cfg.variable);
	return s;
}

static int
emit(struct job *j)
{
	const struct experiment *e = NULL;
	const char *why = NULL;

	if (strcmp(cfg.emit, "nginx") == 0)
		why = emit_nginx(&j->out, &j->places, variable(), &e);
	else if (strcmp(cfg.emit, "js") == 0)
		emit_js(&j->out, &j->places);
	else
		opt_wrong(&prog, "--emit: nginx or js, not \"%s\"", cfg.emit);
	if (why)
		die("%s:%llu: \"%.*s\": %s", cfg.experiments, (unsigned long long)e->line, STRF(e->name), why);
	return EXIT_OK;
}

static void
load(struct job *j)
{
	if (!cfg.experiments)
		opt_wrong(&prog, "--experiments: which file has the experiments?");
	if (!experiments_read(&j->x, cfg.experiments, say))
		die("%s: the experiments have mistakes: nothing was assigned", cfg.experiments);
	if (!places_open(&j->places, &j->x, cfg.only) && cfg.only)
		die("%s: no experiment \"%s\"", cfg.experiments, cfg.only);
	for (size_t i = 0; i < j->x.n; i++)
		j->by_endpoint |= j->x.e[i].endpoint.n && places_have(&j->places, &j->x.e[i]);
}

static bool
check_metric(const struct experiment *e, struct metric_set *set, const char *column, struct str name,
    bool more)
{
	size_t i;
	const char *why = metric_set_add(set, name, more, &i);

	if (why)
		warn("%s:%llu: column \"%s\": \"%.*s\": %s", cfg.experiments, (unsigned long long)e->line, column,
		    STRF(name), why);
	return !why;
}

/* Can the experiment be judged by what it says, as cmon-abtest(1) will? */
static bool
check_metrics(const struct experiment *e, struct metric_set *set)
{
	bool sound = true;

	for (size_t i = 0; i < e->metrics; i++)
		sound &= check_metric(e, set, "metrics", e->metric[i].name, e->metric[i].more);
	for (size_t i = 0; i < e->guards; i++) {
		struct str name = e->guard[i].metric;
		bool more = metric_wants_more(&name);

		sound &= check_metric(e, set, "guardrails", name, more);
	}
	return sound;
}

/* Those that run are judged together. */
static void
check(const struct job *j)
{
	struct metric_set together, alone;
	bool sound = true;

	metric_set_init(&together, str_of(cfg.key));
	for (size_t i = 0; i < j->x.n; i++) {
		const struct experiment *e = &j->x.e[i];

		metric_set_init(&alone, str_of(cfg.key));
		sound &= check_metrics(e, e->status == EXPERIMENT_RUNNING ? &together : &alone);
		metric_set_free(&alone);
	}
	metric_set_free(&together);
	if (!sound)
		die("%s: the experiments have mistakes", cfg.experiments);
}

static void
hold(struct job *j, int64_t now_us)
{
	switch (held_check(cfg.state, cfg.experiments, &j->x, now_us, cfg.allow_change, say)) {
	case HELD_SAME:
		break;
	case HELD_CHANGED:
		die("%s: experiments that run have changed: nothing was assigned", cfg.experiments);
	case HELD_BUSY:
		die_later("%s: another run writes it now", cfg.state);
	}
}

static int
run(struct job *j, char *const *paths, int64_t now_us)
{
	int status;

	out_open(&j->out, cfg.output);
	if (cfg.lookup)
		status = lookup(j, now_us);
	else if (cfg.emit)
		status = emit(j);
	else
		status = filter(j, paths);
	out_close(&j->out);
	return status;
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv), status;
	static struct job j;
	int64_t now = opt_now(&prog, cfg.now);

	choose(&j, cfg.lookup ? "experiment,endpoint,cohort,ttl_s,bucket,hash,status,start,duration" : cfg.columns);
	load(&j);
	if (cfg.check)
		check(&j);
	if (cfg.state)
		hold(&j, now);
	status = cfg.check ? EXIT_OK : run(&j, argv + first, now);
	places_close(&j.places);
	experiments_free(&j.x);
	return status;
}
