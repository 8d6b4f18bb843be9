/*
 * cmon-agg - events become metrics or partials, partials become either.
 * The manual is man/cmon-agg.1.
 */
#include <errno.h>
#include <string.h>

#include "cell.h"
#include "cells.h"
#include "figure.h"
#include "follow.h"
#include "groups.h"
#include "in.h"
#include "mem.h"
#include "merge.h"
#include "msg.h"
#include "opt.h"
#include "out.h"
#include "partial.h"
#include "report.h"
#include "str.h"
#include "tally.h"
#include "tsv.h"
#include "zone.h"

#define MEM_DEFAULT	(UINT64_C(256) << 20)
#define MEM_FOLLOW	(UINT64_C(4) << 20)	/* of windows kept to be restated */
#define SPAN_MAX	(UINT32_MAX * WHEN_SEC)	/* us */
#define FILL_MAX	1000000			/* expected windows in a silence */

static struct {
	bool follow, merge, partial, total;
	int64_t window, lateness;
	uint64_t mem, max_groups;
	const char *columns, *group, *output, *since, *until, *now, *tz;
	struct opt_list stats, uniq, expect;
} cfg;

static const struct opt opts[] = {
	{ 'a', "stats", "COL[:STAT,..]", OPT_LIST, &cfg.stats,
	    "statistics of a column of numbers: avg p50 p99.9 min max sum sumsq n" },
	{ 'c', "columns", "NAME,..", OPT_TEXT, &cfg.columns, "the columns to write" },
	{ 'F', "follow", NULL, OPT_FLAG, &cfg.follow, "write each window when it is over" },
	{ 'g', "group", "COL,..", OPT_TEXT, &cfg.group, "columns to group by" },
	{ 'L', "lateness", "DURATION", OPT_SPAN, &cfg.lateness,
	    "with -F: how late an event may be before its window is written" },
	{ 'm', "merge", NULL, OPT_FLAG, &cfg.merge, "the input is partials" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "replace FILE, as a whole or not at all" },
	{ 'p', "partial", NULL, OPT_FLAG, &cfg.partial, "write a partial; needs -w or -m" },
	{ 'S', "since", "TIME", OPT_TEXT, &cfg.since, "leave out what is before" },
	{ 'T', "total", NULL, OPT_FLAG, &cfg.total, "a row of all groups for each window" },
	{ 'U', "until", "TIME", OPT_TEXT, &cfg.until, "leave out what is at or after" },
	{ 'u', "uniq", "COL,..", OPT_LIST, &cfg.uniq, "how many different values (uniq_COL)" },
	{ 'w', "window", "DURATION", OPT_SPAN, &cfg.window, "width of the windows" },
	{ 0, "expect", "COL=V,..", OPT_LIST, &cfg.expect, "groups to write even when they are silent" },
	{ 0, "max-groups", "N", OPT_COUNT, &cfg.max_groups, "fold all groups but the first N into \"(other)\"" },
	{ 0, "mem", "SIZE", OPT_SIZE, &cfg.mem, "memory of the tables (256M); beyond it, disk" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "what -S and -U take for now" },
	{ 0, "tz", "ZONE", OPT_TEXT, &cfg.tz, "align windows to days of a place: Europe/Berlin" },
};

static const struct opt_prog prog = {
	"cmon-agg", "[file ...]", "count events by window and group",
	opts, countof(opts)
};

/* What is written where -c and -a do not say it. */
#define COLUMNS	"requests,share_pct,hit_pct,byte_hit_pct,error_pct,coverage_pct,bytes"
#define NUMBER	"latency_ms"

struct agg {
	struct in in;
	struct tsv tsv;
	struct out out;
	struct cell_plan plan;
	struct cells cells;
	struct tally tally;		/* events */
	struct merge merge;		/* or partials */
	struct groups groups;
	struct report report;
	struct follow follow;
	struct zone zone;
	int64_t since, until;		/* us */
	struct str label[TALLY_LABELS];	/* of -g */
	const struct str *labels;	/* of the output */
	size_t n;
	unsigned has;			/* FIGURE_CACHE ... : the input has that */
	bool laid;			/* the plan is */
};

static void
must(bool ok)
{
	if (LIKELY(ok))
		return;
	if (errno == EOVERFLOW)
		die("a sum passes the width it is kept in: choose smaller windows");
	if (errno == ENOMEM)
		die("out of memory: see --mem");
	die_sys("temporary file in $TMPDIR or /tmp");
}

static void
must_report(struct agg *a, const char *option, bool ok)
{
	if (!ok)
		opt_wrong(&prog, "--%s: %s", option, a->report.why);
}

