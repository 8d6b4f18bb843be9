/*
 * assign.c - against the vectors (sha256sum, openssl and the real nginx were
 * asked for them), and against shares counted over many keys.
 */
#include "assign.h"

#include "in.h"
#include "num.h"
#include "test.h"

static struct sha256 sha;

/* One of the file's forms: "control:0.5", "50.00%:control", "*:treatment". */
static void
arm(struct assign *a, struct str names[], struct str text)
{
	bool percent = assign_is_nginx(a->scheme);
	size_t colon = str_chr(text, ':');
	struct str left = { text.p, colon }, right = str_from(text, colon + 1);
	struct str weight = percent ? left : right;
	double w = 100;

	names[a->n] = percent ? right : left;
	a->rest = str_eq(weight, STR("*"));
	if (str_ends(weight, STR("%")))
		weight.n--;
	if (a->rest)
		for (size_t i = 0; i < a->n; i++)
			w -= (double)a->weight[i] / 1e9;
	else
		CHECK(num_double(weight, &w));
	a->weight[a->n++] = (uint64_t)llround(w * 1e9);
}

static uint64_t
hash_field(struct str s, int base)
{
	char text[32] = "";

	CHECK(s.n < sizeof(text));
	memcpy(text, s.p, s.n);
	return strtoull(text, NULL, base);
}

enum { SCHEME, EXPERIMENT, KEY, HASH, BUCKET, WEIGHTS, COHORT, FIELDS };

static void
vector(const struct str f[], enum assign_scheme scheme)
{
	struct assign a = { .scheme = scheme, .salt = f[EXPERIMENT], .exposed = ASSIGN_ALL };
	struct str names[ASSIGN_ARMS], rest = f[WEIGHTS], one;
	struct assigned got;
	double bucket;
	const char *why;

	if (str_eq(a.salt, STR("(none)")))
		a.salt = STR("");
	while (str_cut(&rest, ',', &one))
		arm(&a, names, one);
	why = assign_init(&a, &sha);
	CHECK_STR(str_of(why), "");
	CHECK(assign_key(&a, &sha, f[KEY], &got));
	CHECK(got.hash == hash_field(f[HASH], assign_is_nginx(scheme) ? 10 : 16));
	CHECK(num_double(f[BUCKET], &bucket));
	if (!assign_is_nginx(scheme))
		CHECK(assign_bucket(scheme, got.hash) == bucket);
	CHECK(str_eq(got.arm == ASSIGN_NONE ? STR("(empty)") : names[got.arm], f[COHORT]));
}

static void
vectors(char *path)
{
	char *paths[] = { path, NULL };
	size_t seen[ASSIGN_SCHEMES] = { 0 };
	struct str line, f[FIELDS];
	struct in in;

	in_open(&in, paths, IN_TSV_LINE_MAX);
	while (in_line(&in, &line)) {
		size_t n = 0;

		while (n < FIELDS && str_cut(&line, '\t', &f[n]))
			n++;
		CHECK(n == FIELDS);
		for (size_t s = 0; s < ASSIGN_SCHEMES; s++)
			if (str_eq(f[SCHEME], str_of(assign_scheme_name[s]))) {
				vector(f, (enum assign_scheme)s);
				seen[s]++;
			}
	}
	in_close(&in);
	CHECK(seen[ASSIGN_CMON1] == 45 && seen[ASSIGN_DOC255_LT] == 36);
	CHECK(seen[ASSIGN_DOC255_LE] == 45 && seen[ASSIGN_NGINX] == 32);
	CHECK(seen[ASSIGN_NGINX_PRE] == 72);
}

static void
published_murmur(void)
{
	CHECK(assign_murmur2(STR("")) == 0);
	CHECK(assign_murmur2(STR("a")) == 2456313694U);
	CHECK(assign_murmur2(STR("ab")) == 446775395U);
	CHECK(assign_murmur2(STR("abc")) == 324500635U);
	CHECK(assign_murmur2(STR("abcd")) == 646393889U);
	CHECK(assign_murmur2(STR("product:42")) == 3816350010U);
	CHECK(assign_murmur2(STR("k8zlr32")) == 4294967295U);
}

static struct str
nth_key(char room[32], int i)
{
	return (struct str){ room, (size_t)snprintf(room, 32, "search:q=%d", i) };
}

static struct assigned
must(const struct assign *a, struct str key)
{
	struct assigned got = { 0 };

	CHECK(assign_key(a, &sha, key, &got));
	return got;
}

#define KEYS 100000

/* Is a count of KEYS keys within five standard errors of its share? */
static bool
near_share(size_t count, double share)
{
	return fabs((double)count - KEYS * share) <= 5 * sqrt(KEYS * share * (1 - share));
}

/*
 * Shares are as asked; exposure is independent of the cohort, and a larger
 * share takes nobody out.
 */
