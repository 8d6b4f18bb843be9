/*
 * gen - access logs of any size, for the bench and for big tests: made up,
 * but shaped like the real ones, and the same for the same seed.
 *
 *	gen --bytes 1G >big.log
 *	gen --lines 5000000 --json --seed 7 >big.json
 *
 * A text line is nginx's combined and what a cache adds (see --format); a
 * JSON line is the same event under sixteen of nginx' names.  With --lines,
 * both forms hold the same events.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mem.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"

#define LINE_ROOM	1024		/* bytes no line reaches */
#define KEYS_MAX	(64u << 20)
#define HOURS_MAX	(24u * 366)
#define CLIENTS		20000u
#define SHAPES		4096u		/* draws kept of each distribution */
#define ZIPF		0.9
#define START_S		1795132800	/* 2026-11-20 00:00:00 UTC */
#define PI		3.14159265358979323846

static struct {
	uint64_t lines, bytes, keys, hours, seed;
	bool json, format;
} cfg = { .keys = 1000000, .hours = 24, .seed = 1 };

static const struct opt opts[] = {
	{ 0, "lines", "N", OPT_COUNT, &cfg.lines, "so many lines" },
	{ 0, "bytes", "SIZE", OPT_SIZE, &cfg.bytes,
	    "so many bytes, and what the last line needs" },
	{ 0, "keys", "K", OPT_COUNT, &cfg.keys,
	    "objects, asked for by Zipf 0.9 (default 1000000)" },
	{ 0, "hours", "H", OPT_COUNT, &cfg.hours,
	    "time the log covers, from 2026-11-20 on (default 24)" },
	{ 0, "seed", "N", OPT_COUNT, &cfg.seed, "another log (default 1)" },
	{ 0, "json", NULL, OPT_FLAG, &cfg.json, "JSON lines" },
	{ 0, "format", NULL, OPT_FLAG, &cfg.format,
	    "print the log_format of the text, and nothing else" },
};

static const struct opt_prog prog = {
	"gen", "", "write a made-up access log", opts, countof(opts)
};

static const char log_format[] =
    "$remote_addr - $remote_user [$time_local] \"$request\" $status "
    "$body_bytes_sent \"$http_referer\" \"$http_user_agent\" "
    "rt=$request_time uct=\"$upstream_connect_time\" "
    "cs=$upstream_cache_status\n";

/* STR() is no constant to a table. */
#define LIT(lit)	{ lit, sizeof(lit) - 1 }

/* A list of slices and how often each is drawn, in parts of 1024. */
struct choice {
	struct str s;
	unsigned weight;
};

static const struct choice methods[] = {
	{ LIT("GET"), 990 }, { LIT("HEAD"), 24 }, { LIT("OPTIONS"), 10 },
};

/* Those before MISS are served without asking the origin. */
enum { HIT, STALE, UPDATING, MISS, EXPIRED, REVALIDATED, BYPASS };

static const struct choice outcomes[] = {
	[HIT] = { LIT("HIT"), 850 }, [STALE] = { LIT("STALE"), 20 },
	[UPDATING] = { LIT("UPDATING"), 8 }, [MISS] = { LIT("MISS"), 92 },
	[EXPIRED] = { LIT("EXPIRED"), 30 },
	[REVALIDATED] = { LIT("REVALIDATED"), 16 },
	[BYPASS] = { LIT("BYPASS"), 8 },
};

static const struct choice agents[] = {
	{ LIT("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
	    "(KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"), 420 },
	{ LIT("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
	    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
	    "Mobile/15E148 Safari/604.1"), 330 },
	{ LIT("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 "
	    "Firefox/131.0"), 160 },
	{ LIT("Mozilla/5.0 (compatible; Googlebot/2.1; "
	    "+http://www.google.com/bot.html)"), 60 },
	{ LIT("curl/8.5.0"), 30 }, { LIT("-"), 24 },
};

static const struct choice referers[] = {
	{ LIT("https://www.example.com/"), 330 },
	{ LIT("https://www.example.com/shop/new-arrivals"), 300 },
	{ LIT("https://www.google.com/"), 190 },
	{ LIT("-"), 204 },
};

