#include "tally.h"

#include <stdarg.h>
#include <stdio.h>

#include "hash.h"
#include "msg.h"
#include "num.h"
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

bool
tally_label(struct tally *e, struct str column)
{
	if (e->labels == TALLY_LABELS)
		return false;
	e->label[e->labels++] = column;
	return true;
}

void
tally_number(struct tally *e, struct str column, int scale, int at)
{
	e->number[e->numbers++] = (struct tally_number){ column, scale, at, -1, false };
}

void
tally_thing(struct tally *e, struct str column, int at)
{
	e->thing[e->things++] = (struct tally_thing){ column, at, -1, false };
}

void
tally_bind(struct tally *e, const struct tsv *t)
{
	e->cache = tsv_col(t, STR("cache"));
	e->status = tsv_col(t, STR("status"));
	e->bytes = tsv_col(t, STR("bytes"));
	e->tier = tsv_col(t, STR("tier"));
	e->weight = tsv_col(t, STR("weight"));
	e->seen |= (e->cache >= 0 ? FIGURE_CACHE : 0U) | (e->status >= 0 ? FIGURE_STATUS : 0U) |
	    (e->bytes >= 0 ? FIGURE_BYTES : 0U);
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

static inline struct str
field(const struct tsv *t, int col)
{
	return col < 0 ? (struct str){ NULL, 0 } : tsv_field(t, col);
}

static bool
read_time(struct tally *e, const struct tsv *t)
{
	struct str s = tsv_field(t, t->time);

	return (num_fixed(s, 6, &e->time) && e->time < TIME_MAX && e->time > -TIME_MAX) ||
	    bad(e, t, "time", "a time", s);
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

/* Classified requests that have a body from a cache or from behind it. */
static bool
is_served(enum cell_counter outcome)
{
	return outcome >= CELL_HIT && outcome <= CELL_PASS;
}

static void
read_cache(struct tally *e, const struct tsv *t, struct cell_event *to)
{
	struct str word = field(t, e->cache), tier = field(t, e->tier);

	to->outcome = to->origin = to->body = CELL_NOTHING;
	if (word.n == 0)
		return;
	to->outcome = (uint8_t)cell_outcome(word);
	if (to->outcome == CELL_NOTHING)
		unknown_word(e, word, to->weight);
	if (!is_served(to->outcome))
		return;
	/* Where no tier is known, what did not come from here is the origin's. */
	if (tier.n ? str_eq(tier, STR("origin")) : to->outcome >= CELL_MISS)
		to->origin = CELL_ORIGIN;
	if (to->outcome <= CELL_REVAL)
		to->body = CELL_HIT_BYTES;
	else if (to->outcome == CELL_MISS)
		to->body = CELL_MISS_BYTES;
}

static bool
read_status(struct tally *e, const struct tsv *t, struct cell_event *to)
{
	struct str s = field(t, e->status);
	uint64_t status;

	to->status = to->error = CELL_NOTHING;
	if (s.n == 0)
		return true;
	if (!num_u64(s, &status) || status > STATUS_MAX)
		return bad(e, t, "status", "a status", s);
	if (status >= 100 && status < 600)
		to->status = (uint8_t)(CELL_1XX + status / 100 - 1);
	if (status >= 500)
		to->error = CELL_ERRORS;
	return true;
}

static bool
read_numbers(struct tally *e, const struct tsv *t, struct cell_event *to)
{
	struct str s = field(t, e->bytes);

	to->bytes = 0;
	if (s.n && !num_u64(s, &to->bytes))
		return bad(e, t, "bytes", "a whole number", s);
	to->has = 0;
	for (size_t i = 0; i < e->numbers; i++) {
		const struct tally_number *n = &e->number[i];

		s = field(t, n->col);
		if (s.n == 0)
			continue;
		if (!num_fixed(s, n->scale, &to->value[n->at])) {
			char name[TALLY_WORD_MAX];

			snprintf(name, sizeof(name), "%.*s", STRF(n->column));
			return bad(e, t, name, "a number in range", s);
		}
		to->has |= UINT32_C(1) << n->at;
	}
	return true;
}

static void
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

static void
read_key(struct tally *e, const struct tsv *t, struct cells_key *key)
{
	key->labels = e->labels == 1 ? label(e, t, 0) : join_labels(e, t);
	key->start = 0;
	key->width = 0;
	if (e->width_us) {
		int64_t start = when_zone_floor(&e->zone, e->time, e->width_us);

		key->start = start / WHEN_SEC;
		key->width = (uint32_t)((e->zone.next - start) / WHEN_SEC);
	}
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
	read_key(e, t, key);
	e->taken++;
	if (e->time < e->first)
		e->first = e->time;
	if (e->time > e->last)
		e->last = e->time;
	return TALLY_TAKEN;
}
