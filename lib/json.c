/* json.c - one line of JSON, scanned in place. */
#include "json.h"

#include <string.h>

#include "scan.h"
#include "str.h"

/*
 * The last byte of the line, at end[-1], is known to be '}'.  It stands guard:
 * blanks, digits, literals and escapes cannot run past it, and only a string
 * and a nested object have to look where they ended.
 */
struct scan {
	const char *end;
	struct json_paths *want;	/* NULL: only check */
	struct json_value *out;
	size_t hint;			/* the key that is likely next */
	enum json_verdict bad;
	const char *at;
};

static const char *
fail(struct scan *s, enum json_verdict bad, const char *at)
{
	s->bad = bad;
	s->at = at < s->end ? at : s->end;
	return NULL;
}

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline const char *
blanks(const char *p)
{
	while (UNLIKELY(is_blank(*p)))
		p++;
	return p;
}

/* -1 if c is no hexadecimal digit. */
static int
hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The n hexadecimal digits at p; -1 if one is not. */
static int32_t
hexes(const char *p, int n)
{
	int32_t x = 0;

	for (; n > 0; n--, p++) {
		if (hex(*p) < 0)
			return -1;
		x = x << 4 | hex(*p);
	}
	return x;
}

/* After the escape that starts at p, a backslash; NULL if there is no such. */
static const char *
escape(const char *p)
{
	switch (p[1]) {
	case '"': case '\\': case '/': case 'b': case 'f':
	case 'n': case 'r': case 't': case 'v':
		return p + 2;
	case 'u':
		return hexes(p + 2, 4) < 0 ? NULL : p + 6;
	case 'x':
		return hexes(p + 2, 2) < 0 ? NULL : p + 4;
	}
	return NULL;
}

/* From after the opening quote to the closing one.  *escaped is set, not cleared. */
static inline const char *
string(struct scan *s, const char *open, bool *escaped)
{
	const char *next, *p = scan_quoted(open, s->end);

	while (UNLIKELY(*p != '"' || p >= s->end)) {
		if (p >= s->end)
			return fail(s, JSON_UNTERMINATED, open - 1);
		if (*p != '\\')
			return fail(s, JSON_CONTROL, p);
		*escaped = true;
		if (!(next = escape(p)))
			return fail(s, JSON_BAD_ESCAPE, p);
		p = scan_quoted(next, s->end);
	}
	return p;
}

static inline const char *
digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

static inline const char *
number(struct scan *s, const char *p)
{
	p += *p == '-';
	if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
		return fail(s, JSON_BAD_NUMBER, p);
	p = digits(p);
	if (*p == '.') {
		if (!is_digit(*++p))
			return fail(s, JSON_BAD_NUMBER, p);
		p = digits(p);
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		if (!is_digit(*p))
			return fail(s, JSON_BAD_NUMBER, p);
		p = digits(p);
	}
	return p;
}

static const char *
literal(struct scan *s, const char *p, const char *word, size_t n)
{
	return memcmp(p, word, n) == 0 ? p + n : fail(s, JSON_BAD_VALUE, p);
}

static size_t
put_utf8(char *dst, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	size_t i;

	for (i = n - 1; i > 0; i--, c >>= 6)
		dst[i] = (char)(0x80 | (c & 0x3f));
	dst[0] = (char)(n == 1 ? c : (0xf00U >> n & 0xff) | c);
	return n;
}

/* The character of \uXXXX at *p, with its second half if it has one. */
static uint32_t
unicode(const char **p, const char *end)
{
	uint32_t high = (uint32_t)hexes(*p + 2, 4), low = 0;

	*p += 6;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u')
		low = (uint32_t)hexes(*p + 2, 4);
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*p += 6;
	return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
}

/* What the escape at *p, checked before, stands for; returns its length. */
static size_t
unescape_one(const char **p, const char *end, char *dst)
{
	static const char letters[] = "bfnrtv", bytes[] = "\b\f\n\r\t\v";
	const char *letter, *e = *p + 1;

	if (*e == 'u')
		return put_utf8(dst, unicode(p, end));
	if (*e == 'x') {
		*p += 4;
		*dst = (char)hexes(e + 1, 2);
		return 1;
	}
	*p += 2;
	letter = strchr(letters, *e);
	*dst = letter ? bytes[letter - letters] : *e;
	return 1;
}

size_t
json_unescape(struct str raw, char *dst)
{
	const char *p = raw.p, *end = raw.p + raw.n;
	char *d = dst;

	while (p < end) {
		if (*p == '\\')
			d += unescape_one(&p, end, d);
		else
			*d++ = *p++;
	}
	return (size_t)(d - dst);
}

