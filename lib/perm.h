/*
 * perm.h - is the difference of two ratios more than chance gives?  By dealing
 * the labels anew, for few or skewed keys where no t distribution holds.
 *
 *	// keys: n_c of control, then n_t of treatment
 *	struct perm_how how = { .cuped = true, .rounds = 9999, .seed = seed, .alpha = 0.05 };
 *	struct perm_result r;
 *	why = perm_labels(keys, n_c, n_t, &how, &r);	// r.p
 *	lo = cuped.r.diff - r.critical * cuped.r.se;
 *
 * The statistic is the studentised |t| of ratio.h.  It is valid for any number of
 * keys and any skew, because the labels really were drawn at random (Chung,
 * Romano, Annals of Statistics 2013); a round whose statistic is undefined counts
 * against the effect.  p = (1 + beyond) / (rounds + 1), and diff -+ critical * se
 * leaves 0 out exactly when p <= alpha.
 *
 * The same seed and keys in the same order give the same result; in another
 * order, as under another seed, p moves within sqrt(p (1 - p) / rounds).
 *
 * A round takes some 3 to 5 ns for each key, and 16 bytes of memory for each key
 * are held meanwhile.
 *
 * Ownership: keys are the caller's, and scratch space afterwards.
 * Errors: the reason in words, and NaN.
 */
#ifndef PERM_H
#define PERM_H

#include "base.h"
#include "ratio.h"

#define PERM_ROUNDS_MAX	10000000U	/* 8 bytes each */
#define PERM_WORK_MAX	UINT64_C(100000000000)	/* keys times rounds: some ten minutes */

struct perm_how {
	bool cuped;			/* judge the CUPED difference, not the plain one */
	uint32_t rounds;		/* 9999 and more, to PERM_ROUNDS_MAX */
	uint64_t seed;
	double alpha;
	const double *judged;		/* a |t| found otherwise, which takes the place of */
					/* the keys' own among those of chance; NULL: none */
};

struct perm_result {
	double t;			/* as observed, signed */
	double p;			/* of this, or of the one judged */
	uint32_t beyond;		/* rounds with |t| at least as large */
	double critical;		/* of |t| at alpha; infinite: too few rounds */
};

/* Control's keys come first, then treatment's. */
MUST_USE const char *perm_labels(struct ratio_key *keys, size_t control, size_t treatment,
    const struct perm_how *how, struct perm_result *out);

/*
 * The same for a crossover whose keys each drew by lot which treatment came
 * first: a key's two times trade places or not.  how->cuped has no meaning.
 */
MUST_USE const char *perm_pairs(struct ratio_key *keys, size_t k, const struct perm_how *how,
    struct perm_result *out);

#endif
