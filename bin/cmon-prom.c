/*
 * cmon-prom - metrics rows to Prometheus' text format, and a check of such
 * files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "hash.h"
#include "in.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "prom.h"
#include "promcheck.h"
#include "promset.h"
#include "select.h"
#include "str.h"
#include "tsv.h"
#include "when.h"

#define LABELS_MAX	(64 * 1024)	/* bytes of one row's labels */
#define SERIES_MAX	1000000		/* what --max-series may say */
#define NOT_WRITTEN	UINT32_MAX

static struct {
	const char *columns, *now, *output, *prefix, *since, *until;
	struct opt_list labels;
	uint64_t max_series;
	bool check, total, verbose;
} cfg = { .prefix = "cmon_", .max_series = 10000 };

static const struct opt opts[] = {
	{ 'c', "columns", "NAME,...", OPT_TEXT, &cfg.columns, "value columns to write; all, unless given" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "write FILE, replaced as a whole, mode 0644" },
	{ 'S', "since", "TIME", OPT_TEXT, &cfg.since, "leave out windows that had ended by TIME" },
	{ 'T', "total", NULL, OPT_FLAG, &cfg.total, "write totals too: rows with an empty label" },
	{ 'U', "until", "TIME", OPT_TEXT, &cfg.until, "leave out windows that end after TIME" },
	{ 'v', "verbose", NULL, OPT_FLAG, &cfg.verbose, "say what was left out, or is odd" },
	{ 0, "check", NULL, OPT_FLAG, &cfg.check, "say what a collector would refuse of such files" },
	{ 0, "label", "NAME=VALUE", OPT_LIST, &cfg.labels, "a label for every sample" },
	{ 0, "max-series", "N", OPT_COUNT, &cfg.max_series, "more series are refused (10000)" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "what -S and -U take for now" },
	{ 0, "prefix", "PREFIX", OPT_TEXT, &cfg.prefix, "how names begin (cmon_)" },
};
static const struct opt_prog prog = {
	"cmon-prom", "[file ...]", "metrics rows to Prometheus' text format", opts, countof(opts)
};

/* A label that a row has, from a column or from the command line. */
struct label {
	char name[PROM_NAME_MAX];
	struct str from;	/* the column's name, for messages */
	int col;		/* -1: a constant */
	struct str value;	/* a constant's */
};

/* What the header now bound means, and what the rows have said so far. */
struct work {
	struct in in;
	struct tsv t;
	struct promset set;
	struct label constant[OPT_LIST_MAX], label[OPT_LIST_MAX + TSV_COLS];
	size_t constants, labels;	/* labels: by name, constants too */
	uint32_t column[TSV_COLS];	/* by place in the stream, or NOT_WRITTEN */
	int window;
	struct buf id, text, raw;	/* OWNED: of the row at hand */
	int64_t since, until;		/* a window wanted ends after, and not after */
	int64_t newest;			/* end of the newest window, INT64_MIN: none */
	uint64_t rows, totals, others;	/* read; left out, but for totals by time */
};

static void
read_options(struct work *w)
{
	if (!prom_is_name(str_of(cfg.prefix)))
		opt_wrong(&prog, "--prefix: not the start of a name: \"%s\"", cfg.prefix);
	if (cfg.max_series == 0 || cfg.max_series > SERIES_MAX)
		opt_wrong(&prog, "--max-series: not from 1 to %d", SERIES_MAX);
	for (size_t i = 0; i < cfg.labels.n; i++) {
		struct label *l = &w->constant[w->constants++];
		struct str value = str_of(cfg.labels.v[i]), name;
		const char *why;

		if (str_chr(value, '=') == value.n || !str_cut(&value, '=', &name))
			opt_wrong(&prog, "--label: not NAME=VALUE: \"%s\"", cfg.labels.v[i]);
		why = str_eq(name, STR("version")) ? "build_info has it" : prom_label(l->name, name);
		if (why)
			opt_wrong(&prog, "--label: \"%.*s\": %s", STRF(name), why);
		l->from = STR("--label");
		l->value = value;
		l->col = -1;
	}
}

