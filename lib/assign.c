/* assign.c - see assign.h. */
#include "assign.h"

#define EXPOSURE	STR(".exposure")
#define PHASE		STR(".phase")
#define HUNDREDTHS	UINT64_C(10000)		/* in 100 percent */
#define HASH32_MAX	UINT64_C(0xffffffff)

const char *const assign_scheme_name[ASSIGN_SCHEMES] = {
	"cmon1", "doc255-lt", "doc255-le", "nginx", "nginx-pre1.31.2",
};

/* The first 8 bytes of SHA-256(salt tail NUL key), big-endian. */
static bool
hash64(struct sha256 *sha, struct str salt, struct str tail, struct str key, uint64_t *x)
{
	const struct str part[] = { salt, tail, { "", 1 }, key };
	unsigned char sum[SHA256_BYTES];
	uint64_t v = 0;

	if (!sha256(sha, part, countof(part), sum))
		return false;
	for (size_t i = 0; i < 8; i++)
		v = v << 8 | sum[i];
	*x = v;
	return true;
}

static bool
first_byte(struct sha256 *sha, struct str salt, struct str key, uint64_t *x)
{
	const struct str part[] = { key, salt };
	unsigned char sum[SHA256_BYTES];

	if (!sha256(sha, part, countof(part), sum))
		return false;
	*x = sum[0];
	return true;
}

/*
 * MurmurHash2 (Appleby, public domain) of up to three texts joined: words of
 * four bytes may span two of them.
 */
struct murmur {
	uint32_t h, word;
	unsigned held;		/* bytes in word */
};

#define MURMUR_M	UINT32_C(0x5bd1e995)

static void
murmur_add(struct murmur *m, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		m->word |= (uint32_t)(unsigned char)s.p[i] << 8 * m->held;
		if (++m->held < 4)
			continue;
		m->word *= MURMUR_M;
		m->word ^= m->word >> 24;
		m->word *= MURMUR_M;
		m->h *= MURMUR_M;
		m->h ^= m->word;
		m->word = m->held = 0;
	}
}

static uint32_t
murmur2(struct str a, struct str b, struct str c)
{
	struct murmur m = { .h = (uint32_t)(a.n + b.n + c.n) };

	murmur_add(&m, a);
	murmur_add(&m, b);
	murmur_add(&m, c);
	if (m.held) {
		m.h ^= m.word;
		m.h *= MURMUR_M;
	}
	m.h ^= m.h >> 13;
	m.h *= MURMUR_M;
	return m.h ^ m.h >> 15;
}

uint32_t
assign_murmur2(struct str s)
{
	return murmur2(s, STR(""), STR(""));
}

static const char *
init_nginx(struct assign *a, uint64_t total)
{
	uint64_t last = 0;

	for (size_t i = 0; i < a->n; i++) {
		u128 scaled = (u128)a->weight[i] * HUNDREDTHS;

		if (scaled % total)
			return "nginx splits by hundredths of a percent; a weight is none";
		a->percent[i] = (uint32_t)(scaled / total);
		last += a->percent[i] * HASH32_MAX / HUNDREDTHS;
		a->sum[i] = last;
	}
	if (a->exposed % (ASSIGN_ALL / HUNDREDTHS))
		return "nginx splits by hundredths of a percent; the coverage is none";
	a->exposed_below = a->exposed / (ASSIGN_ALL / HUNDREDTHS) * HASH32_MAX / HUNDREDTHS;
	/* The weights are the whole, so from 1.31.2 on the last takes what is left. */
	if (a->rest || a->scheme == ASSIGN_NGINX)
		a->sum[a->n - 1] = HASH32_MAX + 1;
	return NULL;
}

/* As a program does that keeps its weights as fractions and adds them up. */
static void
init_doc255(struct assign *a, uint64_t total)
{
	double sum = 0;

	for (size_t i = 0; i < a->n; i++) {
		sum += (double)a->weight[i] / (double)total;
		a->below[i] = sum;
	}
}

