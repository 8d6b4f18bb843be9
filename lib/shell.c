#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "num.h"
#include "str.h"

#define STATUS_FD	3	/* where the shell says how each stage ended */
#define PIPE_READS	256	/* that empty the largest pipe, of 1 MiB */
#define POLL_US		50000

/*
 * What surrounds the pipeline.  Shells with one of these arrays know how each
 * stage ended, the others only how the whole did.
 */
#define STAGES	"\"${PIPESTATUS[*]-} ${pipestatus[*]-}\""

static const char before[] = "set -o pipefail\n";
static const char after[] = "\ncmon_s=$?; echo \"$cmon_s\" >&3; exit \"$cmon_s\"\n";
static const char after_stages[] =
    "\ncmon_s=\"$? \"" STAGES "; echo \"$cmon_s\" >&3; exit \"${cmon_s%% *}\"\n";

static volatile sig_atomic_t asked_to_end;

static void
on_end(int sig)
{
	asked_to_end = sig;
}

static void
on_child(int sig)
{
	(void)sig;	/* its coming interrupts pselect(2): enough */
}

static int64_t
ticks_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* The shell runs this script with success. */
static bool
can(const char *shell, const char *script)
{
	int status, null;
	pid_t pid = fork();

	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp(shell, shell, "-c", script, (char *)NULL);
		_exit(127);
	}
	return pid != -1 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool
shell_find(const char *want, const char **shell)
{
	static const char *const known[] = { "bash", "zsh", "ksh", "sh" };
	static const char pipefail[] = "set -o pipefail && ! false | true";

	*shell = want;
	if (want)
		return can(want, pipefail);
	for (size_t i = 0; i < countof(known); i++) {
		*shell = known[i];
		if (can(known[i], pipefail))
			return true;
	}
	return false;
}

/* The text that the shell is given; OWNED by the caller, NULL: no memory. */
static char *
whole_script(const struct shell_run *r)
{
	const char *end = can(r->shell, ": " STAGES) ? after_stages : after;
	size_t n = sizeof(before) + strlen(r->pipeline) + strlen(end);
	char *text = malloc(n);

	if (text)
		snprintf(text, n, "%s%s%s", before, r->pipeline, end);
	return text;
}

static _Noreturn void
become_shell(const struct shell_run *r, const char *script, int err, int status)
{
	setpgid(0, 0);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	dup2(err, STDERR_FILENO);
	/* Descriptors made here are close-on-exec; a dup2(2) of one is not. */
	if (status == STATUS_FD)
		fcntl(status, F_SETFD, 0);
	else
		dup2(status, STATUS_FD);
	execlp(r->shell, r->shell, "-c", script, (char *)NULL);
	_exit(127);
}

static bool
pipe_cloexec(int fd[2])
{
	if (pipe(fd) == -1)
		return false;
	for (int i = 0; i < 2; i++)
		fcntl(fd[i], F_SETFD, FD_CLOEXEC);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	return true;
}

/* Lines of standard error: the last one that is not empty is kept. */
struct tail {
	char line[SHELL_LINE_MAX];
	size_t n;
};

/* Words of tsv.c about the program before in the pipe: the reason is what that one said. */
static bool
is_echo(struct str line)
{
	return str_ends(line, STR("the program before this one has failed")) ||
	    str_ends(line, STR("the input was cut short"));
}

static void
take(struct shell_run *r, struct tail *t, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n') {
			if (t->n < sizeof(t->line) - 1)
				t->line[t->n++] = p[i];
			continue;
		}
		if (t->n && !(*r->last && is_echo((struct str){ t->line, t->n }))) {
			memcpy(r->last, t->line, t->n);
			r->last[t->n] = '\0';
		}
		t->n = 0;
	}
}

/* False: nothing more to read, now or ever. */
static bool
drain(struct shell_run *r, struct tail *t, int fd, bool *open)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0) {
		*open = n == -1 && (errno == EAGAIN || errno == EINTR);
		return false;
	}
	take(r, t, buf, (size_t)n);
	if (r->pass && write(STDERR_FILENO, buf, (size_t)n) == -1)
		r->pass = false;
	return true;
}

/* Waits for bytes, for the child's end, for a signal or until the time given. */
static void
wait_event(int fd, bool open, int64_t left_us, const sigset_t *unblocked)
{
	struct timespec ts = { (time_t)(left_us / 1000000), left_us % 1000000 * 1000 };
	fd_set set;

	FD_ZERO(&set);
	if (open)
		FD_SET(fd, &set);
	pselect(open ? fd + 1 : 0, &set, NULL, NULL, left_us < 0 ? NULL : &ts, unblocked);
}

