#include "net.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

#define DATE_MAX	64	/* bytes of a date in a field of HTTP */

/* What one call takes with it through libcurl's callbacks. */
struct call {
	struct str upload;	/* what is left of it */
	char said[NET_WHY_MAX];	/* the server's last line */
	char date[DATE_MAX], retry_after[DATE_MAX];	/* fields of an HTTP answer */
	char error[CURL_ERROR_SIZE];
	struct net_reply *reply;
};

/*
 * Before the call.
 */

static bool
this_machine(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	    strcmp(host, "[::1]") == 0;
}

static const char *
check_parts(const struct net *n, const char *scheme, const char *host)
{
	bool smtp = strcmp(scheme, "smtp") == 0, smtps = strcmp(scheme, "smtps") == 0;
	bool http = strcmp(scheme, "http") == 0;

	if (!smtp && !smtps && !http && strcmp(scheme, "https") != 0)
		return "neither smtp://, smtps:// nor https://";
	if (http && !this_machine(host))
		return "http:// goes to this machine only: write https://";
	if (n->plain && !smtp)
		return "without TLS there is only smtp://";
	if (n->plain && n->user && !this_machine(host))
		return "a password goes over the network under TLS only";
	if (n->user && !n->secret)
		return "a user without a password";
	return NULL;
}

static const char *
check_url(const struct net *n, CURLU *u)
{
	char *scheme = NULL, *host = NULL, *password = NULL, *user = NULL;
	const char *why = "no URL";

	if (curl_url_set(u, CURLUPART_URL, n->url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		why = check_parts(n, scheme, host);
	if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PASSWORD, &password, 0) == CURLUE_OK)
		why = "a user or password in a URL: everybody on this machine can read it there";
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(password);
	return why;
}

const char *
net_check(const struct net *n)
{
	CURLU *u = curl_url();
	const char *why;

	for (const char *p = n->url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f) {
			curl_url_cleanup(u);
			return "a blank or control character in a URL";
		}
	why = u ? check_url(n, u) : "no memory";
	curl_url_cleanup(u);
	return why;
}

struct str
net_host(const char *url)
{
	struct str s = str_of(url);
	size_t start = str_find(s, STR("://"));
	size_t end;

	start = start < s.n ? start + 3 : 0;
	end = start;
	while (end < s.n && s.p[end] != '/' && s.p[end] != '?' && s.p[end] != '#')
		if (s.p[end++] == '@')
			return (struct str){ s.p, start };
	return (struct str){ s.p, end };
}

const char *
net_secret(const char *path, char to[NET_SECRET_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);	/* a FIFO may have no writer */
	struct stat st;
	ssize_t n;
	size_t len;

	if (fd == -1)
		return strerror(errno);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || (st.st_mode & 077) ||
	    (st.st_uid != geteuid() && st.st_uid != 0)) {
		close(fd);
		return "a secret is read from a file of yours that nobody else can read: chmod 600";
	}
	n = read(fd, to, NET_SECRET_MAX);
	close(fd);
	if (n < 0)
		return strerror(errno);
	if (n == NET_SECRET_MAX)
		return "too long for a secret";
	to[n] = '\0';
	to[strcspn(to, "\r\n")] = '\0';
	len = strlen(to);
	if (len == 0)
		return "no secret in it";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)to[i] < ' ' || to[i] == 0x7f)
			return "a control character in a secret";
	return NULL;
}

/*
 * The call.
 */

static size_t
on_read(char *to, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;
	size_t take = size * n < c->upload.n ? size * n : c->upload.n;

	if (take)
		memcpy(to, c->upload.p, take);
	c->upload = str_from(c->upload, take);
	return take;
}

/* Past the limit the call ends; the code, which came before, still holds. */
static size_t
on_body(char *p, size_t size, size_t n, void *ctx)	/* NOLINT: libcurl's type */
{
	struct call *c = ctx;

	buf_add(&c->reply->body, (struct str){ p, size * n });
	return c->reply->body.over ? 0 : size * n;
}

/* Keeps the value of a field of HTTP, if the line is that field's. */
static void
keep_field(char to[DATE_MAX], struct str line, struct str name)
{
	if (line.n > name.n && line.p[name.n] == ':' && str_eq_nocase((struct str){ line.p, name.n }, name)) {
		struct str value = str_trim(str_from(line, name.n + 1));

		snprintf(to, DATE_MAX, "%.*s", STRF(value));
	}
}

/* A line of the server's; the last one that refuses something is kept. */
static size_t
on_line(char *p, size_t size, size_t n, void *ctx)	/* NOLINT: libcurl's type */
{
	struct call *c = ctx;
	struct str s = { p, size * n };

	while (s.n && (s.p[s.n - 1] == '\r' || s.p[s.n - 1] == '\n'))
		s.n--;
	if (s.n && (s.p[0] == '4' || s.p[0] == '5'))
		snprintf(c->said, sizeof(c->said), "%.*s", STRF(s));
	keep_field(c->date, s, STR("Date"));
	keep_field(c->retry_after, s, STR("Retry-After"));
	return size * n;
}

