/*
 * cmon-abtest - is the treatment better, and may it be promoted.
 * The manual is man/cmon-abtest.1.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assess.h"
#include "definition.h"
#include "held.h"
#include "in.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "outlook.h"
#include "perm.h"
#include "rowlog.h"
#include "str.h"
#include "tell.h"
#include "tsv.h"
#include "when.h"

#define MEM_DEFAULT	(UINT64_C(4) << 30)
#define MEM_EVERY	(UINT64_C(1) << 16)	/* rows between two looks at it */
#define ROUNDS_MIN	99

static struct {
	const char *adjust, *control, *effect, *experiments, *key, *method, *metrics, *min_gain, *now;
	const char *only, *output, *prices, *start, *state;
	bool allow_moved, decide, exact, exit_status, explain, plan;
	double confidence, power;
	uint64_t mem, min_keys, min_requests, rounds, seed;
	int64_t period;
} cfg = {
	.adjust = "holm", .control = "control", .key = "key", .method = "auto",
	.confidence = 95, .power = 80, .mem = MEM_DEFAULT,
	.min_keys = 20, .min_requests = 1000, .seed = 1, .period = WHEN_DAY,
};

static const struct opt opts[] = {
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "append the verdicts to FILE too" },
	{ 'x', "experiments", "FILE", OPT_TEXT, &cfg.experiments, "the experiments" },
	{ 's', "state", "FILE", OPT_TEXT, &cfg.state, "refuse experiments that changed since cmon-cohort -s" },
	{ 0, "adjust", "HOW", OPT_TEXT, &cfg.adjust,
	    "for several tests: holm (default), hochberg, bh, bonferroni, none" },
	{ 0, "allow-moved", NULL, OPT_FLAG, &cfg.allow_moved, "leave out keys that were in two cohorts" },
	{ 0, "confidence", "PERCENT", OPT_PERCENT, &cfg.confidence, "of intervals and decisions (95)" },
	{ 0, "control", "COHORT", OPT_TEXT, &cfg.control, "without -x: the control (control)" },
	{ 0, "decide", NULL, OPT_FLAG, &cfg.decide, "may a treatment be promoted, and if not, why; needs -x" },
	{ 0, "effect", "N", OPT_TEXT, &cfg.effect, "with --plan: the effect to be found (1)" },
	{ 0, "exact", NULL, OPT_FLAG, &cfg.exact, "numbers to their last bit" },
	{ 0, "exit-status", NULL, OPT_FLAG, &cfg.exit_status,
	    "exit with 1 if a verdict is invalid; with --decide, if nothing is to be promoted" },
	{ 0, "explain", NULL, OPT_FLAG, &cfg.explain, "write for a person" },
	{ 0, "key", "COLUMN", OPT_TEXT, &cfg.key, "the column of keys (key)" },
	{ 0, "mem", "SIZE", OPT_SIZE, &cfg.mem, "memory of the tables (4G)" },
	{ 0, "method", "NAME", OPT_TEXT, &cfg.method,
	    "auto (default) delta cuped crossover perm welch newcombe request-z" },
	{ 0, "metrics", "NAME,...", OPT_TEXT, &cfg.metrics, "what to compare, instead of -x (hit_pct)" },
	{ 0, "min-gain", "N", OPT_TEXT, &cfg.min_gain, "least gain for a promotion (2 for _pct)" },
	{ 0, "min-keys", "N", OPT_COUNT, &cfg.min_keys, "effective keys each cohort needs (20)" },
	{ 0, "min-requests", "N", OPT_COUNT, &cfg.min_requests, "requests each cohort must pass (1000)" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "judge as of this time" },
	{ 0, "only", "NAME", OPT_TEXT, &cfg.only, "judge or plan this experiment alone, whatever its status" },
	{ 0, "period", "DURATION", OPT_SPAN, &cfg.period, "with --plan: of a crossover (1d)" },
	{ 0, "plan", NULL, OPT_FLAG, &cfg.plan, "what could an experiment on these keys find" },
	{ 0, "power", "PERCENT", OPT_PERCENT, &cfg.power, "with --plan: how often it is found (80)" },
	{ 0, "prices", "FILE", OPT_TEXT, &cfg.prices, "a price sheet, for cost_usd_avg" },
	{ 0, "rounds", "N", OPT_COUNT, &cfg.rounds, "of a permutation (9999; 999 from 200000 keys on)" },
	{ 0, "seed", "N", OPT_COUNT, &cfg.seed, "of its random numbers (1)" },
	{ 0, "start", "TIME", OPT_TEXT, &cfg.start, "without -x: when the treatment began" },
};

