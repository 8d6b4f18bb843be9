/*
 * assess.h - the verdicts on an experiment, and whether a treatment may be
 * promoted.
 *
 *	struct assess_how how = assess_default;
 *	struct verdict *v = mem_array(assess_room(&study), sizeof(*v));
 *	assess(&how, &studies, &study, &metrics, v);
 *
 * Verdicts come by metric, then guardrail, then treatment.  A treatment is
 * promoted by the rules of cmon-abtest(1); where it is not, the reason has all
 * that is missing.
 *
 * Ownership: verdicts borrow from the study.
 * Errors: none; what cannot be judged is invalid, with its reason.
 */
#ifndef ASSESS_H
#define ASSESS_H

#include "base.h"
#include "compare.h"
#include "study.h"
#include "trial.h"
#include "verdict.h"

#define ASSESS_SRM	0.001		/* p of the numbers of keys; below, all is invalid */
#define ASSESS_GAIN_PCT	2.0		/* least gain of metrics in _pct, where none is said */

struct assess_how {
	struct compare_how compare;
	enum trial_adjust adjust;
	double min_gain;		/* NaN: by the metric */
	double min_keys;		/* effective */
	double min_requests;
	bool decide;
	bool allow_moved;
	int64_t now_us;
};

extern const struct assess_how assess_default;

size_t	assess_room(const struct study *u);	/* verdicts there will be */

/* Sorts the study's keys. */
void	assess(const struct assess_how *how, const struct studies *s, struct study *u,
	    const struct metric_set *set, struct verdict *v);

/* Is the verdict on a guardrail that holds? */
bool	assess_holds(const struct verdict *v, const struct experiment_guard *g);

/* The method takes requests as independent, and there are keys with several. */
bool	assess_untrue(const struct study *u, const struct verdict *v);

/* The gain a treatment has to show, in the unit of the first metric. */
double	assess_min_gain(const struct assess_how *how, const struct study *u,
	    const struct metric_set *set);

#endif
