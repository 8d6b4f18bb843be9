/*
 * json.h - one line of JSON, scanned in place: the values of wanted paths
 * come out as slices.  No tree is built and nothing is allocated.
 *
 *	struct json_paths want = {0};
 *	struct json_value out[2];
 *	const char *why;
 *	size_t at;
 *	if (json_want(&want, STR(".request.uri"), &why) < 0 ||
 *	    json_want(&want, STR("headers[\"X-Cache\"][0]"), &why) < 0)
 *		...
 *	if (json_scan(&want, line, out, &at) == JSON_OK && out[0].kind == JSON_STRING)
 *		... out[0].raw
 *
 * The line is one object, blanks allowed around it, and all of it is checked,
 * wanted or not: RFC 8259, with two differences.  Any byte from 0x20 up may
 * stand in a string, so broken UTF-8 passes (the stream escapes it later).
 * And `\xHH` and `\v`, which are not JSON, are read as Apache and nginx
 * (without escape=json) mean them, since their JSON is written by hand from
 * format strings.  A key that comes twice: the last one holds.
 *
 * Every line handed in needs SCAN_SLACK readable bytes after its end, as
 * in.h gives: strings are searched in wide steps.
 *
 * Ownership: values borrow from the line.  A json_paths holds no pointers and
 * needs no closing; json_scan writes to it (it remembers the order of the keys,
 * because the next line most likely has the same), so one thread, one
 * json_paths.
 * Errors: verdicts and the offset where the line breaks; json_reason words it.
 */
#ifndef JSON_H
#define JSON_H

#include "base.h"

enum {
	JSON_PATHS_MAX = 64,		/* wanted paths */
	JSON_NODES_MAX = 256,		/* keys and indexes in all of them */
	JSON_TEXT_MAX = 8192,		/* bytes of keys in all of them */
	JSON_PATH_MAX = 1024,		/* bytes of one path as written */
	JSON_DEPTH_MAX = 64,		/* objects and arrays inside each other */
	JSON_HINTS = 64,		/* keys whose order is remembered */
	JSON_HINTS_AHEAD = 8,		/* of them tried for one key */
	JSON_HINT_TEXT = 32,		/* bytes of "key": for that */
};

enum json_kind {
	JSON_ABSENT, JSON_NULL, JSON_FALSE, JSON_TRUE,
	JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT,
};

struct json_value {
	struct str raw;		/* as written; a string without its quotes */
	enum json_kind kind;
	bool escaped;		/* raw has backslashes: see json_unescape */
};

enum json_verdict {
	JSON_OK,
	JSON_NOT_OBJECT,
	JSON_CUT,
	JSON_BAD_KEY,
	JSON_BAD_COLON,
	JSON_BAD_VALUE,
	JSON_BAD_NUMBER,
	JSON_BAD_COMMA,
	JSON_BAD_ESCAPE,
	JSON_CONTROL,
	JSON_UNTERMINATED,
	JSON_TRAILING,
	JSON_DEEP,
};

/* One step of a wanted path.  Siblings are linked; 0 is no node. */
struct json_node {
	uint16_t text, n;	/* its key, in json_paths.text */
	uint16_t child, next;
	uint16_t want;		/* 1 + number of the path that ends here */
	bool is_index;
	uint32_t index;		/* of an array, if is_index */
};

/* A key seen on the line before: its text up to the colon, and its node. */
struct json_hint {
	char text[JSON_HINT_TEXT];
	uint8_t n;
	uint16_t in, node;
};

/* A zeroed one wants nothing yet. */
struct json_paths {
	size_t npaths, nnodes, ntext;
	struct json_node node[1 + JSON_NODES_MAX];
	struct json_hint hint[JSON_HINTS + JSON_HINTS_AHEAD];	/* the last are never set */
	char text[JSON_TEXT_MAX];
};

/*
 * Adds a path and returns its number: 0, 1, 2... (one that was added before
 * keeps its first number); or -1 and *why.
 * Steps are `.key`, `."any key"`, `["any key"]` and `[index]`; the first dot may
 * be missing.  Escapes in quotes are JSON's.  A bare key is one or more bytes
 * other than . [ ] and ".
 */
int	json_want(struct json_paths *, struct str path, const char **why) MUST_USE;

/*
 * Checks a line and fills out[number of the path].  On a verdict other than
 * JSON_OK, *at is the byte where the line breaks, and out means nothing.
 */
enum json_verdict json_scan(struct json_paths *, struct str line,
	    struct json_value *out, size_t *at) MUST_USE;

/* What a verdict means, to stand in a message. */
const char *json_reason(enum json_verdict);

/*
 * Writes the text that the inside of a checked string means to dst, which
 * holds raw.n bytes, and returns its length: it never grows.  \u0000 is a NUL
 * byte, a surrogate without its other half U+FFFD, \xHH that byte.
 */
size_t	json_unescape(struct str raw, char *dst);

/*
 * All keys of a line, one by one.
 *
 *	for (json_walk_open(&w, line); json_next_key(&w, &key, &value);)
 *		...
 *	if (w.verdict != JSON_OK)
 *		... json_reason(w.verdict), w.at
 */
struct json_walk {
	const char *begin, *p, *end;
	enum json_verdict verdict;
	size_t at;
};

void	json_walk_open(struct json_walk *, struct str line);

/* The key's kind is JSON_STRING.  False at the end, good or bad. */
bool	json_next_key(struct json_walk *, struct json_value *key, struct json_value *value) MUST_USE;

#endif
