/* rowlog.c - see rowlog.h. */
#include "rowlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "in.h"
#include "mem.h"

#define LOCK	".lock"

static bool
take_lock(struct rowlog *l, const char *path)
{
	size_t n = strlen(path) + sizeof(LOCK);
	char *name = mem_alloc(n);
	int got = -1;

	snprintf(name, n, "%s%s", path, LOCK);
	l->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (l->lock >= 0 && (got = flock(l->lock, LOCK_EX)) == -1 && errno == EINTR)
		;
	if (got == -1)
		snprintf(l->why, sizeof(l->why), "%s: %s", name, strerror(errno));
	free(name);
	return got == 0;
}

static bool
copy_rows(struct rowlog *l, struct tsv *t)
{
	for (;;) {
		enum tsv_what what = tsv_next(t);

		if (what == TSV_END)
			return true;
		if (what == TSV_BAD) {
			snprintf(l->why, sizeof(l->why), "%s", t->why);
			return false;
		}
		if (what == TSV_HEADER) {
			buf_reset(&l->header);
			buf_add(&l->header, tsv_line(t));
		}
		out_add(&l->out, tsv_line(t));
		out_byte(&l->out, '\n');
	}
}

static bool
copy(struct rowlog *l, const char *path)
{
	char *name = mem_alloc(strlen(path) + 1), *paths[] = { name, NULL };
	struct tsv *t = mem_alloc(sizeof(*t));
	struct in in;
	bool ok;

	memcpy(name, path, strlen(path));
	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(t, &in);
	ok = copy_rows(l, t);
	tsv_close(t);
	in_close(&in);
	free(t);
	free(name);
	return ok;
}

static void
leave(struct rowlog *l)
{
	if (l->lock >= 0) {
		/* Said, too: were the close to fail, we would wait for ourselves the next time. */
		flock(l->lock, LOCK_UN);
		close(l->lock);
	}
	buf_free(&l->header);
}

bool
rowlog_open(struct rowlog *l, const char *path)
{
	struct stat st;

	*l = (struct rowlog){ .lock = -1 };
	buf_init(&l->header, IN_TSV_LINE_MAX);
	if (!take_lock(l, path)) {
		leave(l);
		return false;
	}
	out_open(&l->out, path);
	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size == 0 || copy(l, path))
		return true;
	out_abandon(&l->out);
	leave(l);
	return false;
}

void
rowlog_close(struct rowlog *l)
{
	out_close(&l->out);
	leave(l);
}
