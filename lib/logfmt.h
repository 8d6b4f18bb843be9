/*
 * logfmt.h - a server's own description of its log, compiled, and lines read
 * by it: nginx's log_format, Apache's LogFormat, varnishncsa's -F.
 *
 *	struct logfmt f;
 *	if (!logfmt_compile(&f, str_of("$remote_addr [$time_local] \"$request\" $status")))
 *		die("%s", f.why);
 *	if (!logfmt_read(&f, line, field))
 *		...it stops at byte f.stop, in f.field[f.stop_field]: f.why
 *	use(field[0]);
 *	logfmt_close(&f);
 *
 * The text is what stands in the configuration: pasted with its quotes and line
 * breaks, with "log_format NAME escape=json" or "LogFormat" in front or not.
 *
 * It becomes a row of fields, each with the literal text behind it, which ends
 * it.  Numbers and times end at that literal's first byte; quoted text ends at
 * a quote that no backslash precedes; other text where the whole literal
 * stands.  When the rest then does not match, text that could hold the literal
 * itself (a user name "x [y") is tried longer, LOGFMT_TRIES times a line.
 *
 * Ownership: f owns the fields' names and literals; the slices read are the
 * line's, and the line needs SCAN_SLACK readable bytes behind it.
 * Errors: false, with the reason in f.why.
 */
#ifndef LOGFMT_H
#define LOGFMT_H

#include "base.h"
#include "event.h"
#include "mem.h"
#include "when.h"

enum {
	LOGFMT_FIELDS = 128,
	LOGFMT_TIMES = 4,		/* %{...}t of its own, in one format */
	LOGFMT_WHY_MAX = 512,		/* bytes */
	LOGFMT_TRIES = 1000,
};

/* How one field of a line is found. */
struct logfmt_op {
	uint64_t word, mask;	/* the literal's first 8 bytes */
	struct str lit;		/* behind the field; empty: the line's end */
	char stop;		/* its first byte */
	unsigned char how;	/* private */
	unsigned char pass;	/* times that stop stands in the field itself */
	unsigned char eat;	/* bytes of lit that belong to no field */
	uint32_t max;		/* bytes that the field can have */
	char inside;		/* before stop: it belongs to the field */
	unsigned char width;	/* of nearly all such fields, or 0 */
	bool plain;		/* most often ends at the first stop */
	bool far;		/* which is likely over 16 bytes away */
	int16_t again;		/* the field before that can be longer, or -1 */
};

struct logfmt {
	size_t n;
	struct event_field field[LOGFMT_FIELDS];
	bool apache;		/* else nginx */
	bool escaped;		/* not escape=none */

	size_t stop;		/* after logfmt_read() was false */
	int stop_field;		/* -1: before the first field */
	char why[LOGFMT_WHY_MAX];

	/* private from here */
	struct str lead;	/* literal before the first field */
	struct logfmt_op op[LOGFMT_FIELDS];
	struct when_format when[LOGFMT_TIMES];
	size_t ntimes;
	struct arena text;	/* OWNED: names and literals */
};

MUST_USE bool logfmt_compile(struct logfmt *f, struct str text);

/* Slices of all fields of the line, in order. */
MUST_USE bool logfmt_read(struct logfmt *f, struct str line, struct str *field);

void	logfmt_close(struct logfmt *f);

#endif
