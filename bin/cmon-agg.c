/*
 * cmon-agg - events become metrics or partials, partials become either.
 * The manual is man/cmon-agg.1.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cell.h"
#include "cells.h"
#include "tally.h"
#include "figure.h"
#include "groups.h"
#include "in.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "partial.h"
#include "str.h"
#include "tsv.h"
#include "when.h"

#define MEM_DEFAULT	(UINT64_C(256) << 20)
#define MEM_FOLLOW	(UINT64_C(4) << 20)	/* of windows kept to be restated */
#define WINDOW_MAX	(UINT32_MAX * WHEN_SEC)	/* us */
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

/* What -c and -a write where they are not given; kept up with in the manual. */
static const char default_columns[] =
    "requests,share_pct,hit_pct,byte_hit_pct,error_pct,coverage_pct,bytes";
static const char default_number[] = "latency_ms";
static const char default_stats[] = "avg,p50,p95,p99";

/* A column of the output. */
struct want {
	struct figure f;
	bool named;		/* on the command line: it must be had */
	bool seen;		/* the input has what it is from */
};

struct window {
	int64_t start, end;	/* us */
	bool written, changed;	/* changed: since it was written */
};

struct agg {
	struct in in;
	struct tsv tsv;
	struct out out;
	struct cell_plan plan;
	struct cells cells;
	struct tally tally;
	struct groups groups;
	struct arena names;
	struct want *want;		/* OWNED */
	size_t wants, wants_cap;
	bool laid;			/* the plan is, and the header written */
	int64_t from, to;		/* us, -S and -U */
	unsigned has;			/* FIGURE_CACHE ... of merged partials */
	struct window *window;		/* OWNED: with -F, by start */
	size_t windows, windows_cap;
	int64_t newest, due, forgotten;	/* us, with -F */
	uint64_t late;			/* events of forgotten windows */
};

static _Noreturn void
die_cells(void)
{
	if (errno == EOVERFLOW)
		die("a sum passes the width it is kept in: choose smaller windows");
	if (errno == ENOMEM)
		die("out of memory: see --mem");
	die_sys("temporary file in $TMPDIR or /tmp");
}

static void
must(bool ok)
{
	if (UNLIKELY(!ok))
		die_cells();
}

static struct want *
add_want(struct agg *a, bool named)
{
	a->want = mem_grow(a->want, &a->wants_cap, a->wants + 1, sizeof(*a->want));
	a->want[a->wants] = (struct want){ .named = named };
	return &a->want[a->wants++];
}

static void
want_column(struct agg *a, struct str name, bool named)
{
	struct want *w = add_want(a, named);

	if (!figure_parse(&w->f, name, &a->names))
		opt_wrong(&prog, "--columns: no such column of metrics: \"%.*s\"", STRF(name));
}

static void
want_stats(struct agg *a, struct str column, struct str stats, bool named)
{
	struct str stat;

	while (str_cut(&stats, ',', &stat)) {
		struct want *w = add_want(a, named);

		if (!figure_stat(&w->f, column, stat, &a->names))
			opt_wrong(&prog, "--stats: no such statistic of \"%.*s\": \"%.*s\"",
			    STRF(column), STRF(stat));
	}
}

static void
want_listed(struct agg *a, const struct opt_list *list, const char *stats)
{
	for (size_t i = 0; i < list->n; i++) {
		struct str s = str_of(list->v[i]);
		size_t colon = str_chr(s, ':');
		struct str column = { s.p, colon };

		want_stats(a, column, colon < s.n ? str_from(s, colon + 1) : str_of(stats), true);
	}
}

static void
check_names(struct agg *a)
{
	for (size_t i = 0; i < a->wants; i++) {
		const struct want *w = &a->want[i];

		for (size_t k = 0; k < i; k++)
			if (str_eq(a->want[k].f.name, w->f.name))
				opt_wrong(&prog, "column \"%.*s\" is asked for twice", STRF(w->f.name));
		for (size_t k = 0; k < a->tally.labels; k++)
			if (str_eq(a->tally.label[k], w->f.name))
				opt_wrong(&prog, "column \"%.*s\" would be a label and a number",
				    STRF(w->f.name));
		for (size_t k = 0; k < i && !cfg.merge; k++)
			if (w->f.kept.n && str_eq(a->want[k].f.kept, w->f.kept) &&
			    !str_eq(a->want[k].f.column, w->f.column))
				opt_wrong(&prog, "\"%.*s\" and \"%.*s\" are kept under one name: ask for one",
				    STRF(a->want[k].f.column), STRF(w->f.column));
	}
}

