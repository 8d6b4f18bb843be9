/* emit.c - see emit.h. */
#include "emit.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "buf.h"
#include "msg.h"
#include "num.h"
#include "quote.h"
#include "str.h"
#include "tsv.h"

#define LINE_MAX_BYTES	512	/* of what is formatted at a time: four names of 64 and the rest */

static void PRINTF(2, 3)
put(struct out *o, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof(line));
	out_add(o, (struct str){ line, (size_t)n });
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* --- nginx --- */

/* "$cmon_name": nginx' variables are letters, digits and _. */
static struct str
variable_of(const struct experiment *e, char room[EXPERIMENT_NAME_MAX])
{
	for (size_t i = 0; i < e->name.n; i++)
		room[i] = is_word(e->name.p[i]) ? e->name.p[i] : '_';
	return (struct str){ room, e->name.n };
}

/* nginx lowers the case of variables, and a map's words mean themselves. */
static bool
is_special(struct str cohort)
{
	static const char *const words[] = { "default", "hostnames", "include", "volatile" };

	for (size_t i = 0; i < countof(words); i++)
		if (str_eq_nocase(cohort, str_of(words[i])))
			return true;
	return false;
}

static const char *
nginx_cannot(const struct places *p, const struct experiment *e)
{
	char ours[EXPERIMENT_NAME_MAX], theirs[EXPERIMENT_NAME_MAX];

	if (!assign_is_nginx(e->assign.scheme))
		return "nginx cannot compute this scheme: the experiment needs the scheme nginx, or --emit js";
	if (e->assign.period_us)
		return "nginx cannot exchange cohorts by the clock: take --emit js";
	for (size_t i = 0; i < e->assign.n; i++)
		if (is_special(e->cohort[i].name))
			return "a map of nginx cannot have this cohort: take other names than default, "
			    "hostnames, include and volatile";
	for (size_t i = 0; &p->x->e[i] != e; i++)
		if (places_have(p, &p->x->e[i]) &&
		    str_eq_nocase(variable_of(e, ours), variable_of(&p->x->e[i], theirs)))
			return "its variable in nginx would be that of another experiment: take another name";
	return NULL;
}

/*
 * A regular expression for exactly these bytes.  A plain word would do, but
 * maps ignore the case of those.  False: nginx could not read it.
 */
static bool
put_pin(struct out *o, struct str key)
{
	struct buf b;
	bool fits;

	buf_init(&b, EMIT_TOKEN_MAX);
	quote_regex(&b, key);
	fits = !b.over;
	put(o, "    \"~^");
	out_add(o, buf_str(&b));
	put(o, "\\z\" (pinned);\n");
	buf_free(&b);
	return fits;
}

static void
put_split(struct out *o, const struct experiment *e, struct str variable, struct str name)
{
	const struct assign *a = &e->assign;

	put(o, "split_clients \"${%.*s}%.*s\" $cmon_%.*s_split {\n", STRF(variable), STRF(a->salt), STRF(name));
	for (size_t i = 0; i < a->n; i++) {
		/* From 1.31.2 on the last takes the rest anyway; so it does before. */
		if (i + 1 == a->n && (a->rest || a->scheme == ASSIGN_NGINX))
			put(o, "    *      %.*s;\n", STRF(e->cohort[i].name));
		else
			put(o, "    %u.%02u%% %.*s;\n", a->percent[i] / 100, a->percent[i] % 100, STRF(e->cohort[i].name));
	}
	put(o, "}\n");
}

static void
put_exposure(struct out *o, const struct experiment *e, struct str variable, struct str name)
{
	unsigned percent = (unsigned)(e->assign.exposed / (ASSIGN_ALL / 10000));

	put(o, "split_clients \"${%.*s}%.*s.exposure\" $cmon_%.*s_exposed {\n",
	    STRF(variable), STRF(e->assign.salt), STRF(name));
	put(o, "    %u.%02u%% 1;\n    *      \"\";\n}\n", percent / 100, percent % 100);
	put(o, "map $cmon_%.*s_exposed $cmon_%.*s_share {\n", STRF(name), STRF(name));
	put(o, "    default (unexposed);\n    1       $cmon_%.*s_split;\n}\n", STRF(name));
}

