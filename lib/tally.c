#include "tally.h"

#include <stdarg.h>
#include <stdio.h>

#include "digits.h"
#include "hash.h"
#include "msg.h"
#include "num.h"
#include "scan.h"
#include "str.h"

#define STATUS_MAX	999
#define TIME_MAX	(INT64_C(1) << 61)	/* us: room to add windows to it */
#define WEIGHT_DECIMALS	6
#define ROOM_BEHIND	STR("\0\0\0\0\0\0\0\0")	/* which cells.h may read */

void
tally_init(struct tally *e)
{
	*e = (struct tally){
		.since = INT64_MIN, .until = INT64_MAX,
		.first = INT64_MAX, .last = INT64_MIN,
		.none = "(none)",
	};
	buf_init(&e->joined, UINT32_MAX);
}

void
tally_free(struct tally *e)
{
	buf_free(&e->joined);
}

void
tally_number(struct tally *e, struct str column, int scale, int at)
{
	for (size_t i = 0; i < e->numbers; i++)
		if (e->number[i].at == at)
			return;
	e->number[e->numbers++] = (struct tally_number){ column, scale, at, -1, false };
}

void
tally_thing(struct tally *e, struct str column, int at)
{
	e->thing[e->things++] = (struct tally_thing){ column, at, -1, false };
}

unsigned
tally_has(const struct tsv *t)
{
	return (tsv_col(t, STR("cache")) >= 0 ? FIGURE_CACHE : 0U) |
	    (tsv_col(t, STR("status")) >= 0 ? FIGURE_STATUS : 0U) |
	    (tsv_col(t, STR("bytes")) >= 0 ? FIGURE_BYTES : 0U);
}

static bool
keeps(const struct cell_plan *p, enum cell_counter first, enum cell_counter last)
{
	for (unsigned k = first; k <= last; k++)
		if (p->keep[k])
			return true;
	return false;
}

void
tally_bind(struct tally *e, const struct tsv *t, const struct cell_plan *p)
{
	bool bodies = keeps(p, CELL_HIT_BYTES, CELL_MISS_BYTES);
	bool outcomes = bodies || keeps(p, CELL_HIT, CELL_ORIGIN);
	bool statuses = keeps(p, CELL_ERRORS, CELL_5XX);

	e->origin = p->keep[CELL_ORIGIN];
	e->cache = outcomes ? tsv_col(t, STR("cache")) : -1;
	e->status = statuses ? tsv_col(t, STR("status")) : -1;
	e->bytes = bodies || p->keep[CELL_BYTES] ? tsv_col(t, STR("bytes")) : -1;
	e->tier = e->origin ? tsv_col(t, STR("tier")) : -1;
	e->weight = tsv_col(t, STR("weight"));
	for (size_t i = 0; i < e->labels; i++) {
		e->label_col[i] = tsv_col(t, e->label[i]);
		e->label_seen[i] |= e->label_col[i] >= 0;
	}
	for (size_t i = 0; i < e->numbers; i++) {
		e->number[i].col = tsv_col(t, e->number[i].column);
		e->number[i].seen |= e->number[i].col >= 0;
	}
	for (size_t i = 0; i < e->things; i++) {
		e->thing[i].col = tsv_col(t, e->thing[i].column);
		e->thing[i].seen |= e->thing[i].col >= 0;
	}
}

static bool
bad(struct tally *e, const struct tsv *t, const char *column, const char *what, struct str field)
{
	snprintf(e->why, sizeof(e->why), "%s:%llu: column \"%s\": not %s: \"%.*s\"", TSV_AT(t),
	    column, what, STRF(field));
	return false;
}

/* What a column that is not there has: nothing, and room behind it. */
static const char blank[SCAN_SLACK];

static inline struct str
field(const struct tsv *t, int col)
{
	return col < 0 ? (struct str){ blank, 0 } : tsv_field(t, col);
}

#define SECOND_DIGITS	10	/* of a time from 2001 to 2286 */

static bool
any_time(struct tally *e, const struct tsv *t)
{
	struct str s = tsv_field(t, t->time);

	return (num_fixed(s, 6, &e->time) && e->time < TIME_MAX && e->time > -TIME_MAX) ||
	    bad(e, t, "time", "a time", s);
}

/* Logs repeat the second: its digits and what they meant are kept. */
static bool
read_second(struct tally *e, const char *p)
{
	uint64_t high = digits_load(p), low = digits_load(p + 2), a, b;

	if (LIKELY(((high ^ e->high) | (low ^ e->low)) == 0))
		return true;
	if (!digits_value(high, 8, &a) || !digits_value(low >> 48, 2, &b))
		return false;
	e->high = high;
	e->low = low;
	e->second = (int64_t)(a * 100 + b) * WHEN_SEC;
	return true;
}

