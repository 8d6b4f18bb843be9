/*
 * measure - run a pipeline and say what each stage of it cost.
 *
 *	measure -r RESULT -o OUTPUT cmon-parse x.log :: cmon-agg -w 1m
 *
 *	-r FILE		the result, as below
 *	-o FILE		standard output of the last stage (default /dev/null)
 *	-n TIMES	run it so often; times are sums, peaks the greatest
 *
 * The result is a line of the wall seconds, then one for each stage:
 * user seconds, system seconds, peak resident KiB, exit status.
 *
 * Small and in C, since a child's peak is never less than that of the
 * process it was forked from.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STAGES	8

struct stage {
	char **argv;
	pid_t pid;
	double user_s, sys_s;
	long peak_kib;
	int status;
};

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* In the child: in and out become standard input and output. */
static _Noreturn void
become(const struct stage *s, int in, int out)
{
	if ((in != 0 && dup2(in, 0) < 0) || (out != 1 && dup2(out, 1) < 0))
		fail("dup2");
	for (int fd = 3; fd < 16; fd++)
		close(fd);
	execvp(s->argv[0], s->argv);
	fail(s->argv[0]);
	_exit(127);
}

static void
start(struct stage *s, size_t n, const char *output)
{
	int in = open("/dev/null", O_RDONLY);

	for (size_t i = 0; i < n; i++) {
		int fd[2] = { -1, -1 };

		if (i + 1 < n ? pipe(fd) < 0 :
		    (fd[1] = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666)) < 0)
			fail(output);
		s[i].pid = fork();
		if (s[i].pid < 0)
			fail("fork");
		if (s[i].pid == 0)
			become(&s[i], in, fd[1]);
		close(in);
		close(fd[1]);
		in = fd[0];
	}
}

static void
collect(struct stage *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct rusage u;

		if (wait4(s[i].pid, &s[i].status, 0, &u) < 0)
			fail("wait4");
		s[i].user_s += seconds(u.ru_utime);
		s[i].sys_s += seconds(u.ru_stime);
		if (u.ru_maxrss > s[i].peak_kib)
			s[i].peak_kib = u.ru_maxrss;
	}
}

/* Cuts argv into stages at each "::". */
static size_t
split(struct stage *s, char **argv)
{
	size_t n = 0;

	while (*argv && n < STAGES) {
		s[n++].argv = argv;
		while (*argv && strcmp(*argv, "::") != 0)
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return n;
}

int
main(int argc, char *argv[])
{
	static struct stage s[STAGES];
	const char *result = "/dev/stderr", *output = "/dev/null";
	int times = 1, c;
	double began;
	size_t n;
	FILE *f;

	while ((c = getopt(argc, argv, "+r:o:n:")) != -1) {
		if (c == 'r')
			result = optarg;
		else if (c == 'o')
			output = optarg;
		else if (c == 'n')
			times = (int)strtol(optarg, NULL, 10);
		else
			return 2;
	}
	n = split(s, argv + optind);
	began = now_s();
	for (int i = 0; i < times; i++) {
		start(s, n, output);
		collect(s, n);
	}
	f = fopen(result, "w");
	if (!f)
		fail(result);
	fprintf(f, "%.6f\n", now_s() - began);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%.6f %.6f %ld %d\n", s[i].user_s, s[i].sys_s, s[i].peak_kib,
		    WIFEXITED(s[i].status) ? WEXITSTATUS(s[i].status) : 255);
	if (fclose(f) != 0)
		fail(result);
	return 0;
}
