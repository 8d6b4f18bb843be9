#include "msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Bytes of the UTF-8 character at p that is safe to show, or 0. */
static size_t
shown(const unsigned char *p)
{
	if (p[0] < 0x80)
		return p[0] >= 0x20 && p[0] != 0x7f;
	if (p[0] >= 0xc2 && p[0] <= 0xdf && (p[1] & 0xc0) == 0x80)
		return p[0] == 0xc2 && p[1] < 0xa0 ? 0 : 2;	/* C1 controls */
	if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80)
		return 3;
	if (p[0] >= 0xf0 && p[0] <= 0xf4 && (p[1] & 0xc0) == 0x80 &&
	    (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80)
		return 4;
	return 0;
}

static void
scrub(char *line)
{
	for (unsigned char *p = (unsigned char *)line; *p; ) {
		size_t n = shown(p);

		if (n == 0)
			*p++ = '?';
		p += n;
	}
}

static void PRINTF(2, 0)
say(int err, const char *fmt, va_list ap)
{
	char line[MSG_MAX + 8];		/* room for "...", "\n" and look-ahead */
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
