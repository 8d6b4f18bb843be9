/*
 * forms.h - the files that caches read, each with the form that it is kept in:
 * --write FORM[:ENDPOINT]=FILE of cmon-promote(1).
 *
 *	struct forms f;
 *	const char *sources[] = { "/etc/ttl.tsv" };
 *	if (!forms_open(&f, specs, n, sources, 1, why))
 *		die("--write: %s", why);
 *	for (size_t i = 0; i < f.n; i++)
 *		...render(&b, &f.form[i].render, &ttls, why), to f.form[i].path
 *	forms_close(&f);
 *
 * No two of them are one file, and none is a source, that is, a file which
 * they are made from, a template among them, or what is kept beside one.
 *
 * Ownership: specs are BORROWED until forms_close(); sources are only looked at.
 * Errors: false, and the reason in why; forms_close() is due all the same.
 */
#ifndef FORMS_H
#define FORMS_H

#include "base.h"
#include "buf.h"
#include "mem.h"
#include "render.h"

#define FORMS_WHY_MAX	2048	/* bytes of a reason */

struct form {
	struct render render;
	const char *path;	/* of the file, as it was named */

	/* private from here */
	struct str spec;	/* what is before the "=" */
	struct str real;	/* path, links resolved */
};

struct forms {
	struct form *form;	/* OWNED, in the order of their specs */
	size_t n;

	/* private from here */
	struct arena text;	/* OWNED */
};

/* The sources are paths without links, or NULL. */
MUST_USE bool forms_open(struct forms *f, const char *const *spec, size_t n,
    const char *const *source, size_t sources, char why[FORMS_WHY_MAX]);
void	forms_close(struct forms *f);

/*
 * Adds " --write FORM=FILE" for each, to be read by sh(1) in whichever folder.
 * False: nobody knows the folder we are in, as errno says.
 */
MUST_USE bool forms_options(const struct forms *f, struct buf *b);

#endif
