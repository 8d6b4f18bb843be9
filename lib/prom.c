#include "prom.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "num.h"
#include "str.h"

#define DIGITS_MAX	512	/* bytes of a number; longer text is none */

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
prom_is_name(struct str s)
{
	if (s.n == 0 || s.n >= PROM_NAME_MAX || !letter(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!letter(s.p[i]) && !digit(s.p[i]))
			return false;
	return true;
}

/* As Prometheus writes names: queueDepth, queue-depth are queue_depth. */
static const char *
snake(char to[PROM_NAME_MAX], struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool upper = c >= 'A' && c <= 'Z';

		if (n + 2 >= PROM_NAME_MAX)
			return "the name is too long";
		if (!letter(c) && !digit(c)) {
			if (!memchr("-.:/ ", c, 5))
				return "Prometheus' names are letters, digits and \"_\"";
			c = '_';
		}
		if (upper && n && to[n - 1] != '_' && !(s.p[i - 1] >= 'A' && s.p[i - 1] <= 'Z'))
			to[n++] = '_';
		to[n++] = upper ? (char)(c - 'A' + 'a') : c;
	}
	to[n] = '\0';
	return NULL;
}

const char *
prom_label(char to[PROM_NAME_MAX], struct str column)
{
	const char *why = snake(to, column);
	struct str s = str_of(to);

	if (why)
		return why;
	/* Prometheus sets these two itself, and would rename ours. */
	if (str_eq(s, STR("job")) || str_eq(s, STR("instance"))) {
		memcpy(to + s.n, "_name", sizeof("_name"));
		return NULL;
	}
	if (str_starts(s, STR("__")))
		return "a label that starts with \"__\" kills the exporter";
	if (str_eq(s, STR("le")) || str_eq(s, STR("quantile")))
		return "that label is for histograms and summaries";
	return prom_is_name(s) ? NULL : "a label starts with a letter";
}

/* The last word of s, after a "_" or as the whole. */
static struct str
last_word(struct str s)
{
	size_t at = s.n;

	while (at && s.p[at - 1] != '_')
		at--;
	return str_from(s, at);
}

static void
drop_word(struct str *s, struct str word)
{
	s->n -= word.n;
	if (s->n)
		s->n--;		/* the "_" before it */
}

/* What cmon-agg says of a column: COL_avg, COL_p95, uniq_COL. */
enum stat { PLAIN, AVG, SUM, SUMSQ, MIN, MAX, N, QUANTILE, UNIQ };

static bool
has_unit(enum stat stat)
{
	return stat != N && stat != UNIQ;
}

static const struct {
	const char *word, *help;
} stats[] = {
	[PLAIN] = { "", "as its source wrote it" },
	[AVG] = { "avg", "mean over the window" },
	[SUM] = { "sum", "sum over the window" },
	[SUMSQ] = { "sumsq", "sum of squares over the window" },
	[MIN] = { "min", "least in the window" },
	[MAX] = { "max", "greatest in the window" },
	[N] = { "n", "number of values in the window" },
	[QUANTILE] = { "quantile", "quantile q over the window, not to be averaged" },
	[UNIQ] = { "uniq", "distinct values in the window" },
};

/* "p99.9" to "q=\"0.999\""; false: no quantile. */
static bool
quantile(struct str word, char label[64])
{
	char q[NUM_MAX];
	int64_t v;

	if (word.n < 2 || word.p[0] != 'p')
		return false;
	for (size_t i = 1; i < word.n; i++)
		if (!digit(word.p[i]) && word.p[i] != '.')
			return false;
	/* In units of 10^-7 percent, which are 10^-9 of the whole. */
	if (!num_fixed(str_from(word, 1), 7, &v) || v > INT64_C(1000000000))
		return false;
	*num_put_fixed(q, v, 9) = '\0';
	snprintf(label, 64, "q=\"%s\"", q);
	return true;
}

static enum stat
split_stat(struct str *column, char label[64])
{
	struct str word = last_word(*column);

	if (str_starts(*column, STR("uniq_"))) {
		*column = str_from(*column, 5);
		return UNIQ;
	}
	if (word.n == column->n)
		return PLAIN;
	if (quantile(word, label)) {
		drop_word(column, word);
		return QUANTILE;
	}
	for (enum stat i = AVG; i <= N; i++) {
		if (str_eq(word, str_of(stats[i].word))) {
			drop_word(column, word);
			return i;
		}
	}
	return PLAIN;
}

