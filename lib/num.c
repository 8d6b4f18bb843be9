/* num.c - see num.h. */
#include "num.h"

#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint64_t num_pow10[20] = {
	1U, 10U, 100U, 1000U, 10000U, 100000U, 1000000U, 10000000U, 100000000U,
	1000000000U, 10000000000U, 100000000000U, 1000000000000U,
	10000000000000U, 100000000000000U, 1000000000000000U,
	10000000000000000U, 100000000000000000U, 1000000000000000000U,
	10000000000000000000U,
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned
digit(char c)
{
	return (unsigned)(unsigned char)c - '0';
}

bool
num_u64_long(struct str s, uint64_t *v)
{
	uint64_t u = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]) || MUL_OVERFLOW(u, (uint64_t)10, &u) ||
		    ADD_OVERFLOW(u, (uint64_t)digit(s.p[i]), &u))
			return false;
	}
	*v = u;
	return true;
}

bool
num_i64_of(bool negative, uint64_t magnitude, int64_t *v)
{
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return false;
	if (!negative)
		*v = (int64_t)magnitude;
	else if (magnitude == 0)
		*v = 0;
	else
		*v = -(int64_t)(magnitude - 1) - 1;	/* INT64_MIN too */
	return true;
}

bool
num_i128(struct str s, i128 *v)
{
	bool negative = s.n && s.p[0] == '-';
	i128 sum = 0;

	if (s.n == negative)
		return false;
	/* Summed downwards, where there is room for one more. */
	for (size_t i = negative; i < s.n; i++) {
		if (!is_digit(s.p[i]) || MUL_OVERFLOW(sum, (i128)10, &sum) ||
		    ADD_OVERFLOW(sum, -(i128)digit(s.p[i]), &sum))
			return false;
	}
	if (!negative && MUL_OVERFLOW(sum, (i128)-1, &sum))
		return false;
	*v = sum;
	return true;
}

/*
 * A decimal taken apart, its digits still in the text: [p, end) begins with
 * the first digit that is not zero and may hold the point; the value is
 * 0.DIGITS * 10^exp.  p == end is zero.
 */
struct decimal {
	const char *p, *end;
	int64_t exp;
	bool negative;
};

/* Past every exponent that can matter to a text that fits in memory. */
#define EXPONENT_MAX (INT64_MAX / 4)

static bool
read_exponent(const char *p, const char *end, int64_t *exp)
{
	bool negative = p < end && *p == '-';
	int64_t e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return false;
		if (e < EXPONENT_MAX / 10)
			e = e * 10 + digit(*p);
	}
	*exp = negative ? -e : e;
	return true;
}

static bool
read_decimal(struct str s, struct decimal *d)
{
	const char *p = s.p, *end, *point = NULL, *first = NULL;
	int64_t exp = 0, before;
	bool any = false;

	if (s.n == 0)
		return false;
	end = p + s.n;
	d->negative = *p == '-';
	p += *p == '-' || *p == '+';
	for (; p < end; p++) {
		if (is_digit(*p)) {
			any = true;
			if (!first && *p != '0')
				first = p;
		} else if (*p == '.' && !point) {
			point = p;
		} else {
			break;
		}
	}
	if (!any)
		return false;
	if (p < end && ((*p != 'e' && *p != 'E') ||
	    !read_exponent(p + 1, end, &exp)))
		return false;
	d->p = first ? first : p;
	d->end = p;
	before = (point ? point : p) - d->p;
	d->exp = exp + before + (before < 0);	/* the point is no digit */
	return true;
}