/* Does an escaped key mean this one?  Without room for keys of any length. */
static bool
means(struct str raw, struct str key)
{
	const char *p = raw.p, *end = raw.p + raw.n;
	char c[4];
	size_t n;

	for (; p < end; key = str_from(key, n)) {
		n = 1;
		c[0] = *p;
		if (*p == '\\')
			n = unescape_one(&p, end, c);
		else
			p++;
		if (!str_starts(key, (struct str){ c, n }))
			return false;
	}
	return key.n == 0;
}

static struct str
node_key(const struct json_paths *want, const struct json_node *node)
{
	return (struct str){ want->text + node->text, node->n };
}

/* The child of a node that this key names, or 0. */
static uint16_t
child_of_key(const struct json_paths *want, uint16_t in, struct str key, bool escaped)
{
	uint16_t i;

	for (i = want->node[in].child; i; i = want->node[i].next) {
		struct str have = node_key(want, &want->node[i]);

		if (!want->node[i].is_index &&
		    (escaped ? means(key, have) : str_eq(key, have)))
			return i;
	}
	return 0;
}

static uint16_t
child_of_index(const struct json_paths *want, uint16_t in, uint32_t index)
{
	uint16_t i;

	for (i = want->node[in].child; i; i = want->node[i].next)
		if (want->node[i].is_index && want->node[i].index == index)
			return i;
	return 0;
}

/* A key and its colon, from its opening quote; in *key, the key. */
static inline const char *
key_and_colon(struct scan *s, const char *p, struct json_value *key)
{
	const char *close;

	if (*p != '"')
		return fail(s, JSON_BAD_KEY, p);
	*key = (struct json_value){ .kind = JSON_STRING };
	if (!(close = string(s, p + 1, &key->escaped)))
		return NULL;
	key->raw = (struct str){ p + 1, (size_t)(close - p - 1) };
	p = blanks(close + 1);
	return *p == ':' ? p + 1 : fail(s, JSON_BAD_COLON, p);
}

/*
 * The same, where paths pass: in *node the child that the key names.  Lines
 * repeat their keys in the same order, so those that came next on the lines
 * before are compared first; when one is it, where the value starts does not
 * depend on a search.  The few ahead are for keys that only some lines have.
 */
static inline const char *
known_key(struct scan *s, const char *p, uint16_t in, uint16_t *node)
{
	struct json_hint *hint = s->want->hint + s->hint, *h;
	struct json_value key;
	const char *after;

	for (h = hint; h < hint + JSON_HINTS_AHEAD; h++) {
		if (h->n && h->in == in && scan_same(p, h->text, h->n) && p + h->n < s->end) {
			s->hint = (size_t)(h + 1 - s->want->hint);
			*node = h->node;
			return p + h->n;
		}
	}
	if (!(after = key_and_colon(s, p, &key)))
		return NULL;
	*node = child_of_key(s->want, in, key.raw, key.escaped);
	if (after - p <= JSON_HINT_TEXT && s->hint < JSON_HINTS) {
		s->hint++;
		hint->n = (uint8_t)(after - p);
		hint->in = in;
		hint->node = *node;
		memcpy(hint->text, p, hint->n);
	}
	return after;
}

/* All that hangs below a node becomes absent: a second value of its key has come. */
static void
forget(struct scan *s, uint16_t in)
{
	uint16_t i;

	for (i = s->want->node[in].child; i; i = s->want->node[i].next) {
		if (s->want->node[i].want)
			s->out[s->want->node[i].want - 1] = (struct json_value){0};
		forget(s, i);
	}
}

/* Forward: a value may hold values. */
static const char *
nested(struct scan *s, const char *p, uint16_t node, unsigned depth, enum json_kind kind);

/* A value that is no string. */
static const char *
other_value(struct scan *s, const char *p, uint16_t node, unsigned depth, enum json_kind *kind)
{
	switch (*p) {
	case '{':
		*kind = JSON_OBJECT;
		return nested(s, p, node, depth, *kind);
	case '[':
		*kind = JSON_ARRAY;
		return nested(s, p, node, depth, *kind);
	case 't':
		*kind = JSON_TRUE;
		return literal(s, p, "true", 4);
	case 'f':
		*kind = JSON_FALSE;
		return literal(s, p, "false", 5);
	case 'n':
		*kind = JSON_NULL;
		return literal(s, p, "null", 4);
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		*kind = JSON_NUMBER;
		return number(s, p);
	}
	return fail(s, JSON_BAD_VALUE, p);
}

