/* logvar: variables fill the columns they should, and carry sane names. */
#include "logvar.h"

#include "str.h"
#include "test.h"

static void
check_nginx(const char *name, enum event_col col, enum event_as as)
{
	struct event_field f = logvar_nginx(str_of(name));

	CHECK(f.col == col && f.as == as);
	CHECK_STR(f.name, name);
}

static void
check_apache(char letter, const char *arg, const char *name, enum event_col col)
{
	struct event_field f = { .rank = 0 };
	struct buf b;

	buf_init(&b, 256);
	CHECK(logvar_apache(&b, letter, str_of(arg), &f));
	CHECK(f.col == col);
	CHECK_STR(f.name, name);
	buf_free(&b);
}

int
main(void)
{
	struct event_field f;
	struct buf b;

	check_nginx("msec", EVENT_TIME, AS_EPOCH);
	check_nginx("time_local", EVENT_TIME, AS_CLF);
	check_nginx("request", EVENT_URL, AS_REQUEST);
	check_nginx("request_time", EVENT_LATENCY, AS_S);
	check_nginx("upstream_cache_status", EVENT_CACHE, AS_CACHE);
	check_nginx("host", EVENT_VHOST, AS_TEXT);
	check_nginx("experiment", EVENT_EXPERIMENT, AS_TEXT);
	check_nginx("latency_ms", EVENT_LATENCY, AS_MS);
	check_nginx("ssl_protocol", EVENT_OTHER, AS_TEXT);
	CHECK(logvar_nginx(STR("msec")).rank > logvar_nginx(STR("time_local")).rank);
	CHECK(logvar_nginx(STR("remote_addr")).rank > logvar_nginx(STR("http_x_forwarded_for")).rank);

	check_apache('h', "", "client", EVENT_CLIENT);
	check_apache('i', "REFERER", "req_referer", EVENT_REFERER);
	check_apache('i', "X-Fancy", "req_x_fancy", EVENT_OTHER);
	check_apache('e', "cache-status", "env_cache_status", EVENT_CACHE);
	check_apache('x', "Varnish:handling", "varnish_handling", EVENT_CACHE);
	check_apache('x', "Varnish:hitmiss", "varnish_hitmiss", EVENT_OTHER);
	check_apache('p', "remote", "port_remote", EVENT_OTHER);
	check_apache('T', "ms", "duration_ms", EVENT_LATENCY);
	check_apache('t', "%T", "time", EVENT_TIME);
	buf_init(&b, 256);
	CHECK(!logvar_apache(&b, 'y', STR(""), &f));
	CHECK(!logvar_apache(&b, 'i', STR(""), &f));	/* needs a header's name */
	CHECK(!logvar_apache(&b, 'h', STR("x"), &f));
	buf_free(&b);

	/* All columns can be named by a configuration, and only they. */
	for (int c = 0; c < EVENT_COLS; c++)
		CHECK((int)logvar_own(event_col_name[c]).col == c);
	CHECK(logvar_own(STR("times")).col == EVENT_OTHER);
	return test_end();
}
