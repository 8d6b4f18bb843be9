/*
 * Any format over any line: the first line of the input is the format, the
 * rest is a log.  Fields lie inside their line and in order, and what becomes
 * of a record is one row of the stream.
 */
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "format.h"
#include "mem.h"
#include "msg.h"
#include "scan.h"
#include "str.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* One line, so many columns, nothing in it that is not escaped. */
static void
check_row(const struct event *e, struct str row)
{
	struct str field;
	size_t n = 0;

	must(row.n > 0 && row.p[row.n - 1] == '\n');
	row.n--;
	for (; str_cut(&row, '\t', &field); n++)
		must(tsv_is_escaped(field));
	must(n == e->n || (n == 0 && e->n == 1));
}

static void
read_line(struct format *f, struct event *e, struct str s)
{
	struct str field[EVENT_FIELDS];
	char *line = mem_alloc(s.n + SCAN_SLACK), *row, *to;

	if (s.n)
		memcpy(line, s.p, s.n);
	s.p = line;
	if (format_read(f, s, field)) {
		for (size_t i = 0; f->kind == FORMAT_LOG && i < f->n; i++)
			must(field[i].n == 0 || (field[i].p >= s.p &&
			    field[i].p + field[i].n <= s.p + s.n));
		to = row = mem_alloc(event_room(e, s.n));
		if (event_row(e, field, s, &to) == EVENT_ROW)
			check_row(e, (struct str){ row, (size_t)(to - row) });
		free(row);
	} else {
		must(*f->why);
	}
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *all = mem_alloc(n + SCAN_SLACK), *copy;
	struct str rest = { all, n }, line;
	struct event_opts opts = { .since = INT64_MIN, .until = INT64_MAX, .redact = "a,token" };
	struct outcome_words words;
	struct format f;
	struct event *e;

	if (n)
		memcpy(all, data, n);
	if (!str_cut(&rest, '\n', &line))
		line = rest;
	copy = mem_alloc(line.n + 1);
	if (line.n)
		memcpy(copy, line.p, line.n);
	e = mem_alloc(sizeof(*e));
	outcome_open(&words, &hash_published);
	if (format_open(&f, copy, rest, NULL)) {
		opts.unescape = f.unescape;
		if (event_open(e, f.field, f.n, &opts, &words))
			while (str_cut(&rest, '\n', &line))
				read_line(&f, e, line);
	} else {
		must(*f.why);
	}
	event_close(e);
	outcome_close(&words);
	format_close(&f);
	free(e);
	free(copy);
	free(all);
	return 0;
}
