/* decisions.c - see decisions.h. */
#include "decisions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "hash.h"
#include "in.h"
#include "rowlog.h"
#include "str.h"
#include "when.h"

static const char *const columns[DECISION_FIELDS] = {
	"action", "experiment", "endpoint", "time", "window", "changes", "from_s", "to_s",
	"metric", "diff", "lo", "hi", "confidence", "treatment", "judged", "undo",
	"from", "to", "definition", "status",
};

#define SUM		"sum"	/* behind them, of each row by itself */
#define SUM_DIGITS	16

/* --- damage --- */

/* SipHash of the fields with a tab behind each, as hexadecimal digits. */
static void
sum_of(const struct decision *d, struct str status, char sum[SUM_DIGITS + 1])
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t f = 0; f < DECISION_FIELDS; f++) {
		buf_add(&b, f == DECISION_STATUS ? status : d->field[f]);
		buf_byte(&b, '\t');
	}
	snprintf(sum, SUM_DIGITS + 1, "%016" PRIx64, hash_bytes(&hash_published, b.p, b.n));
	buf_free(&b);
}

/* A row without a sum is of an older log, or somebody has mended it. */
static bool
is_sound(const struct decision *d, struct str was)
{
	char sum[SUM_DIGITS + 1];

	sum_of(d, d->field[DECISION_STATUS], sum);
	return was.n == 0 || str_eq(was, str_of(sum));
}

/* --- reading --- */

static bool
bind(struct decisions *log, const struct tsv *t, int col[DECISION_FIELDS])
{
	for (size_t f = 0; f < DECISION_FIELDS; f++) {
		col[f] = tsv_col(t, str_of(columns[f]));
		if (col[f] >= 0)
			continue;
		snprintf(log->why, sizeof(log->why), "%s:%llu: no column \"%s\": not a log of cmon-promote(1)",
		    TSV_AT(t), columns[f]);
		return false;
	}
	return true;
}

/* A TTL as it was written is the one in seconds beside it; neither is, in a rollback. */
static bool
agree(struct str written, struct str s)
{
	int64_t us, n;

	if (written.n == 0 && s.n == 0)
		return true;
	return num_duration(written, &us) && num_i64(s, &n) && us % WHEN_SEC == 0 && us / WHEN_SEC == n;
}

static bool
add_row(struct decisions *log, const struct tsv *t, const int col[DECISION_FIELDS])
{
	int sum = tsv_col(t, STR(SUM));
	struct decision *d;
	const char *wrong;

	log->d = mem_grow(log->d, &log->cap, log->n + 1, sizeof(*log->d));
	d = &log->d[log->n++];
	for (size_t f = 0; f < DECISION_FIELDS; f++)
		d->field[f] = arena_dup(&log->text, tsv_field(t, col[f]));
	if (!agree(d->field[DECISION_FROM], d->field[DECISION_FROM_S]) ||
	    !agree(d->field[DECISION_TO], d->field[DECISION_TO_S]))
		wrong = "\"from\" and \"to\" are not \"from_s\" and \"to_s\": mend the row";
	else if (sum >= 0 && !is_sound(d, tsv_field(t, sum)))
		wrong = "its \"sum\" is that of another row: mend the row and empty that field";
	else
		return true;
	snprintf(log->why, sizeof(log->why), "%s:%llu: damaged: %s, or move the log away", TSV_AT(t), wrong);
	return false;
}

static bool
read_rows(struct decisions *log, struct tsv *t)
{
	int col[DECISION_FIELDS] = { 0 };

	for (;;)
		switch (tsv_next(t)) {
		case TSV_HEADER:
			if (!bind(log, t, col))
				return false;
			break;
		case TSV_ROW:
			if (!add_row(log, t, col))
				return false;
			break;
		case TSV_BAD:
			snprintf(log->why, sizeof(log->why), "%s", t->why);
			return false;
		case TSV_END:
			return true;
		}
}

bool
decisions_read(struct decisions *log, const char *path)
{
	char *paths[] = { NULL, NULL };
	struct stat st;
	struct in in;
	struct tsv *t;
	bool ok;

	*log = (struct decisions){ 0 };
	if (stat(path, &st) == -1 && errno == ENOENT)
		return true;
	t = mem_alloc(sizeof(*t));
	memcpy(&paths[0], &path, sizeof(path));	/* in.h does not write to it either */
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(t, &in);
	ok = read_rows(log, t);
	tsv_close(t);
	in_close(&in);
	free(t);
	return ok;
}

