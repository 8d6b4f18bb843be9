#include "format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "msg.h"
#include "str.h"
#include "value.h"

#define NGINX_COMBINED	"$remote_addr - $remote_user [$time_local] \"$request\" " \
			"$status $body_bytes_sent \"$http_referer\" \"$http_user_agent\""
#define APACHE_COMMON	"%h %l %u %t \"%r\" %>s %b"
#define APACHE_COMBINED	APACHE_COMMON " \"%{Referer}i\" \"%{User-Agent}i\""

/*
 * By name.  Detection tries all that are not `hidden`, from the top: where two
 * read as many lines the first is taken.
 */
static const struct named {
	const char *name, *text;
	bool absolute_urls, hidden;
} named[] = {
	{ "nginx-cache", NGINX_COMBINED
	    " rt=$request_time ut=\"$upstream_response_time\" cs=$upstream_cache_status",
	    false, false },
	{ "nginx-main", NGINX_COMBINED " \"$http_x_forwarded_for\"", false, false },
	{ "nginx-ingress", NGINX_COMBINED " $request_length $request_time "
	    "[$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr "
	    "$upstream_response_length $upstream_response_time $upstream_status $req_id",
	    false, false },
	{ "varnish-cache", APACHE_COMBINED
	    " %D %{Varnish:time_firstbyte}x %{Varnish:handling}x", true, false },
	{ "vhost_combined", "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" "
	    "\"%{User-Agent}i\"", false, false },
	{ "vhost_common", "%v %h %l %u %t \"%r\" %>s %b \"%{Referer}i\" "
	    "\"%{User-Agent}i\"", false, false },
	{ "combinedio", APACHE_COMBINED " %I %O", false, false },
	{ "combined", APACHE_COMBINED, false, false },
	{ "common", APACHE_COMMON, false, false },
	{ "varnish", APACHE_COMBINED, true, true },
	{ "nginx", NGINX_COMBINED, false, true },
};

static bool PRINTF(2, 3)
wrong(struct format *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
	return false;
}

static bool
open_log(struct format *f, struct str text)
{
	f->kind = FORMAT_LOG;
	if (!logfmt_compile(&f->log, text))
		return wrong(f, "%s", f->log.why);
	f->field = f->log.field;
	f->n = f->log.n;
	f->unescape = f->log.escaped ? value_unescape : NULL;
	return true;
}

static bool
open_json(struct format *f, struct str spec, struct str sample, const char *columns)
{
	f->kind = FORMAT_JSON;
	f->name = "json";
	if (!jsonfmt_open(&f->json, spec, sample, columns))
		return wrong(f, "%s", f->json.why);
	f->field = f->json.field;
	f->n = f->json.n;
	f->unescape = json_unescape;
	return true;
}

static bool
open_named(struct format *f, const struct named *n)
{
	f->name = n->name;
	f->absolute_urls = n->absolute_urls;
	return open_log(f, str_of(n->text));
}

static bool
no_such_name(struct format *f, const char *text)
{
	struct buf b;

	buf_init(&b, FORMAT_WHY_MAX / 2);
	for (size_t i = 0; i < countof(named); i++)
		buf_printf(&b, "%s, ", named[i].name);
	wrong(f, "no format is called \"%.*s\": %.*sjson, or the server's own string "
	    "with its $names or %%letters", STRF(str_of(text)), STRF(buf_str(&b)));
	buf_free(&b);
	return false;
}

bool
format_open(struct format *f, const char *text, struct str sample, const char *columns)
{
	struct str s = str_of(text);

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < countof(named); i++)
		if (str_eq(s, str_of(named[i].name)))
			return open_named(f, &named[i]);
	if (str_eq(s, STR("json")))
		return open_json(f, STR(""), sample, columns);
	if (str_starts(s, STR("json:")))
		return open_json(f, str_from(s, 5), sample, columns);
	if (str_chr(s, '$') == s.n && str_chr(s, '%') == s.n)
		return no_such_name(f, text);
	return open_log(f, s);
}

bool
format_read(struct format *f, struct str line, struct str *field)
{
	switch (f->kind) {
	case FORMAT_LOG:
		if (LIKELY(logfmt_read(&f->log, line, field)))
			return true;
		f->stop = f->log.stop;
		f->stop_field = f->log.stop_field;
		return wrong(f, "%s", f->log.why);
	case FORMAT_JSON:
		if (LIKELY(jsonfmt_read(&f->json, line, field)))
			return true;
		f->stop = f->json.stop;
		f->stop_field = -1;
		return wrong(f, "%s", f->json.why);
	}
	return false;
}

void
format_close(struct format *f)
{
	logfmt_close(&f->log);
	jsonfmt_close(&f->json);
}

/* ---- detection ---- */

/* One candidate's result. */
struct score {
	unsigned matched, sampled;
	unsigned bad_line;		/* the first not read, from 1 */
	char why[FORMAT_WHY_MAX / 2];
};

