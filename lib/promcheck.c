#include "promcheck.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "buf.h"
#include "in.h"
#include "map.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "prom.h"
#include "promtext.h"
#include "str.h"

#define QUOTED_MAX	60	/* bytes of a file's own text in a message */
#define KEY_MAX		(4 * IN_TSV_LINE_MAX)

/* What comes of a mistake. */
#define REFUSED		"the whole file is refused"
#define DROPPED		"samples are dropped without an error"
#define DIES		"node_exporter dies, and with it all metrics of the host"
#define HOST		"Prometheus refuses all metrics of the host"
#define FALSE_FIGURES	"wrong figures are exported"
#define AGAINST		"the format forbids it, and readers differ"

enum type { UNTYPED, GAUGE, COUNTER, HISTOGRAM, SUMMARY, TYPES };

static const char *const type_names[TYPES] = {
	"untyped", "gauge", "counter", "histogram", "summary",
};

/* Which line of a histogram or summary a sample is. */
enum part { ITSELF, COUNT, SUM, BUCKET };

struct place {
	const char *path;
	uint64_t line;
};

/* A metric: as the first file with samples of it has it, and as this one has. */
struct family {
	struct place first;		/* path NULL: no samples yet */
	enum type first_type;
	struct str first_help;		/* p NULL: none */

	unsigned file;			/* what follows is of that one */
	uint64_t line;			/* of its first sample; 0: none */
	enum type type;
	struct str help;
	bool typed;			/* by a TYPE line */
	bool closed;			/* samples of another came after its own */
};

/* One histogram or summary of this file: a family and labels. */
struct group {
	uint32_t family;
	uint64_t line;
	double count;
	bool counted, summed;
	size_t buckets;
};

struct bucket {
	uint32_t group;
	uint64_t line;
	double le, n;
};

struct promcheck_state {
	struct promcheck *pc;		/* BORROWED, for its count */
	promcheck_say *say;
	void *ctx;
	struct hash_key key;

	struct map family_no;		/* of all files; arrays OWNED */
	struct family *family;
	size_t family_cap;
	struct map series_no;
	struct place *series;
	size_t series_cap;
	struct arena text;		/* help texts */

	struct place at;		/* the line at hand */
	unsigned file;			/* number of its file */
	uint32_t current;		/* family of the last sample, or MAP_NONE */
	uint64_t told, untold;		/* findings of this file */
	bool full;			/* past PROMCHECK_SERIES_MAX */
	struct promtext p;
	struct buf id;			/* OWNED */
	struct map group_no;		/* of this file */
	struct group *group;
	struct bucket *bucket;
	size_t group_cap, bucket_cap, buckets;
};

static void
say(struct promcheck_state *st, enum promcheck_kind kind, struct place at, const char *text)
{
	if (kind == PROMCHECK_REJECT)
		st->pc->found++;
	if (st->told == PROMCHECK_SAY_MAX)
		st->untold += kind == PROMCHECK_REJECT;
	else
		st->say(st->ctx, kind, at.path, at.line, text);
	st->told += st->told < PROMCHECK_SAY_MAX && kind == PROMCHECK_REJECT;
}

static void PRINTF(4, 5)
reject(struct promcheck_state *st, const char *effect, const char *advice, const char *fmt, ...)
{
	char what[512], text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "%s: %s; %s", what, effect, advice);
	say(st, PROMCHECK_REJECT, st->at, text);
}

static void PRINTF(2, 3)
note(struct promcheck_state *st, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(st, PROMCHECK_NOTE, st->at, text);
}

/* A piece of the file, short enough for a message: the arguments of "%.*s". */
#define QUOTE(s)	(int)((s).n < QUOTED_MAX ? (s).n : QUOTED_MAX), (s).p ? (s).p : ""

static struct str
family_name(const struct promcheck_state *st, uint32_t i)
{
	return map_key(&st->family_no, i);
}