static void
put_ttl(struct out *o, const struct experiment *e, size_t i)
{
	put(o, "    %.*s ", STRF(i ? e->cohort[i].name : STR("default")));
	if (e->cohort[i].ttl_s == EXPERIMENT_NO_TTL)
		put(o, "\"\";\n");
	else
		put(o, "%lld;\n", (long long)e->cohort[i].ttl_s);
}

static void
put_ttls(struct out *o, const struct experiment *e, struct str name)
{
	put(o, "map $cmon_%.*s $cmon_%.*s_ttl_s {\n", STRF(name), STRF(name));
	for (size_t i = 0; i < e->assign.n; i++)
		put_ttl(o, e, i);
	put(o, "}\n");
}

static const char *
put_nginx(struct out *o, const struct experiment *e, struct str variable)
{
	bool all = e->assign.exposed == ASSIGN_ALL;
	char room[EXPERIMENT_NAME_MAX];
	struct str name = variable_of(e, room);

	put(o, "\n# Experiment %.*s, scheme %s.\n", STRF(e->name), assign_scheme_name[e->assign.scheme]);
	put_split(o, e, variable, name);
	if (!all)
		put_exposure(o, e, variable, name);
	put(o, "map $%.*s $cmon_%.*s {\n", STRF(variable), STRF(name));
	put(o, "    default $cmon_%.*s_%s;\n", STRF(name), all ? "split" : "share");
	for (uint32_t i = 0; i < e->pins.n; i++)
		if (!put_pin(o, map_key(&e->pins, i)))
			return "a pinned key is too long for nginx' configuration";
	put(o, "}\n");
	put_ttls(o, e, name);
	return NULL;
}

const char *
emit_nginx(struct out *o, const struct places *p, struct str variable, const struct experiment **of)
{
	const char *why = NULL;

	put(o, "# Written by cmon-cohort --emit nginx, for the http block.\n");
	for (size_t i = 0; !why && i < p->x->n; i++) {
		if (!places_have(p, &p->x->e[i]))
			continue;
		*of = &p->x->e[i];
		why = nginx_cannot(p, &p->x->e[i]);
		if (!why)
			why = put_nginx(o, &p->x->e[i], variable);
	}
	return why;
}

/* --- JavaScript --- */

static const char js_head[] =
"// Written by cmon-cohort --emit js.\n"
"//\n"
"//\timport { assign } from './cohorts.mjs';\n"
"//\tconst got = await assign(endpoint, key);\n"
"//\n"
"// null: the key is in no experiment now.  Otherwise got.experiment and\n"
"// got.cohort are names, and got.ttl is the TTL to set, in seconds, or null.\n"
"// endpoint and key are strings, hashed as UTF-8, or Uint8Arrays; now is in\n"
"// milliseconds.\n"
"\n";