static inline bool
read_time(struct tally *e, const struct tsv *t)
{
	struct str s = tsv_field(t, t->time), fraction;
	int64_t us = 0;

	if (UNLIKELY(s.n < SECOND_DIGITS || !read_second(e, s.p)))
		return any_time(e, t);
	fraction = str_from(s, SECOND_DIGITS);
	if (fraction.n && (*fraction.p != '.' || !digits_fixed(fraction, 6, &us)))
		return any_time(e, t);
	e->time = e->second + us;
	return true;
}

/*
 * A fraction is rounded up as often as it says: on a hash of the row, so that
 * the same row is always rounded the same way.
 */
static bool
read_weight(struct tally *e, const struct tsv *t, uint64_t *weight)
{
	struct str s = field(t, e->weight), line = tsv_line(t);
	const uint64_t unit = num_pow10[WEIGHT_DECIMALS];
	int64_t v;

	*weight = 1;
	if (s.n == 0 || num_u64(s, weight))
		return true;
	if (!num_fixed(s, WEIGHT_DECIMALS, &v) || v < 0)
		return bad(e, t, "weight", "a weight", s);
	*weight = (uint64_t)v / unit;
	if (hash_bytes(&hash_published, line.p, line.n) % unit < (uint64_t)v % unit)
		++*weight;
	return true;
}

static void
unknown_word(struct tally *e, struct str word, uint64_t weight)
{
	if (e->unknown == 0)
		snprintf(e->word, sizeof(e->word), "%.*s", STRF(word));
	e->unknown += weight;
}

/*
 * Whether the origin gave the body.  Where no tier is known, it did if the
 * body did not come from here.
 */
static uint8_t
origin(struct str tier, enum cell_counter outcome)
{
	if (outcome < CELL_HIT || outcome > CELL_PASS)
		return CELL_NOTHING;
	if (tier.n ? str_eq(tier, STR("origin")) : outcome >= CELL_MISS)
		return CELL_ORIGIN;
	return CELL_NOTHING;
}

/*
 * The outcomes' words as numbers, found by their first and third letter, which
 * are different for all: the next word is not foreseeable, so it must not
 * decide a branch.
 */
#define WORD(a, b, c, d, e, outcome)	[((a) ^ (c)) & 15] = { \
	(uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | \
	(uint64_t)(e) << 32, outcome }

static inline uint8_t
outcome(struct str word)
{
	static const struct {
		uint64_t word;
		uint8_t outcome;
	} words[16] = {
		WORD('h', 'i', 't', 0, 0, CELL_HIT),
		WORD('s', 't', 'a', 'l', 'e', CELL_STALE),
		WORD('r', 'e', 'v', 'a', 'l', CELL_REVAL),
		WORD('m', 'i', 's', 's', 0, CELL_MISS),
		WORD('p', 'a', 's', 's', 0, CELL_PASS),
		WORD('s', 'y', 'n', 't', 'h', CELL_SYNTH),
		WORD('e', 'r', 'r', 'o', 'r', CELL_CACHE_ERROR),
	};
	uint64_t x;

	if (UNLIKELY(word.n > 5))
		return CELL_NOTHING;
	x = digits_load(word.p) & digits_mask((unsigned)word.n);
	return words[(x ^ x >> 16) & 15].word == x ? words[(x ^ x >> 16) & 15].outcome : CELL_NOTHING;
}

static inline void
read_cache(struct tally *e, const struct tsv *t, struct cell_event *to)
{
	static const uint8_t body[CELL_COUNTERS] = {
		[CELL_HIT] = CELL_HIT_BYTES, [CELL_STALE] = CELL_HIT_BYTES,
		[CELL_REVAL] = CELL_HIT_BYTES, [CELL_MISS] = CELL_MISS_BYTES,
	};
	struct str word = field(t, e->cache);

	to->outcome = outcome(word);
	if (UNLIKELY(to->outcome == CELL_NOTHING && word.n))
		unknown_word(e, word, to->weight);
	to->body = body[to->outcome];
	to->origin = e->origin ? origin(field(t, e->tier), to->outcome) : CELL_NOTHING;
}

static bool
any_status(struct tally *e, const struct tsv *t, struct str s, unsigned *class)
{
	uint64_t status = 0;

	if (s.n && (!num_u64(s, &status) || status > STATUS_MAX))
		return bad(e, t, "status", "a status", s);
	*class = (unsigned)status / 100;
	return true;
}

