#include "joblog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "map.h"
#include "num.h"
#include "out.h"
#include "str.h"

#define PATH_BYTES	4096
#define MEMORY_BYTES	(JOBLOG_TOLD_MAX + 64)
#define HEADER		"job\ttime\twindow\texit_status\tduration_s\tlast_success\n"

static bool
lock_path(char *to, const char *path, const char *name)
{
	int n = snprintf(to, PATH_BYTES, "%s%s%s.lock", path, *name ? "." : "", name);

	if (n > 0 && n < PATH_BYTES)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

static int
open_lock(const char *path, const char *name)
{
	char lock[PATH_BYTES];

	if (!lock_path(lock, path, name))
		return -1;
	return open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/*
 * A job's lock file holds one line: success_us, told_us, told.  It is a
 * convenience, so what does not read as such is taken as nothing.
 */
static void
recall(struct joblog *l)
{
	char buf[MEMORY_BYTES];
	ssize_t n = pread(l->lock, buf, sizeof(buf), 0);
	struct str rest = { buf, n > 0 ? (size_t)n : 0 }, success, told_at;
	int64_t a, b;

	if (!str_ends(rest, STR("\n")) || !str_cut(&rest, '\t', &success) ||
	    !str_cut(&rest, '\t', &told_at) || !num_i64(success, &a) || !num_i64(told_at, &b) ||
	    rest.n == 0 || rest.n > sizeof(l->told))
		return;
	l->success_us = a;
	l->told_us = b;
	memcpy(l->told, rest.p, rest.n - 1);
	l->told[rest.n - 1] = '\0';
}

bool
joblog_remember(const struct joblog *l)
{
	char buf[MEMORY_BYTES];
	int n = snprintf(buf, sizeof(buf), "%lld\t%lld\t%s\n", (long long)l->success_us,
	    (long long)l->told_us, l->told);

	/* Never an empty file between: a run that is killed would forget the last success. */
	return pwrite(l->lock, buf, (size_t)n, 0) == n && ftruncate(l->lock, n) == 0;
}

enum joblog_state
joblog_open(struct joblog *l, const char *path, const char *name)
{
	*l = (struct joblog){ .path = path, .name = name, .lock = open_lock(path, name) };
	if (l->lock == -1)
		return JOBLOG_FAILED;
	if (flock(l->lock, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? JOBLOG_BUSY : JOBLOG_FAILED;
	recall(l);
	return JOBLOG_OPEN;
}

void
joblog_close(struct joblog *l)
{
	if (l->lock > 0)
		close(l->lock);
	*l = (struct joblog){ .lock = -1 };
}

/* Rows of the older half that are the newest of their job, then the younger half. */
static void
write_younger(struct out *o, struct str older, struct str younger)
{
	struct str *newest = NULL, row, rest;
	struct hash_key key = hash_published;
	struct map jobs;
	size_t cap = 0;
	bool added;

	map_init(&jobs, &key);
	for (rest = older; rest.n && str_cut(&rest, '\n', &row); ) {
		uint32_t i = map_put(&jobs, (struct str){ row.p, str_chr(row, '\t') }, &added);

		newest = mem_grow(newest, &cap, (size_t)i + 1, sizeof(*newest));
		newest[i] = row;
	}
	for (rest = younger; rest.n && str_cut(&rest, '\n', &row); ) {
		uint32_t i = map_get(&jobs, (struct str){ row.p, str_chr(row, '\t') });

		if (newest && i != MAP_NONE)
			newest[i].n = 0;
	}
	out_add(o, STR(HEADER));
	for (uint32_t i = 0; newest && i < jobs.n; i++)
		if (newest[i].n) {
			out_add(o, newest[i]);
			out_byte(o, '\n');
		}
	out_add(o, younger);
	free(newest);
	map_free(&jobs);
}

static bool
compact(const char *path, int fd, size_t size)
{
	char *text = mem_alloc(size);
	struct str rows = { text, size };
	struct out o;
	size_t half;

	if (pread(fd, text, size, 0) != (ssize_t)size) {
		free(text);
		return false;
	}
	rows = str_from(rows, sizeof(HEADER) - 1);
	half = rows.n / 2;
	half += str_chr(str_from(rows, half), '\n') + 1;
	if (half > rows.n)
		half = rows.n;
	out_open(&o, path);
	write_younger(&o, (struct str){ rows.p, half }, str_from(rows, half));
	free(text);
	return out_close(&o) == 0;
}

/* The file is empty, or starts as one of ours. */
static bool
is_ours(int fd, size_t size)
{
	char start[sizeof(HEADER) - 1];

	if (size == 0)
		return true;
	if (pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	    memcmp(start, HEADER, sizeof(start)) == 0)
		return true;
	errno = EBADMSG;
	return false;
}

static size_t
format_row(char *to, size_t room, const struct joblog *l, const struct joblog_row *row, bool header)
{
	char end[NUM_MAX], dur[NUM_MAX], success[NUM_MAX];

	*num_put_fixed(end, row->end_us, 6) = '\0';
	*num_put_fixed(dur, row->dur_us / 1000, 3) = '\0';
	*num_put_fixed(success, l->success_us, 6) = '\0';
	return (size_t)snprintf(to, room, "%s%s\t%s\t0\t%d\t%s\t%s\n", header ? HEADER : "", l->name,
	    end, row->exit_status, dur, l->success_us ? success : "");
}

bool
joblog_news(struct joblog *l, const char *text, int64_t now_us, int64_t repeat_us)
{
	bool known = strncmp(l->told, text, sizeof(l->told) - 1) == 0;

	if (*text && known && now_us >= l->told_us && now_us - l->told_us < repeat_us)
		return false;
	snprintf(l->told, sizeof(l->told), "%s", text);
	l->told_us = *text ? now_us : 0;
	return *text;
}

static bool
append_locked(const struct joblog *l, const struct joblog_row *row, int fd)
{
	char text[JOBLOG_NAME_MAX + 4 * NUM_MAX + sizeof(HEADER)];
	struct stat st;
	size_t n;

	if (fstat(fd, &st) == -1 || !is_ours(fd, (size_t)st.st_size))
		return false;
	n = format_row(text, sizeof(text), l, row, st.st_size == 0);
	/* A half-written row would spoil the file for its readers. */
	if (write(fd, text, n) != (ssize_t)n || fsync(fd) == -1) {
		int err = errno;

		if (ftruncate(fd, st.st_size) == 0)
			errno = err;
		return false;
	}
	if ((size_t)st.st_size + n > JOBLOG_MAX)
		return compact(l->path, fd, (size_t)st.st_size + n);
	return true;
}

bool
joblog_append(struct joblog *l, const struct joblog_row *row)
{
	int lock = open_lock(l->path, ""), fd = -1;
	bool ok;

	if (row->exit_status == 0)
		l->success_us = row->end_us;
	ok = lock != -1 && flock(lock, LOCK_EX) == 0 &&
	    (fd = open(l->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644)) != -1 &&
	    append_locked(l, row, fd);
	if (fd != -1)
		close(fd);
	if (lock != -1)
		close(lock);
	return ok && joblog_remember(l);
}
