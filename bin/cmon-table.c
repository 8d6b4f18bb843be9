/*
 * cmon-table - show rows as an aligned table.
 *
 * A table is held until its last row, since only then the width of a column
 * is known; then written, and the next header starts another.
 */
#include <string.h>

#include "buf.h"
#include "in.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "str.h"
#include "tsv.h"
#include "unit.h"
#include "zone.h"

#define TABLE_MAX	(64 * 1024 * 1024)	/* bytes of one table */
#define WIDTH_MAX	60			/* columns; longer fields stand out */

static struct {
	const char *columns, *output, *tz;
	struct zone zone;
	uint64_t count;
	bool epoch;
} cfg = { .count = UINT64_MAX };

static const struct opt opts[] = {
	{ 'c', "columns", "NAME,...", OPT_TEXT, &cfg.columns, "columns to show, in this order" },
	{ 'n', "count", "N", OPT_COUNT, &cfg.count, "show the first N rows of each table" },
	{ 'o', "output", "FILE", OPT_TEXT, &cfg.output, "write into FILE" },
	{ 0, "epoch", NULL, OPT_FLAG, &cfg.epoch, "leave times as seconds since 1970" },
	{ 0, "tz", "ZONE", OPT_TEXT, &cfg.tz, "show times as clocks do in Europe/Berlin" },
};
static const struct opt_prog prog = {
	"cmon-table", "[file ...]", "show rows as an aligned table", opts, countof(opts)
};

/* The columns of one table, and its rows: fields ended by tabs. */
struct table {
	size_t n;
	int col[TSV_COLS];		/* where column i stands in the stream */
	size_t width[TSV_COLS];
	bool number[TSV_COLS];		/* nothing but numbers, so far */
	struct buf rows;		/* the header first */
	uint64_t shown, seen;
};

/* Characters of s, taking one column each. */
static size_t
width_of(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
add(struct table *t, size_t i, struct str s)
{
	size_t w = width_of(s);

	if (w > t->width[i])
		t->width[i] = w < WIDTH_MAX ? w : WIDTH_MAX;
	buf_add(&t->rows, s);
	buf_byte(&t->rows, '\t');
}

static void
add_field(struct table *t, size_t i, const struct tsv *in)
{
	struct str s = tsv_field(in, t->col[i]);
	double ignored;
	char date[NUM_MAX];
	int64_t us;
	/* Labels stand left of the time of a window. */
	bool label = t->col[i] < in->time && tsv_col(in, STR("window")) == in->time + 1;

	if (!label && !cfg.epoch && unit_moment(in->name[t->col[i]], s, &us)) {
		s = (struct str){ date, (size_t)(zone_put(date, &cfg.zone, us) - date) };
		t->number[i] = false;
	} else if (s.n == 0) {
		s = label ? STR("(all)") : STR("-");
	} else if (!num_double(s, &ignored)) {
		t->number[i] = false;
	}
	add(t, i, s);
}

static void
choose(struct table *t, const struct tsv *in)
{
	struct str rest = str_of(cfg.columns), name;

	t->n = 0;
	if (!cfg.columns)
		for (; t->n < in->n; t->n++)
			t->col[t->n] = (int)t->n;
	while (str_cut(&rest, ',', &name)) {
		if (t->n == TSV_COLS)
			die("--columns: more than %d", TSV_COLS);
		t->col[t->n] = tsv_col(in, name);
		if (t->col[t->n++] == -1)
			die("%s:%llu: no column \"%.*s\"", TSV_AT(in), STRF(name));
	}
}

static void
start(struct table *t, const struct tsv *in)
{
	choose(t, in);
	buf_reset(&t->rows);
	t->shown = t->seen = 0;
	for (size_t i = 0; i < t->n; i++) {
		t->width[i] = 0;
		t->number[i] = true;
		add(t, i, in->name[t->col[i]]);
	}
}

static void
row(struct table *t, const struct tsv *in)
{
	if (t->seen++ >= cfg.count)
		return;
	for (size_t i = 0; i < t->n; i++)
		add_field(t, i, in);
	if (t->rows.over)
		die("%s:%llu: a table of over %d MiB: show part of it with --count",
		    TSV_AT(in), TABLE_MAX >> 20);
	t->shown++;
}

static void
pad(struct out *o, size_t have, size_t want)
{
	while (have++ < want)
		out_byte(o, ' ');
}

static void
write_field(struct out *o, const struct table *t, size_t i, struct str s)
{
	bool last = i + 1 == t->n;

	if (t->number[i])
		pad(o, width_of(s), t->width[i]);
	out_shown(o, s);
	if (!t->number[i] && !last)
		pad(o, width_of(s), t->width[i]);
	out_add(o, last ? STR("\n") : STR("  "));
}

static void
finish(struct out *o, struct table *t)
{
	struct str rest = buf_str(&t->rows), s;
	char number[NUM_MAX];

	for (size_t i = 0; rest.n && str_cut(&rest, '\t', &s); i = (i + 1) % t->n)
		write_field(o, t, i, s);
	if (t->seen > t->shown) {
		out_add(o, STR("... of "));
		out_add(o, (struct str){ number, (size_t)(num_put_u64(number, t->seen) - number) });
		out_add(o, STR(" rows\n"));
	}
}

static void
show(struct tsv *in, struct out *o)
{
	static struct table t;

	buf_init(&t.rows, TABLE_MAX);
	for (;;)
		switch (tsv_next(in)) {
		case TSV_HEADER:
			finish(o, &t);
			if (t.rows.n)
				out_byte(o, '\n');
			start(&t, in);
			break;
		case TSV_ROW:
			row(&t, in);
			break;
		case TSV_BAD:
			die("%s", in->why);
		case TSV_END:
			finish(o, &t);
			buf_free(&t.rows);
			return;
		}
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv);
	static struct tsv t;
	struct in in;
	struct out o;

	if (!zone_open(&cfg.zone, cfg.tz))
		opt_wrong(&prog, "--tz: no such zone: \"%s\" (Europe/Berlin, UTC)", cfg.tz);
	in_open(&in, argv + first, IN_TSV_LINE_MAX);
	tsv_open(&t, &in);
	out_open(&o, cfg.output);
	show(&t, &o);
	tsv_close(&t);
	in_close(&in);
	return out_close(&o);
}
