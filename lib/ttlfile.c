/* ttlfile.c - see ttlfile.h. */
#include "ttlfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "msg.h"
#include "num.h"
#include "slurp.h"
#include "str.h"
#include "when.h"

enum { ENDPOINT, TTL };

static const char *const columns[] = { "endpoint", "ttl", NULL };

static bool PRINTF(2, 3)
wrong(table_say *say, const char *fmt, ...)
{
	char text[TABLE_SAY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(text);
	return false;
}

/* The bytes, if they are a whole file. */
static bool
read_text(struct ttlfile *f, const char *path, table_say *say)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return wrong(say, "%s: %s", path, S_ISDIR(st.st_mode) ? strerror(EISDIR) : "no regular file");
	if (!slurp(path, TTLFILE_MAX, &f->text, &f->bytes))
		return wrong(say, "%s: %s", path, strerror(errno));
	if (f->bytes == 0)
		return wrong(say, "%s: empty", path);
	if (f->text[f->bytes - 1] != '\n')
		return wrong(say, "%s: cut short: its last line does not end in a newline", path);
	return true;
}

static void
read_row(struct ttlfile *f, struct table *t)
{
	struct str endpoint = table_label(t, ENDPOINT, &f->words), ttl = table_field(t, TTL);
	const struct ttlfile_row *same = ttlfile_row(f, endpoint);
	int64_t us = 0;

	if (same)
		table_wrong(t, ENDPOINT, "\"%.*s\" stands in line %llu too", STRF(endpoint),
		    (unsigned long long)same->line);
	if (!num_duration(ttl, &us) || us % WHEN_SEC)
		table_wrong(t, TTL, "not a duration of whole seconds (90s, 5m, 2h, 0): \"%.*s\"", STRF(ttl));
	f->row = mem_grow(f->row, &f->cap, f->n + 1, sizeof(*f->row));
	f->row[f->n++] = (struct ttlfile_row){ endpoint, arena_dup(&f->words, ttl),
	    us / WHEN_SEC, t->line };
}

bool
ttlfile_read(struct ttlfile *f, const char *path, table_say *say)
{
	struct table t;

	*f = (struct ttlfile){ 0 };
	if (!read_text(f, path, say))
		return false;
	table_open(&t, path, columns, say);
	t.others = true;
	while (table_next(&t)) {
		if (f->n == 0 && !(table_has(&t, ENDPOINT) && table_has(&t, TTL)))
			break;
		if (f->n == TTLFILE_ROWS) {
			table_wrong(&t, TABLE_ROW, "more than %d rows", TTLFILE_ROWS);
			break;
		}
		read_row(f, &t);
	}
	if (f->n == 0)
		table_wrong(&t, TABLE_ROW, "no rows with the columns endpoint and ttl");
	return table_close(&t);
}

void
ttlfile_free(struct ttlfile *f)
{
	free(f->row);
	free(f->text);
	arena_free(&f->words);
	*f = (struct ttlfile){ 0 };
}

const struct ttlfile_row *
ttlfile_row(const struct ttlfile *f, struct str endpoint)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->row[i].endpoint, endpoint))
			return &f->row[i];
	return NULL;
}
