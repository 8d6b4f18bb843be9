#include "jsonfmt.h"

#include <stdarg.h>
#include <stdio.h>

#include "logvar.h"
#include "msg.h"
#include "str.h"

/* The keys that logs use; a column's own order is the order of preference. */
static const struct known {
	enum event_col col;
	enum event_as as;
	const char *path;
} known[] = {
	{ EVENT_TIME, AS_ANY_TIME, "time" },
	{ EVENT_TIME, AS_ANY_TIME, "ts" },
	{ EVENT_TIME, AS_ANY_TIME, "timestamp" },
	{ EVENT_TIME, AS_ANY_TIME, "@timestamp" },
	{ EVENT_TIME, AS_ANY_TIME, "msec" },
	{ EVENT_TIME, AS_ANY_TIME, "time_iso8601" },
	{ EVENT_TIME, AS_ANY_TIME, "time_local" },
	{ EVENT_TIME, AS_ANY_TIME, "datetime" },
	{ EVENT_TIME, AS_ANY_TIME, "date" },
	{ EVENT_TIME, AS_ANY_TIME, "start_time" },
	{ EVENT_TIME, AS_ANY_TIME, "StartUTC" },
	{ EVENT_TIME, AS_ANY_TIME, "EdgeStartTimestamp" },
	{ EVENT_TIME, AS_ANY_TIME, "[\"time.start.usec\"]" },
	{ EVENT_TIME, AS_ANY_TIME, "reqTimeSec" },

	{ EVENT_HOST, AS_TEXT, "hostname" },
	{ EVENT_HOST, AS_TEXT, "server_hostname" },

	{ EVENT_VHOST, AS_TEXT, "vhost" },
	{ EVENT_VHOST, AS_TEXT, "host" },
	{ EVENT_VHOST, AS_TEXT, "http_host" },
	{ EVENT_VHOST, AS_TEXT, "server_name" },
	{ EVENT_VHOST, AS_TEXT, "request.host" },
	{ EVENT_VHOST, AS_TEXT, "RequestHost" },
	{ EVENT_VHOST, AS_TEXT, "ClientRequestHost" },
	{ EVENT_VHOST, AS_TEXT, "[\"req.http.host\"]" },
	{ EVENT_VHOST, AS_TEXT, "reqHost" },

	{ EVENT_CLIENT, AS_ADDRESS, "client" },
	{ EVENT_CLIENT, AS_ADDRESS, "client_ip" },
	{ EVENT_CLIENT, AS_ADDRESS, "remote_addr" },
	{ EVENT_CLIENT, AS_ADDRESS, "remote_ip" },
	{ EVENT_CLIENT, AS_ADDRESS, "ip" },
	{ EVENT_CLIENT, AS_ADDRESS, "request.client_ip" },
	{ EVENT_CLIENT, AS_ADDRESS, "request.remote_ip" },
	{ EVENT_CLIENT, AS_ADDRESS, "ClientHost" },
	{ EVENT_CLIENT, AS_ADDRESS, "ClientIP" },
	{ EVENT_CLIENT, AS_ADDRESS, "[\"client.ip\"]" },
	{ EVENT_CLIENT, AS_ADDRESS, "cliIP" },

	{ EVENT_METHOD, AS_TEXT, "method" },
	{ EVENT_METHOD, AS_TEXT, "request_method" },
	{ EVENT_METHOD, AS_TEXT, "request.method" },
	{ EVENT_METHOD, AS_TEXT, "RequestMethod" },
	{ EVENT_METHOD, AS_TEXT, "ClientRequestMethod" },
	{ EVENT_METHOD, AS_TEXT, "[\"req.request\"]" },
	{ EVENT_METHOD, AS_TEXT, "reqMethod" },

	{ EVENT_URL, AS_URL, "url" },
	{ EVENT_URL, AS_URL, "request_uri" },
	{ EVENT_URL, AS_URL, "uri" },
	{ EVENT_URL, AS_URL, "path" },
	{ EVENT_URL, AS_URL, "request.uri" },
	{ EVENT_URL, AS_URL, "RequestPath" },
	{ EVENT_URL, AS_URL, "ClientRequestURI" },
	{ EVENT_URL, AS_URL, "[\"req.url\"]" },
	{ EVENT_URL, AS_URL, "reqPath" },
	{ EVENT_URL, AS_REQUEST, "request" },

	{ EVENT_STATUS, AS_STATUS, "status" },
	{ EVENT_STATUS, AS_STATUS, "status_code" },
	{ EVENT_STATUS, AS_STATUS, "DownstreamStatus" },
	{ EVENT_STATUS, AS_STATUS, "EdgeResponseStatus" },
	{ EVENT_STATUS, AS_STATUS, "[\"resp.status\"]" },
	{ EVENT_STATUS, AS_STATUS, "statusCode" },

	{ EVENT_BYTES, AS_COUNT, "bytes" },
	{ EVENT_BYTES, AS_COUNT, "body_bytes_sent" },
	{ EVENT_BYTES, AS_COUNT, "bytes_sent" },
	{ EVENT_BYTES, AS_COUNT, "size" },
	{ EVENT_BYTES, AS_COUNT, "size_bytes" },
	{ EVENT_BYTES, AS_COUNT, "DownstreamContentSize" },
	{ EVENT_BYTES, AS_COUNT, "EdgeResponseBytes" },
	{ EVENT_BYTES, AS_COUNT, "[\"resp.bytes_written\"]" },

	{ EVENT_LATENCY, AS_MS, "latency_ms" },
	{ EVENT_LATENCY, AS_MS, "duration_ms" },
	{ EVENT_LATENCY, AS_MS, "request_time_ms" },
	{ EVENT_LATENCY, AS_MS, "response_time_ms" },
	{ EVENT_LATENCY, AS_MS, "elapsed_ms" },
	{ EVENT_LATENCY, AS_S, "request_time" },
	{ EVENT_LATENCY, AS_S, "rt" },
	{ EVENT_LATENCY, AS_S, "duration" },
	{ EVENT_LATENCY, AS_US, "duration_us" },
	{ EVENT_LATENCY, AS_NS, "Duration" },
	{ EVENT_LATENCY, AS_US, "[\"time.elapsed.usec\"]" },

	{ EVENT_TTFB, AS_MS, "ttfb_ms" },
	{ EVENT_TTFB, AS_MS, "EdgeTimeToFirstByteMs" },
	{ EVENT_TTFB, AS_S, "ttfb" },

	{ EVENT_ORIGIN, AS_MS, "origin_ms" },
	{ EVENT_ORIGIN, AS_S, "upstream_response_time" },
	{ EVENT_ORIGIN, AS_S, "ut" },
	{ EVENT_ORIGIN, AS_S, "urt" },
	{ EVENT_ORIGIN, AS_MS, "OriginResponseDurationMs" },
	{ EVENT_ORIGIN, AS_NS, "OriginResponseTime" },
	{ EVENT_ORIGIN, AS_NS, "OriginDuration" },

	{ EVENT_TIER, AS_TEXT, "tier" },

	{ EVENT_CACHE, AS_CACHE, "cache" },
	{ EVENT_CACHE, AS_CACHE, "cache_status" },
	{ EVENT_CACHE, AS_CACHE, "upstream_cache_status" },
	{ EVENT_CACHE, AS_CACHE, "cs" },
	{ EVENT_CACHE, AS_CACHE, "event" },
	{ EVENT_CACHE, AS_CACHE, "CacheCacheStatus" },
	{ EVENT_CACHE, AS_CACHE, "[\"fastly_info.state\"]" },
	{ EVENT_CACHE, AS_CACHE, "resp_headers[\"X-Cache-Status\"][0]" },
	{ EVENT_CACHE, AS_CACHE, "resp_headers[\"X-Cache\"][0]" },
	{ EVENT_CACHE, AS_CACHE, "downstream_X-Cache" },

	{ EVENT_TYPE, AS_TEXT, "type" },
	{ EVENT_TYPE, AS_TEXT, "content_type" },
	{ EVENT_TYPE, AS_TEXT, "sent_http_content_type" },
	{ EVENT_TYPE, AS_TEXT, "resp_headers[\"Content-Type\"][0]" },
	{ EVENT_TYPE, AS_TEXT, "EdgeResponseContentType" },

	{ EVENT_REFERER, AS_URL, "referer" },
	{ EVENT_REFERER, AS_URL, "http_referer" },
	{ EVENT_REFERER, AS_URL, "request.headers.Referer[0]" },
	{ EVENT_REFERER, AS_URL, "ClientRequestReferer" },

	{ EVENT_AGENT, AS_TEXT, "agent" },
	{ EVENT_AGENT, AS_TEXT, "user_agent" },
	{ EVENT_AGENT, AS_TEXT, "http_user_agent" },
	{ EVENT_AGENT, AS_TEXT, "ua" },
	{ EVENT_AGENT, AS_TEXT, "request.headers.User-Agent[0]" },
	{ EVENT_AGENT, AS_TEXT, "ClientRequestUserAgent" },
	{ EVENT_AGENT, AS_TEXT, "UA" },

	{ EVENT_COUNTRY, AS_TEXT, "country" },
	{ EVENT_COUNTRY, AS_TEXT, "ClientCountry" },

	{ EVENT_COLO, AS_TEXT, "colo" },
	{ EVENT_COLO, AS_TEXT, "EdgeColoCode" },

	{ EVENT_TRACE, AS_TEXT, "trace" },
	{ EVENT_TRACE, AS_TEXT, "trace_id" },
	{ EVENT_TRACE, AS_TEXT, "request_id" },
	{ EVENT_TRACE, AS_TEXT, "req_id" },
	{ EVENT_TRACE, AS_TEXT, "RayID" },
	{ EVENT_TRACE, AS_TEXT, "reqId" },

	{ EVENT_ENDPOINT, AS_TEXT, "endpoint" },
	{ EVENT_KEY, AS_TEXT, "key" },
	{ EVENT_KEY, AS_TEXT, "cache_key" },
	{ EVENT_EXPERIMENT, AS_TEXT, "experiment" },
	{ EVENT_COHORT, AS_TEXT, "cohort" },
	{ EVENT_WEIGHT, AS_WEIGHT, "weight" },
	{ EVENT_WEIGHT, AS_WEIGHT, "SampleInterval" },
};

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
	return add_path(j, j->n++, path);
}