/* The family of that name if this file has spoken of it, or MAP_NONE. */
static uint32_t
known_family(const struct promcheck_state *st, struct str name)
{
	uint32_t i = map_get(&st->family_no, name);

	return i != MAP_NONE && st->family[i].file == st->file ? i : MAP_NONE;
}

static uint32_t
new_family(struct promcheck_state *st, struct str name)
{
	bool added;
	uint32_t i = map_put(&st->family_no, name, &added);
	struct family *f;

	st->family = mem_grow(st->family, &st->family_cap, (size_t)i + 1, sizeof(*st->family));
	f = &st->family[i];
	if (added)
		*f = (struct family){ .file = st->file };
	f->file = st->file;
	f->line = 0;
	f->type = UNTYPED;
	f->help = (struct str){ NULL, 0 };
	f->typed = f->closed = false;
	return i;
}

static const struct {
	struct str end;
	enum part part;
} ends[] = {
	{ { "_count", 6 }, COUNT }, { { "_sum", 4 }, SUM }, { { "_bucket", 7 }, BUCKET },
};

/*
 * The family a name belongs to, as the collector finds it: its own, else that
 * of the histogram or summary above it in the file, else a new one.
 */
static uint32_t
family_of(struct promcheck_state *st, struct str name, enum part *part)
{
	uint32_t i = known_family(st, name);

	*part = ITSELF;
	if (i != MAP_NONE)
		return i;
	for (size_t k = 0; k < countof(ends); k++) {
		struct str base = { name.p, name.n - ends[k].end.n };
		enum type type;

		if (name.n <= ends[k].end.n || !str_ends(name, ends[k].end))
			continue;
		i = known_family(st, base);
		type = i == MAP_NONE ? UNTYPED : st->family[i].type;
		if (type == HISTOGRAM || (type == SUMMARY && ends[k].part != BUCKET)) {
			*part = ends[k].part;
			return i;
		}
	}
	return new_family(st, name);
}

static void
check_help(struct promcheck_state *st)
{
	enum part part;
	uint32_t i = family_of(st, st->p.name, &part);
	struct family *f = &st->family[i];

	if (f->help.p)
		reject(st, REFUSED, "keep one", "a second HELP for %.*s", QUOTE(st->p.name));
	else
		f->help = arena_dup(&st->text, st->p.text);
	for (struct str s = st->p.text; s.n; s = str_from(s, str_utf8(s))) {
		if (str_utf8(s) == 0) {
			reject(st, HOST, "convert it", "HELP of %.*s is no UTF-8", QUOTE(st->p.name));
			return;
		}
	}
}

static void
check_type(struct promcheck_state *st)
{
	enum part part;
	uint32_t i = family_of(st, st->p.name, &part);
	struct family *f = &st->family[i];
	enum type type = UNTYPED;

	if (f->typed || part != ITSELF)
		reject(st, REFUSED, "keep one", "a second TYPE for %.*s", QUOTE(st->p.name));
	else if (f->line)
		reject(st, REFUSED, "write it before the first sample",
		    "TYPE of %.*s after its samples", QUOTE(st->p.name));
	while (type < TYPES && !str_eq_nocase(st->p.text, str_of(type_names[type])))
		type++;
	if (type == TYPES) {
		/* Of a newer format: some collectors let it pass, without its type. */
		reject(st, str_eq_nocase(st->p.text, STR("gauge_histogram")) ? AGAINST : REFUSED,
		    "say counter, gauge, histogram, summary or untyped, and nothing after it",
		    "no type: \"%.*s\"", QUOTE(st->p.text));
		return;
	}
	if (!str_eq(st->p.text, str_of(type_names[type])))
		note(st, "a type is written in small letters");
	if (f->line == 0)
		f->type = type;
	f->typed = true;
}

