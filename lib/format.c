#include "format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "csv.h"
#include "msg.h"
#include "scan.h"
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
	f->ident = -1;
	if (!logfmt_compile(&f->log, text))
		return wrong(f, "%s", f->log.why);
	f->field = f->log.field;
	f->n = f->log.n;
	f->unescape = f->log.escaped ? value_unescape : NULL;
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->field[i].name, STR("ident")))
			f->ident = (int)i;
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

/* ---- tables ---- */

/* The first row of a text in CSV, kept. */
struct first_row {
	struct arena *text;
	struct str cell[CSV_COLS];
	size_t n;
	bool some;
	enum csv_fault fault;
};

static void
keep_first(void *ctx, const struct csv_row *row)
{
	struct first_row *r = ctx;

	if (r->some)
		return;
	r->some = true;
	r->fault = row->fault;
	r->n = row->n;
	for (size_t i = 0; i < row->n; i++) {
		char *p = arena_alloc(r->text, row->field[i].n + SCAN_SLACK);

		memcpy(p, row->field[i].p, row->field[i].n);
		r->cell[i] = (struct str){ p, row->field[i].n };
	}
}

static struct first_row *
first_csv_row(struct arena *text, struct str s)
{
	struct first_row *r = arena_alloc(text, sizeof(*r));
	struct csv csv;

	*r = (struct first_row){ .text = text };
	csv_open(&csv, ',', keep_first, r);
	csv_feed(&csv, s);
	csv_finish(&csv);
	csv_close(&csv);
	return r;
}

/* The cells of a line of TSV; one more than there is room for: too many. */
static size_t
split(struct str line, struct str cell[EVENT_FIELDS + 1])
{
	uint32_t end[EVENT_FIELDS + 1];
	size_t n = scan_split(line.p, line.n, '\t', end, EVENT_FIELDS + 1), from = 0;

	for (size_t i = 0; i < n && i <= EVENT_FIELDS; i++) {
		cell[i] = (struct str){ line.p + from, end[i] - from };
		from = (size_t)end[i] + 1;
	}
	return n;
}

static struct str
first_line(struct str s)
{
	s.n = str_chr(s, '\n');
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static bool
bind_table(struct format *f, struct str spec, const struct str *cell, size_t n,
    const char *columns)
{
	f->headed = true;
	if (!tablefmt_open(&f->table, spec, cell, n, columns))
		return wrong(f, "%s", f->table.why);
	f->field = f->table.field;
	f->n = f->table.n;
	return true;
}

static bool
open_tsv(struct format *f, struct str spec, struct str sample, const char *columns)
{
	struct str cell[EVENT_FIELDS + 1];
	size_t n = sample.n ? split(first_line(sample), cell) : 0;

	f->kind = FORMAT_TSV;
	f->name = "tsv";
	f->unescape = value_unescape;
	if (n > EVENT_FIELDS)
		return wrong(f, "more than %d columns in the header", EVENT_FIELDS);
	return bind_table(f, spec, cell, n, columns);
}

static bool
open_csv(struct format *f, struct str spec, struct str sample, const char *columns)
{
	struct arena text = { 0 };
	struct first_row *r = first_csv_row(&text, sample);
	bool ok;

	f->kind = FORMAT_CSV;
	f->name = "csv";
	if (r->fault != CSV_GOOD)
		ok = wrong(f, "the header: %s", csv_reason(r->fault));
	else
		ok = bind_table(f, spec, r->cell, r->n, columns);
	arena_free(&text);
	return ok;
}

bool
format_cells(struct format *f, const struct str *cell, size_t n, struct str *field)
{
	f->stop = 0;
	f->stop_field = -1;
	return LIKELY(tablefmt_row(&f->table, cell, n, field)) || wrong(f, "%s", f->table.why);
}

static bool
read_tsv(struct format *f, struct str line, struct str *field)
{
	struct str cell[EVENT_FIELDS + 1];
	size_t n = split(line, cell);

	return format_cells(f, cell, n, field);
}

static bool
read_csv(struct format *f, struct str line, struct str *field)
{
	struct first_row *r;

	arena_free(&f->row);
	r = first_csv_row(&f->row, line);
	f->stop = 0;
	f->stop_field = -1;
	if (r->fault != CSV_GOOD)
		return wrong(f, "%s", csv_reason(r->fault));
	return format_cells(f, r->cell, r->n, field);
}

bool
format_is_header(struct format *f, struct str line)
{
	struct str cell[EVENT_FIELDS + 1];
	size_t n = split(line, cell);

	return tablefmt_is_header(&f->table, cell, n);
}

/* ---- by name ---- */

static bool
open_named(struct format *f, const struct named *n)
{
	f->name = n->name;
	f->absolute_urls = n->absolute_urls;
	return open_log(f, str_of(n->text));
}

/* Formats whose fields have keys, which a specification may name. */
static const struct {
	struct str name;
	bool (*open)(struct format *f, struct str spec, struct str sample, const char *columns);
} keyed[] = {
	{ { "json", 4 }, open_json }, { { "csv", 3 }, open_csv }, { { "tsv", 3 }, open_tsv },
};

static bool
no_such_name(struct format *f, const char *text)
{
	struct buf b;

	buf_init(&b, FORMAT_WHY_MAX / 2);
	for (size_t i = 0; i < countof(named); i++)
		buf_printf(&b, "%s, ", named[i].name);
	wrong(f, "no format is called \"%.*s\": %.*sjson, csv, tsv, or the server's own string "
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
	for (size_t i = 0; i < countof(keyed); i++) {
		struct str name = keyed[i].name;

		if (str_starts(s, name) && (s.n == name.n || s.p[name.n] == ':'))
			return keyed[i].open(f, str_from(s, s.n == name.n ? s.n : name.n + 1),
			    sample, columns);
	}
	if (str_chr(s, '$') == s.n && str_chr(s, '%') == s.n)
		return no_such_name(f, text);
	return open_log(f, s);
}

static bool
read_bare(struct format *f, struct str line, struct str *field)
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
	case FORMAT_TSV:
		return read_tsv(f, line, field);
	case FORMAT_CSV:
		return read_csv(f, line, field);
	}
	return false;
}