static void
choose_columns(struct agg *a)
{
	struct str list = str_of(cfg.columns ? cfg.columns : default_columns), name;

	if (!cfg.partial)
		while (str_cut(&list, ',', &name))
			want_column(a, name, cfg.columns != NULL);
	want_listed(a, &cfg.stats, default_stats);
	if (!cfg.columns && !cfg.stats.n)
		want_stats(a, str_of(default_number), str_of(default_stats), false);
	for (size_t i = 0; i < cfg.uniq.n; i++) {
		list = str_of(cfg.uniq.v[i]);
		while (str_cut(&list, ',', &name))
			want_stats(a, name, STR("uniq"), true);
	}
	check_names(a);
}

static void
choose_labels(struct agg *a)
{
	struct str list = str_of(cfg.group), name;

	while (*cfg.group && str_cut(&list, ',', &name)) {
		if (name.n == 0 || str_eq(name, STR("time")) || str_eq(name, STR("window")))
			opt_wrong(&prog, "--group: no label: \"%.*s\"", STRF(name));
		for (size_t i = 0; i < a->tally.labels; i++)
			if (str_eq(a->tally.label[i], name))
				opt_wrong(&prog, "--group: twice: \"%.*s\"", STRF(name));
		if (!tally_label(&a->tally, name))
			opt_wrong(&prog, "--group: more than %d columns", TALLY_LABELS);
	}
}

/* Only share_pct is about all groups of a window. */
static bool
wants_share(const struct agg *a)
{
	for (size_t i = 0; i < a->wants; i++)
		if (a->want[i].f.kind == FIGURE_SHARE)
			return true;
	return false;
}

/* The groups' rules, once the labels are known. */
static void
start_groups(struct agg *a)
{
	const char *why;
	size_t labels = a->tally.labels;
	char *tabs = arena_alloc(&a->names, labels + 8);

	memset(tabs, '\t', labels);
	memset(tabs + labels, 0, 8);
	a->cells.no_labels = (struct str){ tabs, labels ? labels - 1 : 0 };
	groups_init(&a->groups, &a->cells, a->tally.label, labels);
	a->groups.max = cfg.max_groups;
	for (size_t i = 0; i < cfg.expect.n; i++)
		if (!groups_expect(&a->groups, str_of(cfg.expect.v[i]), &why))
			opt_wrong(&prog, "--expect: %s: \"%s\"", why, cfg.expect.v[i]);
	must(groups_start(&a->groups));
	if (labels && cfg.total)
		a->cells.totals = CELLS_TOTALS;
	else if (labels && !cfg.partial && wants_share(a))
		a->cells.totals = CELLS_REQUESTS;
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
	if (cfg.window < 0 || cfg.window % WHEN_SEC || cfg.window > WINDOW_MAX)
		opt_wrong(&prog, "--window: not in whole seconds, or too wide");
	if (cfg.merge && (cfg.stats.n || cfg.uniq.n) && cfg.partial)
		opt_wrong(&prog, "a merged partial keeps all that its parts have: no --stats, no --uniq");
}

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
choose_times(struct agg *a)
{
	int64_t now = now_us();

	a->from = INT64_MIN;
	a->to = INT64_MAX;
	if (cfg.since && !when_user(str_of(cfg.since), now, &a->from))
		opt_wrong(&prog, "--since: not a time: \"%s\"", cfg.since);
	if (cfg.until && !when_user(str_of(cfg.until), now, &a->to))
		opt_wrong(&prog, "--until: not a time: \"%s\"", cfg.until);
	a->tally.since = a->from;
	a->tally.until = a->to;
	a->tally.width_us = cfg.window;
	if (!when_zone_open(&a->tally.zone, cfg.tz))
		opt_wrong(&prog, "--tz: no such zone: \"%s\"", cfg.tz);
}

static void
agg_open(struct agg *a, char *const *files)
{
	uint64_t mem = cfg.mem ? cfg.mem : cfg.follow ? MEM_FOLLOW : MEM_DEFAULT;

	check_options();
	tally_init(&a->tally);
	choose_times(a);
	if (cfg.group)
		choose_labels(a);
	choose_columns(a);
	cell_plan_init(&a->plan);
	must(cells_open(&a->cells, &a->plan, mem > SIZE_MAX ? SIZE_MAX : (size_t)mem));
	a->cells.stay = cfg.follow;
	if (cfg.group || !cfg.merge)
		start_groups(a);
	a->newest = a->forgotten = INT64_MIN;
	a->due = INT64_MAX;
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
	tally_free(&a->tally);
	arena_free(&a->names);
	free(a->want);
	free(a->window);
	tsv_close(&a->tsv);
	in_close(&a->in);
	return out_close(&a->out);
}

