/*
 * event.h - the record that cmon-parse writes: its columns, and how the text
 * that a log holds becomes each of them.
 *
 *	struct event e;
 *	if (!event_open(&e, fields, n, &opts, &words))
 *		die("%s", e.why);
 *	out_add(&out, event_header(&e));
 *	while (...one slice a field, in `field`...) {
 *		char *to = out_room(&out, event_room(&e, line.n));
 *		if (event_row(&e, field, line, &to) == EVENT_BAD)
 *			...e.bad_field, e.why
 *		out_used(&out, to);
 *	}
 *	event_close(&e);
 *
 * A format describes each field of its logs once (struct event_field): which
 * column it could fill, and how its text is to be read.  event_open() settles
 * who fills what; event_row() then reads only what is asked for, and writes
 * the row in place.
 *
 * Ownership: fields, options and words are BORROWED and must outlive the
 * event; slices are only read during the call, and need SCAN_SLACK readable
 * bytes behind them.
 * Errors: false or EVENT_BAD, with the reason in `why`.
 */
#ifndef EVENT_H
#define EVENT_H

#include "base.h"
#include "buf.h"
#include "hash.h"
#include "num.h"
#include "outcome.h"
#include "tsv.h"
#include "when.h"

/* Columns in their canonical order: cmon-tsv(5). */
enum event_col {
	EVENT_TIME, EVENT_HOST, EVENT_VHOST, EVENT_CLIENT, EVENT_METHOD, EVENT_URL,
	EVENT_STATUS, EVENT_BYTES, EVENT_LATENCY, EVENT_TTFB, EVENT_ORIGIN, EVENT_TIER,
	EVENT_CACHE, EVENT_CACHE_RAW, EVENT_TYPE, EVENT_REFERER, EVENT_AGENT,
	EVENT_COUNTRY, EVENT_COLO, EVENT_TRACE, EVENT_ENDPOINT, EVENT_KEY,
	EVENT_EXPERIMENT, EVENT_COHORT, EVENT_WEIGHT,
	EVENT_COLS,
	EVENT_OTHER = EVENT_COLS	/* none of them: passes under its own name */
};

extern const struct str event_col_name[EVENT_COLS];
enum event_col event_col_of(struct str name);	/* EVENT_OTHER: no such column */

/* How a field's text is to be read. */
enum event_as {
	AS_TEXT,
	AS_URL,		/* text in which --redact has to look */
	AS_ADDRESS,	/* client addresses; --anonymize */
	AS_REQUEST,	/* "GET /a HTTP/1.1": method, url, protocol */
	AS_CLF, AS_ISO, AS_EPOCH, AS_ANY_TIME,	/* when.h */
	AS_STRPTIME,				/* the field's own `when` */
	AS_S, AS_MS, AS_US, AS_NS,	/* durations, lists summed, to ms */
	AS_COUNT,	/* a whole number */
	AS_STATUS,	/* the same; the last of a list */
	AS_CACHE,	/* a word for outcome.h */
	AS_WEIGHT,	/* requests this one stands for, fractions too */
};

/* One field of a log. */
struct event_field {
	struct str name;	/* its own: "remote_user" */
	enum event_col col;	/* what it could fill */
	enum event_as as;
	uint8_t rank;		/* of several, the greatest fills the column */
	const struct when_format *when;	/* of AS_STRPTIME */
};

enum {
	EVENT_FIELDS = 256,	/* of a format */
	EVENT_WHY_MAX = 512,	/* bytes of a reason */
	EVENT_REDACT_MAX = 32,	/* names of parameters */
	EVENT_FIXED_MAX = 2048,	/* bytes of a row that are not of its line */
};

enum event_privacy { EVENT_AS_LOGGED, EVENT_CUT, EVENT_HASHED };

struct event_opts {
	const char *columns;	/* a,b,c; NULL: what the format has */
	const char *host;	/* of every row; NULL: what the log says */
	const char *tier;	/* NAME or NAME,BEHIND; NULL: what the words say */
	const char *redact;	/* parameters, a,b,c; NULL: none */
	enum event_privacy privacy;
	struct hash_key privacy_key;
	uint64_t sample;	/* keep 1 of so many keys; 0: all */
	int64_t since, until;	/* us: since <= time < until */
	bool absolute_urls;	/* of this format: vhost is to be had from them */
	bool tiers;		/* this log's cache words name layers */
	size_t (*unescape)(struct str raw, char *to);	/* NULL: nothing is escaped */
};

/* A column of the output. */
struct event_column {
	struct str name;
	int field;		/* where it comes from; -1: from no field */
	unsigned char op;
};

enum event_verdict {
	EVENT_ROW,		/* written */
	EVENT_LEFT_OUT,		/* not wanted: --since, --until, --sample */
	EVENT_BAD,		/* not written: bad_field, why */
};

struct event {
	size_t n;
	struct event_column col[EVENT_FIELDS + EVENT_COLS];
	uint64_t rows, left_out;
	int bad_field;			/* after EVENT_BAD; -1: the whole */
	char why[EVENT_WHY_MAX];

	/* private from here */
	const struct event_field *field;
	size_t nfields;
	const struct event_opts *opts;
	struct outcome_words *words;
	int source[EVENT_COLS];		/* the field that fills a column, or -1 */
	int request;			/* the field that holds request lines, or -1 */
	bool wants_request, wants_cache;
	struct str tier, behind;	/* of opts->tier */
	struct str redact[EVENT_REDACT_MAX];
	size_t nredact;
	size_t copies;			/* columns that copy text */
	struct when_cache clf;
	int64_t time_us;		/* of time_text */
	size_t time_n;
	char time_text[NUM_MAX];
	struct buf header, plain, clean;	/* OWNED */
};

MUST_USE bool event_open(struct event *e, const struct event_field *field, size_t n,
	    const struct event_opts *opts, struct outcome_words *words);

struct str event_header(struct event *e);	/* with its newline */

/* Bytes that the row of a line of n bytes can take. */
static inline size_t
event_room(const struct event *e, size_t n)
{
	return e->copies * TSV_ROOM(n) + e->n * (NUM_MAX + 1) + EVENT_FIXED_MAX;
}

/* Writes the row of one record at *to and moves it behind the newline. */
enum event_verdict event_row(struct event *e, const struct str *field,
	    struct str line, char **to) MUST_USE;

void	event_close(struct event *e);

#endif
