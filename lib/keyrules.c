#include "keyrules.h"

#include <stdlib.h>

#include "buf.h"
#include "literals.h"
#include "msg.h"
#include "str.h"
#include "tsv.h"
#include "url.h"

enum {
	PATTERN, VHOST, METHOD, WITH, ENDPOINT, KEY, KEEP, DROP, SORT, NORMALISE
};

static const char *const names[] = {
	"pattern", "vhost", "method", "with", "endpoint", "key", "keep", "drop", "sort",
	"normalise", NULL
};

static const struct { struct str name; unsigned how; } forms[] = {
	{ { "percent", 7 }, URL_PERCENT }, { { "slashes", 7 }, URL_SLASHES },
	{ { "dots", 4 }, URL_DOTS }, { { "tail", 4 }, URL_TAIL }, { { "lower", 5 }, URL_LOWER },
	{ { "none", 4 }, 0 },
};

/* The field's bytes, for as long as the rules. */
static struct str
raw(struct keyrules *r, const struct table *t, size_t col)
{
	struct str field = table_field(t, col), own = { NULL, 0 };
	struct buf b;

	buf_init(&b, TABLE_LINE_MAX);
	/* table.h has seen that its escapes are good. */
	if (tsv_unescape(&b, field) && b.n)
		own = arena_dup(&r->text, buf_str(&b));
	buf_free(&b);
	return own;
}

static void
read_list(struct keyrules *r, struct table *t, size_t col, struct key_list *list)
{
	struct str rest = raw(r, t, col), name, v[KEYRULES_LIST];

	while (rest.n && str_cut(&rest, ',', &name)) {
		name = str_trim(name);
		if (name.n == 0)
			table_wrong(t, col, "a name is empty: one comma stands between two names");
		if (list->n == KEYRULES_LIST) {
			table_wrong(t, col, "more than %d names", KEYRULES_LIST);
			break;
		}
		v[list->n++] = name;
	}
	list->v = arena_alloc(&r->text, list->n * sizeof(v[0]));
	if (list->n)
		memcpy(list->v, v, list->n * sizeof(v[0]));
}

/* Names of hosts are the same in any case. */
static void
lower(struct key_list *list, struct arena *a)
{
	for (size_t i = 0; i < list->n; i++) {
		struct buf b;

		buf_init(&b, TABLE_LINE_MAX);
		url_lower(&b, list->v[i]);
		list->v[i] = arena_dup(a, buf_str(&b));
		buf_free(&b);
	}
}

static void
read_forms(struct table *t, struct key_rule *rule)
{
	struct str field = table_field(t, NORMALISE), rest = field, word;

	if (field.n == 0)
		return;
	rule->how = 0;
	while (str_cut(&rest, ',', &word)) {
		size_t i = 0;

		word = str_trim(word);
		while (i < countof(forms) && !str_eq(word, forms[i].name))
			i++;
		if (i == countof(forms))
			table_wrong(t, NORMALISE, "\"%.*s\" is none of percent, slashes, dots, tail, lower, none",
			    STRF(word));
		else if (forms[i].how == 0 && !str_eq(field, word))
			table_wrong(t, NORMALISE, "none stands alone");
		else
			rule->how |= forms[i].how;
	}
}

static void
read_sort(struct table *t, struct key_rule *rule)
{
	struct str s = table_field(t, SORT);

	if (s.n && !str_eq(s, STR("yes")) && !str_eq(s, STR("no")))
		table_wrong(t, SORT, "yes or no, not \"%.*s\"", STRF(s));
	rule->sort = !str_eq(s, STR("no"));
}

static size_t
group_of(const void *ctx, struct str name)
{
	const struct key_rule *rule = ctx;
	size_t n;

	if (rule->kind != KEY_REGEX || !rule->regex.code)
		return 0;
	if (name.n == 1 && name.p[0] >= '1' && name.p[0] <= '9') {
		n = (size_t)(name.p[0] - '0');
		return n <= rule->regex.groups ? n : 0;
	}
	return regex_named(&rule->regex, name);
}

static void
read_template(struct keyrules *r, struct table *t, size_t col, struct key_rule *rule, struct template *to)
{
	struct str text = raw(r, t, col);
	const char *why;

	if (col == KEY && text.n == 0)
		text = STR("${url}");
	/* One mistake is enough for groups of what is no expression. */
	if (rule->kind == KEY_REGEX && !rule->regex.code)
		return;
	why = template_parse(to, &r->text, text, group_of, rule);
	if (why)
		table_wrong(t, col, "%s: \"%.*s\"", why, STRF(table_field(t, col)));
}

/* --- patterns --- */

/* What the end of a beginning may still become is left out. */
static struct str
settled(struct str p)
{
	while (p.n > 1 && (p.p[p.n - 1] == '.' || p.p[p.n - 1] == '/'))
		p.n--;
	for (size_t i = 1; i <= 2 && i < p.n; i++)
		if (p.p[p.n - i] == '%')
			return (struct str){ p.p, p.n - i };
	return p;
}

static bool
in_normal_form(const struct key_rule *rule)
{
	struct str p = rule->kind == KEY_PREFIX ? settled(rule->pattern) : rule->pattern;
	struct buf b;
	bool same;

	buf_init(&b, SIZE_MAX);
	url_path(&b, p, URL_NORMAL);
	same = str_eq(buf_str(&b), p) && str_find(rule->pattern, STR("//")) == rule->pattern.n;
	buf_free(&b);
	return same;
}

