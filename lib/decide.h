/*
 * decide.h - decisions made: what stands in the rows of a promotion, of what
 * undoes it, and of a rollback.
 *
 *	struct decide by = { &arena, now_us, &ttls };
 *	c = decide_change(&winner);
 *	if (change_fits(&c, &ttls, why))
 *		decide_promote(&by, &d, &winner, &c, undo);
 *
 * Ownership: what is not BORROWED from the arguments is in the arena.
 * Errors: decide_undo_line() alone has some.
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
	const struct ttlfile *ttls;	/* as they are, and fit the change */
};

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
MUST_USE bool decide_undo_line(const struct decide *by, const char *config, const struct forms *forms,
    struct str experiment, struct str *line);

void	decide_rollback(const struct decide *by, struct decision *d, size_t rows);

#endif
