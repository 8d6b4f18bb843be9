#include "recent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "msg.h"
#include "num.h"
#include "select.h"
#include "str.h"
#include "when.h"

#define LABELS_SHOWN	(LETTER_COLS - RECENT_VALUES - 1)

void
recent_open(struct recent *r)
{
	*r = (struct recent){ .labels = 0 };
	buf_init(&r->header, IN_TSV_LINE_MAX);
	for (size_t i = 0; i < countof(r->total); i++)
		buf_init(&r->total[i].bytes, IN_TSV_LINE_MAX);
	for (size_t i = 0; i < countof(r->row); i++)
		buf_init(&r->row[i].bytes, IN_TSV_LINE_MAX);
}

void
recent_close(struct recent *r)
{
	buf_free(&r->header);
	for (size_t i = 0; i < countof(r->total); i++)
		buf_free(&r->total[i].bytes);
	for (size_t i = 0; i < countof(r->row); i++)
		buf_free(&r->row[i].bytes);
}

static void
join(struct buf *b, const struct str *field, const struct tsv *t)
{
	buf_reset(b);
	for (size_t i = 0; i < t->n; i++) {
		if (i)
			buf_byte(b, '\t');
		buf_add(b, field ? field[i] : tsv_field(t, (int)i));
	}
}

/* Another header makes a new start; the same one again does not. */
static void
header(struct recent *r, const struct tsv *t, size_t labels)
{
	struct buf b;

	buf_init(&b, IN_TSV_LINE_MAX);
	join(&b, t->name, t);
	if (!str_eq(buf_str(&b), buf_str(&r->header))) {
		buf_reset(&r->header);
		buf_add(&r->header, buf_str(&b));
		r->labels = labels;
		r->totals = r->rows = r->more = 0;
	}
	buf_free(&b);
}

/* Among the totals by time; one of the same time is restated. */
static void
add_total(struct recent *r, const struct tsv *t, int64_t us)
{
	struct recent_row last = r->total[RECENT_WINDOWS];
	size_t i = r->totals;

	while (i && r->total[i - 1].time_us > us)
		i--;
	if (i && r->total[i - 1].time_us == us) {
		join(&r->total[i - 1].bytes, NULL, t);
		return;
	}
	memmove(&r->total[i + 1], &r->total[i], (RECENT_WINDOWS - i) * sizeof(r->total[0]));
	r->total[i] = last;
	r->total[i].time_us = us;
	join(&r->total[i].bytes, NULL, t);
	if (r->totals < RECENT_WINDOWS) {
		r->totals++;
		return;
	}
	/* One too many: the oldest becomes the spare one at the end. */
	last = r->total[0];
	memmove(&r->total[0], &r->total[1], RECENT_WINDOWS * sizeof(r->total[0]));
	r->total[RECENT_WINDOWS] = last;
}

static bool
same_labels(const struct recent *r, struct str row, const struct tsv *t)
{
	for (size_t i = 0; i < r->labels; i++) {
		struct str piece;

		if (!str_cut(&row, '\t', &piece) || !str_eq(piece, tsv_field(t, (int)i)))
			return false;
	}
	return true;
}

static void
add_row(struct recent *r, const struct tsv *t, int64_t us)
{
	if (r->rows && us > r->row[0].time_us)
		r->rows = r->more = 0;
	if (r->rows && us < r->row[0].time_us)
		return;
	for (size_t i = 0; i < r->rows; i++)
		if (same_labels(r, buf_str(&r->row[i].bytes), t)) {
			join(&r->row[i].bytes, NULL, t);
			return;
		}
	if (r->rows == RECENT_ROWS) {
		r->more++;
		return;
	}
	r->row[r->rows].time_us = us;
	join(&r->row[r->rows++].bytes, NULL, t);
}

static const char *
read_rows(struct recent *r, struct tsv *t)
{
	struct metrics m;
	int64_t us;

	for (;;)
		switch (tsv_next(t)) {
		case TSV_HEADER:
			if (!metrics_bind(&m, t)) {
				snprintf(r->why, sizeof(r->why), "%s:%llu: no metrics: "
				    "\"window\" does not stand right after \"time\"", TSV_AT(t));
				return r->why;
			}
			header(r, t, m.labels);
			break;
		case TSV_ROW:
			if (!num_fixed(tsv_field(t, t->time), 6, &us)) {
				snprintf(r->why, sizeof(r->why), "%s:%llu: column \"time\": not a time",
				    TSV_AT(t));
				return r->why;
			}
			if (metrics_filled(&m))
				add_row(r, t, us);
			else
				add_total(r, t, us);
			break;
		case TSV_BAD:
			snprintf(r->why, sizeof(r->why), "%s", t->why);
			return r->why;
		case TSV_END:
			return NULL;
		}
}

