/*
 * out: files are whole or untouched, a cut stream never ends in a newline,
 * failures end the program.  What ends a program is tried in a child.
 */
#include "out.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "msg.h"
#include "str.h"
#include "test.h"

static char dir[] = "/tmp/cmon-out-XXXXXX";
static char path[64];

static size_t
slurp(const char *name, char *to, size_t max)
{
	FILE *f = fopen(name, "r");
	size_t n = f ? fread(to, 1, max - 1, f) : 0;

	to[n] = '\0';
	if (f)
		fclose(f);
	return n;
}

static void
rows(struct out *o, int n)
{
	for (int i = 0; i < n; i++) {
		char row[64];

		snprintf(row, sizeof(row), "row %d of some length\n\n", i);
		out_add(o, str_of(row));
	}
}

/* Runs child() and returns its wait status. */
static int
in_child(void (*child)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDERR_FILENO);
		child();
		exit(99);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void
replace_whole(void)
{
	struct out o;

	out_open(&o, path);
	out_add(&o, STR("new\n"));
	exit(out_close(&o));
}

static void
die_before_close(void)
{
	struct out o;

	out_open(&o, path);
	rows(&o, 100000);
	die("on purpose");
}

static void
killed_by_term(void)
{
	struct out o;

	out_open(&o, path);
	rows(&o, 100000);
	raise(SIGTERM);
}

static void
full_disk(void)
{
	struct out o;

	dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
	out_open(&o, NULL);
	out_add(&o, STR("x"));
	exit(out_close(&o));
}

static void
gone_reader_ignored_signal(void)
{
	struct out o;
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(fd) == -1)
		return;
	close(fd[0]);
	dup2(fd[1], STDOUT_FILENO);
	out_open(&o, NULL);
	out_add(&o, STR("x"));
	exit(out_close(&o));
}

static void
cut_stream(void)
{
	struct out o;

	dup2(open(path, O_WRONLY | O_TRUNC), STDOUT_FILENO);
	out_open(&o, NULL);
	rows(&o, 20000);
	_exit(0);		/* as if killed */
}

static int
temps_left(void)
{
	char command[128];

	snprintf(command, sizeof(command), "ls -A %s | grep -c tmp >/dev/null", dir);
	return system(command) == 0;
}

int
main(void)
{
	static char text[4 * 1024 * 1024];
	struct stat st;
	int status;
	size_t n;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/file", dir);

	umask(027);
	CHECK_INT(WEXITSTATUS(in_child(replace_whole)), 0);
	slurp(path, text, sizeof(text));
	CHECK_STR(str_of(text), "new\n");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
	CHECK(chmod(path, 0604) == 0);
	CHECK_INT(WEXITSTATUS(in_child(replace_whole)), 0);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0604);

	CHECK_INT(WEXITSTATUS(in_child(die_before_close)), EXIT_TROUBLE);
	status = in_child(killed_by_term);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	slurp(path, text, sizeof(text));
	CHECK_STR(str_of(text), "new\n");
	CHECK(!temps_left());

	CHECK_INT(WEXITSTATUS(in_child(full_disk)), EXIT_TROUBLE);
	status = in_child(gone_reader_ignored_signal);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);

	CHECK_INT(WEXITSTATUS(in_child(cut_stream)), 0);
	n = slurp(path, text, sizeof(text));
	CHECK(n > OUT_BLOCK && text[n - 1] != '\n');

	unlink(path);
	rmdir(dir);
	return test_end();
}