struct unit {
	const char *word, *base;
	int shift;
};

static const struct unit *
unit_of(struct str word)
{
	static const struct unit units[] = {
		{ "bytes", "bytes", 0 },
		{ "pct", "ratio", -2 },
		{ "percent", "ratio", -2 },
		{ "s", "seconds", 0 },
		{ "sec", "seconds", 0 },
		{ "seconds", "seconds", 0 },
		{ "ms", "seconds", -3 },
		{ "milliseconds", "seconds", -3 },
		{ "us", "seconds", -6 },
		{ "microseconds", "seconds", -6 },
		{ "ns", "seconds", -9 },
		{ "nanoseconds", "seconds", -9 },
	};

	for (size_t i = 0; i < countof(units); i++)
		if (str_eq(word, str_of(units[i].word)))
			return &units[i];
	return NULL;
}

/* Columns with a help text of their own, and names that no rule gives. */
static const struct known {
	const char *column, *name, *label, *help;
} known[] = {
	{ "requests", NULL, "", "Requests in the window." },
	{ "hits", NULL, "", "Requests in the window that this cache served: hit, stale or revalidated." },
	{ "stale", NULL, "", "Hits in the window that were past their time to live." },
	{ "reval", NULL, "", "Hits in the window after the origin said not modified." },
	{ "misses", NULL, "", "Requests in the window whose body came from a slower layer." },
	{ "passes", NULL, "", "Requests in the window that were not cached, on purpose." },
	{ "synths", NULL, "", "Requests in the window answered by the cache's own making." },
	{ "cache_errors", NULL, "", "Requests in the window in which the cache failed." },
	{ "errors", NULL, "", "Responses in the window with status 500 and up." },
	{ "hit_pct", NULL, "", "Hits over hits and misses in the window, 0 to 1." },
	{ "miss_pct", NULL, "", "Misses over hits and misses in the window, 0 to 1." },
	{ "byte_hit_pct", NULL, "", "Bytes of hits over bytes of hits and misses in the window, 0 to 1." },
	{ "offload_pct", NULL, "", "Share of requests in the window that the origin did not serve, 0 to 1." },
	{ "coverage_pct", NULL, "", "Share of requests in the window whose cache outcome is known, 0 to 1." },
	{ "share_pct", NULL, "", "Share of all requests in the window, 0 to 1." },
	{ "error_pct", NULL, "", "Share of requests in the window with status 500 and up, 0 to 1." },
	{ "s1xx", "responses", "code=\"1xx\"", "Responses in the window, by class of status." },
	{ "s2xx", "responses", "code=\"2xx\"", "Responses in the window, by class of status." },
	{ "s3xx", "responses", "code=\"3xx\"", "Responses in the window, by class of status." },
	{ "s4xx", "responses", "code=\"4xx\"", "Responses in the window, by class of status." },
	{ "s5xx", "responses", "code=\"5xx\"", "Responses in the window, by class of status." },
	{ "bytes", NULL, "", "Bytes of bodies sent in the window." },
	{ "hit_bytes", NULL, "", "Bytes of bodies sent for hits in the window." },
	{ "rps", "requests_per_second", "", "Requests per second, mean over the window." },
	{ "last_run", "last_run_timestamp_seconds", "", "Unix time of the last run." },
	{ "last_success", "last_success_timestamp_seconds", "", "Unix time of the last run that succeeded." },
};

/* What is measured, for help texts; by the name without unit. */
static const char *
measure(struct str base)
{
	static const struct { const char *base, *help; } measures[] = {
		{ "latency", "Time from request to last byte" },
		{ "ttfb", "Time to the first byte" },
		{ "origin", "Time the origin took" },
		{ "response", "Size of a response's body" },
	};

	for (size_t i = 0; i < countof(measures); i++)
		if (str_eq(base, str_of(measures[i].base)))
			return measures[i].help;
	return NULL;
}

static const struct known *
known_column(struct str s)
{
	for (size_t i = 0; i < countof(known); i++)
		if (str_eq(s, str_of(known[i].column)))
			return &known[i];
	return NULL;
}

static bool
has_word(const char *const *words, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, str_of(words[i])))
			return true;
	return false;
}