static void
read_times(struct work *w)
{
	int64_t now = opt_now(&prog, cfg.now);

	w->since = opt_time(&prog, "since", cfg.since, now, INT64_MIN);
	w->until = opt_time(&prog, "until", cfg.until, now, INT64_MAX);
}

static bool
wanted(struct str name)
{
	struct str rest = str_of(cfg.columns), one;

	if (!cfg.columns)
		return true;
	while (str_cut(&rest, ',', &one))
		if (str_eq(one, name))
			return true;
	return false;
}

static void
bind_values(struct work *w)
{
	for (size_t i = 0; i < w->t.n; i++) {
		struct str name = w->t.name[i];
		struct prom_column c;
		const char *why;

		w->column[i] = NOT_WRITTEN;
		if ((int)i <= w->window || !wanted(name))
			continue;
		why = prom_column(&c, str_of(cfg.prefix), name);
		if (why)
			die("%s:%llu: column \"%.*s\": %s; rename it, or choose others with --columns",
			    TSV_AT(&w->t), STRF(name), why);
		if (!promset_column(&w->set, name, &c, &w->column[i]))
			die("%s:%llu: %s", TSV_AT(&w->t), w->set.why);
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->name, ((const struct label *)b)->name);
}

static void
bind_labels(struct work *w)
{
	memcpy(w->label, w->constant, w->constants * sizeof(*w->label));
	w->labels = w->constants;
	for (int i = 0; i < w->t.time; i++) {
		struct label *l = &w->label[w->labels++];
		const char *why = prom_label(l->name, w->t.name[i]);

		if (why)
			die("%s:%llu: column \"%.*s\": %s; rename it", TSV_AT(&w->t),
			    STRF(w->t.name[i]), why);
		l->from = w->t.name[i];
		l->col = i;
	}
	qsort(w->label, w->labels, sizeof(*w->label), by_name);
}

/* No name twice: among the labels, or as one that we set. */
static void
check_labels(const struct work *w)
{
	for (size_t i = 0; i < w->labels; i++) {
		const struct label *l = &w->label[i], *next = l + 1;

		if (i + 1 < w->labels && strcmp(l->name, next->name) == 0)
			die("%s:%llu: \"%.*s\" and \"%.*s\" both become the label \"%s\": rename one",
			    TSV_AT(&w->t), STRF(l->from), STRF(next->from), l->name);
		if (strcmp(l->name, "window") == 0)
			die("%s:%llu: \"%.*s\" becomes the label \"window\", which is the window's "
			    "length: rename it", TSV_AT(&w->t), STRF(l->from));
		for (size_t k = 0; k < w->t.n; k++)
			if (w->column[k] != NOT_WRITTEN && promset_brings(&w->set, w->column[k], l->name))
				die("%s:%llu: \"%.*s\" becomes the label \"%s\", which column \"%.*s\" "
				    "brings along: rename it", TSV_AT(&w->t), STRF(l->from), l->name,
				    STRF(w->t.name[k]));
	}
}

static void
bind(struct work *w)
{
	const struct tsv *t = &w->t;

	w->window = tsv_col(t, STR("window"));
	if (w->window != t->time + 1)
		die("%s:%llu: no column \"window\" right after \"time\": these are no metrics; "
		    "cmon-agg makes them of events", TSV_AT(t));
	if (metrics_partial(t))
		die("%s:%llu: these are partials: cmon-agg --merge makes metrics of them", TSV_AT(t));
	bind_values(w);
	bind_labels(w);
	check_labels(w);
}

static _Noreturn void
bad_field(const struct tsv *t, int col, const char *why)
{
	die("%s:%llu: column \"%.*s\": %s: \"%.*s\"", TSV_AT(t), STRF(t->name[col]), why,
	    STRF(tsv_field(t, col)));
}

static int64_t
read_us(const struct tsv *t, int col)
{
	int64_t us;

	if (!num_fixed(tsv_field(t, col), 6, &us) || us < 0)
		bad_field(t, col, "not a number of seconds");
	return us;
}

