#include "partial.h"

#include <stdarg.h>
#include <stdio.h>

#include "hash.h"
#include "msg.h"
#include "num.h"
#include "str.h"

#define HAS		STR("#has:")
#define END		STR("#end")
#define TIME_MAX	(INT64_C(1) << 41)	/* seconds: 64 bits hold it in us */
#define ROW_MAX		((size_t)1 << 32)	/* bytes: more than a stream's line */

static void
add_int(struct buf *b, i128 v)
{
	char room[NUM_MAX];

	buf_add(b, (struct str){ room, (size_t)(num_put_i128(room, v) - room) });
}

static void
field_int(struct buf *b, i128 v)
{
	buf_byte(b, '\t');
	add_int(b, v);
}

/* Labels, time and window: what rows of a cell have in common. */
static void
start_row(struct partial_writer *w, struct str labels, int64_t start, uint32_t width)
{
	buf_reset(&w->row);
	buf_add(&w->row, labels);
	if (w->labels)
		buf_byte(&w->row, '\t');
	add_int(&w->row, start);
	field_int(&w->row, width);
	buf_byte(&w->row, '\t');
}

/* The row that has been started, cut back to that again. */
static void
end_row(struct partial_writer *w, struct str mark, struct str metric, i128 bin, i128 value)
{
	size_t common = w->row.n;

	buf_add(&w->row, mark);
	buf_add(&w->row, metric);
	field_int(&w->row, bin);
	field_int(&w->row, value);
	w->rows++;
	w->sum += hash_bytes(&hash_published, w->row.p, w->row.n);
	buf_byte(&w->row, '\n');
	out_add(w->out, buf_str(&w->row));
	w->row.n = common;
}

/* A row about the partial itself, its labels empty. */
static void
start_own_row(struct partial_writer *w)
{
	buf_reset(&w->row);
	for (size_t i = 0; i < w->labels; i++)
		buf_byte(&w->row, '\t');
	buf_add(&w->row, STR("0\t0\t"));
}

void
partial_open(struct partial_writer *w, struct out *out, const struct str *label, size_t n)
{
	struct tsv_row header = { out, 0 };

	*w = (struct partial_writer){ .out = out, .labels = n };
	buf_init(&w->row, ROW_MAX);
	for (size_t i = 0; i < n; i++)
		tsv_as_is(&header, label[i]);
	tsv_as_is(&header, STR("time"));
	tsv_as_is(&header, STR("window"));
	tsv_as_is(&header, STR("metric"));
	tsv_as_is(&header, STR("bin"));
	tsv_as_is(&header, STR("value"));
	tsv_end_row(&header);
}

void
partial_has(struct partial_writer *w, struct str metric)
{
	start_own_row(w);
	end_row(w, HAS, metric, 0, 1);
}

void
partial_cell(struct partial_writer *w, const struct cell_plan *p, const struct cell *c)
{
	start_row(w, cell_labels(p, c), c->start, c->width);
	for (struct cell_row r = { 0 }; cell_next(p, c, &r);)
		end_row(w, (struct str){ NULL, 0 }, r.metric->name, r.bin, r.value);
}

void
partial_close(struct partial_writer *w)
{
	start_own_row(w);
	end_row(w, END, (struct str){ NULL, 0 }, w->rows, w->sum);
	buf_free(&w->row);
}

void
partial_read(struct partial_reader *r, struct tsv *t)
{
	*r = (struct partial_reader){ .tsv = t };
}

static enum partial_what PRINTF(2, 3)
bad(struct partial_reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	return PARTIAL_BAD;
}

static enum partial_what
unended(struct partial_reader *r)
{
	return bad(r, "%s: the partial has no trailer: it was cut short; write or copy it again", r->path);
}

/* An input that had not even a header, of which tsv.h says nothing. */
static enum partial_what
empty(struct partial_reader *r)
{
	return bad(r, "%s: no partial: it is empty", in_path(r->tsv->in, r->inputs + 1));
}

