/*
 * shell.h - run a pipeline under a shell that sees every stage fail.
 *
 *	struct shell_run r = { .pipeline = text, .timeout_us = 60 * WHEN_SEC };
 *	if (!shell_find(NULL, &r.shell) || !shell_exec(&r))
 *		...errno...
 *	if (r.status != 0)
 *		complain(r.stage, r.last);
 *
 * The pipeline runs in a process group of its own, which is ended as a whole
 * when its time is over or when a signal asks us to end.
 *
 * Ownership: shell_find() points into static text or at its argument.
 * Errors: false, and errno.
 */
#ifndef SHELL_H
#define SHELL_H

#include "base.h"

#define SHELL_LINE_MAX	1024		/* bytes kept of a line on standard error */
#define SHELL_GRACE_US	10000000	/* between SIGTERM and SIGKILL */
#define SHELL_TIMED_OUT	124		/* as timeout(1) */

struct shell_run {
	/* asked */
	const char *shell;	/* from shell_find() */
	const char *pipeline;
	int64_t timeout_us;	/* 0: none */
	bool pass;		/* standard error goes on to ours */

	/* answered */
	int status;		/* of the pipeline; 128 + signal; SHELL_TIMED_OUT */
	int stages;		/* 0: not known */
	int stage;		/* the first that failed by itself, from 1; 0: not known */
	int64_t dur_us;
	/*
	 * The last line of standard error that is not empty and does not merely
	 * say that the program before in the pipe has failed.
	 */
	char last[SHELL_LINE_MAX];
};

/*
 * A shell that knows "set -o pipefail": want, or without one the first of
 * bash, zsh, ksh, sh on the PATH.  False: it does not, or there is none.
 */
bool	shell_find(const char *want, const char **shell) MUST_USE;

bool	shell_exec(struct shell_run *r) MUST_USE;

#endif