/* The shell's own account: its status, then that of each stage. */
static void
read_stages(struct shell_run *r, int fd)
{
	char buf[1024];
	ssize_t n = read(fd, buf, sizeof(buf));
	struct str rest = { buf, n > 0 ? (size_t)n : 0 }, word;
	bool whole = true, piped = false;
	int64_t status;

	if (rest.n && rest.p[rest.n - 1] == '\n')
		rest.n--;
	while (rest.n && str_cut(&rest, ' ', &word)) {
		if (word.n == 0 || !num_i64(word, &status))
			continue;
		if (whole) {
			whole = false;
			continue;
		}
		r->stages++;
		/* SIGPIPE: one behind it ended first, and that is the failure. */
		if (status != 0 && (r->stage == 0 || piped)) {
			piped = status == 128 + SIGPIPE;
			if (!piped || r->stage == 0)
				r->stage = r->stages;
		}
	}
}

static int
status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/*
 * Does a process of the group live?  Each has the write end of the status pipe,
 * and one that is dead and not yet collected has it no more.
 */
static bool
any_left(pid_t pid, int status)
{
	struct pollfd p = { .fd = status };

	return kill(-pid, 0) == 0 && !(poll(&p, 1, 0) == 1 && (p.revents & POLLHUP));
}

/* The shell heeds SIGTERM at once; what it ran may need its time to clean up. */
static void
wait_group(struct shell_run *r, struct tail *t, pid_t pid, int err, int status, bool *open, int64_t end)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, NULL, &now);
	while (any_left(pid, status) && ticks_us() < end) {
		wait_event(err, *open, POLL_US, &now);
		if (*open)
			drain(r, t, err, open);
	}
	kill(-pid, SIGKILL);
}

/* Watches the child until it has ended, and ends it where that is due. */
static bool
watch(struct shell_run *r, pid_t pid, int err, int account, const sigset_t *unblocked)
{
	int64_t start = ticks_us(), end = 0;
	struct tail tail = { .n = 0 };
	bool open = true, ending = false;
	int status;
	pid_t got;

	if (r->timeout_us && ADD_OVERFLOW(start, r->timeout_us, &end))
		end = INT64_MAX;
	while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
		int64_t now = ticks_us(), left = end ? end - now : -1;

		if ((asked_to_end && !ending) || (end && now >= end)) {
			kill(-pid, ending ? SIGKILL : SIGTERM);
			r->status = asked_to_end ? 128 + asked_to_end : SHELL_TIMED_OUT;
			ending = true;
			end = now + SHELL_GRACE_US;
			continue;
		}
		wait_event(err, open, left, unblocked);
		if (open)
			drain(r, &tail, err, &open);
	}
	if (ending)
		wait_group(r, &tail, pid, err, account, &open, end);
	else
		r->status = status_of(status);
	/* What is in the pipe, and no more: one who stayed behind may write for ever. */
	for (int i = 0; i < PIPE_READS && drain(r, &tail, err, &open); i++)
		;
	if (tail.n)
		take(r, &tail, "\n", 1);
	r->dur_us = ticks_us() - start;
	return got == pid;
}

static void
watch_signals(sigset_t *unblocked)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction act = { .sa_handler = on_child };
	sigset_t block;

	sigaction(SIGCHLD, &act, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	act.sa_handler = on_end;
	for (size_t i = 0; i < countof(ends); i++) {
		sigaction(ends[i], &act, NULL);
		sigaddset(&block, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &block, unblocked);
}

bool
shell_exec(struct shell_run *r)
{
	int err[2], status[2];
	sigset_t unblocked;
	char *script;
	pid_t pid;
	bool ok;

	if (!pipe_cloexec(err) || !pipe_cloexec(status) || !(script = whole_script(r)))
		return false;
	watch_signals(&unblocked);
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &unblocked, NULL);
		become_shell(r, script, err[1], status[1]);
	}
	free(script);
	if (pid == -1)
		return false;
	setpgid(pid, pid);	/* whichever of us comes first */
	close(err[1]);
	close(status[1]);
	ok = watch(r, pid, err[0], status[0], &unblocked);
	read_stages(r, status[0]);
	close(err[0]);
	close(status[0]);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	return ok;
}