static const struct str folders[] = {
	LIT("/assets/img/"), LIT("/media/catalog/product/"), LIT("/shop/item/"),
	LIT("/api/v1/products/"), LIT("/static/js/"), LIT("/fonts/"),
	LIT("/media/video/hls/"), LIT("/news/2026/11/"),
};

static const struct str endings[] = {
	LIT("-1200x800.webp"), LIT("-thumbnail.jpg?v=3"), LIT(""),
	LIT("?currency=EUR"), LIT(".min.js"), LIT(".woff2"), LIT(".ts"),
	LIT(".html"),
};

/* What one request was; texts point into the lists above. */
struct event {
	int64_t time_ms;
	uint32_t client, connection, object;
	unsigned status, bytes, took_ms;
	bool origin;			/* somebody was asked */
	struct str method, cache, agent, referer;
};

/* Walker's alias method, as M. D. Vose built it (IEEE TSE 17, 1991). */
struct alias {
	uint32_t keep;			/* of 2^32: stay here, else go to other */
	uint32_t other;
};

/* What draw() needs and does not change, but for the generator. */
struct world {
	uint64_t random;		/* state of SplitMix64 */
	struct alias *zipf;		/* OWNED, cfg.keys of them */
	unsigned char method[1024], outcome[1024], agent[1024], referer[1024];
	unsigned hit_ms[SHAPES], origin_ms[SHAPES], size[SHAPES];
};

/* SplitMix64: Steele, Lea and Flood, OOPSLA 2014. */
static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t
next(uint64_t *state)
{
	return mix(*state += 0x9e3779b97f4a7c15);
}

/* In (0, 1). */
static double
next_unit(uint64_t *state)
{
	return ((double)(next(state) >> 11) + 0.5) / 9007199254740992.0;
}

/* Draws of the log-normal distribution, by Box and Muller, each at most max. */
static void
fill_shape(unsigned v[SHAPES], double median, double sigma, double max, uint64_t *state)
{
	for (size_t i = 0; i < SHAPES; i++) {
		double radius = sqrt(-2 * log(next_unit(state)));
		double z = radius * cos(2 * PI * next_unit(state));
		double x = median * exp(sigma * z);

		v[i] = (unsigned)(x < max ? x : max);
	}
}

static void
fill_choice(unsigned char v[1024], const struct choice *c)
{
	for (unsigned i = 0, left = c[0].weight, k = 0; i < 1024; i++, left--) {
		if (left == 0)
			left = c[++k].weight;
		v[i] = (unsigned char)k;
	}
}

static struct alias *
zipf_new(uint32_t n)
{
	struct alias *a = mem_array(n, sizeof(*a));
	double *p = mem_array(n, sizeof(*p));
	uint32_t *small = mem_array(n, sizeof(*small)), nsmall = 0;
	uint32_t *large = mem_array(n, sizeof(*large)), nlarge = 0;
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += p[i] = pow(i + 1.0, -ZIPF);
	for (uint32_t i = 0; i < n; i++) {
		p[i] *= n / sum;
		a[i] = (struct alias){ UINT32_MAX, i };
		if (p[i] < 1)
			small[nsmall++] = i;
		else
			large[nlarge++] = i;
	}
	while (nsmall && nlarge) {
		uint32_t s = small[--nsmall], l = large[nlarge - 1];

		a[s] = (struct alias){ (uint32_t)(p[s] * 4294967296.0), l };
		p[l] -= 1 - p[s];
		if (p[l] < 1) {
			nlarge--;
			small[nsmall++] = l;
		}
	}
	free(p);
	free(small);
	free(large);
	return a;
}

static uint32_t
zipf_draw(const struct alias *a, uint64_t n, uint64_t r)
{
	uint32_t i = (uint32_t)(((r >> 32) * n) >> 32);

	return (uint32_t)r < a[i].keep ? i : a[i].other;
}

static void
world_open(struct world *w)
{
	w->random = mix(cfg.seed);
	w->zipf = zipf_new((uint32_t)cfg.keys);
	fill_choice(w->method, methods);
	fill_choice(w->outcome, outcomes);
	fill_choice(w->agent, agents);
	fill_choice(w->referer, referers);
	fill_shape(w->hit_ms, 0.9, 1.0, 2000, &w->random);
	fill_shape(w->origin_ms, 65, 0.8, 60000, &w->random);
	fill_shape(w->size, 14000, 1.3, 20e6, &w->random);
}

