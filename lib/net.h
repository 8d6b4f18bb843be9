/*
 * net.h - hand something to a server: a mail by SMTP, JSON by HTTP.
 *
 *	struct net n = { .url = "smtp://mail.example.test:587", .user = "cmon",
 *	    .secret = secret, .timeout_us = 20 * WHEN_SEC };
 *	struct net_reply r;
 *
 *	why = net_check(&n);			NULL: it can be tried
 *	switch (net_mail(&n, from, to, message, &r)) {
 *	case NET_SENT: ...
 *	}
 *	net_reply_free(&r);
 *
 * Each call is a connection of its own, so that one that went wrong says
 * nothing about the next.  Certificates are checked, always.  A mail is sent
 * under TLS or not at all, unless `plain`; HTTP without TLS only to this very
 * machine.  Redirects are not followed: the secret is for the server named.
 *
 * By libcurl; nothing else in cmon talks to a network.
 *
 * Ownership: all texts are BORROWED for the call; the reply owns its body.
 * Errors: a class, and in the reply the server's code and why, in words that
 * hold no secret.
 */
#ifndef NET_H
#define NET_H

#include "base.h"
#include "buf.h"

#define NET_CONNECT_MAX_S	5		/* of a call's time, to connect */
#define NET_BODY_MAX		(64 * 1024)	/* bytes of an answer that are kept */
#define NET_WAIT_MAX_S		3600		/* of the wait that a server asks for */
#define NET_WHY_MAX		512		/* bytes */
#define NET_SECRET_MAX		4096		/* bytes */

enum net_class {
	NET_SENT,	/* the server took it */
	NET_RETRY,	/* not now: no answer, or 4xx (SMTP), 429 and 5xx (HTTP) */
	NET_PERMANENT,	/* never this: refused, 5xx (SMTP), other 4xx (HTTP) */
	NET_CONFIG,	/* nothing can be sent until somebody mends something */
};

struct net {
	const char *url;	/* smtp:// smtps:// https://, or http://localhost */
	const char *ca;		/* file of certificates to trust; NULL: the system's */
	const char *user;	/* for SMTP AUTH, with secret; NULL: none */
	const char *secret;	/* password, or key of an API */
	int64_t timeout_us;	/* for the whole of one call */
	bool plain;		/* SMTP without TLS */
};

struct net_reply {
	enum net_class class;
	int code;		/* the server's last, 0: it said nothing */
	int64_t wait_us;	/* the Retry-After of 429 and 503, NET_WAIT_MAX_S at most; 0: none */
	bool down;		/* it is the server: others need not be tried now */
	char why[NET_WHY_MAX];	/* the server's own words, if it had any */
	struct buf body;	/* OWNED: of an HTTP answer */
};

/* What is wrong with n, or NULL. */
MUST_USE const char *net_check(const struct net *n);

/* The scheme and host of a url, all that may be shown of it. */
struct str net_host(const char *url);

/* One message to one recipient; both addresses have been checked (mime.h). */
enum net_class net_mail(const struct net *n, const char *from, const char *to,
    struct str message, struct net_reply *r);

/*
 * POSTs json; header names the field that carries the secret, NULL: none.
 * NET_SENT is any 2xx; what its body means is the caller's to judge.
 */
enum net_class net_post(const struct net *n, const char *header, struct str json,
    struct net_reply *r);

/* GETs the url, for those who wait for a sign of life. */
enum net_class net_get(const struct net *n, struct net_reply *r);

void	net_reply_free(struct net_reply *r);

/*
 * The first line of a file that nobody else can read, NUL-terminated, into
 * to.  A reason, or NULL.
 */
MUST_USE const char *net_secret(const char *path, char to[NET_SECRET_MAX]);

#endif
