/*
 * opt.h - options: one table a program, from which come parsing, --help, the
 * check against the manual and shell completion.
 *
 *	static struct { bool quiet; int64_t window_us; } cfg;
 *	static const struct opt opts[] = {
 *		{ 'q', "quiet", NULL, OPT_FLAG, &cfg.quiet, "no summary" },
 *		{ 'w', "window", "DURATION", OPT_SPAN, &cfg.window_us, "width of a window" },
 *	};
 *	static const struct opt_prog prog = {
 *		"cmon-agg", "[file ...]", "count events", opts, countof(opts)
 *	};
 *	first = opt_parse(&prog, argc, argv);
 *
 * -h --help, -V --version and --options (the table itself, for scripts) are
 * every program's and need no line.
 *
 * Ownership: texts point into argv.
 * Errors: a wrong option ends the program: the reason and the synopsis
 * on standard error, EXIT_TROUBLE.
 */
#ifndef OPT_H
#define OPT_H

#include "base.h"

#define OPT_MAX		64	/* options of a program */
#define OPT_LIST_MAX	64	/* times an option of kind OPT_LIST may be given */

enum opt_kind {
	OPT_FLAG,	/* bool: set to true */
	OPT_TEXT,	/* const char *: the last one holds */
	OPT_LIST,	/* struct opt_list: each one is kept */
	OPT_COUNT,	/* uint64_t: a whole number */
	OPT_SPAN,	/* int64_t, microseconds: a duration, "90s", "5m" */
	OPT_SIZE,	/* uint64_t, bytes: "64k", "2M" */
	OPT_PERCENT,	/* double: "1", "0.5%", 0 to 100 */
};

struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};

struct opt {
	char letter;		/* 0: long only */
	const char *name;	/* without the dashes */
	const char *arg;	/* what its argument is called; NULL: it has none */
	enum opt_kind kind;
	void *to;		/* by kind, above */
	const char *help;
};

struct opt_prog {
	const char *name;
	const char *operands;	/* as in a synopsis */
	const char *about;	/* one line, as in the manual's first */
	const struct opt *opts;
	size_t n;
};

/* Sets up messages too.  Returns where the operands start in argv. */
int	opt_parse(const struct opt_prog *prog, int argc, char *argv[]) MUST_USE;

/* The same for a program whose operands are a command: stops at the first. */
int	opt_parse_command(const struct opt_prog *prog, int argc, char *argv[]) MUST_USE;

/*
 * Now, in microseconds UTC: what --now says, or without it (NULL) the clock,
 * which is read here and nowhere else.
 */
int64_t	opt_now(const struct opt_prog *prog, const char *text);

/*
 * The time given to an option, as a person writes it (2026-11-20T12:00Z,
 * 1795176000, -1h from now); `none` where the option was not given (NULL).
 */
int64_t	opt_time(const struct opt_prog *prog, const char *option, const char *text,
	    int64_t now_us, int64_t none);

/* What a program finds wrong itself: the reason and the synopsis, EXIT_TROUBLE. */
_Noreturn void	opt_wrong(const struct opt_prog *prog, const char *fmt, ...) PRINTF(2, 3);

#endif