static const struct opt_prog prog = {
	"cmon-abtest", "[file ...]", "is the treatment better, and may it be promoted", opts, countof(opts)
};

struct abtest {
	struct in in;
	struct tsv tsv;
	struct metric_set set;
	struct studies studies;
	struct experiments x;
	struct prices prices;
	struct hash_key key;
	struct study_use use[METRIC_MAX];	/* without -x */
	size_t uses;
	struct assess_how how;
	struct out out;
	struct rowlog log;
	struct buf definition;		/* of the experiment at hand */
	struct outlook outlook;		/* with --plan */
	bool invalid, promotes;
};

static void
say(const char *text)
{
	warn("%s", text);
}

/* --- options --- */

static int
choice(const char *option, const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return (int)i;
	opt_wrong(&prog, "--%s: no such way: \"%s\"", option, word);
}

static double
number(const char *option, const char *text, double missing)
{
	double v = missing;

	if (text && (!num_double(str_of(text), &v) || v < 0))
		opt_wrong(&prog, "--%s: not a number from 0 up: \"%s\"", option, text);
	return v;
}

static int64_t
time_of(const char *option, const char *text)
{
	return opt_time(&prog, option, text, opt_now(&prog, NULL), 0);
}

static void
check_options(void)
{
	if (cfg.decide && !cfg.experiments)
		opt_wrong(&prog, "--decide needs -x: it says how long, and what must hold");
	if (cfg.decide && strcmp(cfg.method, "request-z") == 0)
		opt_wrong(&prog, "--method request-z never decides: it takes requests as independent");
	if (cfg.experiments && cfg.start)
		opt_wrong(&prog, "--start: the experiments of -x have their own");
	if ((cfg.only || cfg.state) && !cfg.experiments)
		opt_wrong(&prog, "--only and -s need -x");
	if (cfg.plan && (cfg.decide || cfg.explain || cfg.output || cfg.state))
		opt_wrong(&prog, "--plan goes without --decide, --explain, -o and -s");
	if (!(cfg.confidence > 0 && cfg.confidence < 100))
		opt_wrong(&prog, "--confidence: not between 0 and 100");
	if (!(cfg.power > 0 && cfg.power < 100))
		opt_wrong(&prog, "--power: not between 0 and 100");
	if (cfg.rounds && (cfg.rounds < ROUNDS_MIN || cfg.rounds > PERM_ROUNDS_MAX))
		opt_wrong(&prog, "--rounds: %d to %u", ROUNDS_MIN, PERM_ROUNDS_MAX);
	if (cfg.period <= 0)
		opt_wrong(&prog, "--period: 0");
	if (*cfg.key == '\0')
		opt_wrong(&prog, "--key: empty");
}

static void
choose_how(struct abtest *a)
{
	static const char *const adjusts[] = { "none", "bonferroni", "holm", "hochberg", "bh" };

	a->how = assess_default;
	a->how.compare.method = (enum compare_method)choice("method", cfg.method, compare_method_name,
	    COMPARE_METHODS);
	a->how.compare.alpha = 1 - cfg.confidence / 100;
	a->how.compare.rounds = (uint32_t)cfg.rounds;
	a->how.compare.seed = cfg.seed;
	a->how.adjust = (enum trial_adjust)choice("adjust", cfg.adjust, adjusts, countof(adjusts));
	a->how.min_gain = number("min-gain", cfg.min_gain, NAN);
	a->how.min_keys = (double)cfg.min_keys;
	a->how.min_requests = (double)cfg.min_requests;
	a->how.decide = cfg.decide;
	a->how.allow_moved = cfg.allow_moved;
}