/* ---- a specification ---- */

static bool
set_unit(struct jsonfmt *j, struct event_field *f, struct str unit)
{
	static const struct { struct str name; enum event_as as; } units[] = {
		{ { "s", 1 }, AS_S }, { { "ms", 2 }, AS_MS }, { { "us", 2 }, AS_US },
		{ { "ns", 2 }, AS_NS },
	};
	struct str bad;

	if (f->col == EVENT_TIME) {
		if (!when_compile(&j->when, unit, &bad))
			return wrong(j, "time format: \"%.*s\" is not understood", STRF(bad));
		f->as = AS_STRPTIME;
		f->when = &j->when;
		return true;
	}
	for (size_t i = 0; i < countof(units); i++)
		if (str_eq(unit, units[i].name)) {
			f->as = units[i].as;
			return true;
		}
	return wrong(j, "\"%.*s\" is no unit: s, ms, us, ns", STRF(unit));
}

/* Where the unit of "path:unit" begins; a colon in quotes is the path's. */
static size_t
unit_at(struct str s)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == ':' && !quoted)
			break;
	}
	return i;
}

static bool
add_spec(struct jsonfmt *j, struct str item)
{
	size_t eq = str_chr(item, '='), colon;
	struct event_field f;
	struct str path;

	if (eq == 0 || eq == item.n)
		return wrong(j, "\"%.*s\" is not column=path", STRF(item));
	f = logvar_own((struct str){ item.p, eq });
	path = str_from(item, eq + 1);
	colon = unit_at(path);
	if (colon < path.n && !set_unit(j, &f, str_from(path, colon + 1)))
		return false;
	path.n = colon;
	return add_field(j, f, path);
}

