#include "logvar.h"

#include "str.h"

/* Of several variables that could fill a column, the one of highest rank does. */
struct var {
	const char *name;
	enum event_col col;
	enum event_as as;
	uint8_t rank;
};

static const struct var nginx[] = {
	{ "msec", EVENT_TIME, AS_EPOCH, 3 },
	{ "time_iso8601", EVENT_TIME, AS_ISO, 2 },
	{ "time_local", EVENT_TIME, AS_CLF, 1 },

	{ "hostname", EVENT_HOST, AS_TEXT, 1 },

	{ "host", EVENT_VHOST, AS_TEXT, 3 },
	{ "http_host", EVENT_VHOST, AS_TEXT, 2 },
	{ "server_name", EVENT_VHOST, AS_TEXT, 1 },

	{ "remote_addr", EVENT_CLIENT, AS_ADDRESS, 9 },
	{ "realip_remote_addr", EVENT_CLIENT, AS_ADDRESS, 8 },
	{ "proxy_protocol_addr", EVENT_CLIENT, AS_ADDRESS, 7 },
	{ "http_x_real_ip", EVENT_CLIENT, AS_ADDRESS, 6 },
	{ "http_true_client_ip", EVENT_CLIENT, AS_ADDRESS, 5 },
	{ "http_cf_connecting_ip", EVENT_CLIENT, AS_ADDRESS, 4 },
	{ "http_x_forwarded_for", EVENT_CLIENT, AS_ADDRESS, 3 },
	{ "proxy_add_x_forwarded_for", EVENT_CLIENT, AS_ADDRESS, 2 },

	{ "request_method", EVENT_METHOD, AS_TEXT, 2 },
	{ "request_uri", EVENT_URL, AS_URL, 4 },
	{ "request", EVENT_URL, AS_REQUEST, 3 },
	{ "uri", EVENT_URL, AS_URL, 2 },
	{ "document_uri", EVENT_URL, AS_URL, 1 },
	{ "args", EVENT_OTHER, AS_URL, 0 },
	{ "query_string", EVENT_OTHER, AS_URL, 0 },

	{ "status", EVENT_STATUS, AS_STATUS, 2 },
	{ "body_bytes_sent", EVENT_BYTES, AS_COUNT, 2 },
	{ "bytes_sent", EVENT_BYTES, AS_COUNT, 1 },

	{ "request_time", EVENT_LATENCY, AS_S, 1 },
	{ "upstream_response_time", EVENT_ORIGIN, AS_S, 1 },

	{ "upstream_cache_status", EVENT_CACHE, AS_CACHE, 9 },
	{ "srcache_fetch_status", EVENT_CACHE, AS_CACHE, 8 },
	{ "sent_http_x_cache_status", EVENT_CACHE, AS_CACHE, 7 },
	{ "sent_http_x_cache", EVENT_CACHE, AS_CACHE, 6 },
	{ "sent_http_cf_cache_status", EVENT_CACHE, AS_CACHE, 5 },
	{ "upstream_http_x_cache_status", EVENT_CACHE, AS_CACHE, 4 },
	{ "upstream_http_x_cache", EVENT_CACHE, AS_CACHE, 3 },
	{ "upstream_http_cf_cache_status", EVENT_CACHE, AS_CACHE, 2 },

	{ "sent_http_content_type", EVENT_TYPE, AS_TEXT, 2 },
	{ "upstream_http_content_type", EVENT_TYPE, AS_TEXT, 1 },
	{ "http_referer", EVENT_REFERER, AS_URL, 1 },
	{ "http_user_agent", EVENT_AGENT, AS_TEXT, 1 },
	{ "geoip2_data_country_code", EVENT_COUNTRY, AS_TEXT, 4 },
	{ "geoip2_country_code", EVENT_COUNTRY, AS_TEXT, 3 },
	{ "geoip_country_code", EVENT_COUNTRY, AS_TEXT, 2 },
	{ "http_cf_ipcountry", EVENT_COUNTRY, AS_TEXT, 1 },
	{ "request_id", EVENT_TRACE, AS_TEXT, 4 },
	{ "req_id", EVENT_TRACE, AS_TEXT, 3 },		/* ingress-nginx */
	{ "http_x_request_id", EVENT_TRACE, AS_TEXT, 2 },
	{ "http_cf_ray", EVENT_TRACE, AS_TEXT, 1 },
};

