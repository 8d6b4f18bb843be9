/* render.c - see render.h. */
#include "render.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonput.h"
#include "msg.h"
#include "num.h"
#include "quote.h"
#include "slurp.h"
#include "str.h"
#include "tsv.h"

static const struct {
	const char *name;
	bool needs_endpoint;
	const char *text;
} forms[] = {
	{ "nginx", true,
	"# Written by cmon-promote: include it in the location.\n"
	"proxy_cache_valid 200 301 302 @ttl_s@s;\n" },

	{ "nginx-map", false,
	"# Written by cmon-promote, for the http block.\n"
	"map $cmon_endpoint $cmon_ttl_s {\n"
	"    default @default_ttl_s@;\n"
	"    \"~^@endpoint:regex@\\z\" @ttl_s@;\n"
	"}\n" },

	{ "varnish", false,
	"# Written by cmon-promote: include it, and call cmon_ttl in vcl_backend_response.\n"
	"sub cmon_ttl {\n"
	"\tset beresp.ttl = @default_ttl_s@s;\n"
	"\tif (bereq.http.cmon-endpoint == \"@endpoint:vcl@\") { set beresp.ttl = @ttl_s@s; }\n"
	"}\n" },

	{ "json", false,
	"{\n"
	"  \"default_ttl_s\": @default_ttl_s@,\n"
	"  \"ttl_s\": {\n"
	"    \"@endpoint:json@\": @ttl_s@@comma@\n"
	"  }\n"
	"}\n" },
};

enum name {
	BARE, JSON, REGEX, VCL, TTL_S, TTL, COMMA,	/* of a row */
	DEFAULT_TTL_S,
	NAMES
};

static const char *const names[NAMES] = {
	"endpoint", "endpoint:json", "endpoint:regex", "endpoint:vcl", "ttl_s", "ttl", "comma",
	"default_ttl_s",
};