/* Between blanks, which no name has. */
static void
add_number(struct buf *b, uint64_t v)
{
	char text[NUM_MAX + 2], *p = text;

	*p++ = ' ';
	p = num_put_u64(p, v);
	*p++ = ' ';
	buf_add(b, (struct str){ text, (size_t)(p - text) });
}

/* A label into what identifies the row and into what is written of it. */
static void
add_label(struct work *w, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_add(&w->id, str_of(name));
	add_number(&w->id, value.n);
	buf_add(&w->id, value);
	if (w->text.n)
		buf_byte(&w->text, ',');
	buf_add(&w->text, str_of(name));
	buf_byte(&w->text, '=');
	prom_put_value(&w->text, value);
}

static void
add_label_of_row(struct work *w, const struct label *l)
{
	if (l->col == -1) {
		add_label(w, l->name, l->value);
		return;
	}
	buf_reset(&w->raw);
	if (!tsv_unescape(&w->raw, tsv_field(&w->t, l->col)))
		bad_field(&w->t, l->col, "not escaped as in cmon-tsv(5)");
	add_label(w, l->name, buf_str(&w->raw));
}

/* The number of the row's series, by its labels and the window's length. */
static uint32_t
series_of(struct work *w, int64_t window)
{
	uint32_t series;

	buf_reset(&w->id);
	buf_reset(&w->text);
	for (size_t i = 0; i < w->labels; i++)
		add_label_of_row(w, &w->label[i]);
	if (window) {
		buf_add(&w->id, STR("window"));
		add_number(&w->id, (uint64_t)window);
		buf_add(&w->text, w->text.n ? STR(",window=\"") : STR("window=\""));
		prom_put_window(&w->text, window);
		buf_byte(&w->text, '"');
	}
	if (w->id.over || w->text.over)
		die("%s:%llu: labels of over %d bytes", TSV_AT(&w->t), LABELS_MAX);
	if (!promset_series(&w->set, buf_str(&w->id), buf_str(&w->text), &series))
		die("%s:%llu: %s", TSV_AT(&w->t), w->set.why);
	return series;
}

static bool
is_total(const struct tsv *t)
{
	for (int i = 0; i < t->time; i++)
		if (tsv_field(t, i).n == 0)
			return true;
	return false;
}

static void
take_value(struct work *w, int col, bool skip, uint32_t series, int64_t end)
{
	struct str field = tsv_field(&w->t, col);
	uint32_t column = w->column[col];
	double v;

	if (field.n && !prom_number(field, promset_shift(&w->set, column), &v))
		bad_field(&w->t, col, "not a number");
	if (!skip && !promset_put(&w->set, series, column, end, field.n ? &v : NULL))
		die("%s:%llu: %s", TSV_AT(&w->t), w->set.why);
}

static void
take_row(struct work *w)
{
	int64_t window = read_us(&w->t, w->window), end;
	bool total = !cfg.total && is_total(&w->t), skip;
	uint32_t series = 0;

	if (ADD_OVERFLOW(read_us(&w->t, w->t.time), window, &end))
		bad_field(&w->t, w->window, "ends after all time");
	skip = total || end <= w->since || end > w->until;
	w->rows++;
	w->totals += total;
	w->others += skip && !total;
	if (end > w->newest && end <= w->until)
		w->newest = end;
	if (!skip)
		series = series_of(w, window);
	for (int i = w->window + 1; i < (int)w->t.n; i++)
		if (w->column[i] != NOT_WRITTEN)
			take_value(w, i, skip, series, end);
}

static void
read_rows(struct work *w)
{
	for (;;)
		switch (tsv_next(&w->t)) {
		case TSV_HEADER:
			bind(w);
			break;
		case TSV_ROW:
			take_row(w);
			break;
		case TSV_BAD:
			die("%s", w->t.why);
		case TSV_END:
			return;
		}
}

/*
 * What the file says of itself: a sample that no row has.  Its label "file"
 * keeps the samples of several files in one folder apart.
 */
