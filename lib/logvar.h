/*
 * logvar.h - what the variables of log formats mean: nginx's $variables, and
 * the %directives that Apache and varnishncsa share.
 *
 *	struct event_field f = logvar_nginx(STR("request_time"));
 *		f.col is EVENT_LATENCY, f.as is AS_S
 *	if (!logvar_apache(&name, 'D', STR(""), &f))
 *		...there is no %D
 *
 * A variable that fills none of our columns passes under its own name: nginx's
 * without the dollar, Apache's as %{Accept-Language}i is req_accept_language.
 * nginx's can be anything that a configuration sets; Apache's are a closed list.
 *
 * Sources: nginx.org/en/docs/varindex.html, ngx_http_log_module; Apache
 * mod_log_config and mod_logio; varnishncsa(1).
 *
 * Ownership: names of nginx are the argument; names of Apache are written to a
 * buffer of the caller's, and are good until it changes.
 * Errors: false: no such directive.
 */
#ifndef LOGVAR_H
#define LOGVAR_H

#include "base.h"
#include "buf.h"
#include "event.h"

struct event_field logvar_nginx(struct str name);

/* A field that a person or an application has named: our columns, or its own. */
struct event_field logvar_own(struct str name);

/* The letters of %^ti and %^to, which are two. */
#define LOGVAR_TRAILER_IN	'<'
#define LOGVAR_TRAILER_OUT	'>'

/* %{arg}letter; arg has no bytes where there are no braces. */
MUST_USE bool logvar_apache(struct buf *name, char letter, struct str arg,
	    struct event_field *f);

#endif
