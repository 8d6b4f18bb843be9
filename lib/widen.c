#include "widen.h"

#include "scan.h"
#include "str.h"

void
widen_open(struct widen *w, const struct str *names, size_t n)
{
	*w = (struct widen){ .n = n };
	for (size_t i = 0; i < n; i++)
		w->name[i] = names[i];
}

size_t
widen_bind(struct widen *w, const struct tsv *t)
{
	size_t first = WIDEN_NONE;

	w->metrics = tsv_col(t, STR("window")) == t->time + 1;
	w->before = w->metrics ? (size_t)t->time : t->n;
	for (size_t i = w->n; i-- > 0;) {
		w->at[i] = tsv_col(t, w->name[i]);
		if (w->at[i] != -1)
			first = i;
	}
	w->in_place = first != WIDEN_NONE;
	w->appends = !w->in_place && !w->metrics;
	return first;
}

/* Fields from to to - 1, as they stand; at least one. */
static struct str
fields(const struct tsv *t, size_t from, size_t to)
{
	struct str first = tsv_field(t, (int)from), last = tsv_field(t, (int)to - 1);

	return (struct str){ first.p, (size_t)(last.p + last.n - first.p) };
}

static const struct str *
value_at(const struct widen *w, size_t in, const struct str *value)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i] == (int)in)
			return &value[i];
	return NULL;
}

/* The fields from to to - 1, with ours in the place of those they replace. */
static void
put_fields(const struct widen *w, const struct tsv *t, struct tsv_row *r, size_t from, size_t to,
    const struct str *value)
{
	if (from == to)
		return;
	if (!w->in_place) {
		tsv_as_is(r, fields(t, from, to));
		return;
	}
	for (size_t i = from; i < to; i++) {
		const struct str *ours = value_at(w, i, value);

		tsv_as_is(r, ours ? *ours : tsv_field(t, (int)i));
	}
}

/* Events: the row as it stands, and ours behind it. */
static void
append(const struct widen *w, const struct tsv *t, struct out *o, const struct str *value)
{
	struct str line = tsv_line(t);
	size_t bytes = line.n + 1;
	char *to;

	for (size_t i = 0; i < w->n; i++)
		bytes += value[i].n + 1;
	to = out_room(o, bytes + SCAN_SLACK);
	scan_copy(to, line.p, line.n);
	to += line.n;
	for (size_t i = 0; i < w->n; i++) {
		*to++ = '\t';
		if (value[i].n)
			memcpy(to, value[i].p, value[i].n);
		to += value[i].n;
	}
	*to++ = '\n';
	out_used(o, to);
}

void
widen_row(const struct widen *w, const struct tsv *t, struct out *o, const struct str *value)
{
	struct tsv_row r = { o, 0 };

	if (LIKELY(w->appends)) {
		append(w, t, o, value);
		return;
	}
	put_fields(w, t, &r, 0, w->before, value);
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i] == -1)
			tsv_as_is(&r, value[i]);
	put_fields(w, t, &r, w->before, t->n, value);
	tsv_end_row(&r);
}

void
widen_header(const struct widen *w, const struct tsv *t, struct out *o)
{
	struct tsv_row r = { o, 0 };

	for (size_t i = 0; i <= t->n; i++) {
		for (size_t k = 0; i == w->before && k < w->n; k++)
			if (w->at[k] == -1)
				tsv_as_is(&r, w->name[k]);
		if (i < t->n)
			tsv_as_is(&r, t->name[i]);
	}
	tsv_end_row(&r);
}