/* What goes without TLS stays on the way it was allowed for: no proxy of the environment's. */
static bool
goes_straight(const struct net *n)
{
	return n->plain || strncasecmp(n->url, "http://", 7) == 0;
}

/* False: libcurl knows none of such an option. */
static bool
set_common(CURL *h, const struct net *n, struct call *c, const char *protocols)
{
	long ms = (long)(n->timeout_us / 1000);
	long connect_ms = ms < NET_CONNECT_MAX_S * 1000 ? ms : NET_CONNECT_MAX_S * 1000;
	bool ok = true;

	/*
	 * Not CURLOPT_NOSIGNAL: it would also end libcurl's care about
	 * SIGPIPE, and a server that hangs up would end the program.
	 */
	ok &= curl_easy_setopt(h, CURLOPT_URL, n->url) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms) == CURLE_OK;
	/*
	 * The wait for the answer to the message itself does not heed the
	 * time-out in libcurl 7.88: 120 s of its own, unless this is set.
	 */
	ok &= curl_easy_setopt(h, CURLOPT_SERVER_RESPONSE_TIMEOUT, (ms + 999) / 1000) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->error) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_line) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_HEADERDATA, c) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_WRITEDATA, c) == CURLE_OK;
	if (goes_straight(n))
		ok &= curl_easy_setopt(h, CURLOPT_NOPROXY, "*") == CURLE_OK;
	if (n->ca)
		ok &= curl_easy_setopt(h, CURLOPT_CAINFO, n->ca) == CURLE_OK;
	return ok;
}

static bool
set_mail(CURL *h, const struct net *n, struct call *c, const char *from,
    const struct curl_slist *to)
{
	bool ok = true;

	ok &= curl_easy_setopt(h, CURLOPT_USE_SSL,
	    (long)(n->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL)) == CURLE_OK;
	if (n->user) {
		ok &= curl_easy_setopt(h, CURLOPT_USERNAME, n->user) == CURLE_OK;
		ok &= curl_easy_setopt(h, CURLOPT_PASSWORD, n->secret) == CURLE_OK;
	}
	ok &= curl_easy_setopt(h, CURLOPT_MAIL_FROM, from) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_UPLOAD, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->upload.n) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_READFUNCTION, on_read) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_READDATA, c) == CURLE_OK;
	return ok;
}

static bool
set_post(CURL *h, struct str json, const struct curl_slist *headers)
{
	bool ok = true;

	ok &= curl_easy_setopt(h, CURLOPT_POST, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)json.n) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_POSTFIELDS, json.p) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
	ok &= curl_easy_setopt(h, CURLOPT_USERAGENT, "cmon/" VERSION) == CURLE_OK;
	return ok;
}

/*
 * What went wrong is ours or the server's, but nothing that time mends: a
 * certificate, a password, a file of certificates that is not there.
 */
static bool
is_config(CURLcode rc)
{
	switch (rc) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_REMOTE_ACCESS_DENIED:
	case CURLE_USE_SSL_FAILED:
	case CURLE_LOGIN_DENIED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_BAD_FUNCTION_ARGUMENT:
		return true;
	default:
		return false;
	}
}

