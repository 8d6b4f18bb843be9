/*
 * value.h - what the text in a log's field says: a request line, a client's
 * address, a time taken, a number of bytes, as servers write them.
 *
 *	struct value_request r;
 *	if (value_request(field, &r))
 *		use(r.method, r.url);
 *
 * "-" and nothing are no value in every field of every log, and so is the -1
 * of load balancers in a number.
 *
 * Ownership: slices point into their arguments.
 * Errors: false: the text is something else.
 */
#ifndef VALUE_H
#define VALUE_H

#include "base.h"
#include "buf.h"
#include "hash.h"

static inline bool
value_none(struct str s)
{
	return s.n == 0 || (s.n == 1 && *s.p == '-');
}

/*
 * METHOD SP target SP HTTP/x: the target is what stands between the first and
 * the last blank.  False for everything else that clients send.  Reads into
 * the slack behind s (scan.h).
 */
struct value_request {
	struct str method, url, protocol;
};

MUST_USE bool value_request(struct str s, struct value_request *r);

/* The host of an absolute URL, without user info and port; empty: not absolute. */
struct str value_url_host(struct str url);

/* The first address of a list, without port, brackets and quotes. */
struct str value_client(struct str s);

/* Is it an IPv4 or IPv6 address, or "unix:..."? */
bool	value_is_address(struct str s);

#define VALUE_ADDRESS_MAX	64	/* bytes of room for the two below */

/*
 * An address less its host part: IPv4 to /24, IPv6 to /48.  "unix:" stays;
 * nothing is left of a name.  Returns the end.
 */
char	*value_cut_address(char *to, struct str client);

/* A keyed hash of the text, 16 hexadecimal digits. */
char	*value_hash_address(char *to, struct str client, const struct hash_key *key);

/*
 * Time taken, in ns.  unit is that of a bare number: 9 for seconds, 6 for
 * milliseconds, 3 for microseconds, 0 for nanoseconds; a unit behind the number
 * (s ms us ns) wins.  Lists ("0.001, 0.002 : -", nginx's upstreams) are summed.
 * *some is false when there is no number, as in "-".
 */
MUST_USE bool value_duration(struct str s, int unit, int64_t *ns, bool *some);

/* A number of bytes; of a list ("502, 200") the last for `last`, else the sum. */
MUST_USE bool value_count(struct str s, bool last, uint64_t *count, bool *some);

/*
 * s into b with the values of the named parameters, and user info in URLs,
 * replaced by "redacted".  Names are compared percent-decoded, in any case.
 */
void	value_redact(struct buf *b, struct str s, const struct str *name, size_t n);

/*
 * Undoes the escapes of nginx, Apache and Varnish: \xHH \uHHHH \" \\ \/ \t \n
 * \r \b \f \v.  A backslash before anything else stays.  to holds s.n bytes;
 * returns the length, which never grows.
 */
size_t	value_unescape(struct str s, char *to);

#endif
