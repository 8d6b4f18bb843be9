/*
 * tell.h - the verdicts on an experiment for a person: what was compared, what
 * was found, what that assumes, and what would make it surer.
 *
 *	assess(&how, &studies, &study, &metrics, verdicts);
 *	tell(&out, &how, &studies, &study, verdicts);
 *
 * Ownership: none.  Errors: those of out.h.
 */
#ifndef TELL_H
#define TELL_H

#include "assess.h"
#include "out.h"

void	tell(struct out *o, const struct assess_how *how, const struct studies *s,
	    const struct study *u, const struct verdict *v);

#endif