static const char js_tail[] =
"const bytes = (s) => typeof s === 'string' ? new TextEncoder().encode(s) : s;\n"
"\n"
"// One character a byte: what endpoints and pins above are written in.\n"
"const binary = (b) => {\n"
"\tlet s = '';\n"
"\tfor (const c of b)\n"
"\t\ts += String.fromCharCode(c);\n"
"\treturn s;\n"
"};\n"
"\n"
"const join = (...parts) => {\n"
"\tconst all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));\n"
"\tlet n = 0;\n"
"\tfor (const p of parts) {\n"
"\t\tall.set(p, n);\n"
"\t\tn += p.length;\n"
"\t}\n"
"\treturn all;\n"
"};\n"
"\n"
"const sha256 = async (...parts) =>\n"
"\tnew DataView(await globalThis.crypto.subtle.digest('SHA-256', join(...parts)));\n"
"\n"
"const hash64 = async (salt, key) =>\n"
"\t(await sha256(bytes(salt), [0], key)).getBigUint64(0);\n"
"\n"
"// MurmurHash2, 32 bits, seed 0: split_clients of nginx.\n"
"const murmur2 = (data) => {\n"
"\tconst M = 0x5bd1e995, view = new DataView(data.buffer);\n"
"\tlet h = data.length, i = 0;\n"
"\tfor (; i + 4 <= data.length; i += 4) {\n"
"\t\tlet k = Math.imul(view.getUint32(i, true), M);\n"
"\t\tk = Math.imul(k ^ k >>> 24, M);\n"
"\t\th = Math.imul(h, M) ^ k;\n"
"\t}\n"
"\tif (i < data.length) {\n"
"\t\tfor (let n = 0; i + n < data.length; n++)\n"
"\t\t\th ^= data[i + n] << 8 * n;\n"
"\t\th = Math.imul(h, M);\n"
"\t}\n"
"\th = Math.imul(h ^ h >>> 13, M);\n"
"\treturn BigInt((h ^ h >>> 15) >>> 0);\n"
"};\n"
"\n"
"const firstAbove = (e, b) => e.sums.findIndex((sum) => b < sum);\n"
"\n"
"const byByte = async (e, key, below) => {\n"
"\tconst u = (await sha256(key, bytes(e.salt))).getUint8(0) / 255;\n"
"\treturn Math.max(0, e.below.findIndex((sum) => below(u, sum)));\n"
"};\n"
"\n"
"const schemes = {\n"
"\t'cmon1': async (e, key) =>\n"
"\t\tfirstAbove(e, await hash64(e.salt, key) * e.sums.at(-1) >> 64n),\n"
"\t'doc255-lt': (e, key) => byByte(e, key, (u, sum) => u < sum),\n"
"\t'doc255-le': (e, key) => byByte(e, key, (u, sum) => u <= sum),\n"
"\t'nginx': (e, key) => firstAbove(e, murmur2(join(key, bytes(e.salt)))),\n"
"\t'nginx-pre1.31.2': (e, key) => firstAbove(e, murmur2(join(key, bytes(e.salt)))),\n"
"};\n"
"\n"
"const exposed = async (e, key) => {\n"
"\tif (e.exposed === null)\n"
"\t\treturn true;\n"
"\tif (e.scheme.startsWith('nginx'))\n"
"\t\treturn murmur2(join(key, bytes(e.salt + '.exposure'))) < e.exposed;\n"
"\treturn (await hash64(e.salt + '.exposure', key) * 1000000000n >> 64n) < e.exposed;\n"
"};\n"
"\n"
"const inWashout = (e, now) => now >= e.start &&\n"
"\t(now - e.start < e.washout || (e.period > 0 && now % e.period < e.washout));\n"
"\n"
"export async function assign(endpoint, key, now = Date.now()) {\n"
"\tconst name = binary(bytes(endpoint)), data = bytes(key);\n"
"\tconst e = experiments.find((x) =>\n"
"\t\tnow < x.end && (x.endpoint === '' || x.endpoint === name));\n"
"\tif (!e || data.length === 0)\n"
"\t\treturn null;\n"
"\tconst got = (cohort, arm) =>\n"
"\t\t({ experiment: e.name, cohort, ttl: e.ttls[now < e.start ? 0 : arm] });\n"
"\tif (e.pins.has(binary(data)))\n"
"\t\treturn got('(pinned)', 0);\n"
"\tif (!await exposed(e, data))\n"
"\t\treturn got('(unexposed)', 0);\n"
"\tlet arm = await schemes[e.scheme](e, data);\n"
"\tif (arm < 0)\n"
"\t\treturn got('', 0);\n"
"\tif (e.period > 0)\n"
"\t\tarm ^= (Math.floor(now / e.period) + e.phase) & 1;\n"
"\treturn got(inWashout(e, now) ? '(washout)' : e.cohorts[arm], arm);\n"
"}\n";

