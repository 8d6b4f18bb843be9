#include "opt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "msg.h"
#include "num.h"
#include "out.h"
#include "str.h"
#include "when.h"

#define USAGE_MAX	(16 * 1024)	/* bytes */
#define HELP_COLUMN	28
#define LONG_ONLY	256		/* getopt's value of option i is this + i */

static const struct opt every[] = {
	{ 'h', "help", NULL, OPT_FLAG, NULL, "print this and exit" },
	{ 'V', "version", NULL, OPT_FLAG, NULL, "print the version and exit" },
	{ 0, "options", NULL, OPT_FLAG, NULL, "print the options as TSV and exit" },
};

enum { HELP, VERSION_LINE, OPTIONS };	/* their places in every[] */

/*
 * A descriptor that a parent closed would be handed out again by open(2),
 * and messages or rows end up in that file.  So the three are always taken,
 * each the wrong way round: using it fails.
 */
static void
take_closed_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			exit(EXIT_TROUBLE);
}

static void
usage_line(struct buf *b, const struct opt *o)
{
	size_t start = b->n;

	if (o->letter)
		buf_printf(b, "  -%c, ", o->letter);
	else
		buf_add(b, STR("      "));
	buf_printf(b, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	if (b->n - start >= HELP_COLUMN) {
		buf_byte(b, '\n');
		start = b->n;
	}
	while (b->n - start < HELP_COLUMN)
		buf_byte(b, ' ');
	buf_printf(b, "%s\n", o->help);
}

static void
usage(struct buf *b, const struct opt_prog *prog)
{
	buf_init(b, USAGE_MAX);
	buf_printf(b, "usage: %s [options]%s%s\n%s\n\n", prog->name,
	    *prog->operands ? " " : "", prog->operands, prog->about);
	for (size_t i = 0; i < prog->n; i++)
		usage_line(b, &prog->opts[i]);
	for (size_t i = 0; i < countof(every); i++)
		usage_line(b, &every[i]);
}

static void
option_rows(struct buf *b, const struct opt *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%.*s\t%s\t%s\t%s\n", o[i].letter ? 1 : 0, &o[i].letter,
		    o[i].name, o[i].arg ? o[i].arg : "", o[i].help);
}

static _Noreturn void
print_and_exit(struct buf *b)
{
	struct out o;

	out_open(&o, NULL);
	out_add(&o, buf_str(b));
	exit(out_close(&o));
}

static _Noreturn void
show(const struct opt_prog *prog, size_t which)
{
	struct buf b;

	if (which == HELP) {
		usage(&b, prog);
		print_and_exit(&b);
	}
	buf_init(&b, USAGE_MAX);
	if (which == VERSION_LINE) {
		buf_printf(&b, "%s %s\n", prog->name, VERSION);
	} else {
		buf_add(&b, STR("letter\tname\targ\thelp\n"));
		option_rows(&b, prog->opts, prog->n);
		option_rows(&b, every, countof(every));
	}
	print_and_exit(&b);
}

_Noreturn void
opt_wrong(const struct opt_prog *prog, const char *fmt, ...)
{
	char why[MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	warn("%s", why);
	fprintf(stderr, "usage: %s [options]%s%s   (%s --help lists the options)\n", prog->name,
	    *prog->operands ? " " : "", prog->operands, prog->name);
	msg_leave();
}

static _Noreturn void
wrong_value(const struct opt_prog *prog, const struct opt *o, const char *want)
{
	opt_wrong(prog, "--%s: not %s: \"%s\"", o->name, want, optarg);
}

static bool
percent(struct str s, double *v)
{
	if (str_ends(s, STR("%")))
		s.n--;
	return num_double(s, v) && *v >= 0 && *v <= 100;
}

static void
set(const struct opt_prog *prog, const struct opt *o)
{
	struct str s = str_of(optarg);
	struct opt_list *list = o->to;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		break;
	case OPT_TEXT:
		*(const char **)o->to = optarg;
		break;
	case OPT_LIST:
		if (list->n == OPT_LIST_MAX)
			opt_wrong(prog, "--%s: more than %d times", o->name, OPT_LIST_MAX);
		list->v[list->n++] = optarg;
		break;
	case OPT_COUNT:
		if (!num_u64(s, o->to))
			wrong_value(prog, o, "a whole number");
		break;
	case OPT_SPAN:
		if (!num_duration(s, o->to))
			wrong_value(prog, o, "a duration (90s, 5m, 2h, 7d)");
		break;
	case OPT_SIZE:
		if (!num_size(s, o->to))
			wrong_value(prog, o, "a size (64k, 2M, 1G)");
		break;
	case OPT_PERCENT:
		if (!percent(s, o->to))
			wrong_value(prog, o, "a percentage from 0 to 100");
		break;
	}
}