/* The cells so far to disk, for the plan keeps more now. */
static void
lay(struct agg *a)
{
	if (a->laid)
		must(cells_spill(&a->cells));
	cell_plan_lay(&a->plan);
	a->laid = true;
}

static void
keep(struct agg *a, struct want *w)
{
	if (!figure_keep(&w->f, &a->plan))
		die("more than %d columns of numbers, or %d of different values",
		    CELL_MEASURES, CELL_DISTINCTS);
}

/* All that a partial has, so that any figure may be asked of it. */
static void
keep_all(struct agg *a)
{
	for (unsigned k = CELL_REQUESTS; k < CELL_COUNTERS; k++)
		cell_keep(&a->plan, (enum cell_counter)k);
}

static void
keep_for_partial(struct agg *a, struct want *w)
{
	keep(a, w);
	if (w->f.kind != FIGURE_UNIQ)
		a->plan.measure[w->f.at].keep = CELL_ALL;
}

/* Tells the events where the numbers of w go; once for each column. */
static void
read_column(struct agg *a, const struct want *w)
{
	struct tally *e = &a->tally;

	if (w->f.kind == FIGURE_UNIQ) {
		tally_thing(e, w->f.column, w->f.at);
		return;
	}
	for (size_t i = 0; i < e->numbers; i++)
		if (e->number[i].at == w->f.at)
			return;
	tally_number(e, w->f.column, w->f.scale, w->f.at);
}

/* A header of events: what it has and was wanted is kept from now on. */
static void
bind_events(struct agg *a)
{
	bool more = !a->laid;

	if (tsv_col(&a->tsv, STR("metric")) >= 0 && tsv_col(&a->tsv, STR("bin")) >= 0)
		die("%s:%llu: this is a partial: merge it with --merge", TSV_AT(&a->tsv));
	if (cfg.partial)
		keep_all(a);
	tally_bind(&a->tally, &a->tsv, &a->plan);
	for (size_t i = 0; i < a->wants && (!cfg.follow || !a->laid); i++) {
		struct want *w = &a->want[i];
		bool here = w->f.column.n ? tsv_col(&a->tsv, w->f.column) >= 0 :
		    (w->f.from & ~a->tally.seen) == 0;

		if (w->seen || !here)
			continue;
		w->seen = more = true;
		if (cfg.partial)
			keep_for_partial(a, w);
		else
			keep(a, w);
		if (w->f.column.n)
			read_column(a, w);
	}
	if (more)
		lay(a);
	tally_bind(&a->tally, &a->tsv, &a->plan);
}

/* What was asked for by name must be in some header. */
static void
check_seen(const struct agg *a)
{
	for (size_t i = 0; i < a->wants; i++)
		if (a->want[i].named && !a->want[i].seen)
			die("column \"%.*s\": the input has not what it comes from",
			    STRF(a->want[i].f.name));
	for (size_t i = 0; i < a->tally.labels && !cfg.merge; i++)
		if (!a->tally.label_seen[i])
			die("label \"%.*s\": the input has no such column",
			    STRF(a->tally.label[i]));
}

static void
put_header(struct agg *a)
{
	struct tsv_row r = { &a->out, 0 };

	for (size_t i = 0; i < a->tally.labels; i++)
		tsv_as_is(&r, a->tally.label[i]);
	tsv_as_is(&r, STR("time"));
	tsv_as_is(&r, STR("window"));
	for (size_t i = 0; i < a->wants; i++)
		if (a->want[i].seen)
			tsv_as_is(&r, a->want[i].f.name);
	tsv_end_row(&r);
}

static int64_t
floor_s(int64_t us)
{
	return us / WHEN_SEC - (us % WHEN_SEC < 0);
}

/* Without windows all time is one: from -S to -U, or from first to last event. */
static void
whole_input(const struct agg *a, int64_t *start, uint64_t *width)
{
	int64_t first = a->from != INT64_MIN ? a->from : a->tally.first;
	int64_t end = a->to != INT64_MAX ? a->to : a->tally.last + 1;

	*start = floor_s(first);
	*width = (uint64_t)(floor_s(end - 1) + 1 - *start);
}

