#include "merge.h"

#include <stdarg.h>
#include <stdio.h>

#include "msg.h"
#include "str.h"

#define ROOM_BEHIND	STR("\0\0\0\0\0\0\0\0")	/* which cells.h may read */

void
merge_open(struct merge *m, struct tsv *t, const struct cell_plan *plan)
{
	*m = (struct merge){ .plan = plan, .since = INT64_MIN, .until = INT64_MAX };
	partial_read(&m->in, t);
	buf_init(&m->joined, UINT32_MAX);
}

void
merge_close(struct merge *m)
{
	buf_free(&m->joined);
	arena_free(&m->names);
}

static enum merge_what PRINTF(2, 3)
bad(struct merge *m, const char *fmt, ...)
{
	int n = snprintf(m->why, sizeof(m->why), "%s:%llu: ", TSV_AT(m->in.tsv));
	va_list ap;

	if (n < 0 || (size_t)n >= sizeof(m->why))
		return MERGE_BAD;
	va_start(ap, fmt);
	vsnprintf(m->why + n, sizeof(m->why) - (size_t)n, fmt, ap);
	va_end(ap);
	return MERGE_BAD;
}

/* The labels of the first partial are what there is to group by. */
static void
adopt(struct merge *m)
{
	m->adopted = true;
	m->labels = (size_t)m->in.tsv->time;
	m->label = m->own;
	for (size_t i = 0; i < m->labels; i++)
		m->own[i] = arena_dup(&m->names, m->in.tsv->name[i]);
}

/* Where our labels stand among the partial's. */
static enum merge_what
bind(struct merge *m)
{
	const struct tsv *t = m->in.tsv;

	if (!m->label && t->time > MERGE_LABELS)
		return bad(m, "more than %d labels", MERGE_LABELS);
	if (!m->label)
		adopt(m);
	if (m->adopted && (size_t)t->time != m->labels)
		return bad(m, "other labels than the partial before it: say --group");
	for (size_t i = 0; i < m->labels; i++) {
		m->col[i] = tsv_col(t, m->label[i]);
		if (m->col[i] < 0 || m->col[i] >= t->time)
			return bad(m, "the partial has no label \"%.*s\": "
			    "it has those of the -g that wrote it", STRF(m->label[i]));
	}
	return MERGE_HEADER;
}

/* The window asked for that holds the row's. */
static bool
fit_window(struct merge *m)
{
	int64_t start = m->in.start * WHEN_SEC, floor, next;

	m->key.start = m->in.start;
	m->key.width = m->in.width;
	if (!m->width_us)
		return true;
	floor = zone_floor(&m->zone, start, m->width_us);
	next = zone_next(&m->zone, start, m->width_us);
	m->key.start = floor / WHEN_SEC;
	m->key.width = (uint32_t)((next - floor) / WHEN_SEC);
	return start + m->in.width * WHEN_SEC <= next;
}

/* False: one is empty, and there is where `why` says. */
static bool
join_labels(struct merge *m)
{
	size_t n;

	buf_reset(&m->joined);
	for (size_t i = 0; i < m->labels; i++) {
		struct str s = tsv_field(m->in.tsv, m->col[i]);

		if (s.n == 0) {
			bad(m, "label \"%.*s\" is empty: a partial holds no totals",
			    STRF(m->label[i]));
			return false;
		}
		if (i)
			buf_byte(&m->joined, '\t');
		buf_add(&m->joined, s);
	}
	n = m->joined.n;
	buf_add(&m->joined, ROOM_BEHIND);
	m->key.labels = (struct str){ m->joined.p, n };
	return true;
}

/* MERGE_END: the row is passed over. */
static enum merge_what
row(struct merge *m)
{
	const struct cell_metric *metric = cell_metric(m->plan, m->in.metric);
	int64_t start = m->in.start * WHEN_SEC;
	struct cell_name known;

	if (!metric && (m->all || !cell_name(m->in.metric, &known)))
		return bad(m, "unknown metric, or one the partial does not say it has: \"%.*s\"",
		    STRF(m->in.metric));
	if (!metric || start < m->since || start >= m->until)
		return MERGE_END;
	if (!fit_window(m))
		return bad(m, "the window of %u s from %lld is not inside one of those asked for: "
		    "give a wider --window",
		    (unsigned)m->in.width, (long long)m->in.start);
	m->id = metric->id;
	return join_labels(m) ? MERGE_ROW : MERGE_BAD;
}

enum merge_what
merge_next(struct merge *m)
{
	enum merge_what what;

	for (;;) {
		switch (partial_next(&m->in)) {
		case PARTIAL_HEADER:
			return bind(m);
		case PARTIAL_HAS:
			return MERGE_HAS;
		case PARTIAL_ROW:
			if ((what = row(m)) != MERGE_END)
				return what;
			break;
		case PARTIAL_BAD:
			snprintf(m->why, sizeof(m->why), "%s", m->in.why);
			return MERGE_BAD;
		case PARTIAL_END:
			return MERGE_END;
		}
	}
}