/* What node_exporter exports of itself: a file that does so is dropped. */
static bool
is_exporters_own(struct str name)
{
	static const char *const prefixes[] = {
		"node_textfile_", "node_scrape_collector_", "node_exporter_build_info",
		"promhttp_metric_handler_", "go_gc_", "go_memstats_", "go_goroutines",
		"go_threads", "go_info", "go_sched_", "process_cpu_seconds_total",
		"process_max_fds", "process_open_fds", "process_resident_memory_bytes",
		"process_start_time_seconds", "process_virtual_memory_",
		"process_network_receive_bytes_total", "process_network_transmit_bytes_total",
	};

	for (size_t i = 0; i < countof(prefixes); i++)
		if (str_starts(name, str_of(prefixes[i])))
			return true;
	return false;
}

/* The first sample of a family in this file. */
static void
open_family(struct promcheck_state *st, struct family *f)
{
	f->line = st->at.line;
	if (is_exporters_own(st->p.name))
		reject(st, DROPPED, "take another name", "%.*s is a metric of node_exporter itself",
		    QUOTE(st->p.name));
	if (!f->help.p)
		note(st, "%.*s has no HELP", QUOTE(st->p.name));
	if (!f->typed)
		note(st, "%.*s has no TYPE: it is untyped", QUOTE(st->p.name));
}

/* Samples of one family stand together. */
static void
follow_groups(struct promcheck_state *st, uint32_t family)
{
	struct family *f = &st->family[family];

	if (family == st->current)
		return;
	if (st->current != MAP_NONE)
		st->family[st->current].closed = true;
	st->current = family;
	if (f->closed)
		reject(st, AGAINST, "write all lines of a metric together",
		    "samples of %.*s stand apart", QUOTE(family_name(st, family)));
}

static void
check_counter(struct promcheck_state *st)
{
	double v = st->p.value;

	if (isnan(v) || v < 0)
		reject(st, FALSE_FIGURES, "declare it a gauge", "a counter that is negative or NaN");
}

static bool
is_whole(double v)
{
	return v >= 0 && v < 18446744073709551616.0 && v == floor(v);
}

/* The value of that label as a number; false: there is none. */
static bool
bound_of(struct promcheck_state *st, struct str label, double *v)
{
	for (size_t i = 0; i < st->p.labels; i++) {
		const struct promtext_label *l = &st->p.label[i];

		if (!str_eq(l->name, label))
			continue;
		if (prom_float(l->value, v) && !isnan(*v))
			return true;
		reject(st, REFUSED, "write a decimal or +Inf", "%s is no number: \"%.*s\"",
		    label.p, QUOTE(l->value));
		*v = NAN;
		return true;
	}
	return false;
}

/* le and quantile, where nothing else may stand. */
static void
check_reserved(struct promcheck_state *st, enum type type, enum part part)
{
	for (size_t i = 0; i < st->p.labels; i++) {
		struct str l = st->p.label[i].name;
		bool le = str_eq(l, STR("le")), quantile = str_eq(l, STR("quantile"));

		if (str_starts(l, STR("__")))
			reject(st, str_eq(l, STR("__name__")) ? REFUSED : DIES, "take another name",
			    "label %.*s starts with \"__\"", QUOTE(l));
		if (st->p.label[i].value.n == 0)
			note(st, "label %.*s is empty, which is the same as none", QUOTE(l));
		if ((!le && !quantile) || (le && type == HISTOGRAM && part == BUCKET) ||
		    (quantile && type == SUMMARY && part == ITSELF))
			continue;
		if (type == UNTYPED)
			note(st, "label %.*s without TYPE %s", QUOTE(l), le ? "histogram" : "summary");
		else
			reject(st, AGAINST, "take another name", "label %.*s, which only %s has",
			    QUOTE(l), le ? "a histogram's _bucket" : "a summary itself");
	}
}

/*
 * What makes a series into st->id: a name, and the labels that are not
 * empty, with numbers in one form.  0xff is in no UTF-8.
 */