/* --- what is judged --- */

/* Those of the command line; false: it has none. */
static bool
add_metrics(struct abtest *a, struct study_use *use, size_t *n)
{
	struct str list = str_of(cfg.metrics), name;

	while (str_cut(&list, ',', &name)) {
		bool more = metric_wants_more(&name);
		const char *why = study_add_use(&a->set, use, n, name, more, NULL);

		if (why)
			die("--metrics: \"%.*s\": %s", STRF(name), why);
	}
	return *n > 0;
}

/* Those of the command line, or else the experiment's. */
static void
add_goals(struct abtest *a, const struct experiment *e, struct study_use *use, size_t *n)
{
	struct str bad;
	const char *why = add_metrics(a, use, n) ? NULL : study_goals(&a->set, e, use, n, &bad);

	if (why)
		die("%s: \"%.*s\": %s", cfg.experiments, STRF(bad), why);
}

static void
plan_study(struct abtest *a, const struct experiment *e)
{
	struct study_use use[METRIC_MAX] = { { 0 } };
	struct str bad;
	const char *why;
	size_t n = 0;

	add_goals(a, e, use, &n);
	why = study_guards(&a->set, e, use, &n, &bad);
	if (why)
		die("%s: \"%.*s\": %s", cfg.experiments, STRF(bad), why);
	studies_plan(&a->studies, e, use, n);
}

static void
plan_studies(struct abtest *a)
{
	if (!experiments_read(&a->x, cfg.experiments, say))
		exit(EXIT_TROUBLE);
	for (size_t i = 0; i < a->x.n; i++)
		if (cfg.only ? str_eq(a->x.e[i].name, str_of(cfg.only)) :
		    a->x.e[i].status == EXPERIMENT_RUNNING)
			plan_study(a, &a->x.e[i]);
	if (cfg.only && !a->studies.n)
		die("%s: no experiment \"%s\"", cfg.experiments, cfg.only);
	if (cfg.explain && !a->studies.n)
		warn("%s: no experiment runs, so none is judged: --only judges one whatever its status",
		    cfg.experiments);
	a->studies.planned = true;
}

/* With --plan: the one that is named, or the only one still to be decided. */
static const struct experiment *
planned(const struct abtest *a)
{
	const struct experiment *e = NULL;

	if (cfg.only) {
		e = experiments_named(&a->x, str_of(cfg.only));
		if (!e)
			die("%s: no experiment \"%s\"", cfg.experiments, cfg.only);
		return e;
	}
	for (size_t i = 0; i < a->x.n; i++) {
		if (a->x.e[i].status == EXPERIMENT_COMPLETED)
			continue;
		if (e)
			die("%s: several experiments: --only says which one to plan", cfg.experiments);
		e = &a->x.e[i];
	}
	if (!e)
		die("%s: no experiment that is not completed: --only plans one whatever its status", cfg.experiments);
	return e;
}

static void
choose_metrics(struct abtest *a, const struct experiment *e)
{
	if (!cfg.metrics && !e)
		cfg.metrics = "hit_pct";
	if (e)
		add_goals(a, e, a->use, &a->uses);
	else if (!add_metrics(a, a->use, &a->uses))
		opt_wrong(&prog, "--metrics: empty");
}

