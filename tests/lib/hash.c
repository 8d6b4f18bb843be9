/*
 * hash.c - SipHash-1-3 against the algorithm as the paper writes it, byte by
 * byte and with any number of rounds; that one is held to the 64 vectors
 * published for SipHash-2-4.  Then values that CPython 3.11 and later give
 * (PYTHONHASHSEED=0, hash of bytes: SipHash-1-3 under a zero key).
 */
#include "hash.h"
#include "test.h"

#define LEN_MAX 300

/* vectors.h of the reference implementation: key 00..0f, message 00..n-1. */
static const uint64_t siphash_2_4[64] = {
	0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
	0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
	0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
	0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
	0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
	0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
	0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
	0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
	0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
	0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
	0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
	0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
	0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
	0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
	0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
	0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
};

static uint64_t
rotl(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static void
sipround(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1]; v[1] = rotl(v[1], 13); v[1] ^= v[0]; v[0] = rotl(v[0], 32);
		v[2] += v[3]; v[3] = rotl(v[3], 16); v[3] ^= v[2];
		v[0] += v[3]; v[3] = rotl(v[3], 21); v[3] ^= v[0];
		v[2] += v[1]; v[1] = rotl(v[1], 17); v[1] ^= v[2]; v[2] = rotl(v[2], 32);
	}
}

/* Padded as the paper says, then eaten word by word. */
static uint64_t
slow(const struct hash_key *key, const unsigned char *p, size_t n, int c, int d)
{
	static const char constant[] = "uespemosmodnarodarenegylsetybdet";
	unsigned char padded[LEN_MAX + 8] = { 0 };
	size_t words = n / 8 + 1;
	uint64_t v[4], w;

	memcpy(padded, p, n);
	padded[words * 8 - 1] = n & 0xff;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = v[i] = 0; j < 8; j++)
			v[i] |= (uint64_t)(unsigned char)constant[8 * i + j] << 8 * j;
		v[i] ^= key->k[i % 2];
	}
	for (size_t i = 0; i < words; i++) {
		for (size_t j = w = 0; j < 8; j++)
			w |= (uint64_t)padded[8 * i + j] << 8 * j;
		v[3] ^= w;
		sipround(v, c);
		v[0] ^= w;
	}
	v[2] ^= 0xff;
	sipround(v, d);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void
test_lengths(void)
{
	struct hash_key key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	unsigned char message[LEN_MAX];
	uint64_t state = 1;

	for (size_t i = 0; i < 64; i++)
		message[i] = (unsigned char)i;
	for (size_t n = 0; n < 64; n++)
		CHECK(slow(&key, message, n, 2, 4) == siphash_2_4[n]);
	for (int i = 0; i < 20; i++) {
		for (size_t n = 0; n < LEN_MAX; n++) {
			/* malloc, so that a sanitizer sees a byte too far */
			unsigned char *p = malloc(n + 1);

			if (!p)
				return;
			for (size_t j = 0; j < n; j++)
				message[j] = p[j + 1] = (unsigned char)test_random(&state);
			CHECK(hash_bytes(&key, p + 1, n) == slow(&key, message, n, 1, 3));
			free(p);
		}
		key.k[0] = test_random(&state);
		key.k[1] = test_random(&state);
	}
	CHECK(hash_bytes(&key, NULL, 0) == slow(&key, message, 0, 1, 3));
}

static void
test_python(void)
{
	static const struct hash_key zero;
	static const struct {
		const char *text;
		uint64_t hash;
	} table[] = {
		{ "a", 0x407448d2b89b1813 },
		{ "1234567", 0xa33d651594fdae81 },
		{ "12345678", 0x3489982430560a87 },
		{ "GET /index.html", 0xeb924468da7fbba3 },
		{ "https://www.example.com/a/b?c=d&e=f", 0x3f7b90ccd2a890fa },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0x1c308a9f11b6a742 },
	};

	for (size_t i = 0; i < countof(table); i++)
		CHECK(hash_bytes(&zero, table[i].text, strlen(table[i].text)) == table[i].hash);
}

static void
test_keys(void)
{
	struct hash_key a, b;
	const char name[] = "cmon published k";
	uint64_t w;

	CHECK(hash_key_random(&a) && hash_key_random(&b));
	CHECK(memcmp(&a, &b, sizeof(a)) != 0);
	for (size_t i = 0; i < 2; i++) {
		for (size_t j = w = 0; j < 8; j++)
			w |= (uint64_t)(unsigned char)name[8 * i + j] << 8 * j;
		CHECK(hash_published.k[i] == w);
	}
	/* Stored partials depend on it: this value must never change. */
	CHECK(hash_bytes(&hash_published, "/index.html", 11) == 0xe10d91294987f365);
}

int
main(void)
{
	test_lengths();
	test_python();
	test_keys();
	return test_end();
}