static void
add_own(struct work *w, const char *name, const char *help, struct str version, double value)
{
	const char *slash = cfg.output ? strrchr(cfg.output, '/') : NULL;
	struct str file = str_of(slash ? slash + 1 : cfg.output);
	struct prom_column c = { .shift = 0 };
	uint32_t column, series;

	snprintf(c.family, sizeof(c.family), "%s%s", cfg.prefix, name);
	snprintf(c.help, sizeof(c.help), "%s", help);
	buf_reset(&w->id);
	buf_reset(&w->text);
	for (size_t i = 0; i < w->constants; i++) {
		if (strcmp(w->constant[i].name, "file") == 0)
			file = STR("");
		add_label(w, w->constant[i].name, w->constant[i].value);
	}
	if (!str_eq(file, STR("-")))
		add_label(w, "file", file);
	add_label(w, "version", version);
	buf_printf(&w->id, "%s of the file itself", name);
	if (!promset_column(&w->set, STR("(of the file itself)"), &c, &column) ||
	    !promset_series(&w->set, buf_str(&w->id), buf_str(&w->text), &series) ||
	    !promset_put(&w->set, series, column, INT64_MAX, &value))
		die("%s", w->set.why);
}

static void
finish(struct work *w)
{
	struct str rest = str_of(cfg.columns), name;
	size_t own = 1;

	while (str_cut(&rest, ',', &name))
		if (!promset_knows(&w->set, name))
			die("--columns: no value column \"%.*s\" in any header", STRF(name));
	add_own(w, "build_info", "Version of cmon that wrote the file; always 1.", STR(VERSION), 1);
	if (w->newest > INT64_MIN) {
		own++;
		add_own(w, "newest_timestamp_seconds", "Unix time at which the newest window ends.",
		    STR(""), (double)w->newest / WHEN_SEC);
	}
	if (!promset_finish(&w->set))
		die("%s", w->set.why);
	if (cfg.verbose)
		warn("%llu rows: %zu samples; left out: %llu rows of totals, %llu too old or too new",
		    (unsigned long long)w->rows, w->set.lines - own,
		    (unsigned long long)w->totals, (unsigned long long)w->others);
	else if (w->totals && w->set.lines == own)
		warn("nothing but totals in %llu rows: --total writes them",
		    (unsigned long long)w->rows);
}

static int
convert(char *const *paths)
{
	static struct work w = { .newest = INT64_MIN };
	struct hash_key key;
	struct out o;

	if (!hash_key_random(&key))
		die_sys("no random bytes");
	read_options(&w);
	read_times(&w);
	promset_init(&w.set, &key, (uint32_t)cfg.max_series);
	in_open(&w.in, paths, IN_TSV_LINE_MAX);
	tsv_open(&w.t, &w.in);
	buf_init(&w.id, LABELS_MAX);
	buf_init(&w.text, LABELS_MAX);
	buf_init(&w.raw, IN_TSV_LINE_MAX);
	read_rows(&w);
	finish(&w);
	out_open_mode(&o, cfg.output, 0644);
	promset_write(&w.set, &o);
	promset_free(&w.set);
	buf_free(&w.id);
	buf_free(&w.text);
	buf_free(&w.raw);
	tsv_close(&w.t);
	in_close(&w.in);
	return out_close(&o);
}

static void
tell(void *ctx, enum promcheck_kind kind, const char *path, uint64_t line, const char *text)
{
	const char *mark = kind == PROMCHECK_NOTE ? "note: " : "";

	(void)ctx;
	if (kind == PROMCHECK_NOTE && !cfg.verbose)
		return;
	if (line)
		warn("%s:%llu: %s%s", path, (unsigned long long)line, mark, text);
	else
		warn("%s: %s%s", path, mark, text);
}

static int
check(char **paths)
{
	char only_stdin[] = "-";
	struct promcheck pc;
	struct hash_key key;

	if (!hash_key_random(&key))
		die_sys("no random bytes");
	promcheck_init(&pc, &key, tell, NULL);
	if (!*paths)
		promcheck_file(&pc, only_stdin);
	while (*paths)
		promcheck_file(&pc, *paths++);
	promcheck_finish(&pc);
	promcheck_free(&pc);
	return pc.found ? EXIT_LOOK : EXIT_OK;
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);

	return cfg.check ? check(argv + first) : convert(argv + first);
}