static void
js_string(struct out *o, struct str s)
{
	out_byte(o, '\'');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x20 && c < 0x7f && !strchr("'\\<", c))
			out_byte(o, (char)c);
		else
			put(o, "\\x%02x", (unsigned)c);
	}
	out_byte(o, '\'');
}

static void
js_ms(struct out *o, const char *name, int64_t us)
{
	char room[NUM_MAX];

	put(o, "\t%s: ", name);
	if (us == INT64_MAX)
		out_add(o, STR("Infinity"));
	else
		out_add(o, (struct str){ room, (size_t)(num_put_fixed(room, us, 3) - room) });
	out_add(o, STR(",\n"));
}

static void
js_cohorts(struct out *o, const struct experiment *e)
{
	char room[NUM_MAX];

	out_add(o, STR("\tcohorts: ["));
	for (size_t i = 0; i < e->assign.n; i++) {
		js_string(o, e->cohort[i].name);
		out_add(o, i + 1 < e->assign.n ? STR(", ") : STR("],\n\tttls: ["));
	}
	for (size_t i = 0; i < e->assign.n; i++) {
		if (e->cohort[i].ttl_s == EXPERIMENT_NO_TTL)
			out_add(o, STR("null"));
		else
			put(o, "%lld", (long long)e->cohort[i].ttl_s);
		out_add(o, i + 1 < e->assign.n ? STR(", ") : STR("],\n\tsums: ["));
	}
	for (size_t i = 0; i < e->assign.n; i++)
		put(o, "%llun%s", (unsigned long long)e->assign.sum[i], i + 1 < e->assign.n ? ", " : "],\n\tbelow: [");
	for (size_t i = 0; i < e->assign.n; i++) {
		out_add(o, (struct str){ room, (size_t)(num_put_double(room, e->assign.below[i]) - room) });
		out_add(o, i + 1 < e->assign.n ? STR(", ") : STR("],\n"));
	}
}

static void
js_exposure(struct out *o, const struct assign *a)
{
	if (a->exposed == ASSIGN_ALL)
		put(o, "\texposed: null,\n");
	else
		put(o, "\texposed: %llun,\n", (unsigned long long)
		    (assign_is_nginx(a->scheme) ? a->exposed_below : a->exposed));
}

static void
js_experiment(struct out *o, const struct experiment *e)
{
	struct buf endpoint;

	buf_init(&endpoint, e->endpoint.n + 1);
	/* The table has let no bad escape pass. */
	(void)!tsv_unescape(&endpoint, e->endpoint);
	out_add(o, STR("{\n\tname: "));
	js_string(o, e->name);
	out_add(o, STR(",\n\tendpoint: "));
	js_string(o, buf_str(&endpoint));
	put(o, ",\n\tscheme: '%s',\n\tsalt: ", assign_scheme_name[e->assign.scheme]);
	js_string(o, e->assign.salt);
	out_add(o, STR(",\n"));
	js_cohorts(o, e);
	js_exposure(o, &e->assign);
	js_ms(o, "start", e->start_us);
	js_ms(o, "end", e->end_us);
	js_ms(o, "period", e->assign.period_us);
	js_ms(o, "washout", e->washout_us);
	put(o, "\tphase: %d,\n\tpins: new Set([", e->assign.phase);
	for (uint32_t i = 0; i < e->pins.n; i++) {
		out_add(o, STR("\n\t\t"));
		js_string(o, map_key(&e->pins, i));
		out_byte(o, ',');
	}
	put(o, "%s]),\n},", e->pins.n ? "\n\t" : "");
	buf_free(&endpoint);
}

void
emit_js(struct out *o, const struct places *p)
{
	out_add(o, str_of(js_head));
	out_add(o, STR("const experiments = ["));
	for (size_t i = 0; i < p->x->n; i++)
		if (places_have(p, &p->x->e[i]))
			js_experiment(o, &p->x->e[i]);
	out_add(o, STR("];\n\n"));
	out_add(o, str_of(js_tail));
}