/* One in a hundred is the server's fault, a few more say something special. */
static unsigned
draw_status(uint64_t r)
{
	static const unsigned faults[] = { 500, 502, 503, 504 };
	unsigned per_mille = (unsigned)((r & 0xffffff) * 1000 >> 24);

	if (per_mille < 10)
		return faults[r >> 24 & 3];
	if (per_mille < 25)
		return 404;
	if (per_mille < 65)
		return 304;
	if (per_mille < 75)
		return 206;
	return per_mille < 80 ? 301 : 200;
}

/* done of total: how much of the log, and so of its time, has gone. */
static struct event
draw(struct world *w, uint64_t done, uint64_t total)
{
	uint64_t a = next(&w->random), b = next(&w->random), c = next(&w->random);
	uint64_t ms = cfg.hours * 3600 * 1000;
	struct event e = {
		.time_ms = START_S * INT64_C(1000) + (int64_t)((u128)ms * done / total),
		.client = (uint32_t)((c >> 32) * CLIENTS >> 32),
		.connection = (uint32_t)(c & 0xffffff),
		.object = zipf_draw(w->zipf, cfg.keys, a),
		.status = draw_status(b >> 32),
		.method = methods[w->method[c & 1023]].s,
		.agent = agents[w->agent[(c >> 10) & 1023]].s,
		.referer = referers[w->referer[(c >> 20) & 1023]].s,
	};
	unsigned outcome = e.status >= 500 ? MISS : w->outcome[b & 1023];
	bool body = e.status != 304 && e.method.p[0] == 'G';

	e.cache = outcomes[outcome].s;
	e.origin = outcome >= MISS;
	e.took_ms = (e.origin ? w->origin_ms : w->hit_ms)[b >> 10 & (SHAPES - 1)];
	if (body)
		e.bytes = e.status == 200 || e.status == 206 ?
		    1 + w->size[e.object * 2654435761u >> 20] : 162;
	return e;
}

static char *
put(char *p, struct str s)
{
	memcpy(p, s.p, s.n);
	return p + s.n;
}

#define PUT(p, lit)	put(p, STR(lit))

/* Seconds with three decimals, as nginx has it. */
static char *
put_seconds(char *p, uint64_t ms)
{
	unsigned rest = (unsigned)(ms % 1000);

	p = num_put_u64(p, ms / 1000);
	*p++ = '.';
	*p++ = (char)('0' + rest / 100);
	*p++ = (char)('0' + rest / 10 % 10);
	*p++ = (char)('0' + rest % 10);
	return p;
}

static char *
put_hex(char *p, uint32_t v)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[v >> shift & 15];
	return p;
}

/* Of 198.18.0.0/15, which RFC 2544 set aside for benchmarks. */
static char *
put_client(char *p, uint32_t client)
{
	p = PUT(p, "198.");
	p = num_put_u64(p, 18 + (client >> 16));
	*p++ = '.';
	p = num_put_u64(p, client >> 8 & 255);
	*p++ = '.';
	return num_put_u64(p, client & 255);
}

/* No two objects have the same path: odd multipliers permute 32 bits. */
static char *
put_path(char *p, uint32_t object)
{
	uint32_t scrambled = object * 2654435761u;

	p = put(p, folders[scrambled & 7]);
	p = PUT(p, "autumn-collection-2026/");
	p = put_hex(p, scrambled);
	return put(p, endings[scrambled & 7]);
}

/* $time_local; the text of a second is kept until the next one. */
static char *
put_time(char *p, int64_t time_ms)
{
	static char text[40];
	static time_t had;
	static size_t n;
	time_t now = (time_t)(time_ms / 1000);

	if (now != had) {
		struct tm tm;

		if (!gmtime_r(&now, &tm))
			die("no such time");
		n = strftime(text, sizeof(text), "%d/%b/%Y:%H:%M:%S +0000", &tm);
		had = now;
	}
	return put(p, (struct str){ text, n });
}

