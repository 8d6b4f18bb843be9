/* sha256.c - see sha256.h. */
#include "sha256.h"

#include <openssl/evp.h>

bool
sha256_open(struct sha256 *h)
{
	*h = (struct sha256){ .method = EVP_MD_fetch(NULL, "SHA256", NULL) };
	h->context = EVP_MD_CTX_new();
	if (h->method && h->context && EVP_DigestInit_ex2(h->context, h->method, NULL) == 1)
		return true;
	sha256_close(h);
	return false;
}

void
sha256_close(struct sha256 *h)
{
	EVP_MD_CTX_free(h->context);
	EVP_MD_free(h->method);
	*h = (struct sha256){ 0 };
}

bool
sha256(struct sha256 *h, const struct str *part, size_t n, unsigned char sum[SHA256_BYTES])
{
	/* Without a method the context keeps the one it has, and its memory. */
	if (EVP_DigestInit_ex2(h->context, NULL, NULL) != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (EVP_DigestUpdate(h->context, part[i].p, part[i].n) != 1)
			return false;
	return EVP_DigestFinal_ex(h->context, sum, NULL) == 1;
}

void
sha256_hex(char *to, const unsigned char sum[SHA256_BYTES])
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		*to++ = digit[sum[i] >> 4];
		*to++ = digit[sum[i] & 15];
	}
}