static void
shares(enum assign_scheme scheme)
{
	struct assign a = { .scheme = scheme, .salt = STR("x"), .n = 3,
	    .weight = { 25, 25, 50 }, .exposed = ASSIGN_ALL / 5 }, all = a;
	size_t count[3] = { 0 }, among[3] = { 0 };
	char room[32];

	all.exposed = ASSIGN_ALL;
	CHECK(!assign_init(&a, &sha) && !assign_init(&all, &sha));
	for (int i = 0; i < KEYS; i++) {
		struct str key = nth_key(room, i);
		int full = must(&all, key).arm, part = must(&a, key).arm;

		CHECK(full >= 0 && full < 3 && (part == full || part == ASSIGN_UNEXPOSED));
		count[full]++;
		among[full] += part == full;
	}
	for (size_t i = 0; i < 3; i++) {
		double share = i == 2 ? 0.5 : 0.25;

		CHECK(near_share(count[i], share));
		CHECK(near_share(among[i], share / 5));
	}
}

/* 50/50 and 1/99 by bytes: 128 and 3 of 256 are the first's, and 255 with -lt. */
static void
bytes(enum assign_scheme scheme)
{
	struct assign half = { .scheme = scheme, .n = 2, .weight = { 1, 1 },
	    .exposed = ASSIGN_ALL }, few = half;
	bool seen[256] = { false };
	size_t kinds = 0;
	char room[32];

	few.weight[1] = 99;
	CHECK(!assign_init(&half, &sha) && !assign_init(&few, &sha));
	for (int i = 0; i < 5000; i++) {
		struct assigned got = must(&half, nth_key(room, i));
		bool fell = scheme == ASSIGN_DOC255_LT && got.hash == 255;

		CHECK(got.hash <= 255 && got.arm == (got.hash > 127 && !fell));
		CHECK(must(&few, nth_key(room, i)).arm == (got.hash > 2 && !fell));
		kinds += !seen[got.hash];
		seen[got.hash] = true;
	}
	CHECK(kinds == 256);
}

static void
crossover(void)
{
	struct assign a = { .salt = STR("x"), .n = 2, .weight = { 1, 1 },
	    .exposed = ASSIGN_ALL, .period_us = 1000 };
	int first;

	CHECK(!assign_init(&a, &sha));
	first = assign_at(&a, 0, 0);
	CHECK(first == a.phase);
	CHECK(assign_at(&a, 1, 0) == !first);
	CHECK(assign_at(&a, 0, 999) == first && assign_at(&a, 0, 1000) == !first);
	CHECK(assign_at(&a, 0, 2000) == first && assign_at(&a, 0, -1) == !first);
	CHECK(assign_at(&a, 0, -1000) == !first && assign_at(&a, 0, -1001) == first);
	CHECK(assign_at(&a, ASSIGN_UNEXPOSED, 1000) == ASSIGN_UNEXPOSED);
	a.period_us = 0;
	CHECK(assign_at(&a, 0, 1000) == 0);
}

/* Half of all salts begin exchanged: no day is always the treatment's. */
static void
phases(void)
{
	size_t on = 0;
	char room[32];

	for (int i = 0; i < 1000; i++) {
		struct assign a = { .salt = nth_key(room, i), .n = 1, .weight = { 1 } };

		CHECK(!assign_init(&a, &sha));
		on += a.phase;
	}
	CHECK(on > 420 && on < 580);
}

static void
wrong(void)
{
	struct assign a = { .n = 2, .weight = { 1, 2 }, .exposed = ASSIGN_ALL };
	struct assign b;

	b = a, b.n = 0;
	CHECK(assign_init(&b, &sha) != NULL);
	b = a, b.n = ASSIGN_ARMS + 1;
	CHECK(assign_init(&b, &sha) != NULL);
	b = a, b.weight[0] = b.weight[1] = 0;
	CHECK(assign_init(&b, &sha) != NULL);
	b = a, b.weight[0] = ASSIGN_WEIGHT_MAX + 1;
	CHECK(assign_init(&b, &sha) != NULL);
	b = a, b.period_us = 1;		/* unequal */
	CHECK(assign_init(&b, &sha) != NULL);
	b = a, b.scheme = ASSIGN_NGINX;	/* thirds */
	CHECK(assign_init(&b, &sha) != NULL);
	b.weight[1] = 1;
	CHECK(assign_init(&b, &sha) == NULL);
	b.exposed = 1;
	CHECK(assign_init(&b, &sha) != NULL);
	b = a, b.exposed = ASSIGN_ALL + 1;
	CHECK(assign_init(&b, &sha) != NULL);
}

int
main(int argc, char *argv[])
{
	CHECK(sha256_open(&sha));
	if (argc > 1)
		vectors(argv[1]);
	published_murmur();
	for (size_t s = 0; s < ASSIGN_SCHEMES; s++)
		if (s != ASSIGN_DOC255_LT && s != ASSIGN_DOC255_LE)
			shares((enum assign_scheme)s);
	bytes(ASSIGN_DOC255_LT);
	bytes(ASSIGN_DOC255_LE);
	crossover();
	phases();
	wrong();
	sha256_close(&sha);
	return test_end();
}
