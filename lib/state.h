/*
 * state.h - what a program keeps between runs: a small table in a file that
 * is replaced as a whole, knows its version, and is never half believed.
 *
 *	#cmon-alert-state	2	written=1795175400	gaps=0
 *	rule	labels	state	...			columns by name
 *	miss	host="a"	firing	...
 *	#end	1	0c9f5a1be0d4a3f2		rows; SipHash of all above
 *
 *	int lock = state_lock(path);			-1: errno EWOULDBLOCK, busy
 *	switch (got = state_read(&s, path, "cmon-alert-state", 2)) {
 *	case STATE_NONE:				no file: a first run
 *	case STATE_FORMER:				damaged; s.why, and the one
 *		warn("%s", s.why);			before it was read instead
 *	case STATE_READ:
 *		while (state_next(&s))
 *			use(state_field(&s, state_col(&s, "rule")));
 *		break;
 *	case STATE_REFUSED:
 *		die("%s", s.why);
 *	}
 *	state_close(&s);
 *
 *	state_start(&w, "cmon-alert-state", 2, now_us, 0, columns);
 *	state_put(&w, rule); state_put_int(&w, since); state_end_row(&w);
 *	if (!state_save(&w, path, got))
 *		die_sys("%s", path);
 *	state_unlock(lock);
 *
 * A file of an older version is read by its columns: those that it lacks have
 * no value.  One of a newer version is refused, since what it says beyond our
 * columns would be lost.  The generation before the last is kept as PATH.1.
 *
 * The lock is a file beside it, PATH.lock, which is never replaced or removed.
 * Whoever saves holds it; the new file is PATH.new for a moment (out.h).  All
 * these stand beside the file itself, whatever links lead to it: two names of
 * one file have one lock.
 *
 * Ownership: a read state owns its bytes; fields are BORROWED until
 * state_close().
 * Errors: by the enum, with the reason in why.  Writing is out.h's: a write
 * that fails ends the program, and the old file stays as it was.
 */
#ifndef STATE_H
#define STATE_H

#include "base.h"
#include "buf.h"

#define STATE_MAX	((size_t)1 << 30)	/* bytes of a state */
#define STATE_COLS	64			/* columns of a row */
#define STATE_WHY_MAX	512			/* bytes of a reason */

/* Why path_is_special() is refused here. */
#define STATE_NO_FILE	"a pipe, a device or a folder: name a file, which need not be there yet"

enum state_got { STATE_NONE, STATE_READ, STATE_FORMER, STATE_REFUSED };

struct state {
	uint64_t version;	/* of the file */
	int64_t written_us;	/* the now of the run that wrote it */
	uint64_t gaps;		/* runs in a row, that one the last, that came too late; 0 in older files */
	char why[STATE_WHY_MAX];

	/* private from here */
	char *text;		/* OWNED */
	struct str rest;	/* rows not yet read */
	struct str name[STATE_COLS], field[STATE_COLS];
	size_t n;
};

MUST_USE enum state_got state_read(struct state *s, const char *path, const char *kind,
    uint64_t version);
MUST_USE bool state_next(struct state *s);
int	state_col(const struct state *s, const char *name);	/* -1: it has none */
void	state_close(struct state *s);

/* Empty where the file has no such column. */
struct str state_field(const struct state *s, int col);

/* A number; 0 where the field is empty or the column is not there. */
int64_t	state_int(const struct state *s, int col);

struct state_writer {
	struct buf text;	/* OWNED */
	uint64_t rows;
	bool started;		/* a field of the row at hand was put */
};

/* names ends with NULL. */
void	state_start(struct state_writer *w, const char *kind, uint64_t version, int64_t now_us,
    uint64_t gaps, const char *const *names);
void	state_put(struct state_writer *w, struct str escaped);
void	state_put_int(struct state_writer *w, int64_t v);	/* 0 is written as no value */
void	state_end_row(struct state_writer *w);

/*
 * Frees the writer too.  got is what state_read() said: what was read becomes
 * PATH.1.  False: errno.
 */
MUST_USE bool state_save(struct state_writer *w, const char *path, enum state_got got);

/* A descriptor to keep, or -1 and errno. */
MUST_USE int state_lock(const char *path);
void	state_unlock(int fd);

#endif