/* Every form that num_fixed's short way leaves: exponents, rounding, length. */
static bool
fixed_any(struct str s, int scale, int64_t *v)
{
	struct decimal d;
	uint64_t u = 0;
	int64_t keep;
	const char *p;

	if (!read_decimal(s, &d))
		return false;
	keep = d.exp + scale;		/* digits left of the new point */
	if (d.p == d.end || keep < 0) {
		*v = 0;
		return true;
	}
	if (keep > NUM_U64_SAFE)
		return false;
	for (p = d.p; keep > 0; keep--) {
		p += p < d.end && *p == '.';
		u = u * 10 + (p < d.end ? digit(*p++) : 0);
	}
	p += p < d.end && *p == '.';
	u += p < d.end && *p >= '5';
	return num_i64_of(d.negative, u, v);
}

bool
num_fixed(struct str s, int scale, int64_t *v)
{
	const char *p = s.p, *end, *digits, *point;
	uint64_t u = 0;
	bool negative;
	int decimals = 0;
	unsigned c;

	assert(scale >= 0 && scale <= NUM_SCALE_MAX);
	if (s.n == 0 || s.n > NUM_U64_SAFE)
		return fixed_any(s, scale, v);
	end = p + s.n;
	negative = *p == '-';
	p += negative;
	digits = p;
	for (; p < end && (c = digit(*p)) <= 9; p++)
		u = u * 10 + c;
	if (p == digits)
		return fixed_any(s, scale, v);
	if (p < end && *p == '.') {
		for (point = p++; p < end && (c = digit(*p)) <= 9; p++)
			u = u * 10 + c;
		decimals = (int)(p - point) - 1;
	}
	if (p < end || decimals > scale)
		return fixed_any(s, scale, v);
	if (MUL_OVERFLOW(u, num_pow10[scale - decimals], &u))
		return false;
	return num_i64_of(negative, u, v);
}

/*
 * No double and no midpoint of two has more than 767 significant digits, so
 * what follows these can only say "a little more".
 */
#define DIGITS_MAX 800

/* The decimal as text that strtod reads in one piece: d.ddd without point. */
static void
put_decimal(char room[DIGITS_MAX + NUM_MAX], const struct decimal *d)
{
	char *q = room;
	const char *p = d->p;
	int64_t exp = d->exp, n = 0;

	if (d->negative)
		*q++ = '-';
	for (; p < d->end && n < DIGITS_MAX; p++) {
		if (*p != '.') {
			*q++ = *p;
			n++;
		}
	}
	for (; p < d->end; p++) {
		if (*p > '0') {			/* '.' is less */
			*q++ = '1';
			n++;
			break;
		}
	}
	if (n == 0)
		*q++ = '0';
	*q++ = 'e';
	q = num_put_i64(q, exp - n);
	*q = '\0';
}

bool
num_double(struct str s, double *v)
{
	char room[DIGITS_MAX + NUM_MAX];
	struct decimal d;
	double x;

	if (!read_decimal(s, &d))
		return false;
	if (s.n < NUM_MAX) {
		memcpy(room, s.p, s.n);
		room[s.n] = '\0';
	} else {
		put_decimal(room, &d);
	}
	x = strtod(room, NULL);
	if (x > DBL_MAX || x < -DBL_MAX)
		return false;
	*v = x;
	return true;
}

bool
num_duration(struct str s, int64_t *us)
{
	static const struct {
		char name[3];
		int64_t us;
	} units[] = {
		{ "w", INT64_C(604800000000) },
		{ "d", INT64_C(86400000000) },
		{ "h", INT64_C(3600000000) },
		{ "m", 60000000 },
		{ "s", 1000000 },
		{ "ms", 1000 },
		{ "us", 1 },
	};
	const char *p = s.p, *end, *from;
	int64_t sum = 0, part;
	size_t k = 0;

	if (s.n == 1 && *p == '0') {
		*us = 0;
		return true;
	}
	if (s.n == 0)
		return false;
	for (end = p + s.n; p < end; k++) {
		for (from = p; p < end && is_digit(*p); p++)
			;
		if (!num_i64((struct str){ from, (size_t)(p - from) }, &part))
			return false;
		for (from = p; p < end && !is_digit(*p); p++)
			;
		while (k < countof(units) &&
		    (strlen(units[k].name) != (size_t)(p - from) ||
		    memcmp(units[k].name, from, (size_t)(p - from)) != 0))
			k++;
		if (k == countof(units) ||
		    MUL_OVERFLOW(part, units[k].us, &part) ||
		    ADD_OVERFLOW(sum, part, &sum))
			return false;
	}
	*us = sum;
	return true;
}