const char *
assign_init(struct assign *a, struct sha256 *sha)
{
	uint64_t total = 0, x;

	if (a->n == 0 || a->n > ASSIGN_ARMS)
		return "there are 1 to 16 cohorts";
	for (size_t i = 0; i < a->n; i++) {
		if (a->weight[i] > ASSIGN_WEIGHT_MAX)
			return "a weight is too large";
		total += a->weight[i];
		a->sum[i] = total;
	}
	if (total == 0)
		return "the weights are all 0";
	if (a->period_us < 0 ||
	    (a->period_us > 0 && (a->n != 2 || a->weight[0] != a->weight[1])))
		return "only two cohorts of equal weight can change places";
	if (a->exposed > ASSIGN_ALL)
		return "the coverage is over 100 percent";
	init_doc255(a, total);
	if (!hash64(sha, a->salt, PHASE, STR(""), &x))
		return "SHA-256 failed";
	a->phase = x >> 63;
	return assign_is_nginx(a->scheme) ? init_nginx(a, total) : NULL;
}

static int
first_above(const struct assign *a, uint64_t b)
{
	for (size_t i = 0; i < a->n; i++)
		if (b < a->sum[i])
			return (int)i;
	return ASSIGN_NONE;
}

static int
arm_of_byte(const struct assign *a, uint64_t byte)
{
	double u = (double)byte / 255;

	for (size_t i = 0; i < a->n; i++)
		if (u < a->below[i] || (a->scheme == ASSIGN_DOC255_LE && u <= a->below[i]))
			return (int)i;
	return 0;
}

static bool
exposed(const struct assign *a, struct sha256 *sha, struct str key, bool *yes)
{
	uint64_t x;

	if (a->exposed == ASSIGN_ALL) {
		*yes = true;
		return true;
	}
	if (assign_is_nginx(a->scheme)) {
		*yes = murmur2(key, a->salt, EXPOSURE) < a->exposed_below;
		return true;
	}
	if (!hash64(sha, a->salt, EXPOSURE, key, &x))
		return false;
	*yes = (uint64_t)((u128)x * ASSIGN_ALL >> 64) < a->exposed;
	return true;
}

bool
assign_key(const struct assign *a, struct sha256 *sha, struct str key, struct assigned *got)
{
	bool in;

	switch (a->scheme) {
	case ASSIGN_DOC255_LT:
	case ASSIGN_DOC255_LE:
		if (!first_byte(sha, a->salt, key, &got->hash))
			return false;
		got->arm = arm_of_byte(a, got->hash);
		break;
	case ASSIGN_NGINX:
	case ASSIGN_NGINX_PRE:
		got->hash = murmur2(key, a->salt, STR(""));
		got->arm = first_above(a, got->hash);
		break;
	default:
		if (!hash64(sha, a->salt, STR(""), key, &got->hash))
			return false;
		got->arm = first_above(a, (uint64_t)((u128)got->hash * a->sum[a->n - 1] >> 64));
	}
	if (!exposed(a, sha, key, &in))
		return false;
	if (!in)
		got->arm = ASSIGN_UNEXPOSED;
	return true;
}

int
assign_at(const struct assign *a, int arm, int64_t us)
{
	int64_t turn;

	if (a->period_us == 0 || arm < 0)
		return arm;
	turn = us / a->period_us - (us % a->period_us < 0);
	return arm ^ ((turn & 1) ^ a->phase);
}

double
assign_share(const struct assign *a, size_t arm)
{
	uint64_t below = arm ? a->sum[arm - 1] : 0;
	unsigned bytes = 0;

	switch (a->scheme) {
	case ASSIGN_DOC255_LT:
	case ASSIGN_DOC255_LE:
		for (uint64_t b = 0; b < 256; b++)
			bytes += arm_of_byte(a, b) == (int)arm;
		return bytes / 256.0;
	case ASSIGN_NGINX:
	case ASSIGN_NGINX_PRE:
		return (double)(a->sum[arm] - below) / (double)(HASH32_MAX + 1);
	default:
		return (double)a->weight[arm] / (double)a->sum[a->n - 1];
	}
}

double
assign_bucket(enum assign_scheme scheme, uint64_t hash)
{
	switch (scheme) {
	case ASSIGN_DOC255_LT:
	case ASSIGN_DOC255_LE:
		return (double)hash / 255;
	case ASSIGN_NGINX:
	case ASSIGN_NGINX_PRE:
		return (double)hash / 4294967296.0;
	default:
		return (double)(hash >> 11) / 9007199254740992.0;
	}
}