/* One value, blanks before it allowed; node is the wanted one it belongs to, or 0. */
static inline const char *
value(struct scan *s, const char *p, uint16_t node, unsigned depth, struct json_value *v)
{
	const char *from, *to;

	if (UNLIKELY(node && s->want->node[node].child))
		forget(s, node);
	v->escaped = false;
	from = p = blanks(p);
	if (LIKELY(*p == '"')) {
		v->kind = JSON_STRING;
		to = string(s, ++from, &v->escaped);
	} else {
		to = other_value(s, p, node, depth, &v->kind);
	}
	if (!to)
		return NULL;
	v->raw = (struct str){ from, (size_t)(to - from) };
	if (node && s->want->node[node].want)
		s->out[s->want->node[node].want - 1] = *v;
	return to + (v->kind == JSON_STRING);
}

/* From after '{' to after '}'. */
static const char *
object(struct scan *s, const char *p, uint16_t in, bool known, unsigned depth)
{
	struct json_value v;
	uint16_t node = 0;

	p = blanks(p);
	if (*p == '}')
		return p + 1;
	for (;;) {
		p = known ? known_key(s, p, in, &node) : key_and_colon(s, p, &v);
		if (!p || !(p = value(s, p, node, depth, &v)))
			return NULL;
		p = blanks(p);
		if (*p != ',')
			break;
		p = blanks(p + 1);
	}
	return *p == '}' ? p + 1 : fail(s, JSON_BAD_COMMA, p);
}

/* From after '[' to after ']'. */
static const char *
array(struct scan *s, const char *p, uint16_t in, bool known, unsigned depth)
{
	struct json_value v;
	uint32_t i;

	p = blanks(p);
	if (*p == ']')
		return p + 1;
	for (i = 0;; i++) {
		p = value(s, p, known ? child_of_index(s->want, in, i) : 0, depth, &v);
		if (!p)
			return NULL;
		p = blanks(p);
		if (*p != ',')
			break;
		p++;
	}
	return *p == ']' ? p + 1 : fail(s, JSON_BAD_COMMA, p);
}

/* An object or array, from its bracket to after it. */
static const char *
nested(struct scan *s, const char *p, uint16_t node, unsigned depth, enum json_kind kind)
{
	bool known = node && s->want->node[node].child;

	if (depth >= JSON_DEPTH_MAX)
		return fail(s, JSON_DEEP, p);
	if (kind == JSON_ARRAY)
		return array(s, p + 1, node, known, depth + 1);
	p = object(s, p + 1, node, known, depth + 1);
	return p && p >= s->end ? fail(s, JSON_CUT, s->end) : p;
}

/* Trims the line and sets s->end; returns where the object opens, or NULL. */
static const char *
open_line(struct scan *s, struct str line)
{
	const char *p = line.p, *end = line.p + line.n;

	while (p < end && is_blank(*p))
		p++;
	while (p < end && is_blank(end[-1]))
		end--;
	s->end = end;
	if (p == end || *p != '{')
		return fail(s, JSON_NOT_OBJECT, p);
	return end[-1] == '}' ? p : fail(s, JSON_CUT, end);
}

enum json_verdict
json_scan(struct json_paths *want, struct str line, struct json_value *out, size_t *at)
{
	struct scan s = { .want = want, .out = out };
	const char *p;
	size_t i;

	for (i = 0; i < want->npaths; i++)
		out[i] = (struct json_value){0};
	if ((p = open_line(&s, line)))
		p = object(&s, p + 1, 0, true, 1);
	if (p && p < s.end)
		p = fail(&s, JSON_TRAILING, p);
	if (!p)
		*at = (size_t)(s.at - line.p);
	return s.bad;
}

static void
walk_verdict(struct json_walk *w, const struct scan *s)
{
	w->verdict = s->bad;
	w->at = s->bad ? (size_t)(s->at - w->begin) : 0;
}

void
json_walk_open(struct json_walk *w, struct str line)
{
	struct scan s = {0};
	const char *p = open_line(&s, line);

	*w = (struct json_walk){ .begin = line.p, .end = s.end };
	if (p) {
		p = blanks(p + 1);
		if (*p != '}')
			w->p = p;
		else if (p + 1 < s.end)
			fail(&s, JSON_TRAILING, p + 1);
	}
	walk_verdict(w, &s);
}