static void
open_outlook(struct abtest *a)
{
	const struct outlook_how how = { a->how.compare.alpha, cfg.power / 100, number("effect", cfg.effect, 1),
	    cfg.period, cfg.exact };
	const struct experiment *e = NULL;

	if (cfg.experiments && !experiments_read(&a->x, cfg.experiments, say))
		exit(EXIT_TROUBLE);
	if (cfg.experiments)
		e = planned(a);
	choose_metrics(a, e);
	outlook_open(&a->outlook, &a->set, a->use, a->uses, &a->key, &how);
	if (e)
		outlook_experiment(&a->outlook, &a->x, e);
}

static void
choose_studies(struct abtest *a)
{
	if (cfg.prices) {
		if (!prices_read(&a->prices, cfg.prices, say))
			exit(EXIT_TROUBLE);
		a->set.prices = &a->prices;
	}
	studies_init(&a->studies, &a->set, &a->key);
	if (cfg.plan) {
		open_outlook(a);
		return;
	}
	if (cfg.experiments) {
		plan_studies(a);
		return;
	}
	choose_metrics(a, NULL);
	a->studies.use = a->use;
	a->studies.uses = a->uses;
	a->studies.control = str_of(cfg.control);
	if (cfg.start)
		a->studies.start_us = time_of("start", cfg.start);
}

static void
abtest_open(struct abtest *a, char *const *files)
{
	if (!hash_key_random(&a->key))
		die("no random bytes from the system");
	check_options();
	choose_how(a);
	metric_set_init(&a->set, str_of(cfg.key));
	a->set.keys_alone = cfg.plan;
	choose_studies(a);
	buf_init(&a->definition, DEFINITION_MAX);
	in_open(&a->in, files, IN_TSV_LINE_MAX);
	tsv_open(&a->tsv, &a->in);
	out_open(&a->out, NULL);
}

static int
abtest_close(struct abtest *a)
{
	bool no = cfg.decide ? !a->promotes : a->invalid;

	studies_free(&a->studies);
	outlook_close(&a->outlook);
	metric_set_free(&a->set);
	prices_free(&a->prices);
	experiments_free(&a->x);
	buf_free(&a->definition);
	tsv_close(&a->tsv);
	in_close(&a->in);
	out_close(&a->out);
	return cfg.exit_status && no ? EXIT_LOOK : EXIT_OK;
}

/* --- rows in --- */

static void
check_mem(const struct abtest *a, size_t bytes)
{
	if (bytes > cfg.mem)
		die("%s:%llu: the keys want more than --mem %llu bytes: raise it, or expose a smaller share "
		    "of the keys (coverage)", TSV_AT(&a->tsv), (unsigned long long)cfg.mem);
}

static void
add_row(struct abtest *a, const struct metric_row *row)
{
	if (!studies_add(&a->studies, row))
		die("%s:%llu: %s", TSV_AT(&a->tsv), a->studies.why);
	if (a->tsv.in->lines % MEM_EVERY == 0)
		check_mem(a, studies_bytes(&a->studies));
}

static void
read_rows(struct abtest *a, void (*add)(struct abtest *, const struct metric_row *))
{
	struct metric_row row;

	for (;;)
		switch (tsv_next(&a->tsv)) {
		case TSV_HEADER:
			if (!metric_set_bind(&a->set, &a->tsv))
				die("%s", a->set.why);
			if (cfg.plan && !outlook_bind(&a->outlook, &a->tsv))
				die("%s", a->outlook.why);
			break;
		case TSV_ROW:
			switch (metric_set_read(&a->set, &a->tsv, &row)) {
			case METRIC_BAD:
				die("%s", a->set.why);
			case METRIC_TAKEN:
				add(a, &row);
				break;
			default:
				studies_pass(&a->studies, &row);
			}
			break;
		case TSV_BAD:
			die("%s", a->tsv.why);
		case TSV_END:
			return;
		}
}

/* --- verdicts out --- */

static void
define(struct abtest *a, const struct study *u)
{
	buf_reset(&a->definition);
	if (u->e && !definition_put(&a->x, u->e, &a->definition))
		die("SHA-256 failed");
}