static struct str
identity(struct promcheck_state *st, struct str name, bool bounds)
{
	char number[NUM_MAX] = "";
	double v;

	buf_reset(&st->id);
	buf_add(&st->id, name);
	for (size_t i = 0; i < st->p.labels; i++) {
		struct promtext_label l = st->p.label[i];
		bool bound = str_eq(l.name, STR("le")) || str_eq(l.name, STR("quantile"));

		if (l.value.n == 0 || (bound && !bounds))
			continue;
		if (bound && prom_float(l.value, &v) && isfinite(v))
			l.value = (struct str){ number, (size_t)(num_put_double(number, v) - number) };
		buf_byte(&st->id, '\xff');
		buf_add(&st->id, l.name);
		buf_byte(&st->id, '\xff');
		buf_add(&st->id, l.value);
	}
	return buf_str(&st->id);
}

static void
check_twice(struct promcheck_state *st, struct str id)
{
	bool added;
	uint32_t i;
	struct place first;

	i = map_put(&st->series_no, id, &added);
	if (!added) {
		first = st->series[i];
		reject(st, DROPPED, "keep one, or tell them apart by a label", "the same series as %s:%llu",
		    first.path, (unsigned long long)first.line);
		return;
	}
	st->series = mem_grow(st->series, &st->series_cap, (size_t)i + 1, sizeof(*st->series));
	st->series[i] = st->at;
}

static struct group *
group_of(struct promcheck_state *st, uint32_t family, uint32_t *no)
{
	bool added;
	uint32_t i = *no = map_put(&st->group_no, identity(st, family_name(st, family), false), &added);

	st->group = mem_grow(st->group, &st->group_cap, (size_t)i + 1, sizeof(*st->group));
	if (added)
		st->group[i] = (struct group){ .family = family, .line = st->at.line };
	return &st->group[i];
}

/* A sample of a histogram or summary into its group. */
static void
check_group(struct promcheck_state *st, uint32_t family, enum part part)
{
	bool histogram = st->family[family].type == HISTOGRAM;
	uint32_t no;
	struct group *g = group_of(st, family, &no);
	double v = st->p.value, bound = NAN;

	if (part == SUM) {
		g->summed = true;
	} else if ((part == COUNT || histogram) && !is_whole(v)) {
		reject(st, FALSE_FIGURES, "count in whole numbers", "not a whole number");
	}
	if (part == COUNT) {
		g->counted = true;
		g->count = v;
	}
	if (part == COUNT || part == SUM)
		return;
	if (histogram && part == ITSELF) {
		reject(st, DROPPED, "a histogram has _bucket, _sum and _count",
		    "%.*s is a histogram", QUOTE(st->p.name));
		return;
	}
	if (!bound_of(st, histogram ? STR("le") : STR("quantile"), &bound))
		reject(st, DROPPED, "give it", "no label %s", histogram ? "le" : "quantile");
	if (!histogram && (bound < 0 || bound > 1))
		reject(st, AGAINST, "0.99 is the 99th percentile", "a quantile that is not from 0 to 1");
	if (!histogram || isnan(bound))
		return;
	g->buckets++;
	st->bucket = mem_grow(st->bucket, &st->bucket_cap, st->buckets + 1, sizeof(*st->bucket));
	st->bucket[st->buckets++] = (struct bucket){ no, st->at.line, bound, v };
}

static void
check_sample(struct promcheck_state *st)
{
	enum part part;
	uint32_t family = family_of(st, st->p.name, &part);
	struct family *f = &st->family[family];

	if (f->line == 0)
		open_family(st, f);
	follow_groups(st, family);
	check_reserved(st, f->type, part);
	check_twice(st, identity(st, st->p.name, true));
	if (f->type == COUNTER)
		check_counter(st);
	if (f->type == HISTOGRAM || f->type == SUMMARY)
		check_group(st, family, part);
}

static void
check_line(struct promcheck_state *st, struct str line)
{
	switch (promtext_line(&st->p, line)) {
	case PROMTEXT_BLANK:
		break;
	case PROMTEXT_HELP:
		check_help(st);
		break;
	case PROMTEXT_TYPE:
		check_type(st);
		break;
	case PROMTEXT_SAMPLE:
		check_sample(st);
		break;
	case PROMTEXT_WRONG:
		reject(st, REFUSED, st->p.advice, "%s: \"%.*s\"", st->p.why, QUOTE(st->p.what));
		break;
	}
}