static char *
put_text(char *p, const struct event *e)
{
	p = put_client(p, e->client);
	p = PUT(p, " - - [");
	p = put_time(p, e->time_ms);
	p = PUT(p, "] \"");
	p = put(p, e->method);
	*p++ = ' ';
	p = put_path(p, e->object);
	p = PUT(p, " HTTP/1.1\" ");
	p = num_put_u64(p, e->status);
	*p++ = ' ';
	p = num_put_u64(p, e->bytes);
	p = PUT(p, " \"");
	p = put(p, e->referer);
	p = PUT(p, "\" \"");
	p = put(p, e->agent);
	p = PUT(p, "\" rt=");
	p = put_seconds(p, e->took_ms);
	p = put(p, e->origin ? STR(" uct=\"0.000\" cs=") : STR(" uct=\"-\" cs="));
	p = put(p, e->cache);
	*p++ = '\n';
	return p;
}

/* escape=json: what is missing is empty, not "-". */
static char *
put_optional(char *p, struct str s)
{
	return s.n == 1 && s.p[0] == '-' ? p : put(p, s);
}

static char *
put_json(char *p, const struct event *e)
{
	p = PUT(p, "{\"msec\":\"");
	p = put_seconds(p, (uint64_t)e->time_ms);
	p = PUT(p, "\",\"remote_addr\":\"");
	p = put_client(p, e->client);
	p = PUT(p, "\",\"remote_user\":\"\",\"connection\":");
	p = num_put_u64(p, e->connection);
	p = PUT(p, ",\"scheme\":\"https\",\"host\":\"www.example.com\","
	    "\"request_method\":\"");
	p = put(p, e->method);
	p = PUT(p, "\",\"request_uri\":\"");
	p = put_path(p, e->object);
	p = PUT(p, "\",\"server_protocol\":\"HTTP/1.1\",\"status\":");
	p = num_put_u64(p, e->status);
	p = PUT(p, ",\"body_bytes_sent\":");
	p = num_put_u64(p, e->bytes);
	p = PUT(p, ",\"http_referer\":\"");
	p = put_optional(p, e->referer);
	p = PUT(p, "\",\"http_user_agent\":\"");
	p = put_optional(p, e->agent);
	p = PUT(p, "\",\"request_time\":");
	p = put_seconds(p, e->took_ms);
	p = put(p, e->origin ? STR(",\"upstream_connect_time\":\"0.000\"")
	    : STR(",\"upstream_connect_time\":\"\""));
	p = PUT(p, ",\"upstream_cache_status\":\"");
	p = put(p, e->cache);
	p = PUT(p, "\"}\n");
	return p;
}

static int
write_log(struct world *w)
{
	struct out o;
	uint64_t lines = 0, bytes = 0;

	out_open(&o, NULL);
	while (cfg.bytes ? bytes < cfg.bytes : lines < cfg.lines) {
		struct event e = cfg.bytes ? draw(w, bytes, cfg.bytes)
		    : draw(w, lines, cfg.lines);
		char *from = out_room(&o, LINE_ROOM);
		char *end = cfg.json ? put_json(from, &e) : put_text(from, &e);

		bytes += (uint64_t)(end - from);
		lines++;
		out_used(&o, end);
	}
	return out_close(&o);
}

int
main(int argc, char *argv[])
{
	static struct world w;
	int status;

	if (opt_parse(&prog, argc, argv) < argc)
		opt_wrong(&prog, "no operands");
	if (cfg.format) {
		fputs(log_format, stdout);
		return fclose(stdout) == 0 ? EXIT_OK : EXIT_TROUBLE;
	}
	if (!cfg.lines == !cfg.bytes)
		opt_wrong(&prog, "either --lines or --bytes");
	if (cfg.keys < 1 || cfg.keys > KEYS_MAX)
		opt_wrong(&prog, "--keys: 1 to %u", KEYS_MAX);
	if (cfg.hours < 1 || cfg.hours > HOURS_MAX)
		opt_wrong(&prog, "--hours: 1 to %u", HOURS_MAX);
	world_open(&w);
	status = write_log(&w);
	free(w.zipf);
	return status;
}
