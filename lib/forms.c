/* forms.c - see forms.h. */
#include "forms.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "quote.h"
#include "str.h"

static bool PRINTF(2, 3)
no(char why[FORMS_WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, FORMS_WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

/* --- opening --- */

/* At the last "=": the paths of templates, and endpoints, may have some. */
static bool
parse(struct form *form, const char *text, char why[FORMS_WHY_MAX])
{
	const char *eq = strrchr(text, '=');

	if (!eq || eq == text || eq[1] == '\0')
		return no(why, "not FORM=FILE: \"%s\"", text);
	form->spec = (struct str){ text, (size_t)(eq - text) };
	form->path = eq + 1;
	return true;
}

/* The source itself, or a file that cmon-promote(1) keeps beside it. */
static bool
is_of(struct str path, const char *source)
{
	static const char *const tails[] = { "", ".1", ".lock", ".log", ".log.lock" };
	struct str real = str_of(source);

	for (size_t i = 0; i < countof(tails); i++)
		if (str_starts(path, real) && str_eq(str_from(path, real.n), str_of(tails[i])))
			return true;
	return false;
}

static bool
is_template(struct forms *f, struct str path)
{
	for (size_t i = 0; i < f->n; i++)
		if (render_is_file(&f->form[i].render) &&
		    str_eq(path, path_real(&f->text, arena_dup(&f->text, f->form[i].spec).p)))
			return true;
	return false;
}

/* No two things in one file. */
static bool
is_free(struct forms *f, size_t k, const char *const *source, size_t sources, char why[FORMS_WHY_MAX])
{
	const struct form *form = &f->form[k];
	bool ours = is_template(f, form->real);

	if (strcmp(form->path, "-") == 0)
		return no(why, "a file, not standard output, where the rows go: --emit writes there");
	if (path_is_special(form->path))
		return no(why, "\"%s\" is no regular file, which could be replaced", form->path);
	for (size_t i = 0; i < sources; i++)
		ours |= source[i] && is_of(form->real, source[i]);
	if (ours)
		return no(why, "\"%s\" is where this comes from, or is kept beside it", form->path);
	for (size_t i = 0; i < k; i++)
		if (str_eq(form->real, f->form[i].real))
			return no(why, "\"%s\" is named twice", form->path);
	return true;
}

static bool
add(struct forms *f, const char *spec, char why[FORMS_WHY_MAX])
{
	struct form *form = &f->form[f->n];

	if (!parse(form, spec, why) || !render_open(&form->render, form->spec, why))
		return false;
	form->real = path_real(&f->text, form->path);
	f->n++;
	return true;
}

bool
forms_open(struct forms *f, const char *const *spec, size_t n, const char *const *source, size_t sources,
    char why[FORMS_WHY_MAX])
{
	*f = (struct forms){ .form = mem_array(n, sizeof(*f->form)) };
	for (size_t i = 0; i < n; i++)
		if (!add(f, spec[i], why))
			return false;
	for (size_t i = 0; i < n; i++)
		if (!is_free(f, i, source, sources, why))
			return false;
	return true;
}

void
forms_close(struct forms *f)
{
	for (size_t i = 0; i < f->n; i++)
		render_close(&f->form[i].render);
	free(f->form);
	arena_free(&f->text);
	*f = (struct forms){ 0 };
}

/* --- saying them again --- */

/* A template is a path too. */
static bool
put_spec(struct buf *b, const struct form *form)
{
	if (render_is_file(&form->render)) {
		if (!path_absolute(b, form->spec))
			return false;
	} else {
		buf_add(b, form->spec);
	}
	buf_byte(b, '=');
	return path_absolute(b, str_of(form->path));
}

bool
forms_options(const struct forms *f, struct buf *b)
{
	struct buf word;
	bool ok = true;

	buf_init(&word, b->max);
	for (size_t i = 0; ok && i < f->n; i++) {
		buf_reset(&word);
		ok = put_spec(&word, &f->form[i]);
		buf_add(b, STR(" --write "));
		quote_sh(b, buf_str(&word));
		b->over |= word.over;
	}
	buf_free(&word);
	return ok;
}
