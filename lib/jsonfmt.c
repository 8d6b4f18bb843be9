#include "jsonfmt.h"

#include <stdarg.h>
#include <stdio.h>

#include "logkey.h"
#include "logspec.h"
#include "logvar.h"
#include "msg.h"
#include "str.h"

static bool PRINTF(2, 3)
wrong(struct jsonfmt *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->why, sizeof(j->why), fmt, ap);
	va_end(ap);
	return false;
}

static bool
has_value(const struct json_value *v)
{
	return v->kind != JSON_ABSENT && v->kind != JSON_NULL;
}

/* One more path to look at for field i. */
static bool
add_path(struct jsonfmt *j, size_t i, struct str path)
{
	const char *why;
	int p;

	if (j->from[i].n == JSONFMT_FALLBACKS)
		return true;
	p = json_want(&j->want, path, &why);
	if (p < 0)
		return wrong(j, "\"%.*s\": %s", STRF(path), why);
	j->from[i].path[j->from[i].n++] = (uint8_t)p;
	return true;
}

static bool
add_field(struct jsonfmt *j, struct event_field field, struct str path)
{
	if (j->n == JSON_PATHS_MAX)
		return wrong(j, "more than %d columns", JSON_PATHS_MAX);
	j->field[j->n] = field;
	j->absent |= UINT64_C(1) << j->n;
	return add_path(j, j->n++, path);
}

/* A key that somebody wrote, and may have misspelt. */
static bool
add_named(struct jsonfmt *j, struct event_field field, struct str path)
{
	if (!add_field(j, field, path))
		return false;
	j->named[j->n - 1] = path;
	return true;
}

static bool
add_spec(struct jsonfmt *j, struct str spec)
{
	struct logspec item;

	while (spec.n)
		if (!logspec_next(&spec, &item, &j->when, j->why, sizeof(j->why)) ||
		    !add_named(j, item.field, item.key))
			return false;
	return true;
}

/* ---- well-known keys ---- */

static bool
next_line(struct str *sample, struct str *line)
{
	size_t n = str_chr(*sample, '\n');

	if (n == sample->n)
		return false;
	*line = (struct str){ sample->p, n };
	*sample = str_from(*sample, n + 1);
	return true;
}

/* Which of the known keys occur in the sample, so many at a time as json.h takes. */
static void
look_for_known(struct jsonfmt *j, struct str sample, bool seen[LOGKEYS])
{
	const char *why;

	for (size_t from = 0; from < LOGKEYS; from += JSON_PATHS_MAX) {
		size_t n = LOGKEYS - from;
		struct str rest = sample, line;
		size_t at;

		if (n > JSON_PATHS_MAX)
			n = JSON_PATHS_MAX;
		memset(&j->want, 0, sizeof(j->want));
		for (size_t i = 0; i < n; i++)
			if (json_want(&j->want, str_of(logkey[from + i].path), &why) != (int)i)
				return;
		while (next_line(&rest, &line)) {
			/* Whatever stands in front: format.h knows about prefixes. */
			line = str_from(line, str_chr(line, '{'));
			if (json_scan(&j->want, line, j->value, &at) != JSON_OK)
				continue;
			for (size_t i = 0; i < n; i++)
				seen[from + i] |= has_value(&j->value[i]);
		}
	}
	memset(&j->want, 0, sizeof(j->want));
}

static bool
is_asked(struct str columns, struct str name)
{
	struct str item;

	while (str_cut(&columns, ',', &item))
		if (str_eq(item, name))
			return true;
	return false;
}

/*
 * A column from its well-known keys.  Where none has been seen, but somebody
 * asks for the column, all that agree with the first are taken.
 */
static bool
add_known(struct jsonfmt *j, enum event_col col, const bool *seen, bool asked)
{
	int first = -1;
	bool any = false;

	for (size_t i = 0; i < LOGKEYS; i++)
		any |= logkey[i].col == col && seen[i];
	if (!any && !asked)
		return true;
	for (size_t i = 0; i < LOGKEYS; i++) {
		const struct logkey *k = &logkey[i];
		struct event_field f = { .name = str_of(k->path), .col = col, .as = k->as };

		if (k->col != col || (any && !seen[i]) || (first >= 0 && logkey[first].as != k->as))
			continue;
		if (!any && j->want.npaths == JSON_PATHS_MAX)
			break;
		if (first >= 0) {
			if (!add_path(j, j->n - 1, str_of(k->path)))
				return false;
			continue;
		}
		first = (int)i;
		if (!add_field(j, f, str_of(k->path)))
			return false;
	}
	return true;
}

/* Is there a "request": "GET / HTTP/1.1", which has the method too? */
static bool
has_request(const bool *seen)
{
	for (size_t i = 0; i < LOGKEYS; i++)
		if (logkey[i].as == AS_REQUEST && seen[i])
			return true;
	return false;
}

static bool
add_all_known(struct jsonfmt *j, const bool *seen, struct str columns)
{
	for (int c = 0; c < EVENT_COLS; c++) {
		bool listed = is_asked(columns, event_col_name[c]);

		/* Of what nobody asks for, only the sources of what is asked for. */
		if (columns.n && !listed && c != EVENT_TIME && c != EVENT_CACHE && c != EVENT_URL &&
		    c != EVENT_KEY)
			continue;
		if (c == EVENT_METHOD && has_request(seen))
			listed = false;
		if (!add_known(j, (enum event_col)c, seen, listed || c == EVENT_TIME))
			return false;
	}
	return true;
}

/* Columns that are not ours are keys of their own. */
static bool
add_asked(struct jsonfmt *j, struct str columns)
{
	struct str name;

	while (str_cut(&columns, ',', &name))
		if (name.n && event_col_of(name) == EVENT_OTHER &&
		    !add_named(j, logvar_own(name), name))
			return false;
	return true;
}

bool
jsonfmt_open(struct jsonfmt *j, struct str spec, struct str sample, const char *columns)
{
	bool seen[LOGKEYS] = { false };

	memset(j, 0, sizeof(*j));
	if (spec.n)
		return add_spec(j, spec);
	look_for_known(j, sample, seen);
	return add_all_known(j, seen, str_of(columns)) && add_asked(j, str_of(columns));
}

bool
jsonfmt_read(struct jsonfmt *j, struct str line, struct str *field)
{
	enum json_verdict v = json_scan(&j->want, line, j->value, &j->stop);

	if (UNLIKELY(v != JSON_OK))
		return wrong(j, "%s", json_reason(v));
	for (size_t i = 0; i < j->n; i++) {
		field[i] = (struct str){ NULL, 0 };
		for (size_t k = 0; k < j->from[i].n; k++) {
			const struct json_value *value = &j->value[j->from[i].path[k]];

			if (value->kind != JSON_ABSENT)
				j->absent &= ~(UINT64_C(1) << i);
			if (has_value(value) && value->raw.n) {
				field[i] = value->raw;
				break;
			}
		}
	}
	return true;
}