/* "kilobytes" and the like. */
static bool
is_prefixed_unit(struct str word)
{
	static const char *const prefixes[] = {
		"pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo",
		"kibi", "mega", "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
	};
	static const char *const units[] = {
		"amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters",
		"metres", "seconds", "volts", "bits",
	};

	for (size_t i = 0; i < countof(prefixes); i++) {
		struct str p = str_of(prefixes[i]);

		if (str_starts(word, p) && has_word(units, countof(units), str_from(word, p.n)))
			return true;
	}
	return false;
}

/* What promtool would find; the name is in snake case already. */
static const char *
lint(struct str name)
{
	static const char *const units[] = {
		"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d",
		"minutes", "hours", "days", "weeks", "kelvins", "fahrenheit", "rankine",
		"inches", "yards", "miles", "bits", "calories", "pounds", "ounces",
	};
	static const char *const types[] = { "counter", "gauge", "histogram", "summary" };
	struct str word;

	while (str_cut(&name, '_', &word)) {
		if (has_word(units, countof(units), word) || is_prefixed_unit(word))
			return "Prometheus wants base units: end it in _s, _ms, _us, _pct or _bytes";
		if (has_word(types, countof(types), word))
			return "a name should not say what type the metric is";
	}
	return NULL;
}

static void PRINTF(4, 5)
put(char *to, size_t size, bool *fits, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(to, size, fmt, ap);
	va_end(ap);
	*fits = *fits && n >= 0 && (size_t)n < size;
}

/*
 * prefix base [stat] [unit]; words at the end that say "counter" or
 * "histogram" of a gauge are followed by another.
 */
static const char *
put_family(struct prom_column *c, struct str prefix, struct str base, enum stat stat,
    const struct unit *u)
{
	static const char *const ends[] = { "total", "count", "sum", "bucket" };
	bool fits = true, first = stat == UNIQ, last = stat != UNIQ && stat != PLAIN;
	bool united = u && has_unit(stat);
	const char *why;

	put(c->family, sizeof(c->family), &fits, "%.*s%s%.*s%s%s%s%s", (int)prefix.n, prefix.p,
	    first ? "uniq_" : "", (int)base.n, base.p,
	    last ? "_" : "", last ? stats[stat].word : "",
	    !united ? "" : stat == SUMSQ ? "_square_" : "_", united ? u->base : "");
	if (fits && has_word(ends, countof(ends), last_word(str_of(c->family)))) {
		size_t n = strlen(c->family);

		put(c->family + n, sizeof(c->family) - n, &fits, "_value");
	}
	if (!fits)
		return "the name is too long";
	why = lint(str_of(c->family));
	if (why)
		return why;
	return prom_is_name(str_of(c->family)) ? NULL :
	    "Prometheus' names are letters, digits and \"_\"";
}

static void
put_help(struct prom_column *c, struct str base, enum stat stat)
{
	const char *what = measure(base);
	bool fits = true;	/* a base is shorter than a name */

	if (what && stat != PLAIN && has_unit(stat))
		put(c->help, sizeof(c->help), &fits, "%s: %s.", what, stats[stat].help);
	else
		put(c->help, sizeof(c->help), &fits, "Column %.*s: %s.", (int)base.n, base.p,
		    stats[stat].help);
}

const char *
prom_column(struct prom_column *c, struct str prefix, struct str column)
{
	char name[PROM_NAME_MAX];
	const struct known *k = known_column(column);
	enum stat stat;
	const struct unit *u;
	struct str base;
	const char *why;

	*c = (struct prom_column){ .shift = 0 };
	if (prefix.n >= PROM_NAME_MAX)
		return "the prefix is too long";
	if (k && k->name) {
		snprintf(c->label, sizeof(c->label), "%s", k->label);
		snprintf(c->help, sizeof(c->help), "%s", k->help);
		return put_family(c, prefix, str_of(k->name), PLAIN, NULL);
	}
	stat = split_stat(&column, c->label);
	why = snake(name, column);
	if (why)
		return why;
	base = str_of(name);
	u = unit_of(last_word(base));
	if (u) {
		drop_word(&base, last_word(base));
		if (base.n == 0 && strcmp(u->word, "bytes") == 0)
			base = STR("response");
		c->shift = !has_unit(stat) ? 0 : stat == SUMSQ ? 2 * u->shift : u->shift;
	}
	if (base.n == 0)
		return "the name says a unit but not of what";
	why = put_family(c, prefix, base, stat, u);
	if (k)
		snprintf(c->help, sizeof(c->help), "%s", k->help);
	else
		put_help(c, base, stat);
	return why;
}

