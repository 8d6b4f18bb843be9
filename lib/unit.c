#include "unit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "num.h"
#include "str.h"
#include "when.h"

#define AMOUNT_MAX	64	/* bytes of a number before its unit */
#define SPAN_FROM_S	120	/* a longer time is shown as a duration */
#define SPAN_TO_S	1e12	/* and one longer than that is no time at all */
#define SMALL_MAX	10000	/* of a part of a second; more is shown in the larger one */

const struct unit unit_seconds = { UNIT_TIME, 0, "s" };

static const struct {
	const char *text;
	enum unit_kind kind;
	int factor, exp10;	/* factor times 10^exp10 of 1, s or B */
	int kibi;		/* times 1024^kibi */
} units[] = {
	{ "%", UNIT_PART, 1, -2, 0 },
	{ "us", UNIT_TIME, 1, -6, 0 },
	{ "ms", UNIT_TIME, 1, -3, 0 },
	{ "s", UNIT_TIME, 1, 0, 0 },
	{ "m", UNIT_TIME, 60, 0, 0 },
	{ "h", UNIT_TIME, 3600, 0, 0 },
	{ "d", UNIT_TIME, 86400, 0, 0 },
	{ "w", UNIT_TIME, 604800, 0, 0 },
	{ "B", UNIT_BYTES, 1, 0, 0 },
	{ "KB", UNIT_BYTES, 1, 3, 0 },
	{ "MB", UNIT_BYTES, 1, 6, 0 },
	{ "GB", UNIT_BYTES, 1, 9, 0 },
	{ "TB", UNIT_BYTES, 1, 12, 0 },
	{ "KiB", UNIT_BYTES, 1, 0, 1 },
	{ "MiB", UNIT_BYTES, 1, 0, 2 },
	{ "GiB", UNIT_BYTES, 1, 0, 3 },
	{ "TiB", UNIT_BYTES, 1, 0, 4 },
};

static const struct {
	const char *tail;
	struct unit unit;
} columns[] = {
	{ "_pct", { UNIT_PART, -2, "%" } },
	{ "_ratio", { UNIT_PART, 0, "" } },
	{ "_us", { UNIT_TIME, -6, "us" } },
	{ "_ms", { UNIT_TIME, -3, "ms" } },
	{ "_s", { UNIT_TIME, 0, "s" } },
	{ "bytes", { UNIT_BYTES, 0, "B" } },
};

/* Where the last "_word" of the name begins; its end where it has none. */
static size_t
last_word(struct str name)
{
	size_t i = name.n;

	while (i > 0 && name.p[i - 1] != '_')
		i--;
	return i > 1 ? i - 1 : name.n;
}

static bool
is_statistic(struct str word)
{
	if (str_eq(word, STR("_avg")) || str_eq(word, STR("_min")) ||
	    str_eq(word, STR("_max")) || str_eq(word, STR("_sum")))
		return true;
	if (word.n < 3 || word.p[1] != 'p')
		return false;
	for (size_t i = 2; i < word.n; i++)
		if (word.p[i] != '.' && (word.p[i] < '0' || word.p[i] > '9'))
			return false;
	return true;
}

struct unit
unit_of(struct str column)
{
	size_t word = last_word(column);

	if (!str_starts(column, STR("uniq_"))) {
		if (is_statistic(str_from(column, word)))
			column.n = word;
		for (size_t i = 0; i < countof(columns); i++)
			if (str_ends(column, str_of(columns[i].tail)))
				return columns[i].unit;
	}
	return (struct unit){ UNIT_PLAIN, 0, "" };
}

static size_t
number_length(struct str s)
{
	size_t i = 0;

	while (i < s.n && memchr("+-.0123456789", s.p[i], 13))
		i++;
	return i;
}

/*
 * number times 10^exp10 as text, for one rounding instead of two: 0.29 s are
 * 290 ms, and not the double beside it.
 */
static bool
shifted(struct str number, int exp10, double *v)
{
	char text[AMOUNT_MAX + 16];
	int n;

	if (number.n > AMOUNT_MAX)
		return false;
	n = snprintf(text, sizeof(text), "%.*se%d", (int)number.n, number.p, exp10);
	return num_double((struct str){ text, (size_t)n }, v);
}