/* A variable that somebody has named like one of our columns, in all servers. */
static const struct {
	enum event_col col;
	enum event_as as;
} same[] = {
	{ EVENT_TIME, AS_ANY_TIME }, { EVENT_HOST, AS_TEXT }, { EVENT_VHOST, AS_TEXT },
	{ EVENT_CLIENT, AS_ADDRESS }, { EVENT_METHOD, AS_TEXT }, { EVENT_URL, AS_URL },
	{ EVENT_STATUS, AS_STATUS }, { EVENT_BYTES, AS_COUNT }, { EVENT_LATENCY, AS_MS },
	{ EVENT_TTFB, AS_MS }, { EVENT_ORIGIN, AS_MS }, { EVENT_TIER, AS_TEXT },
	{ EVENT_CACHE, AS_CACHE }, { EVENT_CACHE_RAW, AS_TEXT }, { EVENT_TYPE, AS_TEXT },
	{ EVENT_REFERER, AS_URL }, { EVENT_AGENT, AS_TEXT }, { EVENT_COUNTRY, AS_TEXT },
	{ EVENT_COLO, AS_TEXT }, { EVENT_TRACE, AS_TEXT }, { EVENT_ENDPOINT, AS_TEXT },
	{ EVENT_KEY, AS_TEXT }, { EVENT_EXPERIMENT, AS_TEXT }, { EVENT_COHORT, AS_TEXT },
	{ EVENT_WEIGHT, AS_WEIGHT },
};

static struct event_field
field_of(struct str name, const struct var *v)
{
	return (struct event_field){ .name = name, .col = v->col, .as = v->as, .rank = v->rank };
}

struct event_field
logvar_own(struct str name)
{
	struct event_field f = { .name = name, .col = event_col_of(name), .as = AS_TEXT };

	for (size_t i = 0; i < countof(same); i++)
		if (same[i].col == f.col)
			f.as = same[i].as;
	return f;
}

struct event_field
logvar_nginx(struct str name)
{
	for (size_t i = 0; i < countof(nginx); i++)
		if (str_eq(name, str_of(nginx[i].name)))
			return field_of(name, &nginx[i]);
	return logvar_own(name);
}

/*
 * Directives without an argument, and those with one that means something to
 * us; arguments are compared in any case.  A name that ends in '_' goes before
 * the argument.
 */
