/*
 * alarms.h - every alert that cmon-alert knows of: taken from the state,
 * joined with what is watched, judged, muted, and written back.
 *
 *	alarms_open(&a, &rules, &key)
 *	alarms_load(&a, &state);			what the last run left
 *	alarms_step(&a, &watch, &silences, &run);
 *	alarms_save(&a, &writer, now_us, gaps);
 *	for each of alarms_order(&a)
 *		row = alarms_row(&a, one, now_us);	as it is in the table
 *	alarms_close(&a);
 *
 * An alarm is named by the SHA-256 of rule and labels (alerts_id()).  A rule
 * with nodata=alert has two for each set of labels: the second, ID.nodata,
 * fires while the first cannot be judged.
 *
 * Ownership: it owns its text; rules, and what a step is given, are BORROWED
 * until alarms_close().
 * Errors: false where libcrypto fails.
 */
#ifndef ALARMS_H
#define ALARMS_H

#include "alerts.h"
#include "base.h"
#include "hash.h"
#include "judge.h"
#include "map.h"
#include "mem.h"
#include "rules.h"
#include "silence.h"
#include "state.h"
#include "watch.h"

#define ALARMS_STATE		"cmon-alert-state"
#define ALARMS_VERSION		3
#define ALARMS_GIVE_UP_US	(7 * 86400 * INT64_C(1000000))	/* without data */
#define ALARMS_MAX_AGE_US	(15 * 60 * INT64_C(1000000))	/* or 3 intervals, by default */
#define ALARMS_NODATA		".nodata"

struct alarm {
	struct str rule_id, labels;	/* rule_id: with ".nodata", if it is that one */
	const struct rule *rule;	/* NULL: no longer in the file, or disabled */
	bool nodata;			/* it is about the lack of data */
	struct str severity, channels;
	struct episode e;
	enum alert_state before;	/* the last step */
	int64_t seen_us;		/* could last be judged */
	int64_t loud_us;		/* firing and not silenced since; 0: not so */
	bool escalated;
	bool removed;			/* its rule is no more, or leaves other labels open */
	bool gone;			/* given up: no data for 7 days */
	bool blind, few;		/* now: cannot be judged; for want of requests alone */
	bool gap;			/* now: the run before was too long ago */
	bool valued;
	double value;			/* of the first term; the last one known */
	struct str condition;		/* that it was judged by, where there is no rule any more */
	struct str muted_by;
	uint32_t watched;		/* number, UINT32_MAX: none */
};

struct alarms {
	struct alarm *one;	/* OWNED */
	uint32_t n;

	/* private from here */
	const struct rules *rules;	/* BORROWED */
	size_t cap;
	struct map map;			/* digest to number */
	struct map firing;		/* whom the firing ones mute */
	struct arena arena;
	struct sha256 sha;
	struct buf text;
	bool *known;			/* OWNED: rules that have an alarm with labels */
};

MUST_USE bool alarms_open(struct alarms *a, const struct rules *r, const struct hash_key *key);
MUST_USE bool alarms_load(struct alarms *a, struct state *s);
MUST_USE bool alarms_step(struct alarms *a, struct watch *w, const struct silences *s,
    const struct judge_run *run);
void	alarms_save(const struct alarms *a, struct state_writer *w, int64_t now_us, uint64_t gaps);
void	alarms_close(struct alarms *a);

/* All n in the order of the table, until the next step; free(3) it. */
MUST_USE const struct alarm **alarms_order(const struct alarms *a);

/* One as the row that it is in the table, until the next call. */
struct alert alarms_row(struct alarms *a, const struct alarm *one, int64_t now_us);

/* Does it have a row: anything but what is not watched and not alight? */
bool	alarm_shown(const struct alarm *one);

/* How old a row may be for this rule. */
int64_t	alarms_max_age(const struct rule *rule, int64_t interval_us);

#endif
