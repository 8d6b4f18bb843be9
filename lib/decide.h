/*
 * decide.h - decisions made: what stands in the rows of a promotion, of what
 * undoes it, and of a rollback.
 *
 *	struct decide by = { .text = &arena, .now_us = now_us, .ttls = &ttls, .config = "ttl.tsv",
 *	    .log = &log, .log_path = "ttl.tsv.log", .x = &experiments, .forms = &forms, .how = &how };
 *	if (!decide_winner(&by, &winner, made, n, &made[n], why))
 *		...nothing is promoted
 *
 * Ownership: what is not BORROWED from the arguments is in the arena.
 * Errors: false or NULL, and the reason in why.
 */
#ifndef DECIDE_H
#define DECIDE_H

#include "base.h"
#include "change.h"
#include "decisions.h"
#include "forms.h"
#include "mem.h"
#include "ttlfile.h"
#include "winners.h"

struct decide {
	struct arena *text;
	int64_t now_us;
	const struct ttlfile *ttls;	/* as they are */
	const char *config, *log_path;	/* their names, for reasons */
	const struct decisions *log;
	struct experiments *x;		/* of promotions alone, like the rest */
	const struct forms *forms;
	const struct winner_how *how;
};

#define DECIDE_WHY_MAX	2048	/* bytes of a reason */

/*
 * The promotion of a winner that holds, whose change fits the TTLs and meets none
 * of the n that were made, and whose row is not too long to be read again.
 */
MUST_USE bool decide_winner(const struct decide *by, struct winner *w, const struct decision *made,
    size_t n, struct decision *d, char why[DECIDE_WHY_MAX]);

/* The last promotion, or that of an experiment, if it can be undone. */
MUST_USE const struct decision *decide_undoable(const struct decide *by, struct str experiment,
    char why[DECIDE_WHY_MAX]);

/* From the control's TTL to the treatment's, of a winner that holds. */
struct change decide_change(const struct winner *w);

void	decide_promote(const struct decide *by, struct decision *d, const struct winner *w,
	    const struct change *c, struct str undo);
void	decide_undo(const struct decide *by, struct decision *d, const struct decision *promotion);
/*
 * The command for a shell in whichever folder, as a field: it undoes the
 * promotion, and keeps the same forms.  It is whole however long it is, which
 * decision_fits() may refuse.  False: nobody knows the folder we are in, as
 * errno says.
 */
MUST_USE bool decide_undo_line(const struct decide *by, struct str experiment, struct str *line);

void	decide_rollback(const struct decide *by, struct decision *d, size_t rows);

#endif