static void
check_options(void)
{
	if (cfg.partial && !cfg.window && !cfg.merge)
		opt_wrong(&prog, "--partial needs --window");
	if (cfg.partial && cfg.columns)
		opt_wrong(&prog, "--partial keeps what --stats and --uniq name: --columns is for metrics");
	if (cfg.partial && (cfg.total || cfg.expect.n || cfg.max_groups))
		opt_wrong(&prog, "--total, --expect and --max-groups are for metrics, not for a partial");
	if (cfg.follow && (cfg.partial || cfg.merge))
		opt_wrong(&prog, "--follow writes metrics of events");
	if (cfg.follow && !cfg.window)
		opt_wrong(&prog, "--follow needs --window");
	if (cfg.lateness && !cfg.follow)
		opt_wrong(&prog, "--lateness is for --follow");
	if (cfg.window < 0 || cfg.window % WHEN_SEC || cfg.window > SPAN_MAX)
		opt_wrong(&prog, "--window: not in whole seconds, or too wide");
	if (cfg.lateness > SPAN_MAX)
		opt_wrong(&prog, "--lateness: too long");
	if (cfg.merge && cfg.partial && (cfg.stats.n || cfg.uniq.n))
		opt_wrong(&prog, "a merged partial keeps all that its parts have: no --stats, no --uniq");
}

static void
choose_times(struct agg *a)
{
	int64_t now = opt_now(&prog, cfg.now);

	a->since = opt_time(&prog, "since", cfg.since, now, INT64_MIN);
	a->until = opt_time(&prog, "until", cfg.until, now, INT64_MAX);
	if (!cfg.window) {	/* all is one window, of whole seconds, none of which is still to come */
		a->since = cfg.since ? when_div(a->since, WHEN_SEC) * WHEN_SEC : a->since;
		a->until = cfg.until ? when_div(a->until, WHEN_SEC) * WHEN_SEC : a->until;
	}
	if (!zone_open(&a->zone, cfg.tz))
		opt_wrong(&prog, "--tz: no such zone: \"%s\"", cfg.tz);
}

static void
choose_labels(struct agg *a)
{
	struct str list = str_of(cfg.group), name;

	a->labels = a->label;
	if (list.n == 0)
		return;
	while (str_cut(&list, ',', &name)) {
		if (name.n == 0 || str_eq(name, STR("time")) || str_eq(name, STR("window")))
			opt_wrong(&prog, "--group: no label: \"%.*s\"", STRF(name));
		for (size_t i = 0; i < a->n; i++)
			if (str_eq(a->label[i], name))
				opt_wrong(&prog, "--group: twice: \"%.*s\"", STRF(name));
		if (a->n == TALLY_LABELS)
			opt_wrong(&prog, "--group: more than %d columns", TALLY_LABELS);
		a->label[a->n++] = name;
	}
}

static void
choose_columns(struct agg *a)
{
	struct report *r = &a->report;

	report_init(r);
	if (!cfg.partial)
		must_report(a, "columns", report_names(r, str_of(cfg.columns ? cfg.columns : COLUMNS),
		    cfg.columns != NULL));
	for (size_t i = 0; i < cfg.stats.n; i++)
		must_report(a, "stats", report_stats(r, str_of(cfg.stats.v[i]), true));
	if (!cfg.columns && !cfg.stats.n)
		must_report(a, "stats", report_stats(r, STR(NUMBER), false));
	for (size_t i = 0; i < cfg.uniq.n; i++)
		must_report(a, "uniq", report_uniqs(r, str_of(cfg.uniq.v[i])));
	must_report(a, "columns", report_check(r, a->labels, a->n, !cfg.merge));
}

/* The groups' rules, once the labels are known. */
static void
start_groups(struct agg *a)
{
	const char *why;

	groups_init(&a->groups, &a->cells, a->labels, a->n);
	a->groups.max = cfg.max_groups;
	for (size_t i = 0; i < cfg.expect.n; i++)
		if (!groups_expect(&a->groups, str_of(cfg.expect.v[i]), &why))
			opt_wrong(&prog, "--expect: %s: \"%s\"", why, cfg.expect.v[i]);
	must(groups_start(&a->groups));
	if (a->n && cfg.total)
		a->cells.totals = CELLS_TOTALS;
	else if (a->n && !cfg.partial && report_shares(&a->report))
		a->cells.totals = CELLS_REQUESTS;
}