/* Logs that came through others' hands have the same in front of every line. */
static bool
read_prefixed(struct format *f, struct str line, struct str *field)
{
	for (int kind = PREFIX_NONE + 1; kind < PREFIXES; kind++) {
		struct str rest = prefix_cut((enum prefix)kind, line);

		if (rest.n < line.n && read_bare(f, rest, field)) {
			f->prefix = (enum prefix)kind;
			return true;
		}
	}
	return false;
}

/*
 * "%h %l %u" takes any words, so a line with one or two more in front reads too,
 * with the wrong client.  A %l that is not "-" gives it away.
 */
static bool
is_shifted(struct format *f, struct str line, struct str *field)
{
	if (read_prefixed(f, line, field))
		return false;
	if (!read_bare(f, line, field) || !value_is_address(field[f->ident]))
		return false;
	f->stop = (size_t)(field[f->ident].p - line.p);
	f->stop_field = f->ident;
	wrong(f, "\"ident\" is an address: a field more stands in front");
	return true;
}

bool
format_read(struct format *f, struct str line, struct str *field)
{
	struct str bare = UNLIKELY(f->prefix != PREFIX_NONE) ? prefix_cut(f->prefix, line) : line;

	if (LIKELY(read_bare(f, bare, field)))
		return f->kind != FORMAT_LOG || f->ident < 0 ||
		    LIKELY(str_eq(field[f->ident], STR("-"))) || !is_shifted(f, line, field);
	if (f->headed)
		return false;
	/* If none of it helps, what is wrong is told of the line as it came. */
	return read_prefixed(f, line, field) || read_bare(f, line, field);
}

struct str
format_unseen(const struct format *f, size_t i)
{
	if (f->kind == FORMAT_JSON && f->json.absent >> i & 1)
		return f->json.named[i];
	return (struct str){ NULL, 0 };
}

void
format_close(struct format *f)
{
	logfmt_close(&f->log);
	tablefmt_close(&f->table);
	arena_free(&f->row);
}

/* ---- detection ---- */

/* One candidate's result. */
struct score {
	unsigned matched, sampled;
	unsigned bad_line;		/* the first not read, from 1: */
	size_t stop;			/* as far as this byte of it, */
	int stop_field, fields;		/* in this of so many */
	char why[FORMAT_WHY_MAX / 2];
};

