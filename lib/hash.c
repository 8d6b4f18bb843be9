/* hash.c - see hash.h. */
#include "hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

const struct hash_key hash_published = {
	{ UINT64_C(0x627570206e6f6d63), UINT64_C(0x6b2064656873696c) },
};

struct state {
	uint64_t a, b, c, d;	/* v0 v1 v2 v3 in the paper */
};

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
mix(struct state *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = rotate(s->b, 13) ^ s->a;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a = rotate(s->a, 32) + s->d;
	s->c += s->b;
	s->d = rotate(s->d, 21) ^ s->a;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

/* Compilers make one load of this where the machine is little-endian. */
static inline uint64_t
load64(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* The n % 8 bytes that fill no word, and the length in the top byte. */
static inline uint64_t
last_word(const unsigned char *p, size_t n)
{
	unsigned left = n & 7;
	uint64_t w = (uint64_t)n << 56;

	if (left == 0)
		return w;
	if (n >= 8)		/* one load that reaches back, then shift */
		return w | load64(p + n - 8) >> (64 - 8 * left);
	for (unsigned i = 0; i < left; i++)
		w |= (uint64_t)p[i] << 8 * i;
	return w;
}

uint64_t
hash_bytes(const struct hash_key *key, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	struct state s = {
		key->k[0] ^ UINT64_C(0x736f6d6570736575),
		key->k[1] ^ UINT64_C(0x646f72616e646f6d),
		key->k[0] ^ UINT64_C(0x6c7967656e657261),
		key->k[1] ^ UINT64_C(0x7465646279746573),
	};
	uint64_t w, last = last_word(p, n);

	for (size_t i = n / 8; i > 0; i--, p += 8) {
		w = load64(p);
		s.d ^= w;
		mix(&s);
		s.a ^= w;
	}
	s.d ^= last;
	mix(&s);
	s.a ^= last;
	s.c ^= 0xff;
	mix(&s);
	mix(&s);
	mix(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

/* For kernels and jails without getrandom(2). */
static bool
read_urandom(struct hash_key *key)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	do {
		n = read(fd, key->k, sizeof(key->k));
	} while (n < 0 && errno == EINTR);
	close(fd);
	return n == (ssize_t)sizeof(key->k);
}

bool
hash_key_random(struct hash_key *key)
{
	ssize_t n;

	do {
		n = getrandom(key->k, sizeof(key->k), 0);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(key->k) || read_urandom(key);
}
