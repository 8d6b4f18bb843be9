/*
 * url.h - request targets taken apart, and put into one spelling.
 *
 *	struct url u;
 *	url_split(&u, target);
 *	if (u.odd)
 *		url_path(&b, u.path, URL_PERCENT | URL_SLASHES | URL_DOTS);
 *	url_params(&list, u.query);
 *
 * A target as it stands in a request's first line, RFC 9112, 3.2:
 *
 *	/path?query			origin-form
 *	http://user@host:80/path?query	absolute-form: host and path are told apart
 *	host:443, *, and anything else	opaque: all of it is the path, as it stands
 *
 * A fragment, which no client should send, is cut off.  The first "?" begins
 * the query, later ones are part of it.
 *
 * Normal forms are those of RFC 3986, 6.2.2: escapes of unreserved characters
 * decoded, the hexadecimal digits of others in upper case, and a "%" that
 * begins no escape is escaped itself.  A normal form's normal form is itself.
 *
 * Ownership: slices point into the target, or to a literal.
 * Errors: none; what does not fit a buffer is the buffer's to say (buf.h).
 */
#ifndef URL_H
#define URL_H

#include "base.h"
#include "buf.h"
#include "scan.h"

struct url {
	struct str host;	/* of an absolute-form, without the default port */
	struct str path;	/* has slack, as the target has */
	struct str query;	/* without the "?" */
	bool opaque;
	bool odd;		/* the path may not be in normal form */
};

/* The target has SCAN_SLACK readable bytes behind it. */
static inline void url_split(struct url *u, struct str target);

enum url_how {
	URL_PERCENT = 1,	/* percent-encoding, as above */
	URL_SLASHES = 2,	/* "//" is "/" */
	URL_DOTS = 4,		/* "/a/./b/../c" is "/a/c" */
	URL_TAIL = 8,		/* no "/" at the end, but for "/" itself */
	URL_LOWER = 16,		/* A to Z, but not in escapes */
	URL_NORMAL = URL_PERCENT | URL_SLASHES | URL_DOTS,
};

/* Appends the path, that of an origin-form, in the forms of enum url_how. */
void	url_path(struct buf *b, struct str path, unsigned how);

/* Appends s with its percent-encoding in normal form; or in lower case. */
void	url_percent(struct buf *b, struct str s);
void	url_lower(struct buf *b, struct str s);

enum url_fold {
	URL_NUMBERS = 1,	/* 42 is :n */
	URL_IDS = 2,		/* UUIDs, 8 and more hexadecimal digits, 20 and more letters and digits are :id */
};

/*
 * Appends s with each of its words that is a number or an id replaced.  Words
 * are letters, digits, escapes and bytes past ASCII; an id has a digit and a
 * letter.
 */
void	url_fold(struct buf *b, struct str s, unsigned what);

/* One parameter of a query: "name=value" or "name". */
struct url_param {
	struct str text;	/* the whole */
	struct str name;	/* up to the first "=" */
	struct str value;	/* behind it */
	bool bare;		/* no "=" */
	uint32_t at;		/* the how many-th, from 0 */
};

struct url_params {
	struct url_param *v;	/* OWNED */
	size_t n, cap;
};

/* Those of a query, in order; empty ones ("a&&b") are passed by. */
void	url_params(struct url_params *list, struct str query);

/* By name, bytewise; those of one name stay in order. */
void	url_params_sort(struct url_params *list);

void	url_params_free(struct url_params *list);

/* --- private --- */

void	url_split_other(struct url *u, struct str target);

static inline void
url_split_path(struct url *u, struct str s)
{
	const char *end = s.p + s.n;

	u->path = (struct str){ s.p, scan_path(s.p, s.n, &u->odd) };
	u->query = (struct str){ NULL, 0 };
	s.p += u->path.n;
	if (s.p < end && *s.p++ == '?')
		u->query = (struct str){ s.p, (size_t)(scan_byte(s.p, end, '#') - s.p) };
}

static inline void
url_split(struct url *u, struct str target)
{
	if (UNLIKELY(target.n == 0 || target.p[0] != '/')) {
		url_split_other(u, target);
		return;
	}
	u->host = (struct str){ NULL, 0 };
	u->opaque = false;
	url_split_path(u, target);
}

#endif