static inline bool
read_status(struct tally *e, const struct tsv *t, struct cell_event *to)
{
	static const uint8_t counter[STATUS_MAX / 100 + 1] = {
		0, CELL_1XX, CELL_2XX, CELL_3XX, CELL_4XX, CELL_5XX
	};
	struct str s = field(t, e->status);
	unsigned class;
	uint64_t unused;

	if (LIKELY(s.n == 3 && digits_value(digits_load(s.p), 3, &unused)))
		class = (unsigned)(unsigned char)*s.p - '0';
	else if (!any_status(e, t, s, &class))
		return false;
	to->status = counter[class];
	to->error = class >= 5 ? CELL_ERRORS : CELL_NOTHING;
	return true;
}

static inline bool
read_numbers(struct tally *e, const struct tsv *t, struct cell_event *to)
{
	struct str s = field(t, e->bytes);

	to->bytes = 0;
	if (s.n && !digits_whole(s, &to->bytes) && !num_u64(s, &to->bytes))
		return bad(e, t, "bytes", "a whole number", s);
	to->has = 0;
	for (size_t i = 0; i < e->numbers; i++) {
		const struct tally_number *n = &e->number[i];

		s = field(t, n->col);
		if (s.n == 0)
			continue;
		if (!digits_fixed(s, n->scale, &to->value[n->at]) &&
		    !num_fixed(s, n->scale, &to->value[n->at])) {
			char name[TALLY_WORD_MAX];

			snprintf(name, sizeof(name), "%.*s", STRF(n->column));
			return bad(e, t, name, "a number in range", s);
		}
		to->has |= UINT32_C(1) << n->at;
	}
	return true;
}

static inline void
read_things(const struct tally *e, const struct tsv *t, struct cell_event *to)
{
	to->is = 0;
	for (size_t i = 0; i < e->things; i++) {
		struct str s = field(t, e->thing[i].col);

		if (s.n == 0)
			continue;
		to->hash[e->thing[i].at] = hash_bytes(&hash_published, s.p, s.n);
		to->is |= UINT32_C(1) << e->thing[i].at;
	}
}

static inline struct str
label(const struct tally *e, const struct tsv *t, size_t i)
{
	struct str s = field(t, e->label_col[i]);

	return s.n ? s : (struct str){ e->none, TALLY_NONE.n };
}

static struct str
join_labels(struct tally *e, const struct tsv *t)
{
	size_t n;

	buf_reset(&e->joined);
	for (size_t i = 0; i < e->labels; i++) {
		if (i)
			buf_byte(&e->joined, '\t');
		buf_add(&e->joined, label(e, t, i));
	}
	n = e->joined.n;
	buf_add(&e->joined, ROOM_BEHIND);
	return (struct str){ e->joined.p, n };
}

static inline bool
read_key(struct tally *e, const struct tsv *t, struct cells_key *key)
{
	key->labels = e->labels == 1 ? label(e, t, 0) : join_labels(e, t);
	if (UNLIKELY(key->labels.n > TALLY_LABELS_BYTES)) {
		snprintf(e->why, sizeof(e->why), "%s:%llu: labels of %zu bytes: over %d",
		    TSV_AT(t), key->labels.n, TALLY_LABELS_BYTES);
		return false;
	}
	if (e->width_us && UNLIKELY(e->time < e->zone.start || e->time >= e->zone.next)) {
		zone_window(&e->zone, e->time, e->width_us);
		e->start = e->zone.start / WHEN_SEC;
		e->width = (uint32_t)((e->zone.next - e->zone.start) / WHEN_SEC);
	}
	key->start = e->start;
	key->width = e->width;
	return true;
}

enum tally_what
tally_read(struct tally *e, const struct tsv *t, struct cell_event *to, struct cells_key *key)
{
	if (!read_time(e, t))
		return TALLY_BAD;
	if (e->time < e->since || e->time >= e->until)
		return TALLY_SKIPPED;
	if (!read_weight(e, t, &to->weight))
		return TALLY_BAD;
	if (to->weight == 0)
		return TALLY_SKIPPED;
	read_cache(e, t, to);
	if (!read_status(e, t, to) || !read_numbers(e, t, to))
		return TALLY_BAD;
	read_things(e, t, to);
	if (!read_key(e, t, key))
		return TALLY_BAD;
	e->taken++;
	if (e->time < e->first)
		e->first = e->time;
	if (e->time > e->last)
		e->last = e->time;
	return TALLY_TAKEN;
}
