/*
 * Any bytes as a stream of partials: the reader ends, what it refuses has a
 * reason, and what it takes goes into a cell or is refused there.
 */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cell.h"
#include "in.h"
#include "mem.h"
#include "partial.h"
#include "str.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
take(struct cell_plan *plan, struct cell *c, const struct partial_reader *r)
{
	const struct cell_metric *m = cell_metric(plan, r->metric);

	if (m && !cell_put(plan, c, m->id, r->bin, r->value)) {
		cell_death(plan, c);
		cell_birth(plan, c, 0, 60, (struct str){ NULL, 0 });
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char template[] = "/tmp/cmon-fuzz.XXXXXX", path[32], *paths[] = { path, NULL };
	int fd = mkstemp(template);
	struct partial_reader r;
	struct cell_plan plan;
	enum partial_what what;
	struct cell *c;
	struct tsv *t = mem_alloc(sizeof(*t));
	struct in in;

	must(fd != -1 && unlink(template) == 0 && write(fd, data, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	cell_plan_init(&plan);
	cell_keep(&plan, CELL_BYTES);
	must(cell_keep_measure(&plan, STR("latency_us"), CELL_ALL) == 0);
	must(cell_keep_distinct(&plan, STR("client")) == 0);
	cell_plan_lay(&plan);
	c = mem_alloc(cell_size(&plan, 0));
	cell_birth(&plan, c, 0, 60, (struct str){ NULL, 0 });
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(t, &in);
	partial_read(&r, t);
	while ((what = partial_next(&r)) != PARTIAL_END && what != PARTIAL_BAD)
		if (what == PARTIAL_ROW)
			take(&plan, c, &r);
	must(what == PARTIAL_END || *r.why);
	tsv_close(t);
	in_close(&in);
	cell_death(&plan, c);
	cell_plan_free(&plan);
	must(plan.heap == 0);
	free(c);
	free(t);
	close(fd);
	return 0;
}