/* The header of rows of our own stream: a field "time", and no value at all. */
static bool
is_stream(struct str line)
{
	bool timed = false;
	struct str field;
	double v;

	while (str_cut(&line, '\t', &field)) {
		if (num_double(field, &v))
			return false;
		timed |= str_eq(field, STR("time"));
	}
	return timed;
}

static int
by_bound(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->le > y->le) - (x->le < y->le);
}

/* The buckets of one group, sorted: none counts less than the one before. */
static void
check_buckets(struct promcheck_state *st, const struct group *g, const struct bucket *b, size_t n)
{
	struct str name = family_name(st, g->family);

	for (size_t i = 1; i < n; i++) {
		st->at.line = b[i].line;
		if (b[i].n < b[i - 1].n)
			reject(st, FALSE_FIGURES, "a bucket counts all that is not above its le",
			    "a bucket of %.*s counts less than the one below", QUOTE(name));
	}
	st->at.line = g->line;
	if (n == 0 || !isinf(b[n - 1].le))
		reject(st, FALSE_FIGURES, "write it", "%.*s has no bucket le=\"+Inf\"", QUOTE(name));
	else if (g->counted && b[n - 1].n != g->count)
		reject(st, FALSE_FIGURES, "both are the number of observations",
		    "%.*s: bucket +Inf is not _count", QUOTE(name));
}

static void
check_groups(struct promcheck_state *st)
{
	size_t at = 0;

	if (st->buckets)
		qsort(st->bucket, st->buckets, sizeof(*st->bucket), by_bound);
	for (uint32_t i = 0; i < st->group_no.n; i++) {
		const struct group *g = &st->group[i];
		struct str name = family_name(st, g->family);

		st->at.line = g->line;
		if (!g->counted || !g->summed)
			reject(st, FALSE_FIGURES, "write it, or a 0 is exported", "%.*s has no %s",
			    QUOTE(name), g->counted ? "_sum" : "_count");
		if (st->family[g->family].type == HISTOGRAM)
			check_buckets(st, g, st->bucket + at, g->buckets);
		at += g->buckets;
	}
}

/* The families of this file beside those of the files before. */
static void
check_families(struct promcheck_state *st)
{
	for (uint32_t i = 0; i < st->family_no.n; i++) {
		struct family *f = &st->family[i];
		struct str name = family_name(st, i);

		if (f->file != st->file || f->line == 0)
			continue;
		st->at.line = f->line;
		if (!f->first.path) {
			f->first = st->at;
			f->first_type = f->type;
			f->first_help = f->help;
			continue;
		}
		if (f->type != f->first_type)
			reject(st, DROPPED, "give both the same TYPE", "%.*s is of type %s here, %s in %s:%llu",
			    QUOTE(name), type_names[f->type], type_names[f->first_type],
			    f->first.path, (unsigned long long)f->first.line);
		/* Without HELP the collector writes one, with the file's name in it. */
		if (!f->help.p || !f->first_help.p || !str_eq(f->help, f->first_help))
			reject(st, DROPPED, "give both the same HELP", "%.*s has another HELP in %s:%llu",
			    QUOTE(name), f->first.path, (unsigned long long)f->first.line);
	}
}

static void
check_mode(struct promcheck_state *st, const char *path)
{
	struct stat s;

	if (stat(path, &s) == 0 && S_ISREG(s.st_mode) && !(s.st_mode & (S_IRGRP | S_IROTH)))
		reject(st, REFUSED, "chmod 0644, if the collector is another user",
		    "mode %04o", (unsigned)(s.st_mode & 07777));
}

