#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "msg.h"
#include "str.h"

#define OUT_CAP		(2 * OUT_BLOCK)
#define OUT_FILES	80		/* open for replacement at a time */
#define PIPE_BYTES	(1024 * 1024)	/* what we ask of a pipe */
#define SET_PIPE_SIZE	1031		/* Linux' F_SETPIPE_SZ */

/* Temporary files to remove, whichever way the program ends. */
static struct {
	char *volatile path[OUT_FILES];
	bool watched;
} temps;

static void
remove_temps(void)
{
	for (size_t i = 0; i < OUT_FILES; i++)
		if (temps.path[i])
			unlink(temps.path[i]);
}

static void
on_signal(int sig)
{
	remove_temps();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
watch_temp(char *path)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };
	size_t i = 0;

	if (!temps.watched) {
		temps.watched = true;
		atexit(remove_temps);
		for (size_t k = 0; k < countof(ends); k++)
			if (signal(ends[k], on_signal) == SIG_IGN)
				signal(ends[k], SIG_IGN);
	}
	while (i < OUT_FILES && temps.path[i])
		i++;
	if (i < OUT_FILES)
		temps.path[i] = path;
	else
		die("%s: more than %d files written at a time", path, OUT_FILES);
}

static void
forget_temp(struct out *o)
{
	for (size_t i = 0; i < OUT_FILES; i++)
		if (temps.path[i] == o->temp)
			temps.path[i] = NULL;
	free(o->temp);
	o->temp = NULL;
}

/* dirname(3) of path, which it keeps as it is; OWNED by the caller. */
static char *
folder(const char *path)
{
	size_t n = strlen(path) + 1;
	char *copy = mem_alloc(n + 1), *dir;

	memcpy(copy, path, n);
	dir = dirname(copy);
	memmove(copy, dir, strlen(dir) + 1);
	return copy;
}

static int
make_new(const char *path)
{
	unlink(path);	/* of a run that was killed */
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

/* Made, and known to remove_temps() before any signal may end us. */
static int
make_temp(char *path, bool locked)
{
	sigset_t all, old;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	fd = locked ? make_new(path) : mkstemp(path);
	if (fd != -1)
		watch_temp(path);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return fd;
}

/* Before the mode is set, since this clears bits of it. */
static void
keep_owner(int fd, const struct stat *st)
{
	if (fchown(fd, st->st_uid, st->st_gid) == -1 && fchown(fd, (uid_t)-1, st->st_gid) == -1)
		return;		/* nor could cp(1): the folder lets us replace it all the same */
}

/*
 * A name in the same folder, so that rename(2) stays on one file system; with
 * a dot in front and no ending that a collector would read.  By chance, not by
 * process id, which two containers may have in common.
 */
static char *
temp_name(const char *real)
{
	char *dir = folder(real), *temp;
	const char *slash = strrchr(real, '/');
	const char *name = slash ? slash + 1 : real;
	size_t n = strlen(dir) + strlen(name) + sizeof("/..XXXXXX");

	temp = mem_alloc(n);
	snprintf(temp, n, "%s/.%s.XXXXXX", dir, name);
	free(dir);
	return temp;
}

static char *
locked_name(const char *real)
{
	size_t n = strlen(real) + sizeof(".new");
	char *temp = mem_alloc(n);

	snprintf(temp, n, "%s.new", real);
	return temp;
}

static void
open_temp(struct out *o, unsigned mode, const struct stat *former, bool locked)
{
	o->temp = locked ? locked_name(o->real) : temp_name(o->real);
	o->fd = make_temp(o->temp, locked);
	if (o->fd != -1 && former)
		keep_owner(o->fd, former);
	if (o->fd == -1 || fcntl(o->fd, F_SETFD, FD_CLOEXEC) == -1 || fchmod(o->fd, (mode_t)mode) == -1)
		die_sys("%s", o->path);
}

static unsigned
default_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~(unsigned)mask;
}

