/*
 * regex.h - Perl's regular expressions over bytes, by PCRE2 with its JIT.
 *
 *	struct regex r;
 *	if (!regex_open(&r, STR("^/item/(?<id>\\d+)$"), 0, why, sizeof(why)))
 *		...why...
 *	if (regex_match(&r, path) == REGEX_YES)
 *		use(regex_group(&r, 1));
 *	regex_close(&r);
 *
 * Bytes, not characters, whatever the pattern says of UTF.  "$" is the end of
 * the text and nothing else.
 *
 * A pattern may take exponential time over a text that somebody chose.  So a
 * match gives up after REGEX_STEPS_MAX steps, and says REGEX_LIMIT.  A step may
 * go over the whole text, and each byte may begin a match: longer texts than
 * REGEX_TEXT_MAX are REGEX_LIMIT at once.  What is left is about a millisecond,
 * and a fifth of a second at worst.
 *
 * Ownership: groups are slices of the text that was matched, until the next
 * match.  A closed or zeroed regex may be closed again.
 * Errors: regex_open() is false, and why says what and where.  Out of memory
 * ends the program (msg.h).
 *
 * Source: pcre2api(3), pcre2jit(3).
 */
#ifndef REGEX_H
#define REGEX_H

#include "base.h"

enum {
	REGEX_STEPS_MAX = 100000,	/* PCRE2's match limit */
	REGEX_TEXT_MAX = 8192,		/* bytes; servers take no longer request lines */
	REGEX_STACK_MAX = 512 * 1024,	/* bytes of the JIT's stack, and of the heap without it */
	REGEX_WHY_MAX = 256,		/* bytes of a reason */
};

enum regex_found { REGEX_NO, REGEX_YES, REGEX_LIMIT };

enum regex_flags { REGEX_NOCASE = 1 };

struct regex {
	size_t groups;		/* that the pattern has */

	/* private from here */
	void *code, *data, *context, *stack;	/* OWNED, PCRE2's */
	const char *text;	/* matched last */
	bool jit;
};

bool	regex_open(struct regex *r, struct str pattern, unsigned flags, char *why, size_t room) MUST_USE;
enum regex_found regex_match(struct regex *r, struct str text);

/* What group i has matched, 0 being the whole; empty where it took no part. */
struct str regex_group(const struct regex *r, size_t i);

/* The group of that name, or 0. */
size_t	regex_named(const struct regex *r, struct str name);

void	regex_close(struct regex *r);

#endif