/* In the first night already, and not at the end of an experiment. */
static void
warn_of_lacks(const struct abtest *a, const struct study *u)
{
	for (size_t i = 0; cfg.decide && i < u->uses; i++) {
		const struct metric *m = &a->set.m[u->use[i].metric];

		if (*m->lack && (i == 0 || u->use[i].guard))
			warn("%s: \"%.*s\" can promote nothing by this input: %s \"%.*s\": %s", cfg.experiments,
			    STRF(u->name), u->use[i].guard ? "guardrail" : "metric", STRF(m->name), m->lack);
	}
}

static void
judge_study(struct abtest *a, struct study *u)
{
	size_t n = assess_room(u);
	struct verdict *v = mem_array(n, sizeof(*v));
	struct tsv_row row = { &a->out, 0 }, kept = { &a->log.out, 0 };

	warn_of_lacks(a, u);
	assess(&a->how, &a->studies, u, &a->set, v);
	define(a, u);
	for (size_t i = 0; i < n; i++) {
		v[i].definition = buf_str(&a->definition);
		a->promotes |= v[i].decision == VERDICT_PROMOTE;
		a->invalid |= v[i].status == VERDICT_INVALID;
		if (!cfg.explain)
			verdict_write(&row, &v[i], cfg.exact);
		if (cfg.output)
			verdict_write(&kept, &v[i], cfg.exact);
	}
	if (cfg.explain)
		tell(&a->out, &a->how, &a->studies, u, v);
	free(v);
}

/* The end of the rows; without any some time, since that is never empty. */
static int64_t
now_of(const struct abtest *a)
{
	return a->studies.now_us == INT64_MIN ? 0 : a->studies.now_us;
}

static void
judge_all(struct abtest *a)
{
	struct tsv_row row = { &a->out, 0 }, kept = { &a->log.out, 0 };

	check_mem(a, studies_bytes(&a->studies));
	a->how.now_us = cfg.now ? time_of("now", cfg.now) : a->studies.now_us;
	if (cfg.state && held_look(cfg.state, cfg.experiments, &a->x, a->how.now_us, say) == HELD_CHANGED)
		die("%s: experiments that run have changed: nothing was judged", cfg.experiments);
	if (a->studies.unplanned.n && !experiments_named(&a->x, a->studies.unplanned))
		warn("rows of an experiment \"%.*s\" that is not in %s were left out",
		    STRF(a->studies.unplanned), cfg.experiments);
	if (!cfg.explain)
		verdict_header(&row);
	if (cfg.output) {
		if (!rowlog_open(&a->log, cfg.output))
			die("%s", a->log.why);
		if (!verdict_is_header(buf_str(&a->log.header)))
			verdict_header(&kept);
	}
	if (a->how.now_us == INT64_MIN && a->studies.n) {
		warn("no rows, and so no time as of which to judge: nothing is (--now would say when)");
		a->invalid = true;
	}
	for (size_t i = 0; a->how.now_us != INT64_MIN && i < a->studies.n; i++) {
		if (cfg.explain && i)
			out_byte(&a->out, '\n');
		judge_study(a, &a->studies.s[i]);
	}
	if (cfg.output)
		rowlog_close(&a->log);
}

/* --- plans --- */

static void
add_plan_row(struct abtest *a, const struct metric_row *row)
{
	if (!outlook_add(&a->outlook, &a->tsv, row))
		die("%s", a->outlook.why);
	studies_pass(&a->studies, row);
	if (a->tsv.in->lines % MEM_EVERY == 0)
		check_mem(a, outlook_bytes(&a->outlook));
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);
	struct abtest *a = mem_alloc(sizeof(*a));
	int status;

	abtest_open(a, argv + first);
	if (cfg.plan) {
		read_rows(a, add_plan_row);
		outlook_write(&a->outlook, &a->out, now_of(a));
	} else {
		read_rows(a, add_row);
		judge_all(a);
	}
	status = abtest_close(a);
	free(a);
	return status;
}
