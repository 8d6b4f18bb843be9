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

/* No two things in one file. */
static bool
is_free(const struct forms *f, const struct form *form, const char *const *sources, char why[FORMS_WHY_MAX])
{
	if (strcmp(form->path, "-") == 0)
		return no(why, "a file, not standard output, where the rows go: --emit writes there");
	for (; *sources; sources++)
		if (str_eq(form->real, str_of(*sources)))
			return no(why, "\"%s\" is where this comes from", form->path);
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(form->real, f->form[i].real))
			return no(why, "\"%s\" is named twice", form->path);
	return true;
}

static bool
add(struct forms *f, const char *spec, const char *const *sources, char why[FORMS_WHY_MAX])
{
	struct form *form = &f->form[f->n];

	if (!parse(form, spec, why))
		return false;
	form->real = path_real(&f->text, form->path);
	if (!is_free(f, form, sources, why) || !render_open(&form->render, form->spec, why))
		return false;
	f->n++;
	return true;
}

bool
forms_open(struct forms *f, const char *const *spec, size_t n, const char *const *sources,
    char why[FORMS_WHY_MAX])
{
	*f = (struct forms){ .form = mem_array(n, sizeof(*f->form)) };
	for (size_t i = 0; i < n; i++)
		if (!add(f, spec[i], sources, why))
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