/* RFC 4954: authentication is wanted, or of another kind, or under TLS. */
static bool
wants_login(int code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum net_class
class_of_mail(CURLcode rc, int code)
{
	if (rc == CURLE_OK)
		return NET_SENT;
	if (is_config(rc) && code / 100 != 4)
		return NET_CONFIG;
	if (wants_login(code))
		return NET_CONFIG;
	return code / 100 == 5 ? NET_PERMANENT : NET_RETRY;
}

static enum net_class
class_of_post(CURLcode rc, int code)
{
	/* A code came although the rest did not: it was told, and holds. */
	if (rc != CURLE_OK && (code == 0 || code / 100 == 2) && rc != CURLE_WRITE_ERROR)
		return is_config(rc) ? NET_CONFIG : NET_RETRY;
	if (code / 100 == 2)
		return NET_SENT;
	if (code == 408 || code == 429 || code / 100 == 5)
		return NET_RETRY;
	if (code == 401 || code == 403 || code == 404 || code == 410 || code / 100 == 3)
		return NET_CONFIG;
	return code / 100 == 4 ? NET_PERMANENT : NET_CONFIG;
}

/*
 * RFC 9110, 10.2.3: seconds, or a date.  The date is held against that of the
 * answer, by the same clock, which need not be ours.
 */
static int64_t
wait_of(const struct call *c)
{
	uint64_t s = 0;

	if (c->reply->code != 429 && c->reply->code != 503)
		return 0;
	if (!num_u64(str_of(c->retry_after), &s)) {
		time_t then = curl_getdate(c->retry_after, NULL), now = curl_getdate(c->date, NULL);

		if (then != -1 && now != -1 && then > now)
			s = (uint64_t)(then - now);
		else if (strspn(c->retry_after, "0123456789") == strlen(c->retry_after) && *c->retry_after)
			s = NET_WAIT_MAX_S;	/* more digits than any number has */
	}
	return (int64_t)(s < NET_WAIT_MAX_S ? s : NET_WAIT_MAX_S) * WHEN_SEC;
}

static void
explain(struct call *c, CURLcode rc, bool smtp)
{
	struct net_reply *r = c->reply;

	if (smtp && r->code >= 400 && *c->said)
		snprintf(r->why, sizeof(r->why), "%s", c->said);
	else if (smtp && rc == CURLE_USE_SSL_FAILED)
		snprintf(r->why, sizeof(r->why), "no TLS is to be had there (STARTTLS): --no-tls does without");
	else if (r->wait_us)
		snprintf(r->why, sizeof(r->why), "HTTP %d, asks for a wait of %lld s", r->code,
		    (long long)(r->wait_us / WHEN_SEC));
	else if (rc == CURLE_OK && r->code)
		snprintf(r->why, sizeof(r->why), "%s %d", smtp ? "SMTP" : "HTTP", r->code);
	else
		snprintf(r->why, sizeof(r->why), "%s",
		    *c->error ? c->error : curl_easy_strerror(rc));
}

static void
perform(CURL *h, struct call *c, bool ok, bool smtp)
{
	struct net_reply *r = c->reply;
	CURLcode rc = ok ? curl_easy_perform(h) : CURLE_NOT_BUILT_IN;
	long code = 0;

	if (curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK)
		r->code = (int)code;
	r->wait_us = smtp ? 0 : wait_of(c);
	r->class = smtp ? class_of_mail(rc, r->code) : class_of_post(rc, r->code);
	/* A server that answers 4xx or 5xx to one recipient may take the next. */
	r->down = r->class == NET_CONFIG ||
	    (r->class == NET_RETRY && (r->code < 400 || r->code == 421 || !smtp));
	explain(c, rc, smtp);
}

static enum net_class
no_memory(struct net_reply *r)
{
	r->class = NET_RETRY;
	r->down = true;
	snprintf(r->why, sizeof(r->why), "libcurl has no memory");
	return r->class;
}

enum net_class
net_mail(const struct net *n, const char *from, const char *to, struct str message,
    struct net_reply *r)
{
	struct call c = { .upload = message, .reply = r };
	struct curl_slist *list = curl_slist_append(NULL, to);
	CURL *h = curl_easy_init();

	*r = (struct net_reply){ .code = 0 };
	buf_init(&r->body, NET_BODY_MAX);
	if (h && list)
		perform(h, &c, set_common(h, n, &c, "smtp,smtps") &&
		    set_mail(h, n, &c, from, list), true);
	else
		no_memory(r);
	curl_easy_cleanup(h);
	curl_slist_free_all(list);
	return r->class;
}

/* list, freed where there is no memory for one more. */
static struct curl_slist *
append(struct curl_slist *list, const char *line)
{
	struct curl_slist *more = list ? curl_slist_append(list, line) : NULL;

	if (!more)
		curl_slist_free_all(list);
	return more;
}

static struct curl_slist *
headers(const char *name, const char *secret)
{
	char line[NET_SECRET_MAX + 128];
	/* No 100-continue: a wait that webhooks answer late or never. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	list = append(list, "Content-Type: application/json");
	if (name && secret) {
		snprintf(line, sizeof(line), "%s: %s", name, secret);
		list = append(list, line);
	}
	return list;
}

enum net_class
net_post(const struct net *n, const char *header, struct str json, struct net_reply *r)
{
	struct call c = { .reply = r };
	struct curl_slist *list = headers(header, n->secret);
	CURL *h = curl_easy_init();

	*r = (struct net_reply){ .code = 0 };
	buf_init(&r->body, NET_BODY_MAX);
	if (h && list)
		perform(h, &c, set_common(h, n, &c, "http,https") && set_post(h, json, list), false);
	else
		no_memory(r);
	curl_easy_cleanup(h);
	curl_slist_free_all(list);
	return r->class;
}

enum net_class
net_get(const struct net *n, struct net_reply *r)
{
	struct call c = { .reply = r };
	CURL *h = curl_easy_init();

	*r = (struct net_reply){ .code = 0 };
	buf_init(&r->body, NET_BODY_MAX);
	if (h)
		perform(h, &c, set_common(h, n, &c, "http,https") &&
		    curl_easy_setopt(h, CURLOPT_USERAGENT, "cmon/" VERSION) == CURLE_OK, false);
	else
		no_memory(r);
	curl_easy_cleanup(h);
	return r->class;
}

void
net_reply_free(struct net_reply *r)
{
	buf_free(&r->body);
}
