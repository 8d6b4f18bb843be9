/*
 * msg.h - say what went wrong, in one form, and leave with the status that
 * tells a pipeline.
 *
 * Every message is one line on standard error, in one write(2):
 *
 *	cmon-agg: access.tsv:17: column "bytes": not a number: "12k"
 *
 * Much of what we quote was typed by strangers into our logs: controls, signs
 * that turn the direction of text, and whatever is not UTF-8 are shown as '?'
 * (str_cut_shown()), so a message is harmless on a terminal and in a cron mail.
 *
 * Ownership: the program's name is kept, not copied: pass a literal.
 */
#ifndef MSG_H
#define MSG_H

#include "base.h"

enum {
	EXIT_OK      = 0,	/* done */
	EXIT_LOOK    = 1,	/* done; there is something to look at, or the answer is no */
	EXIT_TROUBLE = 2,	/* not done: usage, input, configuration, system */
	EXIT_LATER   = 75,	/* not done: locked, network; the same may work later */
};

#define MSG_MAX	2048	/* bytes of a message; a longer one is cut */

void	msg_init(const char *prog);	/* call first */
const char *msg_prog(void);

void	warn(const char *fmt, ...) PRINTF(1, 2);
/*
 * What EXIT_TROUBLE is from here on, for a caller with another contract: a
 * plugin of Nagios says 3.  msg_leave() ends the program with it.
 */
void	msg_trouble(int status);
_Noreturn void	msg_leave(void);

_Noreturn void	die(const char *fmt, ...) PRINTF(1, 2);		/* EXIT_TROUBLE */
_Noreturn void	die_sys(const char *fmt, ...) PRINTF(1, 2);	/* the same, and strerror(errno) */
_Noreturn void	die_later(const char *fmt, ...) PRINTF(1, 2);	/* EXIT_LATER */

/* A slice as the two arguments of "%.*s". */
#define STRF(s)	msg_len(s), (s).p ? (s).p : ""

static inline int
msg_len(struct str s)
{
	return s.n > MSG_MAX ? MSG_MAX : (int)s.n;
}

#endif
