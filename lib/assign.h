/*
 * assign.h - which cohort a key is in: the same answer on every machine, in
 * the log's reader, in the server and in the application.
 *
 *	struct assign a = { .scheme = ASSIGN_CMON1, .salt = STR("ttl-title"),
 *	    .n = 2, .weight = { 50, 50 }, .exposed = ASSIGN_ALL };
 *	struct assigned got;
 *
 *	if ((why = assign_init(&a, &sha)) != NULL)
 *		die("%s", why);
 *	if (!assign_key(&a, &sha, key, &got))
 *		die("SHA-256 failed");
 *	cohort = assign_at(&a, got.arm, time_us);
 *
 * cmon1: x is the first 8 bytes, big-endian, of SHA-256(salt NUL key), the
 * key as raw bytes.  Its cohort is the first i with
 *
 *	(x * W) >> 64  <  w_1 + ... + w_i	W = w_1 + ... + w_n
 *
 * in integers: every key has a cohort, and a share is off by less than
 * W / 2^64.  NUL stands in no key, so no two (salt, key) share a text.
 *
 * doc255: b is the first byte of SHA-256(key salt), and its cohort the first
 * with b/255 < the weights' sum so far (-lt), or <= (-le), in doubles; with
 * -lt, b = 255 falls through to the first cohort.  There are 256 buckets:
 * 1 % is 1.17 %.
 *
 * nginx: split_clients "keysalt": MurmurHash2, 32 bits, seed 0, against sums
 * of percent * (2^32 - 1) / 10000 in hundredths of a percent, each part
 * rounded down.  Before 1.31.2 the one to three hash values above a last
 * explicit percentage had no cohort.
 *
 * Exposure is a second, independent hash, with ".exposure" after the salt,
 * so that a larger share never moves a key from one cohort to another.
 *
 * Ownership: salt is BORROWED and outlives the assign.
 * Errors: assign_init() returns what is wrong with the weights, a literal.
 */
#ifndef ASSIGN_H
#define ASSIGN_H

#include "base.h"
#include "sha256.h"
#include "str.h"

#define ASSIGN_ARMS	16			/* cohorts of an experiment */
#define ASSIGN_WEIGHT_MAX (UINT64_C(1) << 59)	/* so that 16 of them can be added */
#define ASSIGN_ALL	UINT64_C(1000000000)	/* exposed: every key */

enum assign_scheme {
	ASSIGN_CMON1,
	ASSIGN_DOC255_LT,
	ASSIGN_DOC255_LE,
	ASSIGN_NGINX,		/* 1.31.2 and later */
	ASSIGN_NGINX_PRE,	/* before 1.31.2 */
	ASSIGN_SCHEMES
};

extern const char *const assign_scheme_name[ASSIGN_SCHEMES];

/* In place of an arm. */
enum {
	ASSIGN_NONE = -1,	/* nginx-pre1.31.2: above the last percentage */
	ASSIGN_UNEXPOSED = -2,	/* outside the exposed share */
};

struct assign {
	enum assign_scheme scheme;
	struct str salt;		/* BORROWED */
	size_t n;			/* cohorts */
	uint64_t weight[ASSIGN_ARMS];	/* in any one unit */
	bool rest;			/* nginx: the last weight is written "*" */
	uint64_t exposed;		/* share of the keys, of ASSIGN_ALL */
	int64_t period_us;		/* two equal arms change places; 0: never */

	/* set by assign_init(), for those who write configurations */
	uint32_t percent[ASSIGN_ARMS];	/* nginx: hundredths */
	double below[ASSIGN_ARMS];	/* doc255: sums of weights */
	uint64_t sum[ASSIGN_ARMS];	/* of weights; nginx: bounds of the hash */
	uint64_t exposed_below;		/* nginx: bound of the hash */
	bool phase;			/* the arms begin exchanged */
};

struct assigned {
	int arm;		/* or ASSIGN_NONE, ASSIGN_UNEXPOSED */
	uint64_t hash;		/* cmon1: 64 bits; doc255: 8; nginx: 32 */
};

/* Call once all but the later fields are set.  NULL: ready. */
MUST_USE const char *assign_init(struct assign *a, struct sha256 *sha);

/* False: libcrypto failed. */
MUST_USE bool assign_key(const struct assign *a, struct sha256 *sha, struct str key,
    struct assigned *got);

/*
 * The arm that such a key is in at that time: with a period, arms 0 and 1
 * change places whenever floor(time / period) + phase is odd.  The phase is
 * the top bit of the cmon1 hash of the empty key, salt ".phase" appended.
 */
int	assign_at(const struct assign *a, int arm, int64_t us);

/* The share of all exposed keys that an arm gets, as the scheme really is. */
double	assign_share(const struct assign *a, size_t arm);

/* Where the hash lies between 0 and 1, for a person to see. */
double	assign_bucket(enum assign_scheme scheme, uint64_t hash);

/* The hash of nginx' split_clients. */
uint32_t assign_murmur2(struct str s);

static inline bool
assign_is_nginx(enum assign_scheme s)
{
	return s == ASSIGN_NGINX || s == ASSIGN_NGINX_PRE;
}

#endif
