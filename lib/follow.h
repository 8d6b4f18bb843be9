/*
 * follow.h - when windows are to be written while their events still come.
 *
 *	struct follow f;
 *	follow_init(&f, lateness_us);
 *	for each event:
 *		if (!follow_takes(&f, start))
 *			continue;		its window was given up
 *		...count it...
 *		if (follow_event(&f, start, end, time))
 *			write();
 *	at a pause, and with all = true at the end: write():
 *		for (i = 0; follow_next(&f, all, &i, &start);)
 *			...the rows of that window...
 *
 * A window is over when the newest event has passed its end by the lateness.
 * It is written then, and again whenever it has changed since.  Time here is
 * that of the events: nothing looks at the clock.
 *
 * Ownership: the struct owns its list of windows.
 * Errors: none are returned.  Times and lateness are less than 2^61 us.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "base.h"

struct follow {
	uint64_t late;		/* events of windows given up */

	/* private from here */
	struct follow_window *window;	/* OWNED, by start */
	size_t windows, cap;
	int64_t lateness;	/* us, as all that follow */
	int64_t newest;		/* event */
	int64_t due;		/* when the first window not yet written is over */
	int64_t forgotten;	/* windows that start before this */
};

void	follow_init(struct follow *f, int64_t lateness_us);
void	follow_free(struct follow *f);

bool	follow_takes(struct follow *f, int64_t start);

/* True: a window is over now. */
bool	follow_event(struct follow *f, int64_t start, int64_t end, int64_t time);

/* The next window that is to be written, which it then is. */
bool	follow_next(struct follow *f, bool all, size_t *i, int64_t *start);

/*
 * Gives up the older half of the windows that are written, so that what they
 * hold can be let go.  False: there are none; else all before *start.
 */
bool	follow_forget(struct follow *f, int64_t *start);

#endif