static void
put_row(struct agg *a, const struct cell *c, uint64_t window_requests)
{
	struct tsv_row r = { &a->out, 0 };
	struct figure_window w = { window_requests, c->width };
	int64_t start = c->start;
	char room[FIGURE_MAX];

	if (!cfg.window && !cfg.merge)
		whole_input(a, &start, &w.width);
	if (a->tally.labels)
		tsv_as_is(&r, cell_labels(&a->plan, c));
	tsv_int(&r, start);
	tsv_int(&r, (int64_t)w.width);
	for (size_t i = 0; i < a->wants; i++) {
		const char *end;

		if (!a->want[i].seen)
			continue;
		end = figure_put(room, &a->want[i].f, &a->plan, c, &w);
		tsv_as_is(&r, (struct str){ room, (size_t)(end - room) });
	}
	tsv_end_row(&r);
}

/* The rows of the cells that cells_next() gives. */
static void
put_rows(struct agg *a)
{
	const struct cell *c;
	uint64_t requests = 0;

	for (;;) {
		bool total;

		must(cells_next(&a->cells, &c));
		if (!c)
			return;
		total = str_eq(cell_labels(&a->plan, c), a->cells.no_labels);
		if (total)
			requests = cell_count(&a->plan, c, CELL_REQUESTS);
		if (!total || cfg.total || a->tally.labels == 0)
			put_row(a, c, requests);
	}
}

/* With -S and -U, what is expected is written of silent windows too. */
static void
fill_silence(struct agg *a)
{
	struct tally *e = &a->tally;
	uint64_t windows = 0;

	if (!groups_all_expected(&a->groups) || a->from == INT64_MIN || a->to == INT64_MAX)
		return;
	if (!cfg.window) {
		if (!cfg.merge)
			groups_fill(&a->groups, 0, 0);
		return;
	}
	for (int64_t us = a->from; us < a->to; us = e->zone.next) {
		int64_t start = when_zone_floor(&e->zone, us, cfg.window);

		if (++windows > FILL_MAX)
			die("--expect: more than %d windows from --since to --until", FILL_MAX);
		groups_fill(&a->groups, start / WHEN_SEC,
		    (uint32_t)((e->zone.next - start) / WHEN_SEC));
		must(cells_settle(&a->cells));
	}
}

static void
put_metrics(struct agg *a)
{
	put_header(a);
	fill_silence(a);
	must(cells_begin(&a->cells));
	put_rows(a);
}

static bool
is_has(const struct agg *a, struct str metric)
{
	unsigned has = a->tally.seen | a->has;

	if (str_eq(metric, STR("hit")))
		return has & FIGURE_CACHE;
	if (str_eq(metric, STR("errors")))
		return has & FIGURE_STATUS;
	if (str_eq(metric, STR("bytes")))
		return has & FIGURE_BYTES;
	return str_ends(metric, STR(":n")) || str_ends(metric, STR(":hll_max"));
}

static void
put_partial(struct agg *a)
{
	struct partial_writer w;
	const struct cell *c;

	partial_open(&w, &a->out, a->tally.label, a->tally.labels);
	for (size_t i = 0; i < a->plan.metrics; i++)
		if (is_has(a, a->plan.metric[i].name))
			partial_has(&w, a->plan.metric[i].name);
	must(cells_begin(&a->cells));
	for (;;) {
		must(cells_next(&a->cells, &c));
		if (!c)
			break;
		partial_cell(&w, &a->plan, c);
	}
	partial_close(&w);
}

/* When the first of the windows not yet written is to be. */
static void
follow_due(struct agg *a)
{
	a->due = INT64_MAX;
	for (size_t i = 0; i < a->windows; i++)
		if (!a->window[i].written && a->window[i].end + cfg.lateness < a->due)
			a->due = a->window[i].end + cfg.lateness;
}

/* The windows that are over, and those that late events have changed. */
static void
follow_write(struct agg *a, bool all)
{
	bool some = false;

	must(cells_flush(&a->cells));
	for (size_t i = 0; i < a->windows; i++) {
		struct window *w = &a->window[i];

		if (!w->changed ||
		    !(all || w->written || w->end + cfg.lateness <= a->newest))
			continue;
		cells_begin_window(&a->cells, w->start / WHEN_SEC);
		put_rows(a);
		w->written = some = true;
		w->changed = false;
	}
	if (some)
		out_flush(&a->out);
	follow_due(a);
}

