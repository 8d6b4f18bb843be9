/*
 * place.h - which experiment a row belongs to, and which cohort its key is in
 * at its time.
 *
 *	struct places p;
 *	struct placed got;
 *
 *	places_open(&p, &experiments, NULL);		those that run
 *	const struct experiment *e = places_find(&p, endpoint, time_us);
 *	if (e && !places_key(&p, e, key, time_us, &got))
 *		die("SHA-256 failed");
 *	...place_word(e, got.arm)
 *	places_close(&p);
 *
 * Ownership: the experiments are BORROWED and outlive the places.
 * Errors: false from places_key(): libcrypto failed.
 */
#ifndef PLACE_H
#define PLACE_H

#include "base.h"
#include "experiment.h"
#include "map.h"

/* In place of a cohort's number, besides those of assign.h. */
enum {
	PLACE_PINNED = -3,
	PLACE_WASHOUT = -4,
	PLACE_UNKNOWN = -5,	/* a cohort in the log that the experiment has not */
};

/* A key at a time. */
struct placed {
	int arm;	/* its cohort, or one of the words in place of it */
	int ttl_of;	/* the cohort whose TTL it has: the control outside, and */
			/* before the start; its new one also in the washout */
	uint64_t hash;	/* of struct assigned */
};

struct places {
	struct experiments *x;		/* BORROWED */

	/* private from here */
	const char *only;		/* BORROWED */
	struct map endpoints;		/* OWNED: those that experiments name */
	struct places_chain {
		uint32_t *of;	/* numbers of experiments, by start */
		size_t n;
	} *chain;			/* OWNED: by endpoint; [0]: all others */
};

/* Those that run, or the one of that name alone.  False: there is none. */
bool	places_open(struct places *p, struct experiments *x, const char *only);
void	places_close(struct places *p);

/* Is e among them? */
bool	places_have(const struct places *p, const struct experiment *e);

/* The one that a row of this (escaped) endpoint belongs to at a time, or NULL. */
const struct experiment *places_find(const struct places *p, struct str endpoint, int64_t us);

/* Where the key, as raw bytes, is at that time. */
MUST_USE bool places_key(struct places *p, const struct experiment *e, struct str key,
    int64_t us, struct placed *got);

/* Whose TTL a cohort has at a time: its own only between start and end. */
int	place_ttl_of(const struct experiment *e, int arm, int64_t us);

/* The same arm, or PLACE_WASHOUT in place of a cohort at such a time. */
int	place_washout(const struct experiment *e, int arm, int64_t us);

/* The first time after us at which some key's arm may be another; INT64_MAX: never. */
int64_t	place_next_change(const struct experiment *e, int64_t us);

/* The cohort as in the stream; the number of such a word. */
struct str place_word(const struct experiment *e, int arm);
int	place_arm(const struct experiment *e, struct str cohort);

#endif
