#include "logspec.h"

#include <stdarg.h>
#include <stdio.h>

#include "logvar.h"
#include "msg.h"
#include "str.h"

static bool PRINTF(3, 4)
wrong(char *why, size_t room, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, room, fmt, ap);
	va_end(ap);
	return false;
}

/* Where stop stands in s outside of quotes, or s.n. */
static size_t
find(struct str s, char stop)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n && (quoted || s.p[i] != stop); i++)
		if (s.p[i] == '"')
			quoted = !quoted;
	return i;
}

static bool
set_unit(struct event_field *f, struct str unit, struct when_format *when,
    char *why, size_t room)
{
	static const struct { struct str name; enum event_as as; } units[] = {
		{ { "s", 1 }, AS_S }, { { "ms", 2 }, AS_MS }, { { "us", 2 }, AS_US },
		{ { "ns", 2 }, AS_NS },
	};
	struct str bad;

	if (f->col == EVENT_TIME) {
		if (!when_compile(when, unit, &bad))
			return wrong(why, room, "no time format: \"%.*s\"", STRF(bad));
		f->as = AS_STRPTIME;
		f->when = when;
		return true;
	}
	for (size_t i = 0; i < countof(units); i++)
		if (str_eq(unit, units[i].name)) {
			f->as = units[i].as;
			return true;
		}
	return wrong(why, room, "no unit: \"%.*s\" (s, ms, us or ns)", STRF(unit));
}

bool
logspec_next(struct str *spec, struct logspec *item, struct when_format *when,
    char *why, size_t room)
{
	struct str text = { spec->p, find(*spec, ',') };
	size_t eq = str_chr(text, '='), colon;

	*spec = str_from(*spec, text.n < spec->n ? text.n + 1 : text.n);
	if (eq == 0 || eq + 1 >= text.n)
		return wrong(why, room, "not column=key: \"%.*s\"", STRF(text));
	item->field = logvar_own((struct str){ text.p, eq });
	item->key = str_from(text, eq + 1);
	colon = find(item->key, ':');
	if (colon < item->key.n && !set_unit(&item->field, str_from(item->key, colon + 1),
	    when, why, room))
		return false;
	item->key.n = colon;
	return true;
}
