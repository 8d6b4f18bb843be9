/*
 * silence.h - silences: who is not to be told, until when, and why.
 *
 *	struct silences s;
 *	silences_read(&s, path, say);		no file: none
 *	by = silences_find(&s, rule, severity, labels, now_us);
 *	if (by)
 *		...muted by by->id...
 *	silences_free(&s);
 *
 * A row with a mistake is told to say() and mutes nothing: whoever is told
 * too much will look, whoever is told too little will not.
 *
 * Ownership: the silences own their text.
 * Errors: a reason, or NULL; silences_read() is false if anything was said.
 */
#ifndef SILENCE_H
#define SILENCE_H

#include "base.h"
#include "mem.h"
#include "out.h"
#include "select.h"
#include "table.h"

#define SILENCE_LONGEST_US	(30 * 86400 * INT64_C(1000000))
#define SILENCES_MAX		10000

struct silence {
	struct str id, matchers;	/* escaped, as in the file */
	size_t n;
	struct select_match match[SELECT_MAX];
	int64_t start_us, end_us;
	struct str author, comment;
};

struct silences {
	struct silence *one;	/* OWNED */
	size_t n;

	/* private from here */
	size_t cap;
	struct arena text;	/* OWNED */
};

bool	silences_read(struct silences *s, const char *path, table_say *say);

/* Adds one under a new id; what is typed is not escaped yet. */
MUST_USE const char *silences_add(struct silences *s, struct str matchers, int64_t start_us,
    int64_t end_us, struct str author, struct str comment);

/* Ends one now; those that ended over 30 days ago are left out of the file. */
MUST_USE const char *silences_end(struct silences *s, struct str id, int64_t now_us);

/* The caller holds state_lock(path). */
void	silences_write(const struct silences *s, const char *path, int64_t now_us);

/* As a stream, with the state of each: waits, active, ended. */
void	silences_list(const struct silences *s, struct out *o, int64_t now_us);

/* The first one that mutes, or NULL.  A rule's nodata alert is the rule's too. */
const struct silence *silences_find(const struct silences *s, struct str rule,
    struct str severity, struct str labels, int64_t now_us);

void	silences_free(struct silences *s);

#endif