/*
 * Formats that differ by a word in front read each other's lines, with every
 * field one too early.  An address in %l, or none in %h, tells.
 */
static bool
is_plausible(const struct format *f, const struct str *field)
{
	for (size_t i = 0; i < f->n; i++) {
		struct str s = field[i];

		if (f->field[i].as == AS_ADDRESS && f->field[i].rank > 7 &&
		    str_chr(value_client(s), ' ') < value_client(s).n)
			return false;
		if (str_eq(f->field[i].name, STR("ident")) && value_is_address(s))
			return false;
	}
	return true;
}

static bool
reads(struct format *f, struct event *e, struct str line, struct buf *row)
{
	struct str field[EVENT_FIELDS];
	char *to;

	if (!format_read(f, line, field))
		return false;
	if (!is_plausible(f, field))
		return wrong(f, "no client's address in front");
	buf_reset(row);
	to = buf_room(row, event_room(e, line.n));
	if (event_row(e, field, line, &to) == EVENT_BAD)
		return wrong(f, "\"%.*s\": %s: \"%.*s\"", STRF(f->field[e->bad_field].name),
		    e->why, STRF(field[e->bad_field]));
	return true;
}

static bool
next_line(struct str *rest, struct str *line)
{
	size_t n = str_chr(*rest, '\n');

	if (n == rest->n)
		return false;
	*line = (struct str){ rest->p, n };
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	*rest = str_from(*rest, n + 1);
	return true;
}

static void
score_lines(struct format *f, struct event *e, struct str sample, struct score *s)
{
	unsigned lineno = 0;
	struct str line;
	struct buf row;

	buf_init(&row, SIZE_MAX / 2);
	while (s->sampled < FORMAT_SAMPLE_LINES && next_line(&sample, &line)) {
		lineno++;
		if (format_is_aside(line))
			continue;
		s->sampled++;
		if (reads(f, e, line, &row)) {
			s->matched++;
		} else if (!s->bad_line) {
			s->bad_line = lineno;
			snprintf(s->why, sizeof(s->why), "%.*s", (int)sizeof(s->why) - 1, f->why);
		}
	}
	buf_free(&row);
}

/* How much of the sample an opened format reads, every numeric column of it. */
static void
score(struct format *f, struct str sample, struct score *s)
{
	struct outcome_words words;
	struct event_opts opts = {
		.since = INT64_MIN, .until = INT64_MAX, .unescape = f->unescape
	};
	struct event *e = mem_alloc(sizeof(*e));

	memset(s, 0, sizeof(*s));
	outcome_open(&words, &hash_published);
	if (event_open(e, f->field, f->n, &opts, &words))
		score_lines(f, e, sample, s);
	event_close(e);
	outcome_close(&words);
	free(e);
}

/* The i-th candidate: JSON, then the table. */
static bool
open_candidate(struct format *f, size_t i, struct str sample, const char *columns)
{
	memset(f, 0, sizeof(*f));
	return i == 0 ? open_json(f, STR(""), sample, columns) : open_named(f, &named[i - 1]);
}

static bool
is_candidate(size_t i, struct str sample)
{
	if (i == 0)
		return sample.n && (*sample.p == '{' || *sample.p == ' ');
	return !named[i - 1].hidden;
}

static bool
refuse(struct format *f, const struct score *best, const char *name)
{
	if (best->sampled == 0)
		return wrong(f, "no whole line to tell the format by: name it with -f");
	if (best->matched == 0)
		return wrong(f, "not in any format known by name: give the server's own format "
		    "string with -f (nginx's log_format, Apache's LogFormat)");
	return wrong(f, "not in any format known by name: %s is closest and reads %u of %u lines; "
	    "line %u: %s (see --explain, or give the server's own format string with -f)",
	    name, best->matched, best->sampled, best->bad_line, best->why);
}

bool
format_detect(struct format *f, struct str sample, const char *columns)
{
	struct score best = { .matched = 0 }, s;
	size_t best_i = countof(named) + 1;
	const char *name = "";

	for (size_t i = 0; i <= countof(named); i++) {
		if (!is_candidate(i, sample) || !open_candidate(f, i, sample, columns))
			continue;
		score(f, sample, &s);
		if (s.sampled > best.sampled || s.matched > best.matched) {
			best = s;
			best_i = i;
			name = f->name;
		}
		format_close(f);
	}
	memset(f, 0, sizeof(*f));
	if (best_i <= countof(named) && !open_candidate(f, best_i, sample, columns))
		return false;
	if (best.sampled == 0 || (uint64_t)best.matched * 100 < (uint64_t)best.sampled * FORMAT_MATCH_PCT)
		return refuse(f, &best, name);
	f->matched = best.matched;
	f->sampled = best.sampled;
	return true;
}