static bool
reads(struct format *f, struct event *e, struct str line, struct buf *row)
{
	struct str field[EVENT_FIELDS];
	char *to;

	f->stop = 0;
	f->stop_field = -1;
	if (!format_read(f, line, field))
		return false;
	buf_reset(row);
	to = buf_room(row, event_room(e, line.n));
	if (event_row(e, field, line, &to) != EVENT_BAD)
		return true;
	if (e->bad_field < 0)
		return wrong(f, "%s", e->why);
	return wrong(f, "\"%.*s\": %s: \"%.*s\"", STRF(f->field[e->bad_field].name),
		    e->why, STRF(field[e->bad_field]));
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
			s->stop = f->stop;
			s->stop_field = f->stop_field;
			s->fields = (int)f->n;
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
	struct str line = first_line(sample);

	if (i == 0)
		return str_chr(line, '{') < line.n;
	return !named[i - 1].hidden;
}

/*
 * Of two that read no line: which came further in the first one?  At the same
 * byte, the one whose fields are all read knows more of it.
 */
static bool
comes_further(const struct score *s, const struct score *than)
{
	bool done = s->stop_field + 1 == s->fields, than_done = than->stop_field + 1 == than->fields;

	if (s->matched || 2 * s->stop_field < s->fields)
		return false;
	return s->stop > than->stop || (s->stop == than->stop && done && !than_done);
}

static bool
refuse(struct format *f, const struct score *best, const char *name,
    const struct score *far, const char *far_name)
{
	if (best->sampled == 0)
		return wrong(f, "no whole line to tell the format by: name it with -f");
	if (best->matched == 0 && f->kind != FORMAT_JSON && far_name)
		return wrong(f, "not in any format known by name: %s comes furthest; line %u, byte %zu: %s "
		    "(give the server's own format string with -f: nginx's log_format, Apache's LogFormat)",
		    far_name, far->bad_line, far->stop + 1, far->why);
	if (best->matched == 0 && f->kind != FORMAT_JSON)
		return wrong(f, "not in any format known by name: give the server's own format "
		    "string with -f (nginx's log_format, Apache's LogFormat)");
	return wrong(f, "not in any format known by name: %s is closest and reads %u of %u lines; "
	    "line %u: %s (see --explain; -f takes the server's own format string, and json:time=.key,...)",
	    name, best->matched, best->sampled, best->bad_line, best->why);
}

/* A log without a byte: any format will do, so long as all columns are there. */
static bool
open_nothing(struct format *f, const char *columns)
{
	struct buf all;

	memset(f, 0, sizeof(*f));
	buf_init(&all, FORMAT_WHY_MAX);
	for (size_t i = 0; i < EVENT_COLS; i++)
		buf_printf(&all, "%s%.*s", i ? "," : "", STRF(event_col_name[i]));
	if (!columns)
		columns = arena_dup(&f->row, buf_str(&all)).p;
	buf_free(&all);
	return open_tsv(f, STR(""), (struct str){ NULL, 0 }, columns);
}

bool
format_detect(struct format *f, struct str sample, const char *columns)
{
	struct score best = { .matched = 0 }, far = { .stop = 0 }, s;
	size_t best_i = countof(named) + 1;
	const char *name = "", *far_name = NULL;

	if (sample.n == 0)
		return open_nothing(f, columns);
	for (size_t i = 0; i <= countof(named); i++) {
		if (!is_candidate(i, sample) || !open_candidate(f, i, sample, columns))
			continue;
		score(f, sample, &s);
		if (s.sampled > best.sampled || s.matched > best.matched) {
			best = s;
			best_i = i;
			name = f->name;
		}
		if (comes_further(&s, &far)) {
			far = s;
			far_name = f->name;
		}
		format_close(f);
	}
	memset(f, 0, sizeof(*f));
	if (best_i <= countof(named) && !open_candidate(f, best_i, sample, columns))
		return false;
	if (best.sampled == 0 || (uint64_t)best.matched * 100 < (uint64_t)best.sampled * FORMAT_MATCH_PCT)
		return refuse(f, &best, name, &far, far_name);
	f->matched = best.matched;
	f->sampled = best.sampled;
	return true;
}
