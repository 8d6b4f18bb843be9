#include "mail.h"

#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "jsonput.h"
#include "letter.h"
#include "mem.h"
#include "scan.h"
#include "str.h"

#define API_KEY	"X-Api-Key"

static struct str
domain(const struct mail *m)
{
	return str_from(m->from.address, str_chr(m->from.address, '@') + 1);
}

/* The ids of the thread as message ids: <id@domain> <id@domain>. */
static void
thread(struct buf *b, const struct mail *m)
{
	struct str rest = m->thread, id, at = domain(m);

	while (rest.n && str_cut(&rest, ' ', &id))
		buf_printf(b, "%s<%.*s@%.*s>", b->n ? " " : "", (int)id.n, id.p, (int)at.n, at.p);
}

static void
subject(struct buf *b, const struct mail *m)
{
	letter_line(b, m->subject);
	b->n = str_head(buf_str(b), MAIL_SUBJECT_MAX).n;
	while (b->n && b->p[b->n - 1] == ' ')
		b->n--;
}

static void
headers(struct mime *out, const struct mail *m)
{
	struct str at = domain(m);
	struct buf b;

	buf_init(&b, MIME_MAX);
	mime_date(out, m->date_us);
	mime_mailboxes(out, "From", &m->from, 1);
	mime_mailboxes(out, "To", m->to, m->nto);
	subject(&b, m);
	mime_text(out, "Subject", buf_str(&b));
	buf_reset(&b);
	buf_printf(&b, "<%s@%.*s>", m->id, (int)at.n, at.p);
	mime_words(out, "Message-ID", buf_str(&b));
	buf_reset(&b);
	thread(&b, m);
	if (b.n) {
		struct str first = { b.p, str_chr(buf_str(&b), ' ') };

		mime_words(out, "In-Reply-To", first);
		mime_words(out, "References", buf_str(&b));
	}
	mime_words(out, "Auto-Submitted", STR("auto-generated"));
	mime_words(out, "X-Auto-Response-Suppress", STR("All"));
	buf_reset(&b);
	buf_printf(&b, "cmon %s <%s.cmon.%.*s>", m->kind, m->kind, (int)at.n, at.p);
	mime_words(out, "List-Id", buf_str(&b));
	if (m->rules.n)
		mime_text(out, "X-Cmon-Rule", m->rules);
	if (m->state)
		mime_words(out, "X-Cmon-State", str_of(m->state));
	buf_free(&b);
}

const char *
mail_mime(const struct mail *m, struct mime *out)
{
	char boundary[64];

	mime_open(out);
	headers(out, m);
	snprintf(boundary, sizeof(boundary), "=_cmon_%s", m->id);
	mime_alternative(out, str_of(boundary), m->text, m->html);
	return out->why;
}

/*
 * MailChannels: POST /tx/v1/send.  It makes the Message-ID itself and refuses
 * ours, so the id is X-Cmon-Id.
 */

static void
json_pair(struct buf *b, const char *before, struct str value)
{
	buf_add(b, str_of(before));
	jsonput(b, value);
}

static void
json_headers(struct buf *b, const struct mail *m)
{
	struct buf refs;

	json_pair(b, ",\"headers\":{\"Auto-Submitted\":\"auto-generated\",\"X-Auto-Response-Suppress\":\"All\""
	    ",\"X-Cmon-Id\":", str_of(m->id));
	if (m->state)
		json_pair(b, ",\"X-Cmon-State\":", str_of(m->state));
	buf_init(&refs, MIME_MAX);
	thread(&refs, m);
	if (refs.n)
		json_pair(b, ",\"References\":", buf_str(&refs));
	buf_free(&refs);
	buf_add(b, STR("}"));
}

const char *
mail_json(const struct mail *m, struct str to, struct buf *out)
{
	struct buf b;

	buf_init(out, MIME_MAX);
	buf_init(&b, MIME_MAX);
	json_pair(out, "{\"personalizations\":[{\"to\":[{\"email\":", to);
	json_pair(out, "}]}],\"from\":{\"email\":", m->from.address);
	if (m->from.name.n)
		json_pair(out, ",\"name\":", m->from.name);
	subject(&b, m);
	json_pair(out, "},\"subject\":", buf_str(&b));
	buf_free(&b);
	json_headers(out, m);
	json_pair(out, ",\"content\":[{\"type\":\"text/plain\",\"value\":", m->text);
	json_pair(out, "},{\"type\":\"text/html\",\"value\":", m->html);
	buf_add(out, STR("}]}"));
	return out->over ? "a message of over 8 MiB" : NULL;
}

/* A 2xx is not all: what became of the mail stands in the answer. */
static void
judge_answer(struct net_reply *r)
{
	static const char *const why = "the answer is not that of MailChannels";
	struct json_paths want = { 0 };
	struct json_value v[2];
	char *line = mem_alloc(r->body.n + SCAN_SLACK);
	size_t at;

	for (size_t i = 0; i < r->body.n; i++)
		line[i] = r->body.p[i] == '\n' || r->body.p[i] == '\r' ? ' ' : r->body.p[i];
	if (json_want(&want, STR("results[0].status"), &(const char *){ NULL }) != 0 ||
	    json_want(&want, STR("results[0].reason"), &(const char *){ NULL }) != 1 ||
	    json_scan(&want, (struct str){ line, r->body.n }, v, &at) != JSON_OK ||
	    v[0].kind != JSON_STRING) {
		r->class = NET_CONFIG;
		r->down = true;
		snprintf(r->why, sizeof(r->why), "HTTP %d, but %s", r->code, why);
	} else if (!str_eq(v[0].raw, STR("sent"))) {
		r->class = NET_PERMANENT;
		snprintf(r->why, sizeof(r->why), "HTTP %d, but the mail is \"%.*s\": %.*s", r->code,
		    (int)(v[0].raw.n < 100 ? v[0].raw.n : 100), v[0].raw.p,
		    (int)(v[1].raw.n < 200 ? v[1].raw.n : 200), v[1].raw.p ? v[1].raw.p : "");
	}
	free(line);
}

static const char *
send_api(const struct net *n, const struct mail *m, struct str to, struct net_reply *r)
{
	struct buf json;
	const char *why = mail_json(m, to, &json);

	if (!why && net_post(n, API_KEY, buf_str(&json), r) == NET_SENT)
		judge_answer(r);
	buf_free(&json);
	return why;
}

static const char *
send_smtp(const struct net *n, const struct mail *m, struct str to, struct net_reply *r)
{
	char from[MIME_ADDRESS_MAX + 1], rcpt[MIME_ADDRESS_MAX + 1];
	struct mime mime;
	const char *why = mail_mime(m, &mime);

	snprintf(from, sizeof(from), "%.*s", (int)m->from.address.n, m->from.address.p);
	snprintf(rcpt, sizeof(rcpt), "%.*s", (int)to.n, to.p);
	if (!why)
		net_mail(n, from, rcpt, buf_str(&mime.out), r);
	mime_close(&mime);
	return why;
}

const char *
mail_send(const struct net *n, const struct mail *m, struct str to, struct net_reply *r)
{
	bool smtp = str_starts(str_of(n->url), STR("smtp"));

	*r = (struct net_reply){ .code = 0 };
	return smtp ? send_smtp(n, m, to, r) : send_api(n, m, to, r);
}