static void
agg_open(struct agg *a, char *const *files)
{
	uint64_t mem = cfg.mem ? cfg.mem : cfg.follow ? MEM_FOLLOW : MEM_DEFAULT;

	check_options();
	choose_times(a);
	if (cfg.group || !cfg.merge)
		choose_labels(a);
	choose_columns(a);
	cell_plan_init(&a->plan);
	must(cells_open(&a->cells, &a->plan, mem > SIZE_MAX ? SIZE_MAX : (size_t)mem));
	if (a->labels)
		start_groups(a);
	follow_init(&a->follow, cfg.lateness);
	in_open(&a->in, files, IN_TSV_LINE_MAX);
	tsv_open(&a->tsv, &a->in);
	out_open(&a->out, cfg.output);
}

static int
agg_close(struct agg *a)
{
	cells_close(&a->cells);
	cell_plan_free(&a->plan);
	groups_free(&a->groups);
	report_free(&a->report);
	follow_free(&a->follow);
	tsv_close(&a->tsv);
	in_close(&a->in);
	return out_close(&a->out);
}

/* Where the plan keeps more now; the cells so far go to disk. */
static void
lay(struct agg *a)
{
	if (a->laid)
		must(cells_spill(&a->cells));
	cell_plan_lay(&a->plan);
	a->laid = true;
}

/* All counters, so that any figure may be asked of the partial. */
static void
keep_counters(struct agg *a)
{
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++)
		cell_keep(&a->plan, (enum cell_counter)k);
}

/* The input has what the column comes from. */
static void
see(struct agg *a, struct report_column *c)
{
	c->seen = true;
	if (!figure_keep(&c->f, &a->plan))
		die("more than %d columns of numbers, or %d of different values",
		    CELL_MEASURES, CELL_DISTINCTS);
}

/* Without windows all time is one: from -S to -U, or from first to last event. */
static int64_t
whole_time(const struct agg *a, uint64_t *width)
{
	int64_t first = cfg.since ? a->since : a->tally.first;
	int64_t last = cfg.until ? a->until - 1 : a->tally.last;

	*width = (uint64_t)(when_div(last, WHEN_SEC) + 1 - when_div(first, WHEN_SEC));
	return when_div(first, WHEN_SEC);
}

/* The rows of the cells that cells_next() gives. */
static void
put_rows(struct agg *a)
{
	const struct cell *c;
	uint64_t requests = 0;

	for (must(cells_next(&a->cells, &c)); c; must(cells_next(&a->cells, &c))) {
		bool total = a->n == 0 || groups_is_total(&a->groups, cell_labels(&a->plan, c));
		struct figure_window w;
		int64_t start = c->start;

		if (total)
			requests = cell_count(&a->plan, c, CELL_REQUESTS);
		if (total && a->n && !cfg.total)
			continue;
		w = (struct figure_window){ requests, c->width };
		if (!cfg.window && !cfg.merge)
			start = whole_time(a, &w.width);
		report_row(&a->report, &a->out, &a->plan, c, a->n, start, &w);
	}
}

/* With -S and -U, what is expected is written of silent windows too. */
static void
fill_silence(struct agg *a)
{
	uint64_t windows = 0;

	if (!groups_all_expected(&a->groups) || !cfg.since || !cfg.until)
		return;
	if (!cfg.window) {
		if (!cfg.merge)
			groups_fill(&a->groups, 0, 0);
		return;
	}
	for (int64_t us = a->since, next; us < a->until; us = next) {
		int64_t start = zone_floor(&a->zone, us, cfg.window);

		next = zone_next(&a->zone, us, cfg.window);
		if (++windows > FILL_MAX)
			die("--expect: more than %d windows from --since to --until", FILL_MAX);
		groups_fill(&a->groups, start / WHEN_SEC, (uint32_t)((next - start) / WHEN_SEC));
		must(cells_settle(&a->cells));
	}
}

static void
put_metrics(struct agg *a)
{
	report_header(&a->report, &a->out, a->labels, a->n);
	fill_silence(a);
	must(cells_begin(&a->cells));
	put_rows(a);
}

/* Whether a partial says of a metric that the input had what it comes from. */
static bool
is_had(const struct agg *a, struct str metric)
{
	struct cell_name n;

	if (!cell_name(metric, &n))
		return false;
	if (n.column.n)
		return n.distinct || str_ends(metric, STR(":n"));
	return a->has & figure_source(n.counter);
}

static void
put_partial(struct agg *a)
{
	struct partial_writer w;
	const struct cell *c;

	partial_open(&w, &a->out, a->labels, a->n);
	for (size_t i = 0; i < a->plan.metrics; i++)
		if (is_had(a, a->plan.metric[i].name))
			partial_has(&w, a->plan.metric[i].name);
	must(cells_begin(&a->cells));
	for (must(cells_next(&a->cells, &c)); c; must(cells_next(&a->cells, &c)))
		partial_cell(&w, &a->plan, c);
	partial_close(&w);
}

