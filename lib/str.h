/*
 * str.h - what one does with a slice.
 *
 *	struct str list = STR("a,b,c"), item;
 *	while (str_cut(&list, ',', &item))
 *		use(item);
 *
 * Ownership: all slices returned point into their arguments.
 * Errors: none; nothing here allocates.
 */
#ifndef STR_H
#define STR_H

#include <string.h>

#include "base.h"

static inline struct str
str_of(const char *s)
{
	return (struct str){ s, s ? strlen(s) : 0 };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool
str_ends(struct str s, struct str tail)
{
	return s.n >= tail.n &&
	    (tail.n == 0 || memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0);
}

/* The rest of s after its first n bytes; n at most s.n. */
static inline struct str
str_from(struct str s, size_t n)
{
	return (struct str){ n ? s.p + n : s.p, s.n - n };
}

int	str_cmp(struct str a, struct str b);		/* bytewise; as strcmp(3) */
bool	str_eq_nocase(struct str a, struct str b);	/* ASCII letters only */
struct str str_trim(struct str s);			/* blanks and tabs at both ends */
size_t	str_find(struct str s, struct str what);	/* s.n: not there */

/* Where c first stands in s, or s.n. */
static inline size_t
str_chr(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

/*
 * The next piece of *rest, up to sep or the end; *rest moves past it.  False
 * when nothing is left.  "a,,b," has the pieces "a", "", "b", "".
 */
bool	str_cut(struct str *rest, char sep, struct str *piece);

/*
 * Bytes of the UTF-8 character that s starts with: 1 to 4, or 0 where the
 * bytes are no UTF-8 (overlong, surrogate, past U+10FFFF, cut short) or s is
 * empty.  RFC 3629.
 */
size_t	str_utf8(struct str s);

/*
 * Cuts the next character off *s, or a byte that is no UTF-8.  False: it must
 * not be shown to people, who would see U+FFFD or a question mark instead: it is
 * a control (C0, DEL, C1), or begins a line of its own (U+2028, U+2029), or turns
 * the direction of what follows (U+061C, U+200E, U+200F, U+202A to U+202E,
 * U+2066 to U+2069), so that a line reads other than it is.
 */
MUST_USE bool str_cut_shown(struct str *s, struct str *c);

#define STR_REPLACED	STR("\xef\xbf\xbd")	/* U+FFFD */

/* The longest head of s, max bytes at most, that parts no UTF-8 character. */
struct str str_head(struct str s, size_t max);

#endif
