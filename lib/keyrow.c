#include "keyrow.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "scan.h"
#include "str.h"

void
keyrow_open(struct keyrow *r, const char *url, const char *vhost, const char *method)
{
	*r = (struct keyrow){ .name = { url, vhost, method }, .col = { -1, -1, -1 } };
	for (size_t i = 0; i < KEYROW_COLUMNS; i++)
		buf_init(&r->raw[i], SIZE_MAX);
}

void
keyrow_may_have(struct keyrow *r, const struct tsv *t, enum keyrow_column column)
{
	r->col[column] = tsv_col(t, str_of(r->name[column]));
}

bool
keyrow_bind(struct keyrow *r, const struct tsv *t, const struct keys *keys)
{
	static const char *const hint[] = {
		"--url", "a rule asks for the host; --vhost", "a rule asks for the method; --method"
	};
	const bool wanted[] = { keys, keys && keys->vhost, keys && keys->method };

	r->event = (struct keys_event){ .url = STR("") };
	for (enum keyrow_column c = 0; c < KEYROW_COLUMNS; c++) {
		r->col[c] = -1;
		if (!wanted[c])
			continue;
		keyrow_may_have(r, t, c);
		if (r->col[c] != -1)
			continue;
		snprintf(r->why, sizeof(r->why), "%s:%llu: no column \"%s\": %s names another", TSV_AT(t),
		    r->name[c], hint[c]);
		return false;
	}
	return true;
}

int
keyrow_last(const struct keyrow *r)
{
	int last = -1;

	for (size_t i = 0; i < KEYROW_COLUMNS; i++)
		if (r->col[i] > last)
			last = r->col[i];
	return last;
}

/* All of b, with slack behind it. */
static struct str
slackened(struct buf *b)
{
	size_t n = b->n;

	memset(buf_room(b, SCAN_SLACK), 0, SCAN_SLACK);
	return (struct str){ b->p, n };
}

static bool
read_field(struct keyrow *r, const struct tsv *t, enum keyrow_column c, struct str *raw)
{
	struct str field = tsv_field(t, r->col[c]);
	struct buf *b = &r->raw[c];

	*raw = field;
	if (LIKELY(scan_far_byte(field.p, field.p + field.n, '\\') == field.p + field.n))
		return true;
	buf_reset(b);
	if (!tsv_unescape(b, field)) {
		snprintf(r->why, sizeof(r->why), "%s:%llu: column \"%s\": a bad escape: \"%.*s\"", TSV_AT(t),
		    r->name[c], STRF(field));
		return false;
	}
	*raw = slackened(b);
	return true;
}

bool
keyrow_read(struct keyrow *r, const struct tsv *t)
{
	if (!read_field(r, t, KEYROW_URL, &r->event.url))
		return false;
	r->as_is = r->event.url.p == tsv_field(t, r->col[KEYROW_URL]).p;
	return (r->col[KEYROW_VHOST] == -1 || read_field(r, t, KEYROW_VHOST, &r->event.vhost)) &&
	    (r->col[KEYROW_METHOD] == -1 || read_field(r, t, KEYROW_METHOD, &r->event.method));
}

void
keyrow_of(struct keyrow *r, struct str url, struct str method)
{
	buf_reset(&r->raw[KEYROW_URL]);
	buf_add(&r->raw[KEYROW_URL], url);
	r->event = (struct keys_event){ .url = slackened(&r->raw[KEYROW_URL]), .method = method };
	r->as_is = false;
}

void
keyrow_close(struct keyrow *r)
{
	for (size_t i = 0; i < KEYROW_COLUMNS; i++)
		buf_free(&r->raw[i]);
	*r = (struct keyrow){ .as_is = false };
}