/* The windows that are over, and those that late events have changed. */
static void
put_windows(struct agg *a, bool all)
{
	int64_t start;

	must(cells_flush(&a->cells));
	for (size_t i = 0; follow_next(&a->follow, all, &i, &start);) {
		cells_begin_window(&a->cells, start / WHEN_SEC);
		put_rows(a);
	}
	out_flush(&a->out);
	if (cells_over(&a->cells) && follow_forget(&a->follow, &start))
		cells_drop(&a->cells, start / WHEN_SEC);
}

static void
idle(void *ctx)
{
	put_windows(ctx, false);
}

/* A header: what it has and was wanted is kept from now on. */
static void
bind_events(struct agg *a)
{
	bool more = !a->laid;

	if (tsv_col(&a->tsv, STR("metric")) >= 0 && tsv_col(&a->tsv, STR("bin")) >= 0)
		die("%s:%llu: this is a partial: merge it with --merge", TSV_AT(&a->tsv));
	a->has |= tally_has(&a->tsv);
	for (size_t i = 0; i < a->report.columns && (!cfg.follow || !a->laid); i++) {
		struct report_column *c = &a->report.column[i];

		if (c->seen || (c->f.column.n ? tsv_col(&a->tsv, c->f.column) < 0 :
		    (c->f.from & ~a->has) != 0))
			continue;
		see(a, c);
		more = true;
		if (c->f.kind == FIGURE_UNIQ)
			tally_thing(&a->tally, c->f.column, c->f.at);
		else if (c->f.column.n)
			tally_number(&a->tally, c->f.column, c->f.scale, c->f.at);
		if (cfg.partial && c->f.kind != FIGURE_UNIQ)
			a->plan.measure[c->f.at].keep = CELL_ALL;
	}
	if (more)
		lay(a);
	tally_bind(&a->tally, &a->tsv, &a->plan);
}

/* The event column that the input lacks. */
static struct str
source_of(const struct agg *a, const struct report_column *c)
{
	unsigned lacks = c->f.from & ~a->has;

	return c->f.column.n ? c->f.column : lacks & FIGURE_CACHE ? STR("cache") :
	    lacks & FIGURE_STATUS ? STR("status") : STR("bytes");
}

/* What was asked for by name must be in some header. */
static void
check_seen(const struct agg *a)
{
	const struct report_column *c = report_missing(&a->report);

	if (c)
		die("column \"%.*s\": the input has not what it comes from, \"%.*s\"%s", STRF(c->f.name),
		    STRF(source_of(a, c)), cfg.merge && c->f.column.n ? ": -a and -u say what a partial keeps" : "");
	for (size_t i = 0; i < a->n && !cfg.merge; i++)
		if (!a->tally.label_seen[i])
			die("label \"%.*s\": the input has no such column%s", STRF(a->labels[i]),
			    str_eq(a->labels[i], STR("tier")) ? ": cmon-parse --tier gives it" :
			    str_eq(a->labels[i], STR("host")) ? ": cmon-parse --host gives it" : "");
}

static void
count_event(struct agg *a)
{
	const struct zone *z = &a->tally.zone;
	struct cells_key k;

	switch (tally_read(&a->tally, &a->tsv, cells_event(&a->cells), &k)) {
	case TALLY_BAD:
		die("%s", a->tally.why);
	case TALLY_SKIPPED:
		return;
	case TALLY_TAKEN:
		break;
	}
	if (!cfg.follow) {
		must(cells_add(&a->cells, &k));
		return;
	}
	if (!follow_takes(&a->follow, z->start))
		return;
	must(cells_add(&a->cells, &k));
	if (follow_event(&a->follow, z->start, z->next, a->tally.time))
		put_windows(a, false);
}

static void
start_events(struct agg *a)
{
	tally_init(&a->tally);
	a->tally.label = a->labels;
	a->tally.labels = a->n;
	a->tally.width_us = cfg.window;
	a->tally.zone = a->zone;
	a->tally.since = a->since;
	a->tally.until = a->until;
	if (cfg.partial)
		keep_counters(a);
	if (cfg.follow) {
		a->cells.stay = true;
		a->in.idle = idle;
		a->in.idle_ctx = a;
	}
}