static void
check_lines(struct promcheck_state *st, struct in *in)
{
	struct str line;
	bool crlf = false;

	while (!st->full && in_line(in, &line)) {
		st->at.line = in->lineno;
		if (in->dropped)
			break;
		if (in->lineno == 1 && is_stream(line)) {
			reject(st, REFUSED, "without --check cmon-prom makes such text of them",
			    "rows of metrics, no text of Prometheus'");
			return;
		}
		if (in->bom && in->lineno == 1)
			reject(st, REFUSED, "write without it", "a byte order mark");
		if (in_had_cr(line) && !crlf)
			reject(st, REFUSED, "end lines with a newline alone", "a carriage return at a line's end");
		crlf = crlf || in_had_cr(line);
		if (in->unended)
			reject(st, REFUSED, "end it with one; was the writer cut off? write beside it and rename",
			    "no newline at the file's end");
		check_line(st, line);
		st->full = st->series_no.n + st->family_no.n > PROMCHECK_SERIES_MAX;
	}
	if (st->full)
		reject(st, "no collector bears that, and the rest was not checked", "use fewer labels",
		    "more than %d series and metrics", PROMCHECK_SERIES_MAX);
	if (in->dropped)
		die("%s: a line of over %zu bytes", in->path, in->max);
}

void
promcheck_init(struct promcheck *pc, const struct hash_key *key, promcheck_say *tell, void *ctx)
{
	struct promcheck_state *st = mem_alloc(sizeof(*st));

	*pc = (struct promcheck){ .state = st };
	st->pc = pc;
	st->say = tell;
	st->ctx = ctx;
	st->key = *key;
	map_init(&st->family_no, key);
	map_init(&st->series_no, key);
	buf_init(&st->id, KEY_MAX);
}

void
promcheck_file(struct promcheck *pc, char *path)
{
	struct promcheck_state *st = pc->state;
	char *const paths[] = { path, NULL };
	struct in in;

	if (st->full)
		return;

	st->at = (struct place){ path, 0 };
	st->file++;
	st->current = MAP_NONE;
	st->told = st->untold = 0;
	st->buckets = 0;
	map_init(&st->group_no, &st->key);
	if (!str_ends(str_of(path), STR(".prom")))
		note(st, "a collector reads only files named *.prom");
	check_mode(st, path);
	in_open(&in, paths, IN_TSV_LINE_MAX);
	check_lines(st, &in);
	in_close(&in);
	check_groups(st);
	check_families(st);
	map_free(&st->group_no);
	if (st->untold) {
		char text[64];

		snprintf(text, sizeof(text), "and %llu more", (unsigned long long)st->untold);
		st->say(st->ctx, PROMCHECK_REJECT, path, 0, text);
	}
}

/* A histogram m and another metric m_count, whichever files they are in. */
void
promcheck_finish(struct promcheck *pc)
{
	struct promcheck_state *st = pc->state;

	st->told = 0;
	for (uint32_t i = 0; i < st->family_no.n; i++) {
		struct str name = family_name(st, i);

		for (size_t k = 0; k < countof(ends); k++) {
			struct str base = { name.p, name.n - ends[k].end.n };
			const struct family *f;
			uint32_t m;

			if (!st->family[i].first.path || name.n <= ends[k].end.n ||
			    !str_ends(name, ends[k].end))
				continue;
			m = map_get(&st->family_no, base);
			f = m == MAP_NONE ? NULL : &st->family[m];
			if (!f || !f->first.path || (f->first_type != HISTOGRAM &&
			    (f->first_type != SUMMARY || ends[k].part == BUCKET)))
				continue;
			st->at = st->family[i].first;
			reject(st, DROPPED, "rename one", "%.*s is a line of the %s in %s:%llu", QUOTE(name),
			    type_names[f->first_type], f->first.path, (unsigned long long)f->first.line);
		}
	}
}

void
promcheck_free(struct promcheck *pc)
{
	struct promcheck_state *st = pc->state;

	map_free(&st->family_no);
	map_free(&st->series_no);
	free(st->family);
	free(st->series);
	free(st->group);
	free(st->bucket);
	arena_free(&st->text);
	promtext_free(&st->p);
	buf_free(&st->id);
	free(st);
	pc->state = NULL;
}