static void
follow_idle(void *ctx)
{
	follow_write(ctx, false);
}

/* Windows written long ago go, half of them, so that memory does not grow. */
static void
follow_forget(struct agg *a)
{
	size_t n = 0;

	while (n + 1 < a->windows && a->window[n].written && !a->window[n].changed)
		n++;
	n = (n + 1) / 2;
	if (n == 0)
		return;
	a->forgotten = a->window[n].start;
	memmove(a->window, a->window + n, (a->windows - n) * sizeof(*a->window));
	a->windows -= n;
	must(cells_flush(&a->cells));
	cells_drop(&a->cells, a->forgotten / WHEN_SEC);
}

/* The window of the event just read. */
static struct window *
follow_window(struct agg *a)
{
	const struct when_zone *z = &a->tally.zone;
	size_t i = a->windows;

	while (i && a->window[i - 1].start > z->start)
		i--;
	if (i && a->window[i - 1].start == z->start)
		return &a->window[i - 1];
	a->window = mem_grow(a->window, &a->windows_cap, a->windows + 1, sizeof(*a->window));
	memmove(a->window + i + 1, a->window + i, (a->windows - i) * sizeof(*a->window));
	a->window[i] = (struct window){ z->start, z->next, false, false };
	a->windows++;
	follow_due(a);
	return &a->window[i];
}

/* After the event was added. */
static void
follow_event(struct agg *a)
{
	follow_window(a)->changed = true;
	if (a->tally.time > a->newest)
		a->newest = a->tally.time;
	if (a->newest < a->due)
		return;
	follow_write(a, false);
	if (cells_held(&a->cells) > a->cells.mem)
		follow_forget(a);
}

static void
count_event(struct agg *a)
{
	struct cells_key k;

	switch (tally_read(&a->tally, &a->tsv, cells_event(&a->cells), &k)) {
	case TALLY_BAD:
		die("%s", a->tally.why);
	case TALLY_SKIPPED:
		return;
	case TALLY_TAKEN:
		break;
	}
	if (cfg.follow && a->tally.zone.start < a->forgotten) {
		a->late++;
		return;
	}
	must(cells_add(&a->cells, &k));
	if (cfg.follow)
		follow_event(a);
}