/* Events into cells, up to the end of the input. */
static void
count(struct agg *a)
{
	start_events(a);
	for (;;) {
		switch (tsv_next(&a->tsv)) {
		case TSV_HEADER:
			bind_events(a);
			if (cfg.follow && a->in.lines == 1) {
				check_seen(a);
				report_header(&a->report, &a->out, a->labels, a->n);
			}
			break;
		case TSV_ROW:
			count_event(a);
			break;
		case TSV_BAD:
			die("%s", a->tsv.why);
		case TSV_END:
			return;
		}
	}
}

/* The first header of all: now the labels are known. */
static void
start_partials(struct agg *a)
{
	if (!a->labels) {
		a->labels = a->merge.label;
		a->n = a->merge.labels;
		start_groups(a);
		must_report(a, "columns", report_check(&a->report, a->labels, a->n, false));
	}
	if (cfg.partial)
		keep_counters(a);
	for (size_t i = 0; i < a->report.columns; i++)
		if (!a->report.column[i].f.column.n && !a->report.column[i].f.from)
			see(a, &a->report.column[i]);
	lay(a);
}

static void
keep_all_of(struct agg *a, const struct cell_name *n)
{
	if ((n->distinct ? cell_keep_distinct(&a->plan, n->column) :
	    cell_keep_measure(&a->plan, n->column, CELL_ALL)) < 0)
		die("%s:%llu: more columns of numbers, or of different values, than there is room for",
		    TSV_AT(&a->tsv));
}

/* The partial says that its events had what this metric is from. */
static void
learn_has(struct agg *a, struct str metric)
{
	struct cell_name n;
	bool more = false;

	if (!cell_name(metric, &n))
		die("%s:%llu: unknown metric \"%.*s\"", TSV_AT(&a->tsv), STRF(metric));
	a->has |= figure_source(n.counter);
	for (size_t i = 0; i < a->report.columns && !cfg.partial; i++) {
		struct report_column *c = &a->report.column[i];
		bool here = c->f.column.n ? str_eq(c->f.kept, n.column) &&
		    n.distinct == (c->f.kind == FIGURE_UNIQ) : (c->f.from & ~a->has) == 0;

		if (here && !c->seen) {
			see(a, c);
			more = true;
		}
	}
	if (cfg.partial && n.column.n && !cell_metric(&a->plan, metric)) {
		keep_all_of(a, &n);
		more = true;
	}
	if (more)
		lay(a);
}

static void
merge_row(struct agg *a)
{
	struct merge *m = &a->merge;
	struct cell *c = cells_get(&a->cells, &m->key);

	errno = 0;
	if (!cell_put(&a->plan, c, m->id, m->in.bin, m->in.value) && errno == EINVAL)
		die("%s:%llu: no such bin or value of \"%.*s\"", TSV_AT(&a->tsv), STRF(m->in.metric));
	must(errno == 0 && cells_settle(&a->cells));
}

/* Partials into cells, up to the end of the input. */
static void
merge(struct agg *a)
{
	struct merge *m = &a->merge;

	merge_open(m, &a->tsv, &a->plan);
	m->label = a->labels;
	m->labels = a->n;
	m->width_us = cfg.window;
	m->zone = a->zone;
	m->since = a->since;
	m->until = a->until;
	m->all = cfg.partial;
	for (;;) {
		switch (merge_next(m)) {
		case MERGE_HEADER:
			if (!a->laid)
				start_partials(a);
			break;
		case MERGE_HAS:
			learn_has(a, m->in.has);
			break;
		case MERGE_ROW:
			merge_row(a);
			break;
		case MERGE_BAD:
			die("%s", m->why);
		case MERGE_END:
			return;
		}
	}
}

static void
say_what_was_odd(const struct agg *a)
{
	if (a->tally.unknown)
		warn("column \"cache\": %llu requests with a word that is no outcome, the first \"%s\"",
		    (unsigned long long)a->tally.unknown, a->tally.word);
	if (a->groups.folded)
		warn("more than %llu groups: %llu rows were folded into \"(other)\"",
		    (unsigned long long)cfg.max_groups, (unsigned long long)a->groups.folded);
	if (a->follow.late)
		warn("%llu events came after their window was given up: see --lateness and --mem",
		    (unsigned long long)a->follow.late);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);
	struct agg a = { 0 };

	agg_open(&a, argv + first);
	if (cfg.merge)
		merge(&a);
	else
		count(&a);
	check_seen(&a);
	if (cfg.partial)
		put_partial(&a);
	else if (cfg.follow)
		put_windows(&a, true);
	else
		put_metrics(&a);
	say_what_was_odd(&a);
	if (cfg.merge)
		merge_close(&a.merge);
	else
		tally_free(&a.tally);
	return agg_close(&a);
}
