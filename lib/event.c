#include "event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "scan.h"
#include "str.h"
#include "value.h"

const struct str event_col_name[EVENT_COLS] = {
	[EVENT_TIME] = { "time", 4 },
	[EVENT_HOST] = { "host", 4 },
	[EVENT_VHOST] = { "vhost", 5 },
	[EVENT_CLIENT] = { "client", 6 },
	[EVENT_METHOD] = { "method", 6 },
	[EVENT_URL] = { "url", 3 },
	[EVENT_STATUS] = { "status", 6 },
	[EVENT_BYTES] = { "bytes", 5 },
	[EVENT_LATENCY] = { "latency_ms", 10 },
	[EVENT_TTFB] = { "ttfb_ms", 7 },
	[EVENT_ORIGIN] = { "origin_ms", 9 },
	[EVENT_TIER] = { "tier", 4 },
	[EVENT_CACHE] = { "cache", 5 },
	[EVENT_CACHE_RAW] = { "cache_raw", 9 },
	[EVENT_TYPE] = { "type", 4 },
	[EVENT_REFERER] = { "referer", 7 },
	[EVENT_AGENT] = { "agent", 5 },
	[EVENT_COUNTRY] = { "country", 7 },
	[EVENT_COLO] = { "colo", 4 },
	[EVENT_TRACE] = { "trace", 5 },
	[EVENT_ENDPOINT] = { "endpoint", 8 },
	[EVENT_KEY] = { "key", 3 },
	[EVENT_EXPERIMENT] = { "experiment", 10 },
	[EVENT_COHORT] = { "cohort", 6 },
	[EVENT_WEIGHT] = { "weight", 6 },
};

/* How a column is written. */
enum op {
	OP_EMPTY, OP_TIME, OP_TEXT, OP_URL, OP_ADDRESS, OP_METHOD, OP_TARGET, OP_PROTOCOL,
	OP_STATUS, OP_COUNT, OP_S, OP_MS, OP_US, OP_NS, OP_CACHE, OP_CACHE_RAW,
	OP_HOST, OP_TIER, OP_URL_HOST, OP_WEIGHT,
};

enum {
	NAMES_MAX = 128,	/* bytes of --host and --tier */
	TIME_ROOM = 24,		/* bytes a time takes, copied at once */
	STATUS_MAX = 999,	/* what our readers take for one */
	COUNT_DIGITS = 15,	/* of a body: under 1 PB, so that sums fit */
};

#define COUNT_MAX	UINT64_C(999999999999999)

enum event_col
event_col_of(struct str name)
{
	int i = 0;

	while (i < EVENT_COLS && !str_eq(name, event_col_name[i]))
		i++;
	return (enum event_col)i;
}