const char *
recent_read(struct recent *r, const char *path)
{
	struct tsv *t;
	char *paths[2] = { NULL, NULL };
	const char *why;
	struct stat st;
	struct in in;

	/* in.h would end the program, and these figures are not worth that. */
	errno = 0;
	if (stat(path, &st) == -1 || access(path, R_OK) == -1 || S_ISDIR(st.st_mode)) {
		snprintf(r->why, sizeof(r->why), "%s: %s", path, errno ? strerror(errno) : "a directory");
		return r->why;
	}
	/* in.h takes an argv, whose strings it does not write to either. */
	memcpy(&paths[0], &path, sizeof(path));
	t = mem_alloc(sizeof(*t));
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(t, &in);
	why = read_rows(r, t);
	tsv_close(t);
	in_close(&in);
	free(t);
	return why;
}

/* 2026-11-20 12:05, with seconds where a window begins within a minute. */
static struct str
put_time(char to[NUM_MAX], int64_t us)
{
	struct when_civil c;
	int n;

	when_civil(us, &c);
	n = snprintf(to, NUM_MAX, "%04d-%02d-%02d %02d:%02d", c.y, c.m, c.d, c.hh, c.mm);
	if (c.ss)
		n += snprintf(to + n, NUM_MAX - (size_t)n, ":%02d", c.ss);
	return (struct str){ to, (size_t)n };
}

/* The fields of one row that are shown: of a total its time, of others their labels. */
static void
cells(struct str *cell, struct str row, const struct recent *r, struct str time, size_t labels,
    size_t values)
{
	struct str piece;
	size_t n = 0;

	if (labels == 0)
		cell[n++] = time;
	for (size_t i = 0; str_cut(&row, '\t', &piece); i++) {
		if (i < labels)
			cell[n++] = piece.n ? piece : STR("(all)");
		else if (i > r->labels + 1 && i < r->labels + 2 + values)
			cell[n++] = piece;
	}
}

static size_t
columns(struct str header)
{
	size_t n = 0;

	for (struct str piece; str_cut(&header, '\t', &piece);)
		n++;
	return n;
}

static void
table(struct letter *l, const struct recent *r, const struct recent_row *row, size_t rows, size_t labels)
{
	struct str cell[(RECENT_ROWS + 1) * LETTER_COLS];
	char room[RECENT_ROWS][NUM_MAX];
	size_t all = columns(buf_str(&r->header)), values = all - r->labels - 2;
	size_t cols;

	values = values < RECENT_VALUES ? values : RECENT_VALUES;
	labels = labels < LABELS_SHOWN ? labels : LABELS_SHOWN;
	cols = (labels ? labels : 1) + values;
	if (rows == 0 || values == 0)
		return;
	cells(cell, buf_str(&r->header), r, STR("time (UTC)"), labels, values);
	for (size_t i = 0; i < rows; i++)
		cells(cell + (i + 1) * cols, buf_str(&row[i].bytes), r, put_time(room[i], row[i].time_us),
		    labels, values);
	letter_table(l, cell, rows + 1, cols);
}

void
recent_write(const struct recent *r, struct letter *l)
{
	char room[NUM_MAX];
	struct buf b;

	if (r->totals + r->rows == 0)
		return;
	letter_heading(l, STR("Recent figures"));
	table(l, r, r->total, r->totals, 0);
	if (r->rows == 0)
		return;
	buf_init(&b, MSG_MAX);
	buf_add(&b, STR("In the window of "));
	buf_add(&b, put_time(room, r->row[0].time_us));
	letter_para(l, buf_str(&b));
	table(l, r, r->row, r->rows, r->labels);
	buf_reset(&b);
	buf_printf(&b, "... and %zu more rows", r->more);
	if (r->more)
		letter_para(l, buf_str(&b));
	buf_free(&b);
}
