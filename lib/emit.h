/*
 * emit.h - the configuration by which a server, or the application that sets
 * the TTLs, assigns keys to the same cohorts as place.h does.
 *
 *	if ((why = emit_nginx(&out, &p, STR("request_uri"), &e)) != NULL)
 *		die("experiments.tsv:%llu: %s", e->line, why);
 *	emit_js(&out, &p);
 *
 * Both write the experiments in use (places_open()).
 *
 * Ownership: none.
 * Errors: what nginx cannot do, a literal that says what to do instead, and
 * whose experiment it is in *of; what was written until then is not whole.
 */
#ifndef EMIT_H
#define EMIT_H

#include "base.h"
#include "place.h"
#include "out.h"

#define EMIT_TOKEN_MAX	4000	/* bytes of a word in nginx' configuration: NGX_CONF_BUFFER and some air */

/* variable: nginx' name of the key, without "$". */
MUST_USE const char *emit_nginx(struct out *o, const struct places *p, struct str variable,
    const struct experiment **of);
void	emit_js(struct out *o, const struct places *p);

#endif