bool
num_size(struct str s, uint64_t *bytes)
{
	static const char units[] = "kmgt";
	const char *unit;
	unsigned shift = 0;
	uint64_t u;

	if (s.n && !is_digit(s.p[s.n - 1])) {
		/* | 0x20 lowers a letter and makes no letter of a digit. */
		unit = memchr(units, s.p[--s.n] | 0x20, sizeof(units) - 1);
		if (!unit)
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (!num_u64(s, &u) || u > UINT64_MAX >> shift)
		return false;
	*bytes = u << shift;
	return true;
}

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "6869707172737475767778798081828384858687888990919293949596979899";

/* Exactly `width` digits, zeros before them. */
static char *
put_padded(char *p, uint64_t v, int width)
{
	int i = width;

	for (; i >= 2; v /= 100) {
		i -= 2;
		memcpy(p + i, pairs + v % 100 * 2, 2);
	}
	if (i)
		*p = (char)('0' + v);
	return p + width;
}

char *
num_put_u64(char *p, uint64_t v)
{
	/* Decimal digits from binary ones: 1233/4096 is log10(2), near enough. */
	unsigned width = (64 - CLZ64(v | 1)) * 1233 >> 12;

	width += (v | 1) >= num_pow10[width];
	return put_padded(p, v, (int)width);
}

static uint64_t
put_sign(char **p, int64_t v)
{
	if (v >= 0)
		return (uint64_t)v;
	*(*p)++ = '-';
	return -(uint64_t)v;
}

char *
num_put_i64(char *p, int64_t v)
{
	uint64_t u = put_sign(&p, v);

	return num_put_u64(p, u);
}

char *
num_put_i128(char *p, i128 v)
{
	const u128 half = num_pow10[19];
	u128 u = (u128)v;

	if (v < 0) {
		*p++ = '-';
		u = -u;
	}
	if (u / half / half)
		p = put_padded(num_put_u64(p, (uint64_t)(u / half / half)),
		    (uint64_t)(u / half % half), 19);
	else if (u / half)
		p = num_put_u64(p, (uint64_t)(u / half));
	else
		return num_put_u64(p, (uint64_t)u);
	return put_padded(p, (uint64_t)(u % half), 19);
}

char *
num_put_fixed(char *p, int64_t v, int scale)
{
	uint64_t u = put_sign(&p, v), unit, part;

	assert(scale >= 0 && scale <= NUM_SCALE_MAX);
	unit = num_pow10[scale];
	p = num_put_u64(p, u / unit);
	part = u % unit;
	if (part == 0)
		return p;
	*p++ = '.';
	p = put_padded(p, part, scale);
	while (p[-1] == '0')
		p--;
	return p;
}

char *
num_put_double(char *p, double v)
{
	/*
	 * Fifteen digits are the shortest whenever they suffice, as any text
	 * of so few survives the double, but not below DBL_MIN.
	 */
	int digits = v < DBL_MIN && v > -DBL_MIN ? 1 : DBL_DIG;
	int n;

	assert(v <= DBL_MAX && v >= -DBL_MAX);
	if (v > -1e15 && v < 1e15 && v == (double)(int64_t)v)
		return num_put_i64(p, (int64_t)v);
	do {
		n = snprintf(p, NUM_MAX, "%.*g", digits, v);
	} while (digits++ < DBL_DECIMAL_DIG && strtod(p, NULL) != v);
	return p + n;
}

void
num_add_double(struct buf *b, double v)
{
	char room[NUM_MAX];

	buf_add(b, (struct str){ room, (size_t)(num_put_double(room, v) - room) });
}
