#include "in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem.h"
#include "msg.h"

static char *const only_stdin[] = { (char []){ "-" }, NULL };

void
in_open(struct in *in, char *const *paths, size_t line_max)
{
	*in = (struct in){
		.path = "-",
		.next = *paths ? paths : only_stdin,
		.fd = -1,
		.cap = IN_BLOCK,
		.max = line_max,
	};
	in->buf = mem_alloc(in->cap + IN_SLACK);
}

bool
in_next(struct in *in)
{
	if (in->fd != -1)
		return true;
	if (!*in->next)
		return false;
	in->path = *in->next++;
	if (strcmp(in->path, "-") == 0)
		in->fd = STDIN_FILENO;
	else if ((in->fd = open(in->path, O_RDONLY | O_CLOEXEC)) == -1)
		die_sys("%s", in->path);
	in->beg = in->end = in->seen = 0;
	in->lineno = 0;
	in->eof = in->skip = false;
	in->input++;
	return true;
}

static void
end_input(struct in *in)
{
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

static bool
would_wait(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

static size_t
read_some(struct in *in, char *to, size_t room)
{
	ssize_t n;

	if (in->idle && would_wait(in->fd))
		in->idle(in->idle_ctx);
	do
		n = read(in->fd, to, room);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		die_sys("%s", in->path);
	in->bytes += (size_t)n;
	in->eof = n == 0;
	return (size_t)n;
}

/* More bytes behind the unread ones, which may move; false: end of input. */
static bool
fill(struct in *in)
{
	size_t n = in->end - in->beg;

	if (in->beg && n)
		memmove(in->buf, in->buf + in->beg, n);
	in->seen -= in->beg;
	in->beg = 0;
	in->end = n;
	if (n == in->cap) {
		in->cap *= 2;
		in->buf = realloc(in->buf, in->cap + IN_SLACK);
		if (!in->buf)
			die("out of memory: a line of %s is over %zu bytes", in->path, n);
	}
	in->end += read_some(in, in->buf + n, in->cap - n);
	/* What lies behind is read by scan.h, and must be somebody's. */
	memset(in->buf + in->end, 0, IN_SLACK);
	return !in->eof;
}

static void
skip_bom(struct in *in)
{
	while (in->end - in->beg < 3 && fill(in))
		;
	in->bom = in->end - in->beg >= 3 && memcmp(in->buf + in->beg, "\xef\xbb\xbf", 3) == 0;
	if (in->bom)
		in->beg += 3;
	in->seen = in->beg;
}

/* Takes buf[beg..end) as a line, newline or not; false when it is dropped. */
static bool
take(struct in *in, struct str *line, size_t end, bool ended)
{
	bool keep = !in->skip && end - in->beg <= in->max;

	line->p = in->buf + in->beg;
	line->n = end - in->beg;
	if (ended && line->n && line->p[line->n - 1] == '\r')
		line->n--;
	in->beg = in->seen = end + ended;
	in->skip = false;
	in->unended = !ended;
	in->lineno++;
	in->lines++;
	in->dropped += !keep;
	return keep;
}

/* The rest of the current input up to one line; false: nothing is left. */
static bool
line_of_input(struct in *in, struct str *line)
{
	for (;;) {
		const char *nl = memchr(in->buf + in->seen, '\n', in->end - in->seen);

		if (nl) {
			if (take(in, line, (size_t)(nl - in->buf), true))
				return true;
			continue;
		}
		if (in->end - in->beg > in->max) {
			in->skip = true;
			in->beg = in->end;
		}
		in->seen = in->end;
		if (fill(in))
			continue;
		if (in->beg == in->end && !in->skip)
			return false;
		if (take(in, line, in->end, false))
			return true;
	}
}

bool
in_line_slow(struct in *in, struct str *line)
{
	in->unended = false;
	for (;;) {
		if (in->fd == -1) {
			if (!in_next(in))
				return false;
			skip_bom(in);
		}
		if (line_of_input(in, line))
			return true;
		end_input(in);
	}
}

struct str
in_peek(struct in *in, size_t want)
{
	for (;;) {
		if (in->fd == -1) {
			if (!in_next(in))
				return (struct str){ NULL, 0 };
			skip_bom(in);
		}
		while (in->end - in->beg < want && !in->eof) {
			if (in->idle && would_wait(in->fd) &&
			    memchr(in->buf + in->beg, '\n', in->end - in->beg))
				break;
			fill(in);
		}
		if (in->end > in->beg)
			break;
		end_input(in);
	}
	if (want > in->end - in->beg)
		want = in->end - in->beg;
	return (struct str){ in->buf + in->beg, want };
}

bool
in_block(struct in *in, struct str *block)
{
	if (in->end == 0)
		skip_bom(in);
	if (in->beg == in->end) {
		in->beg = in->end = in->seen = 0;
		if (!fill(in)) {
			end_input(in);
			return false;
		}
	}
	*block = (struct str){ in->buf + in->beg, in->end - in->beg };
	in->beg = in->seen = in->end;
	return true;
}

const char *
in_name(const struct in *in)
{
	return strcmp(in->path, "-") == 0 ? "standard input" : in->path;
}

const char *
in_path(const struct in *in, unsigned input)
{
	return in->next[-1 - (ptrdiff_t)(in->input - input)];
}

void
in_close(struct in *in)
{
	if (in->fd != -1)
		end_input(in);
	free(in->buf);
	*in = (struct in){ .fd = -1 };
}