bool
json_next_key(struct json_walk *w, struct json_value *key, struct json_value *v)
{
	struct scan s = { .end = w->end };
	const char *p = w->p;

	if (!p)
		return false;
	w->p = NULL;
	if (!(p = key_and_colon(&s, p, key)) || !(p = value(&s, p, 0, 1, v))) {
		walk_verdict(w, &s);
		return false;
	}
	p = blanks(p);
	if (*p == ',')
		w->p = blanks(p + 1);
	else if (*p != '}')
		fail(&s, JSON_BAD_COMMA, p);
	else if (p + 1 < s.end)
		fail(&s, JSON_TRAILING, p + 1);
	walk_verdict(w, &s);
	return true;
}

const char *
json_reason(enum json_verdict verdict)
{
	static const char *const reasons[] = {
		[JSON_OK] = "valid",
		[JSON_NOT_OBJECT] = "no { at the start",
		[JSON_CUT] = "no } at the end",
		[JSON_BAD_KEY] = "no key in quotes",
		[JSON_BAD_COLON] = "no : after a key",
		[JSON_BAD_VALUE] = "no JSON value",
		[JSON_BAD_NUMBER] = "malformed number",
		[JSON_BAD_COMMA] = "no comma or closing bracket after a value",
		[JSON_BAD_ESCAPE] = "unknown escape in a string",
		[JSON_CONTROL] = "control byte in a string",
		[JSON_UNTERMINATED] = "unterminated string",
		[JSON_TRAILING] = "more text after the object",
		[JSON_DEEP] = "nested too deep",
	};

	return reasons[verdict];
}

/* A new child of a node, or 0 if there is no room. */
static uint16_t
add_child(struct json_paths *want, uint16_t in, struct json_node new, struct str key)
{
	if (want->nnodes == JSON_NODES_MAX || key.n > JSON_TEXT_MAX - want->ntext)
		return 0;
	new.text = (uint16_t)want->ntext;
	new.n = (uint16_t)key.n;
	new.next = want->node[in].child;
	if (key.n)
		memcpy(want->text + want->ntext, key.p, key.n);
	want->ntext += key.n;
	want->node[++want->nnodes] = new;
	return want->node[in].child = (uint16_t)want->nnodes;
}

/* A quoted key from its quote to after it, its text to key. */
static const char *
quoted_step(struct scan *s, const char *p, struct json_node *step, char *key)
{
	bool escaped = false;
	const char *close = string(s, ++p, &escaped);

	if (!close)
		return NULL;
	step->n = (uint16_t)json_unescape((struct str){ p, (size_t)(close - p) }, key);
	return close + 1;
}

static const char *
bare_step(const char *p, struct json_node *step, char *key)
{
	size_t n = strcspn(p, ".[]\"");

	step->n = (uint16_t)n;
	memcpy(key, p, n);
	return n ? p + n : NULL;
}

static const char *
index_step(const char *p, struct json_node *step)
{
	const char *from = p;

	step->is_index = true;
	for (; is_digit(*p) && p - from < 9; p++)
		step->index = step->index * 10 + (uint32_t)(*p - '0');
	return p > from ? p : NULL;
}

/* One step of a path to after it, or NULL. */
static const char *
path_step(struct scan *s, const char *p, struct json_node *step, char *key)
{
	p += *p == '.';
	if (*p == '"')
		return quoted_step(s, p, step, key);
	if (*p != '[')
		return bare_step(p, step, key);
	p++;
	p = *p == '"' ? quoted_step(s, p, step, key) : index_step(p, step);
	return p && *p == ']' ? p + 1 : NULL;
}

int
json_want(struct json_paths *want, struct str path, const char **why)
{
	char text[JSON_PATH_MAX + SCAN_SLACK] = {0}, key[JSON_PATH_MAX];
	struct scan s = {0};
	const char *p = text;
	uint16_t node = 0, child;

	*why = "more or longer paths than fit";
	if (path.n > JSON_PATH_MAX || want->npaths == JSON_PATHS_MAX)
		return -1;
	if (path.n)
		memcpy(text, path.p, path.n);
	s.end = text + path.n;
	do {
		struct json_node step = {0};
		bool glued = p > text && *p != '.' && *p != '[';

		if (glued || !(p = path_step(&s, p, &step, key))) {
			*why = "not a path of .key, .\"any key\", [\"any key\"], [0]";
			return -1;
		}
		child = step.is_index ? child_of_index(want, node, step.index) :
		    child_of_key(want, node, (struct str){ key, step.n }, false);
		if (!child && !(child = add_child(want, node, step, (struct str){ key, step.n })))
			return -1;
		node = child;
	} while (p < s.end);
	if (!want->node[node].want)
		want->node[node].want = (uint16_t)++want->npaths;
	memset(want->hint, 0, sizeof(want->hint));
	return want->node[node].want - 1;
}