void
prom_put_value(struct buf *b, struct str raw)
{
	size_t room = PROM_VALUE_MAX;

	buf_byte(b, '"');
	while (raw.n) {
		size_t n = str_utf8(raw);
		unsigned char c = (unsigned char)raw.p[0];
		bool c1 = n == 2 && c == 0xc2 && (unsigned char)raw.p[1] < 0xa0;
		struct str ch = { raw.p, n };

		if (n == 0 || c1 || c < 0x20 || c == 0x7f)
			ch = STR("\xef\xbf\xbd");
		if (ch.n > room)
			break;
		room -= ch.n;
		if (c == '"' || c == '\\')
			buf_byte(b, '\\');
		buf_add(b, ch);
		raw = str_from(raw, n ? n : 1);
	}
	buf_byte(b, '"');
}

void
prom_put_window(struct buf *b, int64_t us)
{
	static const struct { int64_t us; const char *unit; } units[] = {
		{ INT64_C(86400000000), "d" }, { INT64_C(3600000000), "h" },
		{ 60000000, "m" }, { 1000000, "s" }, { 1000, "ms" }, { 1, "us" },
	};
	char number[NUM_MAX];
	size_t i = 0;

	while (us % units[i].us)
		i++;
	buf_add(b, (struct str){ number, (size_t)(num_put_i64(number, us / units[i].us) - number) });
	buf_add(b, str_of(units[i].unit));
}

/*
 * Digits and a point, as most numbers are.  Both sides of the quotient are
 * exact in a double, so the machine rounds it right: Clinger, "How to read
 * floating point numbers accurately", 1990.
 */
static bool
short_number(struct str s, int shift, double *v)
{
	bool negative = str_starts(s, STR("-"));
	uint64_t digits = 0;
	int decimals = -1;
	double d;

	s = str_from(s, negative);
	if (s.n == 0 || s.n > DBL_DIG || !digit(s.p[0]) || !digit(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (digit(s.p[i])) {
			digits = digits * 10 + (uint64_t)(s.p[i] - '0');
			decimals += decimals >= 0;
		} else if (s.p[i] == '.' && decimals < 0) {
			decimals = 0;
		} else {
			return false;
		}
	}
	decimals = (decimals > 0 ? decimals : 0) - shift;
	if (decimals < 0 || decimals >= (int)countof(num_pow10))
		return false;
	d = (double)digits / (double)num_pow10[decimals];
	*v = negative ? -d : d;
	return true;
}

bool
prom_number(struct str field, int shift, double *v)
{
	char text[DIGITS_MAX + NUM_MAX], *p;
	struct str digits = field, exp;
	int64_t e = 0;

	if (short_number(field, shift, v))
		return true;
	if (!num_double(field, v))
		return false;
	digits.n = str_chr(field, 'e');
	if (digits.n == field.n)
		digits.n = str_chr(field, 'E');
	exp = str_from(field, digits.n);
	if (exp.n)
		exp = str_from(exp, exp.p[1] == '+' ? 2 : 1);
	/* An exponent past 64 bits was that of a zero. */
	if (shift == 0 || (exp.n && !num_i64(exp, &e)) || ADD_OVERFLOW(e, (int64_t)shift, &e))
		return true;
	if (digits.n > DIGITS_MAX)
		return false;
	memcpy(text, digits.p, digits.n);
	p = text + digits.n;
	*p++ = 'e';
	p = num_put_i64(p, e);
	return num_double((struct str){ text, (size_t)(p - text) }, v);
}

bool
prom_float(struct str s, double *v)
{
	bool negative = str_starts(s, STR("-"));
	struct str word = str_from(s, negative || str_starts(s, STR("+")));

	if (num_double(s, v))
		return true;
	if (str_eq_nocase(word, STR("inf")) || str_eq_nocase(word, STR("infinity"))) {
		*v = negative ? -INFINITY : INFINITY;
		return true;
	}
	if (!str_eq_nocase(s, STR("nan")))
		return false;
	*v = NAN;
	return true;
}
