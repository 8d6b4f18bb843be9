/*
 * scan.h - look at many bytes at a time.  The few loops in which a log's
 * every byte is touched; sixteen at a time where the machine's baseline has
 * it, eight otherwise, the same answers.
 *
 * Where a function says so it may read, never use, up to SCAN_SLACK bytes
 * past the slice: lines from in.h have that room behind them.
 */
#ifndef SCAN_H
#define SCAN_H

#include <string.h>

#include "base.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_SLACK	64	/* bytes */

#ifndef __SSE2__
/* For each byte of x: its top bit set where the byte is zero, all else clear. */
static inline uint64_t
scan_zero(uint64_t x)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fU;

	return ~(((x & low) + low) | x | low);
}

/* One bit a byte from such a word. */
static inline uint64_t
scan_pack(uint64_t x)
{
	return ((x >> 7) * 0x0102040810204080U) >> 56;
}

/* The eight bytes at p, the first one lowest, on any machine. */
static inline uint64_t
scan_load(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	uint64_t x = 0;

	for (unsigned i = 0; i < 8; i++)
		x |= (uint64_t)u[i] << 8 * i;
	return x;
}
#endif

#ifdef __SSE2__
/*
 * Sixteen times c.  Not _mm_set1_epi8: gcc spills its byte and loads it back as
 * four, which waits for the store to retire.
 */
static inline __m128i
scan_all(char c)
{
	return _mm_set1_epi32((int)(0x01010101u * (unsigned char)c));
}

/* Bit i set where p[i] is in want, for the 16 bytes at p. */
static inline uint64_t
scan_mask16(const char *p, __m128i want)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, want));
}
#endif

/* Bit i set where p[i] is c, for the 64 bytes at p, slack or not. */
static inline uint64_t
scan_mask(const char *p, char c)
{
#ifdef __SSE2__
	const __m128i want = scan_all(c);

	/* By hand: at -O2 not every compiler unrolls four turns. */
	return scan_mask16(p, want) | scan_mask16(p + 16, want) << 16 |
	    scan_mask16(p + 32, want) << 32 | scan_mask16(p + 48, want) << 48;
#else
	uint64_t mask = 0;
	const uint64_t want = 0x0101010101010101U * (unsigned char)c;

	for (unsigned i = 0; i < 8; i++)
		mask |= scan_pack(scan_zero(scan_load(p + 8 * i) ^ want)) << 8 * i;
	return mask;
#endif
}

/*
 * Where each sep stands in the n bytes at p, and n itself at the end: at
 * most max positions are written.  Returns how many there are: the number
 * of fields; max + 1: more than max.  n < 2^32.  Reads into the slack.
 */
static inline size_t
scan_split(const char *p, size_t n, char sep, uint32_t *end, size_t max)
{
	size_t found = 0;

	for (size_t at = 0; at < n; at += 64) {
		uint64_t mask = scan_mask(p + at, sep);

		if (n - at < 64)
			mask &= (UINT64_C(1) << (n - at)) - 1;
		for (; mask; mask &= mask - 1) {
			if (UNLIKELY(found == max))
				return max + 1;
			end[found++] = (uint32_t)(at + CTZ64(mask));
		}
	}
	if (UNLIKELY(found == max))
		return max + 1;
	end[found++] = (uint32_t)n;
	return found;
}

#ifdef __SSE2__
/* The 64 bytes at p against want, each: 0, or the byte is 0xff. */
struct scan_64 {
	__m128i v[4];
};

static inline struct scan_64
scan_equal(const char *p, __m128i want)
{
	const __m128i *v = (const void *)p;

	return (struct scan_64){ { _mm_cmpeq_epi8(_mm_loadu_si128(v), want),
	    _mm_cmpeq_epi8(_mm_loadu_si128(v + 1), want), _mm_cmpeq_epi8(_mm_loadu_si128(v + 2), want),
	    _mm_cmpeq_epi8(_mm_loadu_si128(v + 3), want) } };
}

/*
 * From *p on, 64 bytes a step, over those that lie before end and have no
 * newline; returns how often c stands there.
 */
static inline size_t
scan_within_line(const char **p, const char *end, char c)
{
	const __m128i want = scan_all(c), newline = scan_all('\n'), zero = _mm_setzero_si128();
	__m128i sum = zero;

	for (; end - *p >= 64; *p += 64) {
		struct scan_64 n = scan_equal(*p, newline), f;

		if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(n.v[0], n.v[1]), _mm_or_si128(n.v[2], n.v[3]))))
			break;
		/* At most four a byte: less than it holds. */
		f = scan_equal(*p, want);
		sum = _mm_add_epi64(sum, _mm_sad_epu8(zero, _mm_sub_epi8(zero,
		    _mm_add_epi8(_mm_add_epi8(f.v[0], f.v[1]), _mm_add_epi8(f.v[2], f.v[3])))));
	}
	return (size_t)_mm_cvtsi128_si64(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}