static bool PRINTF(2, 3)
wrong(char why[RENDER_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, RENDER_WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

/* --- forms --- */

static bool
open_template(struct render *r, char why[RENDER_WHY_MAX])
{
	char path[RENDER_WHY_MAX / 2];
	size_t n;
	int len = snprintf(path, sizeof(path), "%.*s", (int)(r->name.n < sizeof(path) ? r->name.n :
	    sizeof(path)), r->name.p);

	if (len < 0 || (size_t)len >= sizeof(path))
		return wrong(why, "the path of a template is over %zu bytes", sizeof(path) - 1);
	if (!slurp(path, RENDER_TEMPLATE_MAX, &r->own, &n))
		return wrong(why, "%s: %s: a form is nginx, nginx-map, varnish, json, or the path of a template",
		    path, strerror(errno));
	r->text = (struct str){ r->own, n };
	return true;
}

bool
render_open(struct render *r, struct str spec, char why[RENDER_WHY_MAX])
{
	size_t colon = str_chr(spec, ':');

	*r = (struct render){ .name = { spec.p, colon } };
	if (colon < spec.n) {
		r->one = true;
		r->endpoint = str_from(spec, colon + 1);
	}
	for (size_t i = 0; i < countof(forms); i++) {
		if (!str_eq(r->name, str_of(forms[i].name)))
			continue;
		if (forms[i].needs_endpoint && !r->one)
			return wrong(why, "the form %s is of one endpoint: write %s:ENDPOINT, "
			    "or %s: for all others", forms[i].name, forms[i].name, forms[i].name);
		r->text = str_of(forms[i].text);
		return true;
	}
	return open_template(r, why);
}

void
render_close(struct render *r)
{
	free(r->own);
	*r = (struct render){ 0 };
}

/* --- names in lines --- */

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_' || c == ':';
}

/* "@name@" at the start of s: its length, and the name; or 0. */
static size_t
name_at(struct str s, struct str *name)
{
	size_t end;

	if (s.n < 3 || s.p[0] != '@')
		return 0;
	for (end = 1; end < s.n && is_name(s.p[end]); end++)
		;
	if (end == 1 || end == s.n || s.p[end] != '@')
		return 0;
	*name = (struct str){ s.p + 1, end - 1 };
	return end + 1;
}

/* The name's number; NAMES: nobody knows it. */
static enum name
number_of(struct str name)
{
	int i = 0;

	while (i < NAMES && !str_eq(name, str_of(names[i])))
		i++;
	return (enum name)i;
}

/* The names that a line has, as bits; false: one that nobody knows. */
static bool
names_of(struct str line, unsigned *has, char why[RENDER_WHY_MAX])
{
	struct str name;

	*has = 0;
	while (line.n) {
		size_t n = name_at(line, &name);

		if (n && number_of(name) == NAMES)
			return wrong(why, "nobody knows @%.*s@", STRF(name));
		if (n)
			*has |= 1u << number_of(name);
		line = str_from(line, n ? n : 1);
	}
	return true;
}

static bool
put_json(struct buf *to, struct str s)
{
	struct buf b;

	for (struct str rest = s; rest.n; rest = str_from(rest, str_utf8(rest)))
		if (str_utf8(rest) == 0)
			return false;	/* it would be another text */
	buf_init(&b, RENDER_MAX);
	jsonput(&b, s);
	buf_add(to, (struct str){ b.p + 1, b.n - 2 });
	buf_free(&b);
	return true;
}

static bool
put_endpoint(struct buf *to, enum name name, struct str escaped, char why[RENDER_WHY_MAX])
{
	size_t before = to->n;
	struct buf raw;
	bool ok = true;

	buf_init(&raw, escaped.n + 1);
	/* The table has let no bad escape pass. */
	(void)!tsv_unescape(&raw, escaped);
	if (name == JSON)
		ok = put_json(to, buf_str(&raw));
	else if (name == VCL)
		ok = quote_vcl(to, buf_str(&raw));
	else if (name == BARE)
		ok = quote_bare(to, buf_str(&raw));
	else
		quote_regex(to, buf_str(&raw));
	buf_free(&raw);
	if (!ok)
		return wrong(why, "@%s@ cannot hold the endpoint \"%.*s\"", names[name], STRF(escaped));
	if (to->n - before > RENDER_WORD_MAX)
		return wrong(why, "the endpoint is longer than %d bytes: \"%.*s\"", RENDER_WORD_MAX, STRF(escaped));
	return true;
}

static bool
put_name(struct buf *to, enum name name, const struct ttlfile_row *row, const struct ttlfile_row *others,
    bool last, char why[RENDER_WHY_MAX])
{
	char room[NUM_MAX];

	switch (name) {
	case TTL:
		buf_add(to, row->ttl);
		return true;
	case COMMA:
		buf_add(to, last ? STR("") : STR(","));
		return true;
	case TTL_S:
	case DEFAULT_TTL_S:
		buf_add(to, (struct str){ room, (size_t)(num_put_i64(room,
		    (name == TTL_S ? row : others)->ttl_s) - room) });
		return true;
	default:
		return put_endpoint(to, name, row->endpoint, why);
	}
}

/* A row that the line does not ask for may be any. */
static bool
put_line(struct buf *to, struct str line, const struct ttlfile_row *row, const struct ttlfile_row *others,
    bool last, char why[RENDER_WHY_MAX])
{
	struct str name;

	while (line.n) {
		size_t n = name_at(line, &name);

		if (n == 0)
			buf_byte(to, *line.p);
		else if (!put_name(to, number_of(name), row, others, last, why))
			return false;
		line = str_from(line, n ? n : 1);
	}
	buf_byte(to, '\n');
	return true;
}

/* --- rows --- */

static bool
is_meant(const struct render *r, const struct ttlfile_row *row)
{
	return r->one ? str_eq(row->endpoint, r->endpoint) : row->endpoint.n > 0;
}

/* The line for each row that is meant. */
static bool
put_rows(struct buf *to, const struct render *r, const struct ttlfile *f, struct str line,
    const struct ttlfile_row *others, char why[RENDER_WHY_MAX])
{
	size_t left = 0;

	for (size_t i = 0; i < f->n; i++)
		left += is_meant(r, &f->row[i]);
	for (size_t i = 0; i < f->n; i++)
		if (is_meant(r, &f->row[i]) && !put_line(to, line, &f->row[i], others, --left == 0, why))
			return false;
	return true;
}

static bool
put_lines(struct buf *to, const struct render *r, const struct ttlfile *f, char why[RENDER_WHY_MAX])
{
	const struct ttlfile_row none = { .line = 0 }, *found = ttlfile_row(f, STR(""));
	const struct ttlfile_row *others = found ? found : &none;
	struct str rest = r->text, line;
	unsigned has;

	while (rest.n && str_cut(&rest, '\n', &line)) {
		if (!names_of(line, &has, why))
			return false;
		if ((has & 1u << DEFAULT_TTL_S) && !found)
			continue;
		if (has & ((1u << DEFAULT_TTL_S) - 1)) {
			if (!put_rows(to, r, f, line, others, why))
				return false;
		} else if (!put_line(to, line, &none, others, true, why)) {
			return false;
		}
	}
	return true;
}

bool
render(struct buf *to, const struct render *r, const struct ttlfile *f, char why[RENDER_WHY_MAX])
{
	char reason[RENDER_WHY_MAX];

	if (r->one && !ttlfile_row(f, r->endpoint))
		return wrong(why, "the form %.*s: no row for the endpoint \"%.*s\"", STRF(r->name),
		    STRF(r->endpoint));
	if (!put_lines(to, r, f, reason))
		return wrong(why, "the form %.*s: %.*s", STRF(r->name), RENDER_WHY_MAX / 2, reason);
	if (to->over)
		return wrong(why, "the form %.*s: over %d bytes", STRF(r->name), RENDER_MAX);
	return true;
}