static void
check_literal(struct table *t, const struct key_rule *rule)
{
	struct str p = rule->pattern;

	if (str_eq(p, STR("*")))
		return;
	if (p.n == 0 || p.p[0] != '/')
		table_wrong(t, PATTERN, "\"%.*s\" begins with none of / = ~ ~*: paths begin with a slash",
		    STRF(table_field(t, PATTERN)));
	else if (str_chr(p, '?') < p.n || str_chr(p, '#') < p.n)
		table_wrong(t, PATTERN, "a path has no ? and no #: the column \"with\" asks for parameters");
	else if (!in_normal_form(rule))
		table_wrong(t, PATTERN, "no path in normal form has // or /../, or escapes what need not be: \"%.*s\"",
		    STRF(p));
}

static void
check_regex(struct table *t, struct key_rule *rule, unsigned flags)
{
	char why[REGEX_WHY_MAX];

	if (!regex_open(&rule->regex, rule->pattern, flags, why, sizeof(why)))
		table_wrong(t, PATTERN, "no regular expression: %s: \"%.*s\"", why, STRF(rule->pattern));
}

static void
read_pattern(struct keyrules *r, struct table *t, struct key_rule *rule)
{
	struct str p = raw(r, t, PATTERN);

	rule->kind = str_starts(p, STR("=")) ? KEY_EXACT : str_starts(p, STR("~")) ? KEY_REGEX : KEY_PREFIX;
	rule->pattern = str_trim(str_from(p, str_starts(p, STR("~*")) ? 2 : rule->kind != KEY_PREFIX));
	if (p.n == 0)
		table_wrong(t, PATTERN, "empty: / is for every path");
	else if (rule->kind == KEY_REGEX)
		check_regex(t, rule, str_starts(p, STR("~*")) ? REGEX_NOCASE : 0);
	else
		check_literal(t, rule);
}

bool
key_rule_plain(const struct key_rule *rule)
{
	return rule->vhost.n + rule->method.n + rule->with.n == 0;
}

/* Literals alone: which paths an expression matches nobody can tell. */
static const struct key_rule *
taken_by(const struct keyrules *r, const struct key_rule *rule)
{
	if (rule->kind == KEY_REGEX)
		return NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct key_rule *e = &r->rule[i];

		if (key_rule_plain(e) && (e->kind == KEY_PREFIX ? str_starts(rule->pattern, e->pattern) :
		    e->kind == KEY_EXACT && rule->kind == KEY_EXACT && str_eq(rule->pattern, e->pattern)))
			return e;
	}
	return NULL;
}

/* --- the file --- */

static void
read_row(struct keyrules *r, struct table *t, struct key_rule *rule)
{
	const struct key_rule *earlier;

	*rule = (struct key_rule){ .line = t->line, .how = URL_NORMAL };
	read_pattern(r, t, rule);
	read_list(r, t, VHOST, &rule->vhost);
	lower(&rule->vhost, &r->text);
	read_list(r, t, METHOD, &rule->method);
	read_list(r, t, WITH, &rule->with);
	read_list(r, t, KEEP, &rule->keep);
	read_list(r, t, DROP, &rule->drop);
	read_forms(t, rule);
	read_sort(t, rule);
	read_template(r, t, ENDPOINT, rule, &rule->endpoint);
	read_template(r, t, KEY, rule, &rule->key);
	earlier = taken_by(r, rule);
	if (earlier && rule->pattern.n)
		table_wrong(t, PATTERN, "\"%.*s\" is never reached: the rule in line %llu takes all of it: "
		    "put it before that one", STRF(rule->pattern), (unsigned long long)earlier->line);
}

static void
check_size(const struct keyrules *r, struct table *t)
{
	size_t bytes = 0;

	for (size_t i = 0; i < r->n; i++)
		bytes += r->rule[i].kind == KEY_REGEX ? 0 : r->rule[i].pattern.n;
	if (bytes > LITERALS_MAX)
		table_wrong(t, TABLE_ROW, "the patterns have over %d bytes together", LITERALS_MAX);
}

bool
keyrules_read(struct keyrules *r, const char *path, table_say *say)
{
	static struct table t;

	*r = (struct keyrules){ 0 };
	table_open(&t, path, names, say);
	while (table_next(&t)) {
		if (r->n == KEYRULES_MAX) {
			table_wrong(&t, TABLE_ROW, "more than %d rules", KEYRULES_MAX);
			break;
		}
		r->rule = mem_grow(r->rule, &r->cap, r->n + 1, sizeof(*r->rule));
		read_row(r, &t, &r->rule[r->n]);
		r->n++;
	}
	check_size(r, &t);
	return table_close(&t);
}

static size_t
no_group(const void *ctx, struct str name)
{
	(void)ctx, (void)name;
	return 0;
}

void
key_rule_of(struct key_rule *rule, struct arena *a, const char *key, unsigned how, bool sort)
{
	*rule = (struct key_rule){ .how = how, .sort = sort };
	if (template_parse(&rule->key, a, str_of(key), no_group, NULL))
		die("bug: the template \"%s\"", key);
}

bool
key_glob(struct str glob, struct str name)
{
	if (!str_ends(glob, STR("*")))
		return str_eq(glob, name);
	glob.n--;
	return str_starts(name, glob);
}

bool
key_listed(const struct key_list *list, struct str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (key_glob(list->v[i], name))
			return true;
	return false;
}

void
keyrules_free(struct keyrules *r)
{
	for (size_t i = 0; i < r->n; i++)
		regex_close(&r->rule[i].regex);
	free(r->rule);
	arena_free(&r->text);
	*r = (struct keyrules){ 0 };
}