void
decisions_free(struct decisions *log)
{
	free(log->d);
	arena_free(&log->text);
	*log = (struct decisions){ 0 };
}

const struct decision *
decisions_open(const struct decisions *log, size_t *n)
{
	size_t first = log->n;

	while (first && decision_is(&log->d[first - 1], DECISION_STATUS, DECISION_BEGUN))
		first--;
	*n = log->n - first;
	return log->d + first;
}

bool
decisions_begun(const struct decisions *log, struct str action, struct str experiment)
{
	size_t n;
	const struct decision *d = decisions_open(log, &n);

	for (size_t i = 0; i < n; i++)
		if (decision_is(&d[i], DECISION_ACTION, action) &&
		    (experiment.n == 0 || str_eq(d[i].field[DECISION_EXPERIMENT], experiment)))
			return true;
	return false;
}

const struct decision *
decisions_last(const struct decisions *log, struct str experiment)
{
	for (size_t i = log->n; i--;) {
		const struct decision *d = &log->d[i];

		if (!decision_is(d, DECISION_STATUS, DECISION_DONE) || d->field[DECISION_EXPERIMENT].n == 0)
			continue;
		if (experiment.n) {
			if (str_eq(d->field[DECISION_EXPERIMENT], experiment))
				return d;
		} else if (decisions_last(log, d->field[DECISION_EXPERIMENT]) == d &&
		    decision_is(d, DECISION_ACTION, DECISION_PROMOTE)) {
			return d;
		}
	}
	return NULL;
}

struct str
decision_time(const struct decision *d, char room[NUM_MAX])
{
	int64_t us = 0;

	/* The log has been read as a stream, so it is a number, if perhaps a strange one. */
	(void)!num_fixed(d->field[DECISION_TIME], 6, &us);
	return (struct str){ room, (size_t)(when_put_iso(room, us) - room) };
}

static int64_t
seconds(struct str field)
{
	int64_t v = -1;

	return num_i64(field, &v) ? v : -1;
}

struct change
decision_change(const struct decision *d)
{
	return (struct change){ d->field[DECISION_ENDPOINT], seconds(d->field[DECISION_FROM_S]),
	    seconds(d->field[DECISION_TO_S]), d->field[DECISION_TO] };
}

/* --- writing --- */

bool
decision_fits(const struct decision *d)
{
	/* the tabs; the longest status */
	size_t n = DECISION_FIELDS + DECISION_DROPPED.n + SUM_DIGITS;

	for (size_t f = 0; f < DECISION_STATUS; f++)
		n += d->field[f].n;
	return n < IN_TSV_LINE_MAX;
}

static void
put_names(struct tsv_row *r, size_t n)
{
	for (size_t f = 0; f < n; f++)
		tsv_as_is(r, str_of(columns[f]));
}

void
decisions_header(struct tsv_row *r)
{
	put_names(r, DECISION_FROM);
	tsv_end_row(r);
}

void
decisions_write(struct tsv_row *r, const struct decision *d)
{
	for (size_t f = 0; f < DECISION_FROM; f++)
		tsv_as_is(r, d->field[f]);
	tsv_end_row(r);
}

static bool
is_header(struct str line)
{
	struct str name;

	for (size_t f = 0; f < DECISION_FIELDS; f++)
		if (!str_cut(&line, '\t', &name) || !str_eq(name, str_of(columns[f])))
			return false;
	return str_eq(line, STR(SUM));
}

bool
decisions_append(const char *path, const struct decision *d, size_t n, struct str status,
    char why[TSV_WHY_MAX])
{
	struct rowlog log;
	struct tsv_row r = { &log.out, 0 };
	char sum[SUM_DIGITS + 1];

	if (!rowlog_open(&log, path)) {
		snprintf(why, TSV_WHY_MAX, "%s", log.why);
		return false;
	}
	if (!is_header(buf_str(&log.header))) {
		put_names(&r, DECISION_FIELDS);
		tsv_as_is(&r, STR(SUM));
		tsv_end_row(&r);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t f = 0; f < DECISION_STATUS; f++)
			tsv_as_is(&r, d[i].field[f]);
		tsv_as_is(&r, status);
		sum_of(&d[i], status, sum);
		tsv_as_is(&r, str_of(sum));
		tsv_end_row(&r);
	}
	rowlog_close(&log);
	return true;
}