static bool PRINTF(2, 3)
wrong(struct event *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->why, sizeof(e->why), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- who fills what ---- */

static void
choose_sources(struct event *e)
{
	e->request = -1;
	for (int c = 0; c < EVENT_COLS; c++)
		e->source[c] = -1;
	for (size_t i = 0; i < e->nfields; i++) {
		const struct event_field *f = &e->field[i];
		int *have;

		if (f->as == AS_REQUEST && e->request < 0)
			e->request = (int)i;
		if (f->col == EVENT_OTHER)
			continue;
		have = &e->source[f->col];
		if (*have < 0 || f->rank > e->field[*have].rank)
			*have = (int)i;
	}
}

static bool
from_request(const struct event *e, enum event_col col)
{
	return e->request >= 0 && (e->source[col] < 0 || e->source[col] == e->request);
}

static enum op
op_of_kind(enum event_as as)
{
	switch (as) {
	case AS_URL:
	case AS_REQUEST:	return OP_URL;
	case AS_ADDRESS:	return OP_ADDRESS;
	case AS_S:		return OP_S;
	case AS_MS:		return OP_MS;
	case AS_US:		return OP_US;
	case AS_NS:		return OP_NS;
	case AS_COUNT:		return OP_COUNT;
	case AS_STATUS:		return OP_STATUS;
	case AS_CACHE:		return OP_CACHE_RAW;
	case AS_WEIGHT:		return OP_WEIGHT;
	default:		return OP_TEXT;
	}
}

/*
 * How a canonical column is to be had from this format, or OP_EMPTY.  A field
 * that could fill it and is outranked keeps its own name and its own text.
 */
static struct event_column
canonical(const struct event *e, enum event_col col)
{
	struct event_column c = { event_col_name[col], e->source[col], OP_EMPTY };
	int cache = e->source[EVENT_CACHE];

	if ((col == EVENT_METHOD || col == EVENT_URL) && from_request(e, col)) {
		c.field = e->request;
		c.op = col == EVENT_METHOD ? OP_METHOD : OP_TARGET;
		return c;
	}
	if (c.field >= 0)
		c.op = (unsigned char)op_of_kind(e->field[c.field].as);
	switch (col) {
	case EVENT_TIME:
		c.op = OP_TIME;
		break;
	case EVENT_HOST:
		if (e->opts->host)
			c.op = OP_HOST;
		break;
	case EVENT_TIER:
		if (c.op == OP_EMPTY && (e->tier.n || cache >= 0))
			c.op = OP_TIER;
		break;
	case EVENT_CACHE:
		c.op = cache >= 0 ? OP_CACHE : OP_EMPTY;
		break;
	case EVENT_CACHE_RAW:
		if (c.field < 0 && cache >= 0)
			c = (struct event_column){ c.name, cache, OP_CACHE_RAW };
		break;
	case EVENT_VHOST:
		if (c.op == OP_EMPTY && (e->request >= 0 || e->source[EVENT_URL] >= 0))
			c.op = OP_URL_HOST;
		break;
	case EVENT_WEIGHT:
		if (e->opts->sample > 1)
			c.op = OP_WEIGHT;
		break;
	default:
		break;
	}
	return c;
}

static int
place_of(const struct event *e, struct str name)
{
	for (size_t i = 0; i < e->n; i++)
		if (str_eq(e->col[i].name, name))
			return (int)i;
	return -1;
}

static void
add_column(struct event *e, struct event_column c)
{
	e->col[e->n++] = c;
}

/* Does the field show in a canonical column? */
static bool
is_used(const struct event *e, size_t i)
{
	const struct event_field *f = &e->field[i];

	if ((int)i == e->request)
		return from_request(e, EVENT_METHOD) || from_request(e, EVENT_URL);
	return f->col != EVENT_OTHER && e->source[f->col] == (int)i;
}

static struct event_column
own(const struct event *e, size_t i)
{
	const struct event_field *f = &e->field[i];
	enum op op = f->as == AS_URL || f->as == AS_REQUEST ? OP_URL :
	    f->as == AS_ADDRESS ? OP_ADDRESS : OP_TEXT;

	return (struct event_column){ f->name, (int)i, (unsigned char)op };
}

/* What the format has, in canonical order, then what it has beside. */
static void
default_columns(struct event *e)
{
	for (int i = 0; i < EVENT_COLS; i++) {
		struct event_column c = canonical(e, (enum event_col)i);
		bool shown = c.op != OP_EMPTY;

		if (c.op == OP_URL_HOST)
			shown = e->opts->absolute_urls;
		if (c.op == OP_TIER)
			shown = e->tier.n || e->opts->tiers;
		if (shown)
			add_column(e, c);
	}
	for (size_t i = 0; i < e->nfields; i++)
		if (!is_used(e, i) && place_of(e, e->field[i].name) < 0)
			add_column(e, own(e, i));
}

static bool
named_column(struct event *e, struct str name)
{
	enum event_col col = event_col_of(name);

	if (name.n == 0)
		return wrong(e, "-c: a column without a name");
	if (place_of(e, name) >= 0)
		return wrong(e, "-c: \"%.*s\" stands twice", STRF(name));
	if (e->n == countof(e->col))
		return wrong(e, "-c: more than %zu columns", countof(e->col));
	if (col != EVENT_OTHER) {
		add_column(e, canonical(e, col));
		return true;
	}
	for (size_t i = 0; i < e->nfields; i++)
		if (str_eq(e->field[i].name, name)) {
			add_column(e, own(e, i));
			return true;
		}
	if (e->request >= 0 && (str_eq(name, STR("protocol")) || str_eq(name, STR("request")))) {
		add_column(e, (struct event_column){ name, e->request,
		    *name.p == 'p' ? OP_PROTOCOL : OP_URL });
		return true;
	}
	return wrong(e, "-c: this format has no \"%.*s\"", STRF(name));
}

static bool
choose_columns(struct event *e)
{
	struct str list = str_of(e->opts->columns), name;
	bool timed = false;

	if (!e->opts->columns) {
		default_columns(e);
		return true;
	}
	for (struct str rest = list; str_cut(&rest, ',', &name);)
		timed |= str_eq(name, event_col_name[EVENT_TIME]);
	if (!timed)
		add_column(e, canonical(e, EVENT_TIME));
	while (str_cut(&list, ',', &name))
		if (!named_column(e, name))
			return false;
	return true;
}

static bool
read_options(struct event *e)
{
	struct str list = str_of(e->opts->redact), name;

	e->behind = str_of(e->opts->tier);
	if (e->behind.n && str_cut(&e->behind, ',', &e->tier) && e->behind.n == 0)
		e->behind = STR("origin");
	if (e->opts->tier && e->tier.n == 0)
		return wrong(e, "--tier: a name is missing");
	if (str_chr(e->behind, ',') < e->behind.n)
		return wrong(e, "--tier: this layer and the one behind it, no more");
	if (e->tier.n + e->behind.n + str_of(e->opts->host).n > NAMES_MAX)
		return wrong(e, "--tier, --host: over %d bytes together", NAMES_MAX);
	while (str_cut(&list, ',', &name)) {
		if (name.n == 0)
			continue;
		if (strcspn(name.p, "?&;#=% ,") < name.n)
			return wrong(e, "--redact: no name of a parameter, as it is without ?, = and %%: "
			    "\"%.*s\"", STRF(name));
		if (e->nredact == EVENT_REDACT_MAX)
			return wrong(e, "--redact: more than %d names", EVENT_REDACT_MAX);
		e->redact[e->nredact++] = name;
	}
	if (e->opts->redact && e->nredact == 0)
		return wrong(e, "--redact: a name is missing");
	return true;
}

/* What has to be found out about a record before its columns are written. */
static void
find_wants(struct event *e)
{
	for (size_t i = 0; i < e->n; i++)
		switch (e->col[i].op) {
		case OP_METHOD:
		case OP_TARGET:
		case OP_PROTOCOL:
			e->wants_request = true;
			e->copies++;
			break;
		case OP_URL_HOST:
			e->wants_request |= from_request(e, EVENT_URL);
			e->copies++;
			break;
		case OP_CACHE:
		case OP_TIER:
			e->wants_cache |= e->source[EVENT_CACHE] >= 0;
			break;
		case OP_TEXT:
		case OP_URL:
		case OP_ADDRESS:
		case OP_CACHE_RAW:
			e->copies++;
			break;
		}
	if (e->opts->sample > 1)
		e->wants_request |= from_request(e, EVENT_URL);
}

static bool
is_time(enum event_as as)
{
	return as >= AS_CLF && as <= AS_STRPTIME;
}

bool
event_open(struct event *e, const struct event_field *field, size_t n,
    const struct event_opts *opts, struct outcome_words *words)
{
	memset(e, 0, sizeof(*e));
	e->field = field;
	e->nfields = n;
	e->opts = opts;
	e->words = words;
	e->bad_field = -1;
	e->time_us = -1;
	buf_init(&e->header, IN_TSV_LINE_MAX);
	buf_init(&e->plain, SIZE_MAX / 2);
	buf_init(&e->clean, SIZE_MAX / 2);
	if (n > EVENT_FIELDS)
		return wrong(e, "the format has more than %d fields", EVENT_FIELDS);
	choose_sources(e);
	if (e->source[EVENT_TIME] < 0 || !is_time(field[e->source[EVENT_TIME]].as))
		return wrong(e, "the format has no time");
	if (!read_options(e) || !choose_columns(e))
		return false;
	find_wants(e);
	return true;
}

struct str
event_header(struct event *e)
{
	buf_reset(&e->header);
	for (size_t i = 0; i < e->n; i++) {
		char *to = buf_room(&e->header, TSV_ROOM(e->col[i].name.n) + 1);

		if (!to)
			break;
		to = tsv_put(to, e->col[i].name);
		*to++ = i + 1 < e->n ? '\t' : '\n';
		e->header.n = (size_t)(to - e->header.p);
	}
	return buf_str(&e->header);
}

void
event_close(struct event *e)
{
	buf_free(&e->header);
	buf_free(&e->plain);
	buf_free(&e->clean);
}

/* ---- one record ---- */

struct record {
	const struct str *field;
	struct str line;
	struct value_request request;
	const struct outcome_word *cache;	/* NULL unless a column wants it */
};

/* The text behind the server's escapes; good until the next call. */
static struct str
plain(struct event *e, struct str s)
{
	char *to;

	if (!e->opts->unescape || str_chr(s, '\\') == s.n)
		return s;
	buf_reset(&e->plain);
	to = buf_room(&e->plain, s.n);
	return (struct str){ to, e->opts->unescape(s, to) };
}

static char *
put_odd_text(struct event *e, char *to, struct str s)
{
	return tsv_put(to, plain(e, s));
}

static inline char *
put_text(struct event *e, char *to, struct str s)
{
	size_t n;

	if (value_none(s))
		return to;
	n = scan_copy_loose(to, s.p, s.n);
	return LIKELY(n == s.n) ? to + n : put_odd_text(e, to, s);
}

static char *
put_redacted(struct event *e, char *to, struct str s)
{
	buf_reset(&e->clean);
	value_redact(&e->clean, plain(e, s), e->redact, e->nredact);
	return tsv_put(to, buf_str(&e->clean));
}

static inline char *
put_url(struct event *e, char *to, struct str s)
{
	return LIKELY(!e->opts->redact) || value_none(s) ?
	    put_text(e, to, s) : put_redacted(e, to, s);
}

/* Digits and dots (and '/', which no address has), as most clients are. */
static inline bool
is_bare_ipv4(struct str s)
{
	return s.n <= 16 && scan_all_in(s.p, s.n, '.', '9');
}

static char *
put_private(struct event *e, char *to, struct str client)
{
	client = plain(e, client);
	return e->opts->privacy == EVENT_CUT ? value_cut_address(to, client) :
	    value_hash_address(to, client, &e->opts->privacy_key);
}

/*
 * A blank inside is the sign of a line with more in front than its format
 * says: a host name, another log's prefix.
 */
static inline bool
put_client(struct event *e, char **to, struct str s)
{
	if (value_none(s))
		return true;
	if (UNLIKELY(!is_bare_ipv4(s))) {
		s = value_client(s);
		if (str_chr(s, ' ') < s.n)
			return false;
	}
	if (LIKELY(e->opts->privacy == EVENT_AS_LOGGED))
		*to = put_text(e, *to, s);
	else if (!value_none(s))
		*to = put_private(e, *to, s);
	return true;
}

static bool
put_odd_count(struct event *e, char **to, struct str s, bool last, uint64_t max)
{
	uint64_t v;
	bool some;

	if (!value_count(plain(e, s), last, &v, &some) || v > max)
		return false;
	if (some)
		*to = num_put_u64(*to, v);
	return true;
}

/* Most numbers stand in the log as they will stand in the row. */
static inline bool
put_count(struct event *e, char **to, struct str s)
{
	if (UNLIKELY(s.n - 1 >= COUNT_DIGITS || !scan_all_in(s.p, s.n, '0', '9') ||
	    (*s.p == '0' && s.n > 1)))
		return put_odd_count(e, to, s, false, COUNT_MAX);
	memcpy(*to, s.p, 16);
	*to += s.n;
	return true;
}

static inline bool
put_status(struct event *e, char **to, struct str s)
{
	if (UNLIKELY(s.n != 3 || !scan_all_in(s.p, s.n, '0', '9') || *s.p == '0'))
		return put_odd_count(e, to, s, true, STATUS_MAX);
	memcpy(*to, s.p, 3);
	*to += 3;
	return true;
}

static bool
put_odd_duration(struct event *e, char **to, struct str s, int unit)
{
	int64_t ns;
	bool some;

	if (!value_duration(plain(e, s), unit, &ns, &some))
		return false;
	if (some)
		*to = num_put_fixed(*to, ns, 6);
	return true;
}

/*
 * Seconds with three decimals, as nginx writes them, are whole milliseconds:
 * the same digits without the point and the zeros before them.
 */
static inline bool
put_seconds(struct event *e, char **to, struct str s)
{
	size_t whole = s.n - 4, lead;
	unsigned digits, set;

	if (UNLIKELY(s.n < 5 || s.n > 16 || s.p[whole] != '.'))
		return put_odd_duration(e, to, s, 9);
	digits = scan_range(s.p, s.n, '0', '9');
	if (UNLIKELY((digits | 1u << whole) != (1u << s.n) - 1))
		return put_odd_duration(e, to, s, 9);
	set = scan_range(s.p, s.n - 1, '1', '9') | 1u << (s.n - 1);
	lead = CTZ64((uint64_t)set);
	if (lead < whole) {
		memcpy(*to, s.p + lead, 16);
		*to += whole - lead;
		lead = whole + 1;
	}
	memcpy(*to, s.p + lead, 4);
	*to += s.n - lead;
	return true;
}

static struct str
url_of(const struct event *e, const struct record *r)
{
	int i = e->source[EVENT_URL];

	if (from_request(e, EVENT_URL))
		return r->request.url;
	return i < 0 ? (struct str){ NULL, 0 } : r->field[i];
}

/* The layer that served the body. */
static struct str
tier_of(const struct event *e, const struct outcome_word *o)
{
	if (o && o->tier.n)
		return o->tier;
	return o && (o->outcome == OUTCOME_MISS || o->outcome == OUTCOME_PASS) ?
	    e->behind : e->tier;
}

/*
 * Requests that the row stands for.  Fractions are rounded so that sums come
 * out right on average, by a hash of the line: the same line, the same answer.
 */
static bool
put_weight(struct event *e, const struct record *r, char **to)
{
	int i = e->source[EVENT_WEIGHT];
	uint64_t scale = e->opts->sample > 1 ? e->opts->sample : 1, whole = 1, part;
	int64_t v;

	if (i >= 0 && !value_none(r->field[i])) {
		if (!num_fixed(r->field[i], 6, &v) || v < 0)
			return false;
		whole = (uint64_t)v / 1000000;
		part = (uint64_t)v % 1000000;
		if (part)
			whole += hash_bytes(&hash_published, r->line.p, r->line.n) % 1000000 < part;
	} else if (scale == 1) {
		return true;
	}
	if (MUL_OVERFLOW(whole, scale, &whole) || whole > INT64_MAX)
		return false;
	*to = num_put_u64(*to, whole);
	return true;
}

static inline bool
read_time(struct event *e, const struct str *field, int64_t *us)
{
	const struct event_field *f = &e->field[e->source[EVENT_TIME]];
	struct str s = field[e->source[EVENT_TIME]];

	if (LIKELY(f->as == AS_CLF && s.n == WHEN_CLF_LEN))
		return when_clf_cached(&e->clf, s, us);
	s = plain(e, s);
	switch (f->as) {
	case AS_CLF:	  return when_clf(s, us);
	case AS_ISO:	  return when_iso(s, us);
	case AS_EPOCH:	  return when_epoch(s, us);
	case AS_STRPTIME: return when_read(f->when, s, us);
	default:	  return when_any(s, us);
	}
}

static enum event_verdict
bad(struct event *e, int field, const char *why)
{
	e->bad_field = field;
	wrong(e, "%s", why);
	return EVENT_BAD;
}

/*
 * Is it among the keys that --sample keeps?  All hosts keep the same ones.
 * A record without a key and URL goes by its whole line.
 */
static bool
is_kept(struct event *e, const struct record *r)
{
	int key = e->source[EVENT_KEY];
	struct str s = key >= 0 && !value_none(r->field[key]) ? r->field[key] : url_of(e, r);

	s = value_none(s) ? r->line : plain(e, s);
	return hash_bytes(&hash_published, s.p, s.n) % e->opts->sample == 0;
}

static inline bool
put_column(struct event *e, const struct event_column *c, const struct record *r, char **to)
{
	struct str s = c->field < 0 ? (struct str){ NULL, 0 } : r->field[c->field];

	switch ((enum op)c->op) {
	case OP_EMPTY:
		break;
	case OP_TIME:
		memcpy(*to, e->time_text, TIME_ROOM);
		*to += e->time_n;
		break;
	case OP_TEXT:
	case OP_CACHE_RAW:
		*to = put_text(e, *to, s);
		break;
	case OP_URL:
		*to = put_url(e, *to, s);
		break;
	case OP_ADDRESS:
		return put_client(e, to, s);
	case OP_METHOD:
		*to = put_text(e, *to, r->request.method);
		break;
	case OP_TARGET:
		*to = put_url(e, *to, r->request.url);
		break;
	case OP_PROTOCOL:
		*to = put_text(e, *to, r->request.protocol);
		break;
	case OP_STATUS:
		return put_status(e, to, s);
	case OP_COUNT:
		return put_count(e, to, s);
	case OP_S:
		return put_seconds(e, to, s);
	case OP_MS:
		return put_odd_duration(e, to, s, 6);
	case OP_US:
		return put_odd_duration(e, to, s, 3);
	case OP_NS:
		return put_odd_duration(e, to, s, 0);
	case OP_CACHE:
		if (!r->cache)
			break;
		memcpy(*to, outcome_name[r->cache->outcome].p, OUTCOME_NAME_ROOM);
		*to += outcome_name[r->cache->outcome].n;
		break;
	case OP_HOST:
		*to = tsv_put(*to, str_of(e->opts->host));
		break;
	case OP_TIER:
		*to = tsv_put(*to, tier_of(e, r->cache));
		break;
	case OP_URL_HOST:
		*to = put_text(e, *to, value_url_host(url_of(e, r)));
		break;
	case OP_WEIGHT:
		return put_weight(e, r, to);
	}
	return true;
}

static const char *
why_not(enum op op)
{
	switch (op) {
	case OP_ADDRESS:
		return "not an address";
	case OP_STATUS:
		return "not a status";
	case OP_S:
	case OP_MS:
	case OP_US:
	case OP_NS:
		return "not a duration";
	default:
		return "not a whole number in range";
	}
}

static inline void
set_time(struct event *e, int64_t us)
{
	if (us == e->time_us)
		return;
	e->time_us = us;
	e->time_n = (size_t)(when_put(e->time_text, us) - e->time_text);
}

enum event_verdict
event_row(struct event *e, const struct str *field, struct str line, char **to)
{
	struct record r = { .field = field, .line = line };
	char *p = *to;
	int64_t us;

	if (UNLIKELY(!read_time(e, field, &us)))
		return bad(e, e->source[EVENT_TIME],
		    value_none(field[e->source[EVENT_TIME]]) ? "missing" : "not a time");
	set_time(e, us);
	if (e->wants_request && !value_request(field[e->request], &r.request))
		r.request = (struct value_request){ .method = { NULL, 0 } };
	if (UNLIKELY(us < e->opts->since || us >= e->opts->until ||
	    (e->opts->sample > 1 && !is_kept(e, &r)))) {
		e->left_out++;
		return EVENT_LEFT_OUT;
	}
	if (e->wants_cache)
		r.cache = outcome_find(e->words, field[e->source[EVENT_CACHE]]);
	for (const struct event_column *c = e->col, *end = c + e->n; c < end; c++) {
		if (UNLIKELY(!put_column(e, c, &r, &p)))
			return bad(e, c->field, why_not((enum op)c->op));
		*p++ = '\t';
	}
	if (UNLIKELY((size_t)(p - *to) > IN_TSV_LINE_MAX))
		return bad(e, -1, "escaped, it is a row of over 1 MiB");
	p[-1] = '\n';
	*to = p;
	e->rows++;
	return EVENT_ROW;
}
