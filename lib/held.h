/*
 * held.h - what each experiment was when it began to run, kept between runs,
 * so that nobody changes one under the keys that are in it.
 *
 *	switch (held_check("experiments.state", "experiments.tsv", &x, now_us, false, say)) {
 *	case HELD_SAME:		go on
 *	case HELD_CHANGED:	refuse: every change was said, nothing was written
 *	case HELD_BUSY:		another run writes that file now
 *	}
 *
 * Only experiments that run and have started are held to what they were: their
 * definition (definition.h), a coverage that may grow, and an end that may be put
 * off as long as it has not come.  The file is written when one has begun since, and
 * never otherwise, so runs side by side are in nobody's way.
 *
 * Ownership: none.
 * Errors: by the enum.  A state that cannot be believed, read or written ends
 * the program.
 */
#ifndef HELD_H
#define HELD_H

#include "base.h"
#include "experiment.h"

enum held { HELD_SAME, HELD_CHANGED, HELD_BUSY };

/* allow: what runs now is what it is held to from now on. */
MUST_USE enum held held_check(const char *path, const char *file, struct experiments *x,
    int64_t now_us, bool allow, table_say *say);

/* The same, but nothing is written, and a file that is not there ends the program. */
MUST_USE enum held held_look(const char *path, const char *file, struct experiments *x,
    int64_t now_us, table_say *say);

#endif
