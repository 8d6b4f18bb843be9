/*
 * hash.h - SipHash-1-3: strangers' bytes to 64 bits that they cannot foresee.
 *
 *	struct hash_key key;
 *	if (!hash_key_random(&key))		// once, at start
 *		return "no random bytes";
 *	slot = hash_bytes(&key, s.p, s.n) & mask;
 *
 * A table in memory takes a random key, so that nobody can choose log text
 * that fills one slot; the key must never show in the output.  What hosts have
 * to agree on (distinct counts, sampling, trailers) takes hash_published.
 * The result is the same on every machine, whatever its byte order.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012;
 * 1-3 is one round a word and three at the end, as in Rust, Python and Linux.
 *
 * Ownership: none.  Errors: false, no random bytes to be had.
 */
#ifndef HASH_H
#define HASH_H

#include "base.h"

struct hash_key {
	uint64_t k[2];
};

/* The bytes "cmon published k" as two little-endian words, for ever. */
extern const struct hash_key hash_published;

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t n);

MUST_USE bool hash_key_random(struct hash_key *key);

#endif
