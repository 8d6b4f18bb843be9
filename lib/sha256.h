/*
 * sha256.h - SHA-256 (FIPS 180-4), by libcrypto.
 *
 *	struct sha256 h;
 *	struct str part[] = { salt, key };
 *	unsigned char sum[SHA256_BYTES];
 *
 *	if (!sha256_open(&h))
 *		die("no SHA-256 in libcrypto");
 *	if (!sha256(&h, part, countof(part), sum))	// of salt, then key
 *		die("SHA-256 failed");
 *	sha256_close(&h);
 *
 * The method is fetched and the context made once: for keys of a few dozen
 * bytes those cost ten times the hash itself.
 *
 * Ownership: the handle owns libcrypto's objects; close is safe on zeros.
 * Errors: false where libcrypto has no SHA-256 (a restricted provider) or
 * fails; sum is then not set.
 */
#ifndef SHA256_H
#define SHA256_H

#include "base.h"

#define SHA256_BYTES	32
#define SHA256_HEX	64	/* characters of a sum as text */

struct sha256 {
	struct evp_md_st *method;	/* OWNED */
	struct evp_md_ctx_st *context;	/* OWNED */
};

MUST_USE bool sha256_open(struct sha256 *h);
void	sha256_close(struct sha256 *h);

/* The sum of n parts, as if they stood behind one another. */
MUST_USE bool sha256(struct sha256 *h, const struct str *part, size_t n,
    unsigned char sum[SHA256_BYTES]);

/* In lower-case hexadecimal; to has SHA256_HEX bytes, and gets no NUL. */
void	sha256_hex(char *to, const unsigned char sum[SHA256_BYTES]);

#endif
