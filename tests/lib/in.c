/* in: lines of random files, whole and through a pipe byte by byte, against
 * a walk over the bytes. */
#include "in.h"

#include <sys/wait.h>
#include <unistd.h>

#include "str.h"
#include "test.h"

#define MAX	40	/* bytes of a line in these tests */

static char text[4096];
static size_t text_n;

static void
random_text(uint64_t *seed)
{
	text_n = test_random(seed) % sizeof(text);
	for (size_t i = 0; i < text_n; i++) {
		uint64_t x = test_random(seed);

		text[i] = x % 12 == 0 ? '\n' : x % 31 == 0 ? '\r' : (char)(x >> 8);
	}
	if (test_random(seed) % 3 == 0)
		memcpy(text, "\xef\xbb\xbf", 3);
}

static bool
next(struct in *in, struct str *line, bool counted)
{
	size_t count, want = 0;

	if (!counted)
		return in_line(in, line);
	if (!in_line_counted(in, line, 'a', &count))
		return false;
	for (size_t i = 0; i < line->n; i++)
		want += line->p[i] == 'a';
	CHECK_INT(count, want);
	return true;
}

/* What in_line(), or in_line_counted(), must say of text, one line after the other. */
static void
check_lines(struct in *in, bool counted)
{
	struct str rest = { text, text_n }, line;
	uint64_t lineno = 0, dropped = 0;
	bool bom = str_starts(rest, STR("\xef\xbb\xbf"));

	if (bom)
		rest = str_from(rest, 3);
	while (rest.n) {
		size_t n = str_chr(rest, '\n');
		struct str want = { rest.p, n };
		bool ended = n < rest.n, cr = false;

		rest = str_from(rest, ended ? n + 1 : n);
		lineno++;
		if (want.n > MAX) {
			dropped++;
			continue;
		}
		if (ended && want.n && want.p[want.n - 1] == '\r') {
			want.n--;
			cr = true;
		}
		CHECK(next(in, &line, counted));
		CHECK(in_had_cr(line) == cr);
		CHECK(str_eq(line, want));
		CHECK_INT(in->lineno, lineno);
		CHECK(in->unended == !ended);
	}
	CHECK(!next(in, &line, counted));
	CHECK(in->bom == bom);
	CHECK_INT(in->lines, lineno);
	CHECK_INT(in->dropped, dropped);
}

static void
write_text(int fd, size_t piece)
{
	for (size_t at = 0; at < text_n; at += piece) {
		size_t n = text_n - at < piece ? text_n - at : piece;

		if (write(fd, text + at, n) != (ssize_t)n)
			_exit(1);
	}
}

static void
through_file(uint64_t *seed, const char *path)
{
	char *paths[] = { (char []){ "" }, NULL };
	FILE *f = fopen(path, "w");
	struct in in;

	random_text(seed);
	fwrite(text, 1, text_n, f);
	fclose(f);
	paths[0] = (char *)(uintptr_t)path;
	in_open(&in, paths, MAX);
	check_lines(&in, test_random(seed) % 2);
	in_close(&in);
}

static void
through_pipe(uint64_t *seed)
{
	char *none[] = { NULL };
	int fd[2], status;
	struct in in;
	pid_t pid;

	random_text(seed);
	if (pipe(fd) == -1 || (pid = fork()) == -1)
		exit(1);
	if (pid == 0) {
		close(fd[0]);
		write_text(fd[1], 1 + test_random(seed) % 3);
		_exit(0);
	}
	close(fd[1]);
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	in_open(&in, none, MAX);
	check_lines(&in, test_random(seed) % 2);
	in_close(&in);
	waitpid(pid, &status, 0);
	CHECK(status == 0);
}

static void
blocks(const char *path)
{
	char *paths[] = { (char *)(uintptr_t)path, (char *)(uintptr_t)path, NULL };
	struct str block;
	struct in in;
	size_t n = 0;
	FILE *f = fopen(path, "w");

	fputs("\xef\xbb\xbf" "one\ntwo", f);
	fclose(f);
	in_open(&in, paths, MAX);
	while (in_next(&in))
		while (in_block(&in, &block)) {
			CHECK_STR(block, "one\ntwo");
			n++;
		}
	CHECK_INT(n, 2);
	in_close(&in);
}

int
main(void)
{
	char path[] = "/tmp/cmon-in-XXXXXX";
	uint64_t seed = 6;
	int fd = mkstemp(path);

	CHECK(fd != -1);
	close(fd);
	for (int i = 0; i < 300; i++)
		through_file(&seed, path);
	for (int i = 0; i < 30; i++)
		through_pipe(&seed);
	blocks(path);
	unlink(path);
	return test_end();
}