static enum partial_what
bind(struct partial_reader *r)
{
	static const struct str names[] = {
		{ "window", 6 }, { "metric", 6 }, { "bin", 3 }, { "value", 5 }
	};
	struct tsv *t = r->tsv;

	if (r->path)
		return unended(r);
	if (r->inputs + 1 < t->in->input)
		return empty(r);
	r->inputs = t->in->input;
	for (size_t i = 0; i < countof(names); i++)
		if (tsv_col(t, names[i]) <= t->time)
			return bad(r, "%s:%llu: no partial: it has no column \"%s\" right of \"time\"; "
			    "cmon-agg -p writes partials",
			    TSV_AT(t), names[i].p);
	if (tsv_col(t, names[0]) != t->time + 1)
		return bad(r, "%s:%llu: no partial: \"window\" does not follow \"time\"",
		    TSV_AT(t));
	r->col_metric = tsv_col(t, names[1]);
	r->col_bin = tsv_col(t, names[2]);
	r->col_value = tsv_col(t, names[3]);
	r->rows = r->sum = 0;
	r->path = t->in->path;
	return PARTIAL_HEADER;
}

static enum partial_what
check_trailer(struct partial_reader *r)
{
	const char *path = r->path;
	bool same = r->start == 0 && r->width == 0 && r->value == r->sum &&
	    r->bin >= 0 && (uint64_t)r->bin == r->rows;

	for (int i = 0; i < r->tsv->time; i++)
		same &= tsv_field(r->tsv, i).n == 0;
	r->path = NULL;
	if (same)
		return PARTIAL_END;
	return bad(r, "%s: the partial's trailer does not fit its rows: it was cut short or changed",
	    path);
}

static enum partial_what
not_a_number(struct partial_reader *r, const char *column, struct str field)
{
	return bad(r, "%s:%llu: column \"%s\": not a whole number in range: \"%.*s\"",
	    TSV_AT(r->tsv), column, STRF(field));
}

static enum partial_what
row(struct partial_reader *r)
{
	struct tsv *t = r->tsv;
	struct str time = tsv_field(t, t->time), window = tsv_field(t, t->time + 1);
	struct str bin = tsv_field(t, r->col_bin), value = tsv_field(t, r->col_value);
	struct str line = tsv_line(t);
	uint64_t width;

	if (!num_i64(time, &r->start) || r->start < -TIME_MAX || r->start > TIME_MAX)
		return not_a_number(r, "time", time);
	if (!num_u64(window, &width) || width > UINT32_MAX)
		return not_a_number(r, "window", window);
	if (!num_i64(bin, &r->bin))
		return not_a_number(r, "bin", bin);
	if (!num_i128(value, &r->value))
		return not_a_number(r, "value", value);
	r->width = (uint32_t)width;
	r->metric = tsv_field(t, r->col_metric);
	if (str_eq(r->metric, END))
		return check_trailer(r);
	r->rows++;
	r->sum += hash_bytes(&hash_published, line.p, line.n);
	if (!str_starts(r->metric, HAS))
		return PARTIAL_ROW;
	r->has = str_from(r->metric, HAS.n);
	return PARTIAL_HAS;
}

enum partial_what
partial_next(struct partial_reader *r)
{
	enum partial_what what;

	for (;;) {
		switch (tsv_next(r->tsv)) {
		case TSV_BAD:
			return bad(r, "%s", r->tsv->why);
		case TSV_HEADER:
			return bind(r);
		case TSV_END:
			if (r->path)
				return unended(r);
			return r->inputs < r->tsv->in->input ? empty(r) : PARTIAL_END;
		case TSV_ROW:
			if (!r->path)
				return bad(r, "%s:%llu: a row after the partial's trailer",
				    TSV_AT(r->tsv));
			/* The trailer of one partial is not the end of all. */
			if ((what = row(r)) != PARTIAL_END)
				return what;
		}
	}
}