/* The next item of a comma-separated list, in which quotes hide commas. */
static bool
next_item(struct str *rest, struct str *item)
{
	bool quoted = false;
	size_t i;

	if (rest->n == 0)
		return false;
	for (i = 0; i < rest->n && (quoted || rest->p[i] != ','); i++)
		if (rest->p[i] == '"')
			quoted = !quoted;
	*item = (struct str){ rest->p, i };
	*rest = str_from(*rest, i < rest->n ? i + 1 : i);
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
look_for_known(struct jsonfmt *j, struct str sample, bool seen[countof(known)])
{
	const char *why;

	for (size_t from = 0; from < countof(known); from += JSON_PATHS_MAX) {
		size_t n = countof(known) - from;
		struct str rest = sample, line;
		size_t at;

		if (n > JSON_PATHS_MAX)
			n = JSON_PATHS_MAX;
		memset(&j->want, 0, sizeof(j->want));
		for (size_t i = 0; i < n; i++)
			if (json_want(&j->want, str_of(known[from + i].path), &why) != (int)i)
				return;
		while (next_line(&rest, &line))
			if (json_scan(&j->want, line, j->value, &at) == JSON_OK)
				for (size_t i = 0; i < n; i++)
					seen[from + i] |= has_value(&j->value[i]);
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

	for (size_t i = 0; i < countof(known); i++)
		any |= known[i].col == col && seen[i];
	if (!any && !asked)
		return true;
	for (size_t i = 0; i < countof(known); i++) {
		const struct known *k = &known[i];
		struct event_field f = { .name = str_of(k->path), .col = col, .as = k->as };

		if (k->col != col || (any && !seen[i]) || (first >= 0 && known[first].as != k->as))
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
	for (size_t i = 0; i < countof(known); i++)
		if (known[i].as == AS_REQUEST && seen[i])
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
		    !add_field(j, logvar_own(name), name))
			return false;
	return true;
}

bool
jsonfmt_open(struct jsonfmt *j, struct str spec, struct str sample, const char *columns)
{
	bool seen[countof(known)] = { false };
	struct str item;

	memset(j, 0, sizeof(*j));
	if (spec.n == 0) {
		look_for_known(j, sample, seen);
		return add_all_known(j, seen, str_of(columns)) && add_asked(j, str_of(columns));
	}
	while (next_item(&spec, &item))
		if (!add_spec(j, item))
			return false;
	return true;
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

			if (has_value(value) && value->raw.n) {
				field[i] = value->raw;
				break;
			}
		}
	}
	return true;
}

void
jsonfmt_close(struct jsonfmt *j)
{
	arena_free(&j->text);
	memset(j, 0, sizeof(*j));
}