#else
static inline size_t
scan_within_line(const char **p, const char *end, char c)
{
	size_t found = 0;

	for (; end - *p >= 64 && !scan_mask(*p, '\n'); *p += 64)
		found += POPCOUNT64(scan_mask(*p, c));
	return found;
}
#endif

/*
 * Where the line at p ends: at a newline, or at end; *count is how often c
 * stands before that.  Reads into the slack.
 */
static inline const char *
scan_line(const char *p, const char *end, char c, size_t *count)
{
	size_t found = scan_within_line(&p, end, c);
	uint64_t stop = scan_mask(p, '\n');

	/* Here is a newline, or the end, or both. */
	if (end - p < 64)
		stop |= UINT64_C(1) << (end - p);
	*count = found + POPCOUNT64(scan_mask(p, c) & ((stop & (0 - stop)) - 1));
	return p + CTZ64(stop);
}

/* Where c first stands from p on, or end.  Reads into the slack. */
static inline const char *
scan_byte(const char *p, const char *end, char c)
{
#ifdef __SSE2__
	const __m128i want = scan_all(c);

	for (; p < end; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, want));

		if (mask) {
			p += CTZ64((uint64_t)mask);
			return p < end ? p : end;
		}
	}
	return end;
#else
	const char *at = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;

	return at ? at : end;
#endif
}

/* Where c first stands in the 16 bytes at p, or the byte behind them. */
static inline const char *
scan_near_byte(const char *p, char c)
{
#ifdef __SSE2__
	return p + CTZ64(scan_mask16(p, scan_all(c)) | UINT64_C(1) << 16);
#else
	const uint64_t want = 0x0101010101010101U * (unsigned char)c;

	return p + CTZ64(scan_pack(scan_zero(scan_load(p) ^ want)) |
	    scan_pack(scan_zero(scan_load(p + 8) ^ want)) << 8 | UINT64_C(1) << 16);
#endif
}

/*
 * The first byte from p that ends or interrupts a JSON string: a quote, a
 * backslash or a control byte.  end or later: there is none before end.
 * Reads into the slack.
 */
static inline const char *
scan_quoted(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'),
	    control = _mm_set1_epi8(0x1f);

	for (; p < end; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, control), v),
		    _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, back)));
		unsigned mask = (unsigned)_mm_movemask_epi8(stop);

		if (mask)
			return p + CTZ64((uint64_t)mask);
	}
#else
	const uint64_t ones = 0x0101010101010101U;

	for (; p < end; p += 8) {
		uint64_t x = scan_load(p);
		uint64_t stop = scan_zero(x ^ ones * '"') | scan_zero(x ^ ones * '\\') |
		    scan_zero(x & ones * 0xe0);

		if (stop)
			return p + CTZ64(stop) / 8;
	}
#endif
	return end;
}

/* Are the n bytes at p and q, 1 to 32, the same?  Reads 32 of both. */
static inline bool
scan_same(const char *p, const char *q, size_t n)
{
#ifdef __SSE2__
	const __m128i *a = (const void *)p, *b = (const void *)q;
	__m128i lo = _mm_cmpeq_epi8(_mm_loadu_si128(a), _mm_loadu_si128(b));
	__m128i hi = _mm_cmpeq_epi8(_mm_loadu_si128(a + 1), _mm_loadu_si128(b + 1));
	uint32_t same = (uint32_t)_mm_movemask_epi8(lo) | (uint32_t)_mm_movemask_epi8(hi) << 16;

	return !(~same << (32 - n));
#else
	return memcmp(p, q, n) == 0;
#endif
}

/* The same where c is likely far: 64 bytes a step. */
static inline const char *
scan_far_byte(const char *p, const char *end, char c)
{
	for (; p < end; p += 64) {
		uint64_t mask = scan_mask(p, c);

		if (mask) {
			p += CTZ64(mask);
			return p < end ? p : end;
		}
	}
	return end;
}

/*
 * Bytes of the path at p, which ends before the first '?' or '#', or at n.
 * *odd is set where it has a '%', or a '/' before another or before a '.'.
 * Reads into the slack.
 */
