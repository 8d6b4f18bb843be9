/* sha256.c - published sums, and sha256sum(1) as the second truth. */
#include "sha256.h"

#include "str.h"
#include "test.h"

static struct sha256 h;

static struct str
hex_of(const struct str *part, size_t n)
{
	static char text[SHA256_HEX];
	unsigned char sum[SHA256_BYTES];

	CHECK(sha256(&h, part, n, sum));
	sha256_hex(text, sum);
	return (struct str){ text, sizeof(text) };
}

static void
published(void)
{
	struct str abc = STR("abc"), none = STR("");
	struct str two = STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");

	CHECK_STR(hex_of(&abc, 1), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK_STR(hex_of(&none, 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK_STR(hex_of(NULL, 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK_STR(hex_of(&two, 1), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* However a text is cut in two, also around the block of 64 bytes. */
static void
parts(void)
{
	char text[200], want[SHA256_HEX];
	struct str whole = { text, sizeof(text) };

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	memcpy(want, hex_of(&whole, 1).p, sizeof(want));
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		struct str two[] = { { text, cut }, { text + cut, sizeof(text) - cut } };

		CHECK(memcmp(hex_of(two, 2).p, want, sizeof(want)) == 0);
	}
}

/* Every length across three blocks. */
static void
as_sha256sum(void)
{
	char text[160];

	for (size_t n = 0; n < sizeof(text); n += 13) {
		struct str s = { text, n };
		char line[SHA256_HEX + 1], cmd[64];
		FILE *f;

		memset(text, 'x', n);
		snprintf(cmd, sizeof(cmd), "head -c %zu /dev/zero | tr '\\0' x | sha256sum", n);
		f = popen(cmd, "r");
		CHECK(f && fgets(line, sizeof(line), f));
		CHECK_STR(hex_of(&s, 1), line);
		if (f)
			pclose(f);
	}
}

int
main(void)
{
	CHECK(sha256_open(&h));
	published();
	parts();
	as_sha256sum();
	sha256_close(&h);
	sha256_close(&h);
	return test_end();
}