static const struct directive {
	char letter;
	const char *arg;	/* NULL: any other */
	struct var var;
} apache[] = {
	{ 'a', "", { "client", EVENT_CLIENT, AS_ADDRESS, 9 } },
	{ 'a', "c", { "peer", EVENT_CLIENT, AS_ADDRESS, 7 } },
	{ 'A', "", { "local_addr", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'b', "", { "bytes", EVENT_BYTES, AS_COUNT, 3 } },
	{ 'B', "", { "bytes", EVENT_BYTES, AS_COUNT, 4 } },
	{ 'C', NULL, { "cookie_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'D', "", { "duration_us", EVENT_LATENCY, AS_US, 5 } },
	{ 'e', "cache-status", { "env_", EVENT_CACHE, AS_CACHE, 9 } },
	{ 'e', "unique_id", { "env_", EVENT_TRACE, AS_TEXT, 3 } },
	{ 'e', "geoip_country_code", { "env_", EVENT_COUNTRY, AS_TEXT, 2 } },
	{ 'e', "mm_country_code", { "env_", EVENT_COUNTRY, AS_TEXT, 3 } },
	{ 'e', NULL, { "env_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'f', "", { "filename", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'h', "", { "client", EVENT_CLIENT, AS_ADDRESS, 8 } },
	{ 'h', "c", { "peer_host", EVENT_CLIENT, AS_ADDRESS, 6 } },
	{ 'H', "", { "protocol", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'i', "referer", { "req_", EVENT_REFERER, AS_URL, 1 } },
	{ 'i', "user-agent", { "req_", EVENT_AGENT, AS_TEXT, 1 } },
	{ 'i', "host", { "req_", EVENT_VHOST, AS_TEXT, 1 } },
	{ 'i', "x-real-ip", { "req_", EVENT_CLIENT, AS_ADDRESS, 4 } },
	{ 'i', "true-client-ip", { "req_", EVENT_CLIENT, AS_ADDRESS, 3 } },
	{ 'i', "cf-connecting-ip", { "req_", EVENT_CLIENT, AS_ADDRESS, 2 } },
	{ 'i', "x-forwarded-for", { "req_", EVENT_CLIENT, AS_ADDRESS, 1 } },
	{ 'i', "x-request-id", { "req_", EVENT_TRACE, AS_TEXT, 2 } },
	{ 'i', "cf-ray", { "req_", EVENT_TRACE, AS_TEXT, 1 } },
	{ 'i', "cf-ipcountry", { "req_", EVENT_COUNTRY, AS_TEXT, 1 } },
	{ 'i', NULL, { "req_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'I', "", { "bytes_in", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'k', "", { "keepalives", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'l', "", { "ident", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'L', "", { "log_id", EVENT_TRACE, AS_TEXT, 1 } },
	{ 'L', "c", { "conn_log_id", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'm', "", { "method", EVENT_METHOD, AS_TEXT, 4 } },
	{ 'n', NULL, { "note_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'o', "x-cache-status", { "resp_", EVENT_CACHE, AS_CACHE, 5 } },
	{ 'o', "x-cache", { "resp_", EVENT_CACHE, AS_CACHE, 4 } },
	{ 'o', "cf-cache-status", { "resp_", EVENT_CACHE, AS_CACHE, 3 } },
	{ 'o', "content-type", { "resp_", EVENT_TYPE, AS_TEXT, 1 } },
	{ 'o', NULL, { "resp_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'O', "", { "bytes_out", EVENT_BYTES, AS_COUNT, 1 } },
	{ 'p', "", { "port", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'p', NULL, { "port_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'P', "", { "pid", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'P', NULL, { "", EVENT_OTHER, AS_TEXT, 0 } },		/* pid, tid, hextid */
	{ 'q', "", { "query", EVENT_OTHER, AS_URL, 0 } },
	{ 'r', "", { "request", EVENT_URL, AS_REQUEST, 3 } },
	{ 'R', "", { "handler", EVENT_OTHER, AS_TEXT, 0 } },
	{ 's', "", { "status", EVENT_STATUS, AS_STATUS, 2 } },
	{ 'S', "", { "bytes_total", EVENT_OTHER, AS_TEXT, 0 } },
	{ 't', "", { "time", EVENT_TIME, AS_CLF, 1 } },
	{ 't', NULL, { "time", EVENT_TIME, AS_STRPTIME, 2 } },
	{ 'T', "", { "duration_s", EVENT_LATENCY, AS_S, 1 } },
	{ 'T', "s", { "duration_s", EVENT_LATENCY, AS_S, 2 } },
	{ 'T', "ms", { "duration_ms", EVENT_LATENCY, AS_MS, 3 } },
	{ 'T', "us", { "duration_us", EVENT_LATENCY, AS_US, 4 } },
	{ 'u', "", { "user", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'U', "", { "path", EVENT_URL, AS_URL, 2 } },
	{ 'v', "", { "server_name", EVENT_VHOST, AS_TEXT, 3 } },
	{ 'V', "", { "server_host", EVENT_VHOST, AS_TEXT, 2 } },
	{ 'X', "", { "connection", EVENT_OTHER, AS_TEXT, 0 } },

	/* mod_ssl's %{SSL_PROTOCOL}x and %{version}c; varnishncsa's x */
	{ 'c', NULL, { "ssl_", EVENT_OTHER, AS_TEXT, 0 } },
	{ 'x', "varnish:handling", { "", EVENT_CACHE, AS_CACHE, 8 } },
	{ 'x', "varnish:time_firstbyte", { "", EVENT_TTFB, AS_S, 2 } },
	{ 'x', "varnish:vxid", { "", EVENT_TRACE, AS_TEXT, 2 } },
	{ 'x', NULL, { "", EVENT_OTHER, AS_TEXT, 0 } },

	/* %^FB of mod_logio, %{..}^ti and %{..}^to of mod_log_config */
	{ 'F', "", { "first_byte_us", EVENT_TTFB, AS_US, 1 } },
	{ LOGVAR_TRAILER_IN, NULL, { "trailer_", EVENT_OTHER, AS_TEXT, 0 } },
	{ LOGVAR_TRAILER_OUT, NULL, { "resp_trailer_", EVENT_OTHER, AS_TEXT, 0 } },
};

/* The name of a directive as a column: letters, digits and '_'. */
static struct str
put_name(struct buf *b, const char *start, struct str arg)
{
	size_t from = b->n;
	bool plus_arg = *start == '\0' || start[strlen(start) - 1] == '_';

	buf_add(b, str_of(start));
	for (size_t i = 0; plus_arg && i < arg.n; i++) {
		unsigned char c = (unsigned char)arg.p[i], low = c | 0x20;

		if ((unsigned)low - 'a' < 26)
			buf_byte(b, (char)low);
		else
			buf_byte(b, (unsigned)c - '0' < 10 ? (char)c : '_');
	}
	return (struct str){ b->p + from, b->n - from };
}

bool
logvar_apache(struct buf *name, char letter, struct str arg, struct event_field *f)
{
	for (size_t i = 0; i < countof(apache); i++) {
		const struct directive *d = &apache[i];

		if (d->letter != letter)
			continue;
		if (d->arg ? !str_eq_nocase(arg, str_of(d->arg)) : arg.n == 0)
			continue;
		*f = field_of(put_name(name, d->var.name, arg), &d->var);
		return true;
	}
	return false;
}
