#include "msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "str.h"

static const char *program = "cmon";
static int trouble = EXIT_TROUBLE;

void
msg_init(const char *prog)
{
	program = prog;
}

void
msg_trouble(int status)
{
	trouble = status;
}

void
msg_leave(void)
{
	exit(trouble);
}

const char *
msg_prog(void)
{
	return program;
}

/* In place: what takes the place of a character is never longer. */
static void
scrub(char *line)
{
	struct str rest = str_of(line), c;
	char *to = line;

	while (rest.n)
		if (str_cut_shown(&rest, &c)) {
			memmove(to, c.p, c.n);
			to += c.n;
		} else {
			*to++ = '?';
		}
	*to = '\0';
}

static void PRINTF(2, 0)
say(int err, const char *fmt, va_list ap)
{
	char line[MSG_MAX + 8];		/* room for "..." and "\n" */
	size_t n = 0;
	ssize_t unused;

	memset(line, 0, sizeof(line));
	n += (size_t)snprintf(line, MSG_MAX, "%s: ", program);
	vsnprintf(line + n, MSG_MAX - n, fmt, ap);
	n = strlen(line);
	if (err && n < MSG_MAX)
		snprintf(line + n, MSG_MAX - n, ": %s", strerror(err));
	n = strlen(line);
	if (n == MSG_MAX - 1)
		memcpy(line + n - 3, "...", 3);
	scrub(line);
	n = strlen(line);
	line[n++] = '\n';
	/* Where stderr itself is gone there is nobody left to tell. */
	unused = write(STDERR_FILENO, line, n);
	(void)unused;
}

void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
}

_Noreturn void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
	exit(trouble);
}

_Noreturn void
die_sys(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	say(err, fmt, ap);
	va_end(ap);
	exit(trouble);
}

_Noreturn void
die_later(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
	exit(EXIT_LATER);
}