int64_t
opt_time(const struct opt_prog *prog, const char *option, const char *text,
    int64_t now_us, int64_t none)
{
	int64_t us = none;

	if (text && !when_user(str_of(text), now_us, &us))
		opt_wrong(prog, "--%s: not a time (2026-11-20T12:00Z, 1795176000, -1h): \"%s\"",
		    option, text);
	return us;
}

int64_t
opt_now(const struct opt_prog *prog, const char *text)
{
	struct timespec ts;
	int64_t us;

	clock_gettime(CLOCK_REALTIME, &ts);
	us = (int64_t)ts.tv_sec * WHEN_SEC + ts.tv_nsec / 1000;
	return opt_time(prog, "now", text, us, us);
}

/* getopt's two forms of a table; "letters" has room for all, each with ':'. */
static void
add(struct option *lng, char *letters, size_t i, const struct opt *o)
{
	size_t n = strlen(letters);

	lng[i] = (struct option){ o->name, o->arg ? required_argument : no_argument,
	    NULL, LONG_ONLY + (int)i };
	if (o->letter) {
		letters[n++] = o->letter;
		if (o->arg)
			letters[n] = ':';
	}
}

static size_t
index_of(const struct opt *opts, size_t n, int ch)
{
	size_t i = 0;

	while (i < n && opts[i].letter != (char)ch)
		i++;
	return i;
}

static int
parse(const struct opt_prog *prog, int argc, char *argv[], const char *mode)
{
	struct option lng[OPT_MAX + countof(every) + 1] = { { 0 } };
	char letters[2 * (OPT_MAX + countof(every)) + 4] = "";
	int ch;

	take_closed_descriptors();
	msg_init(prog->name);
	memcpy(letters, mode, strlen(mode));
	for (size_t i = 0; i < prog->n; i++)
		add(lng, letters, i, &prog->opts[i]);
	for (size_t i = 0; i < countof(every); i++)
		add(lng, letters, prog->n + i, &every[i]);
	opterr = 0;
	while ((ch = getopt_long(argc, argv, letters, lng, NULL)) != -1) {
		size_t i;

		if (ch == '?' && optopt > 0 && optopt < LONG_ONLY)
			opt_wrong(prog, "unknown option -%c", optopt);
		if (ch == '?')
			opt_wrong(prog, "unknown option, or one that takes no value: \"%s\"",
			    argv[optind - 1]);
		if (ch == ':')
			opt_wrong(prog, "\"%s\" needs a value", argv[optind - 1]);
		if (ch >= LONG_ONLY) {
			i = (size_t)(ch - LONG_ONLY);
		} else {
			i = index_of(prog->opts, prog->n, ch);
			if (i == prog->n)
				i += index_of(every, countof(every), ch);
		}
		if (i >= prog->n)
			show(prog, i - prog->n);
		set(prog, &prog->opts[i]);
	}
	return optind;
}

int
opt_parse(const struct opt_prog *prog, int argc, char *argv[])
{
	return parse(prog, argc, argv, ":");
}

int
opt_parse_command(const struct opt_prog *prog, int argc, char *argv[])
{
	return parse(prog, argc, argv, "+:");
}
