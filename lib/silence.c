#include "silence.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "alerts.h"
#include "buf.h"
#include "msg.h"
#include "num.h"
#include "out.h"
#include "str.h"
#include "when.h"

enum { ID, MATCHERS, START, END, AUTHOR, COMMENT };

static const char *const names[] = { "id", "matchers", "start", "end", "author", "comment", NULL };

static const char *
parse(struct silence *s)
{
	struct str rest = s->matchers;
	const char *why;

	for (s->n = 0; s->n < SELECT_MAX; s->n++) {
		rest = str_trim(rest);
		why = select_match(&rest, &s->match[s->n]);
		if (why)
			return why;
		if (rest.n == 0) {
			s->n++;
			return NULL;
		}
		if (*rest.p != ',')
			return "one comma stands between two matches";
		rest = str_from(rest, 1);
	}
	return "too many matches";
}

static const char *
check(struct silence *s)
{
	int64_t latest;

	if (s->end_us < s->start_us)
		return "it ends before it starts";
	if (!ADD_OVERFLOW(s->start_us, SILENCE_LONGEST_US, &latest) && s->end_us > latest)
		return "longer than 30 days: what stays broken wants its rule changed";
	return parse(s);
}

static bool
read_time(struct table *t, size_t col, int64_t *us)
{
	struct str s = table_field(t, col);

	if (when_iso(s, us) || num_fixed(s, 6, us))
		return true;
	table_wrong(t, col, "not a time (2026-11-20T12:00:00Z, or Unix time): \"%.*s\"", STRF(s));
	return false;
}

static struct silence *
room(struct silences *s)
{
	s->one = mem_grow(s->one, &s->cap, s->n + 1, sizeof(*s->one));
	return &s->one[s->n];
}

bool
silences_read(struct silences *s, const char *path, table_say *say)
{
	struct table t;

	*s = (struct silences){ 0 };
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return true;
	table_open(&t, path, names, say);
	while (table_next(&t)) {
		struct silence *one = room(s);
		const char *why;

		*one = (struct silence){ .id = table_field(&t, ID) };
		if (!read_time(&t, START, &one->start_us) || !read_time(&t, END, &one->end_us))
			continue;
		one->id = arena_dup(&s->text, one->id);
		one->matchers = arena_dup(&s->text, table_field(&t, MATCHERS));
		one->author = arena_dup(&s->text, table_field(&t, AUTHOR));
		one->comment = arena_dup(&s->text, table_field(&t, COMMENT));
		why = one->id.n == 0 ? "it has no id" : check(one);
		if (why)
			table_wrong(&t, TABLE_ROW, "%s", why);
		else if (s->n == SILENCES_MAX)
			table_wrong(&t, TABLE_ROW, "more than %d silences", SILENCES_MAX);
		else
			s->n++;
	}
	return table_close(&t);
}

/* A copy, escaped. */
static struct str
escaped(struct silences *s, struct str raw)
{
	char *to = arena_alloc(&s->text, TSV_ROOM(raw.n));

	return (struct str){ to, raw.n ? (size_t)(tsv_put(to, raw) - to) : 0 };
}

const char *
silences_add(struct silences *s, struct str matchers, int64_t start_us, int64_t end_us,
    struct str author, struct str comment)
{
	struct silence *one = room(s);
	uint64_t last = 0, id;
	char number[NUM_MAX];
	const char *why;

	if (s->n == SILENCES_MAX)
		return "there are too many: end some";
	for (size_t i = 0; i < s->n; i++)
		if (num_u64(s->one[i].id, &id) && id > last && id < UINT64_MAX)
			last = id;
	*one = (struct silence){ .start_us = start_us, .end_us = end_us };
	one->id = arena_dup(&s->text,
	    (struct str){ number, (size_t)(num_put_u64(number, last + 1) - number) });
	one->matchers = escaped(s, matchers);
	one->author = escaped(s, author);
	one->comment = escaped(s, comment);
	why = end_us > start_us ? check(one) : "it ends before it starts";
	if (!why)
		s->n++;
	return why;
}

const char *
silences_end(struct silences *s, struct str id, int64_t now_us)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!str_eq(s->one[i].id, id))
			continue;
		if (s->one[i].end_us <= now_us)
			return "it has ended already";
		s->one[i].end_us = now_us;
		return NULL;
	}
	return "there is no such silence";
}

void
silences_write(const struct silences *s, const char *path, int64_t now_us)
{
	struct out o;
	struct tsv_row r = { &o, 0 };

	out_open_locked(&o, path);
	for (size_t i = 0; names[i]; i++)
		tsv_as_is(&r, str_of(names[i]));
	tsv_end_row(&r);
	for (size_t i = 0; i < s->n; i++) {
		const struct silence *one = &s->one[i];
		char start[NUM_MAX], end[NUM_MAX];

		if (now_us - one->end_us > SILENCE_LONGEST_US)
			continue;
		tsv_as_is(&r, one->id);
		tsv_as_is(&r, one->matchers);
		tsv_as_is(&r, (struct str){ start, (size_t)(when_put_iso(start, one->start_us) - start) });
		tsv_as_is(&r, (struct str){ end, (size_t)(when_put_iso(end, one->end_us) - end) });
		tsv_as_is(&r, one->author);
		tsv_as_is(&r, one->comment);
		tsv_end_row(&r);
	}
	out_close(&o);
}

void
silences_list(const struct silences *s, struct out *o, int64_t now_us)
{
	struct tsv_row r = { o, 0 };

	out_add(o, STR("time\tid\tstate\tmatchers\tstart\tend\tauthor\tcomment\n"));
	for (size_t i = 0; i < s->n; i++) {
		const struct silence *one = &s->one[i];

		tsv_time(&r, now_us);
		tsv_as_is(&r, one->id);
		tsv_as_is(&r, now_us < one->start_us ? STR("waits") :
		    now_us < one->end_us ? STR("active") : STR("ended"));
		tsv_as_is(&r, one->matchers);
		tsv_time(&r, one->start_us);
		tsv_time(&r, one->end_us);
		tsv_as_is(&r, one->author);
		tsv_as_is(&r, one->comment);
		tsv_end_row(&r);
	}
}

static bool
matches(const struct select_match *m, struct str rule, struct str severity, struct str labels)
{
	struct str base = rule;

	if (str_eq(m->label, STR("severity")))
		return select_is(m, severity);
	if (!str_eq(m->label, STR("rule")))
		return select_is(m, labels_get(labels, m->label));
	if (str_ends(rule, STR(".nodata")))
		base.n -= sizeof(".nodata") - 1;
	if (m->how == SELECT_NOT)
		return select_is(m, rule) && select_is(m, base);
	return select_is(m, rule) || select_is(m, base);
}

const struct silence *
silences_find(const struct silences *s, struct str rule, struct str severity, struct str labels,
    int64_t now_us)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct silence *one = &s->one[i];
		size_t k = 0;

		if (now_us < one->start_us || now_us >= one->end_us)
			continue;
		while (k < one->n && matches(&one->match[k], rule, severity, labels))
			k++;
		if (k == one->n)
			return one;
	}
	return NULL;
}

void
silences_free(struct silences *s)
{
	free(s->one);
	arena_free(&s->text);
	*s = (struct silences){ 0 };
}
