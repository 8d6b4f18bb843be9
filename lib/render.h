/*
 * render.h - the TTLs in force in the forms that caches read: templates, ours
 * and the operator's.
 *
 *	struct render form;
 *	if (!render_open(&form, STR("nginx:title"), why) ||
 *	    !render(&b, &form, &ttls, why))
 *		die("%s", why);
 *	render_close(&form);
 *
 * A template is copied line by line.  A line that names an endpoint or its TTL
 * is written once for each row of the table that has an endpoint, or for the
 * one that was asked for; cmon-promote(1) has the names.  There is nothing
 * more to it, on purpose: what needs a language reads the JSON.
 *
 * Ownership: an open form owns its template; the name is BORROWED.
 * Errors: false, and the reason in why.
 */
#ifndef RENDER_H
#define RENDER_H

#include "base.h"
#include "buf.h"
#include "ttlfile.h"

#define RENDER_WHY_MAX	1024			/* bytes of a reason */
#define RENDER_MAX	(64 * 1024 * 1024)	/* bytes of what is written */
#define RENDER_TEMPLATE_MAX	(1024 * 1024)	/* bytes */
#define RENDER_WORD_MAX	4000	/* bytes of an endpoint as written: a word of nginx' configuration,
				 * NGX_CONF_BUFFER, and some air */

struct render {
	struct str name;	/* of the form: "nginx", or a template's path */
	bool one;		/* only the row of this endpoint: */
	struct str endpoint;	/* escaped */

	/* private from here */
	struct str text;
	char *own;		/* OWNED: a template from a file */
};

/* "form" or "form:endpoint". */
MUST_USE bool render_open(struct render *r, struct str spec, char why[RENDER_WHY_MAX]);
void	render_close(struct render *r);

/* The name is the path of a template. */
static inline bool
render_is_file(const struct render *r)
{
	return r->own != NULL;
}

MUST_USE bool render(struct buf *to, const struct render *r, const struct ttlfile *f,
    char why[RENDER_WHY_MAX]);

#endif