const char *
unit_read(struct str text, struct unit column, double *v)
{
	size_t n = number_length(text), i = 0;
	struct str word = str_from(text, n);

	if (num_double(text, v))
		return NULL;
	while (i < countof(units) && !str_eq(word, str_of(units[i].text)))
		i++;
	if (i == countof(units) || n == 0)
		return "not a number, nor one with a unit: % | us ms s m h d w | B KB MB GB TB KiB MiB GiB TiB";
	if (column.kind == UNIT_PLAIN)
		return "a unit, but the column's name has none: write the plain number";
	if (units[i].kind != column.kind)
		return column.kind == UNIT_PART ? "not a percentage, as the column is" :
		    column.kind == UNIT_TIME ? "not a time, as the column is" :
		    "not a number of bytes, as the column is";
	if (!shifted((struct str){ text.p, n }, units[i].exp10 - column.exp10, v))
		return "not a number";
	*v *= units[i].factor;
	for (int k = 0; k < units[i].kibi; k++)
		*v *= 1024;
	return NULL;
}

bool
unit_moment(struct str column, struct str field, int64_t *us)
{
	static const char *const names[] = { "since", "fired", "resolved", "start", "end", "judged",
	    "next_try", "as_of", "last_run", "last_success" };
	int64_t t;

	if (!num_fixed(field, 6, &t))
		return false;
	*us = t;
	if (str_eq(column, STR("time")))
		return true;
	for (size_t i = 0; i < countof(names); i++)
		if (str_eq(column, str_of(names[i])))
			return t >= UNIT_MOMENT_US && t < WHEN_END;
	return false;
}

void
unit_put_span(struct buf *b, int64_t us)
{
	static const struct { int64_t s; char unit; } parts[] = {
		{ 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' }
	};
	int64_t s = us / 1000000;
	int said = 0;

	for (size_t i = 0; i < countof(parts) && said < 2; i++)
		if (s >= parts[i].s) {
			buf_printf(b, "%" PRId64 "%c", s / parts[i].s, parts[i].unit);
			s %= parts[i].s;
			said++;
		}
	if (!said)
		buf_add(b, STR("0s"));
}

static void
put_number(struct buf *b, double v, const char *unit)
{
	bool whole = fabs(v) < 1e15 && (v == floor(v) || fabs(v) >= 1e5);

	buf_printf(b, whole ? "%.0f" : "%.5g", v == 0 ? 0.0 : v);
	if (*unit)
		buf_printf(b, " %s", unit);
}

static void
put_time(struct buf *b, double v, int exp10)
{
	static const char *const names[] = { "s", "ms", "us" };
	double s = v * pow(10, exp10);
	size_t i = (size_t)(-exp10 / 3);

	if (s >= SPAN_FROM_S && s < SPAN_TO_S) {
		unit_put_span(b, (int64_t)(s * 1e6));
		return;
	}
	for (; i && fabs(v) >= SMALL_MAX; i--)
		v /= 1000;
	put_number(b, v, names[i]);
}

static void
put_bytes(struct buf *b, double v)
{
	static const char *const names[] = { "B", "KB", "MB", "GB", "TB" };
	size_t i = 0;

	for (; i + 1 < countof(names) && fabs(v) >= 1000; i++)
		v /= 1000;
	put_number(b, v, names[i]);
}

void
unit_put_beside(struct buf *b, double v, double limit, struct unit column)
{
	struct buf other;
	size_t at = b->n;

	buf_init(&other, SIZE_MAX / 2);
	unit_put(&other, limit, column);
	unit_put(b, v, column);
	if (v != limit && str_eq(buf_str(&other), str_from(buf_str(b), at))) {
		b->n = at;
		buf_printf(b, "%.12g", v);
		if (*column.text)
			buf_printf(b, " %s", column.text);
	}
	buf_free(&other);
}

void
unit_put(struct buf *b, double v, struct unit column)
{
	if (column.kind == UNIT_TIME)
		put_time(b, v, column.exp10);
	else if (column.kind == UNIT_BYTES)
		put_bytes(b, v);
	else
		put_number(b, v, column.text);
}