static inline size_t
scan_path(const char *p, size_t n, bool *odd)
{
#ifdef __SSE2__
	const __m128i slash = scan_all('/'), dot = scan_all('.'), percent = scan_all('%'),
	    query = scan_all('?'), hash = scan_all('#');
	unsigned found = 0;

	for (size_t i = 0; i < n; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i w = _mm_loadu_si128((const __m128i *)(const void *)(p + i + 1));
		__m128i pair = _mm_and_si128(_mm_cmpeq_epi8(v, slash),
		    _mm_or_si128(_mm_cmpeq_epi8(w, slash), _mm_cmpeq_epi8(w, dot)));
		unsigned end = (unsigned)_mm_movemask_epi8(
		    _mm_or_si128(_mm_cmpeq_epi8(v, query), _mm_cmpeq_epi8(v, hash)));
		unsigned strange = (unsigned)_mm_movemask_epi8(
		    _mm_or_si128(pair, _mm_cmpeq_epi8(v, percent)));

		/* Of the bytes behind the end nothing counts. */
		if (n - i < 16)
			end |= 1u << (n - i);
		if (end) {
			found |= strange & ((end & (0 - end)) - 1);
			*odd = found != 0;
			return i + CTZ64((uint64_t)end);
		}
		found |= strange;
	}
	*odd = found != 0;
	return n;
#else
	size_t i = 0;

	*odd = false;
	for (; i < n && p[i] != '?' && p[i] != '#'; i++)
		*odd |= p[i] == '%' || (p[i] == '/' && i + 1 < n && (p[i + 1] == '/' || p[i + 1] == '.'));
	return i;
#endif
}

/*
 * Bit i set where p[i] lies in lo..hi, both ASCII, for the first n bytes at p,
 * at most 16.  Reads into the slack.
 */
static inline unsigned
scan_range(const char *p, size_t n, char lo, char hi)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i below = _mm_cmplt_epi8(v, _mm_set1_epi8(lo));
	__m128i above = _mm_cmpgt_epi8(v, _mm_set1_epi8(hi));
	unsigned out = (unsigned)_mm_movemask_epi8(_mm_or_si128(below, above));

	return ~out & ((1u << n) - 1);
#else
	unsigned in = 0;

	for (size_t i = 0; i < n; i++)
		in |= (unsigned)(p[i] >= lo && p[i] <= hi) << i;
	return in;
#endif
}

/* Do all of the n bytes at p, at most 16?  Reads into the slack. */
static inline bool
scan_all_in(const char *p, size_t n, char lo, char hi)
{
	return scan_range(p, n, lo, hi) == (1u << n) - 1;
}

/* Copies n bytes, in steps of 64: reads and writes up to 63 more. */
static inline void
scan_copy(char *to, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 64)
		memcpy(to + i, p + i, 64);
}

/*
 * Copies bytes from p to to as long as they are printable ASCII and not a
 * backslash, and returns how many that were.  Reads and writes only the n
 * bytes; what it wrote past the count is of no meaning.
 */
static inline size_t
scan_copy_plain(char *to, const char *p, size_t n)
{
	size_t i = 0;
#ifdef __SSE2__
	const __m128i low = _mm_set1_epi8(0x20), del = _mm_set1_epi8(0x7f),
	    back = _mm_set1_epi8('\\');

	while (n >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		/* Signed: bytes from 0x80 up are below 0x20 as well. */
		__m128i bad = _mm_or_si128(_mm_cmplt_epi8(v, low),
		    _mm_or_si128(_mm_cmpeq_epi8(v, del), _mm_cmpeq_epi8(v, back)));
		unsigned mask = (unsigned)_mm_movemask_epi8(bad);

		_mm_storeu_si128((__m128i *)(void *)(to + i), v);
		if (mask)
			return i + CTZ64((uint64_t)mask);
		if (i + 16 == n)
			return n;
		/* The last block overlaps the one before it. */
		i = i + 32 <= n ? i + 16 : n - 16;
	}
#endif
	for (; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c >= 0x7f || c == '\\')
			break;
		to[i] = p[i];
	}
	return i;
}

/*
 * The same for places with slack behind both: reads and writes up to 15 bytes
 * past n.
 */
static inline size_t
scan_copy_loose(char *to, const char *p, size_t n)
{
#ifdef __SSE2__
	const __m128i low = _mm_set1_epi8(0x20), del = _mm_set1_epi8(0x7f),
	    back = _mm_set1_epi8('\\');

	for (size_t i = 0; i < n; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i bad = _mm_or_si128(_mm_cmplt_epi8(v, low),
		    _mm_or_si128(_mm_cmpeq_epi8(v, del), _mm_cmpeq_epi8(v, back)));
		unsigned mask = (unsigned)_mm_movemask_epi8(bad);

		_mm_storeu_si128((__m128i *)(void *)(to + i), v);
		if (mask) {
			i += CTZ64((uint64_t)mask);
			return i < n ? i : n;
		}
	}
	return n;
#else
	return scan_copy_plain(to, p, n);
#endif
}

#endif