static void
open_file(struct out *o, unsigned mode, bool locked)
{
	struct stat st;
	bool there = stat(o->path, &st) == 0;

	if (there && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		die_sys("%s", o->path);
	}
	if (there && !S_ISREG(st.st_mode)) {	/* a device, a pipe */
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
		if (o->fd == -1)
			die_sys("%s", o->path);
		return;
	}
	/* A link keeps being one: what it points at is replaced. */
	o->real = there ? realpath(o->path, NULL) : NULL;
	if (!o->real) {
		o->real = mem_alloc(strlen(o->path) + 1);
		memcpy(o->real, o->path, strlen(o->path));
	}
	if (!mode)
		mode = there ? st.st_mode & 07777 : default_mode();
	open_temp(o, mode, there ? &st : NULL, locked);
}

static void
open_out(struct out *o, const char *path, unsigned mode, bool locked)
{
	*o = (struct out){ .path = path, .cap = OUT_CAP };
	if (!path || strcmp(path, "-") == 0) {
		o->path = "standard output";
		o->fd = STDOUT_FILENO;
	} else {
		open_file(o, mode, locked);
	}
	o->buf = mem_alloc(o->cap);
	if (!o->temp)		/* refused where it is no pipe: no matter */
		(void)fcntl(o->fd, SET_PIPE_SIZE, PIPE_BYTES);
}

void
out_open(struct out *o, const char *path)
{
	open_out(o, path, 0, false);
}

void
out_open_mode(struct out *o, const char *path, unsigned mode)
{
	open_out(o, path, mode, false);
}

void
out_open_locked(struct out *o, const char *path)
{
	open_out(o, path, 0, true);
}

static _Noreturn void
reader_gone(void)
{
	remove_temps();
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(128 + SIGPIPE);	/* where the signal is blocked */
}

static void
write_all(struct out *o, const char *p, size_t n)
{
	while (n) {
		ssize_t k = write(o->fd, p, n < OUT_BLOCK ? n : OUT_BLOCK);

		if (k == -1 && errno == EINTR)
			continue;
		if (k == -1 && errno == EPIPE)
			reader_gone();
		if (k == -1)
			die_sys("%s", o->path);
		p += k;
		n -= (size_t)k;
		o->bytes += (uint64_t)k;
	}
}

/* Writes all but the newlines at the end, and at least one byte less. */
static void
drain(struct out *o)
{
	size_t n = o->n;

	while (n && o->buf[n - 1] == '\n')
		n--;
	write_all(o, o->buf, n);
	memmove(o->buf, o->buf + n, o->n - n);
	o->n -= n;
}

void
out_make_room(struct out *o, size_t n)
{
	drain(o);
	if (o->cap - o->n >= n)
		return;
	o->cap = o->n + n + OUT_CAP;
	o->buf = realloc(o->buf, o->cap);
	if (!o->buf)
		die("out of memory: %zu bytes to write", n);
}

void
out_shown(struct out *o, struct str s)
{
	struct str c;

	while (s.n)
		out_add(o, str_cut_shown(&s, &c) || *c.p == '\n' ? c : STR_REPLACED);
}

void
out_flush(struct out *o)
{
	write_all(o, o->buf, o->n);
	o->n = 0;
}

void
out_sync(struct out *o)
{
	out_flush(o);
	if (fsync(o->fd) == -1 && o->temp)
		die_sys("%s", o->path);
}

static void
replace(struct out *o)
{
	char *dir;
	int fd;

	if (fsync(o->fd) == -1 || close(o->fd) == -1 || rename(o->temp, o->real) == -1)
		die_sys("%s", o->path);
	forget_temp(o);
	dir = folder(o->real);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	/* Some file systems cannot sync a folder, and then need not. */
	if (fd == -1 || (fsync(fd) == -1 && errno != EINVAL))
		die_sys("%s: its folder", o->path);
	close(fd);
}

static void
release(struct out *o)
{
	free(o->buf);
	free(o->real);
	*o = (struct out){ .fd = -1 };
}

int
out_close(struct out *o)
{
	out_flush(o);
	if (o->temp)
		replace(o);
	else if (close(o->fd) == -1)	/* where NFS and quotas speak up */
		die_sys("%s", o->path);
	release(o);
	return EXIT_OK;
}

void
out_abandon(struct out *o)
{
	if (o->temp) {
		close(o->fd);
		unlink(o->temp);
		forget_temp(o);
	}
	release(o);
}