/* Events into cells, up to the end of the input. */
static void
count(struct agg *a)
{
	for (;;) {
		switch (tsv_next(&a->tsv)) {
		case TSV_HEADER:
			bind_events(a);
			if (cfg.follow && a->in.lines == 1) {
				check_seen(a);
				put_header(a);
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

/* Where the output's labels stand in the partial's. */
static void
bind_partial(struct agg *a, int col[TALLY_LABELS])
{
	const struct tsv *t = &a->tsv;
	size_t labels = (size_t)t->time;

	if (!a->laid && !cfg.group) {
		for (size_t i = 0; i < labels; i++)
			if (!tally_label(&a->tally, arena_dup(&a->names, t->name[i])))
				die("%s:%llu: more than %d labels", TSV_AT(t), TALLY_LABELS);
		start_groups(a);
		check_names(a);
	}
	if (!cfg.group && labels != a->tally.labels)
		die("%s:%llu: other labels than the partial before it: say --group", TSV_AT(t));
	for (size_t i = 0; i < a->tally.labels; i++) {
		struct str name = a->tally.label[i];

		col[i] = tsv_col(t, name);
		if (col[i] < 0 || (size_t)col[i] >= labels)
			die("%s:%llu: the partial has no label \"%.*s\"", TSV_AT(t), STRF(name));
	}
	if (a->laid)
		return;
	if (cfg.partial)
		keep_all(a);
	for (size_t i = 0; i < a->wants; i++)
		a->want[i].seen = !a->want[i].f.column.n && !a->want[i].f.from;
	lay(a);
}

/* The partial says that its events had what this metric is from. */
static void
learn_has(struct agg *a, struct str metric)
{
	struct cell_name n;
	bool more = false;

	if (!cell_name(metric, &n))
		die("%s:%llu: unknown metric \"%.*s\"", TSV_AT(&a->tsv), STRF(metric));
	a->has |= n.counter == CELL_HIT ? FIGURE_CACHE : n.counter == CELL_ERRORS ? FIGURE_STATUS :
	    n.counter == CELL_BYTES ? FIGURE_BYTES : 0U;
	for (size_t i = 0; i < a->wants; i++) {
		struct want *w = &a->want[i];
		bool here = w->f.column.n ? str_eq(w->f.kept, n.column) &&
		    n.distinct == (w->f.kind == FIGURE_UNIQ) : (w->f.from & ~a->has) == 0;

		if (w->seen || !here || cfg.partial)
			continue;
		w->seen = more = true;
		keep(a, w);
	}
	if (cfg.partial && n.column.n && !cell_metric(&a->plan, metric)) {
		more = true;
		if ((n.distinct ? cell_keep_distinct(&a->plan, n.column) :
		    cell_keep_measure(&a->plan, n.column, CELL_ALL)) < 0)
			die("%s:%llu: more columns of numbers or different values than there is room for",
			    TSV_AT(&a->tsv));
	}
	if (more)
		lay(a);
}

static struct str
join_labels(struct agg *a, const int col[TALLY_LABELS])
{
	struct buf *b = &a->tally.joined;
	size_t n;

	buf_reset(b);
	for (size_t i = 0; i < a->tally.labels; i++) {
		struct str s = tsv_field(&a->tsv, col[i]);

		if (s.n == 0)
			die("%s:%llu: label \"%.*s\" is empty: a partial holds no totals",
			    TSV_AT(&a->tsv), STRF(a->tally.label[i]));
		if (i)
			buf_byte(b, '\t');
		buf_add(b, s);
	}
	n = b->n;
	buf_add(b, STR("\0\0\0\0\0\0\0\0"));	/* which cells.h may read */
	return (struct str){ b->p, n };
}

/* The window asked for that holds a row's. */
static void
fit_window(struct agg *a, const struct partial_reader *r, struct cells_key *k)
{
	struct when_zone *z = &a->tally.zone;
	int64_t start;

	k->start = r->start;
	k->width = r->width;
	if (!cfg.window)
		return;
	start = when_zone_floor(z, r->start * WHEN_SEC, cfg.window);
	if ((r->start + r->width) * WHEN_SEC > z->next)
		die("%s:%llu: the window of %u s from %lld is not inside one of those asked for",
		    TSV_AT(&a->tsv), (unsigned)r->width, (long long)r->start);
	k->start = start / WHEN_SEC;
	k->width = (uint32_t)((z->next - start) / WHEN_SEC);
}

static void
merge_row(struct agg *a, const struct partial_reader *r, const int col[TALLY_LABELS])
{
	const struct cell_metric *m = cell_metric(&a->plan, r->metric);
	struct cell_name n;
	struct cells_key k;

	if (!m && (cfg.partial || !cell_name(r->metric, &n)))
		die("%s:%llu: unknown metric, or one the partial does not say it has: \"%.*s\"",
		    TSV_AT(&a->tsv), STRF(r->metric));
	if (!m || r->start * WHEN_SEC < a->from || r->start * WHEN_SEC >= a->to)
		return;
	fit_window(a, r, &k);
	k.labels = join_labels(a, col);
	errno = 0;
	if (cell_put(&a->plan, cells_get(&a->cells, &k), m->id, r->bin, r->value) &&
	    cells_settle(&a->cells))
		return;
	if (errno == EINVAL)
		die("%s:%llu: no such bin or value of \"%.*s\"", TSV_AT(&a->tsv), STRF(r->metric));
	die_cells();
}

/* Partials into cells, up to the end of the input. */
static void
merge(struct agg *a)
{
	struct partial_reader r;
	int col[TALLY_LABELS] = { 0 };

	partial_read(&r, &a->tsv);
	for (;;) {
		switch (partial_next(&r)) {
		case PARTIAL_HEADER:
			bind_partial(a, col);
			break;
		case PARTIAL_HAS:
			learn_has(a, r.has);
			break;
		case PARTIAL_ROW:
			merge_row(a, &r, col);
			break;
		case PARTIAL_BAD:
			die("%s", r.why);
		case PARTIAL_END:
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
	if (a->late)
		warn("%llu events came after their window was given up: see --lateness and --mem",
		    (unsigned long long)a->late);
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);
	struct agg a = { 0 };

	agg_open(&a, argv + first);
	if (cfg.follow) {
		a.in.idle = follow_idle;
		a.in.idle_ctx = &a;
	}
	if (cfg.merge)
		merge(&a);
	else
		count(&a);
	check_seen(&a);
	if (cfg.partial)
		put_partial(&a);
	else if (cfg.follow)
		follow_write(&a, true);
	else
		put_metrics(&a);
	say_what_was_odd(&a);
	return agg_close(&a);
}
