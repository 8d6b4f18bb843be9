/*
 * promtext.h - one line of Prometheus' text format, taken apart as the text
 * file collector of node_exporter does.
 *
 *	struct promtext p = { 0 };
 *	while (in_line(&in, &line))
 *		switch (promtext_line(&p, line)) {
 *		case PROMTEXT_SAMPLE:	p.name, p.label[0 .. p.labels), p.value
 *		case PROMTEXT_WRONG:	p.why, p.what, p.advice
 *		...
 *		}
 *	promtext_free(&p);
 *
 * Where the collector is lenient so are we: blanks before a line or around
 * labels, a comma after the last one, values like "nan" and "+Inf".
 *
 * Ownership: slices point into the line or into p, until the next line.
 * Errors: PROMTEXT_WRONG, what the collector refuses a whole file for.
 *
 * Source: github.com/prometheus/common, expfmt/text_parse.go, as of
 * node_exporter 1.5.0 and of 2026: the two agree but for quoted names.
 */
#ifndef PROMTEXT_H
#define PROMTEXT_H

#include "base.h"

enum promtext_kind {
	PROMTEXT_BLANK,		/* nothing, or a comment */
	PROMTEXT_HELP,		/* name, text: with its escapes */
	PROMTEXT_TYPE,		/* name, text */
	PROMTEXT_SAMPLE,	/* name, label, labels, value */
	PROMTEXT_WRONG,		/* why, what, advice */
};

struct promtext_label {
	struct str name, value;
};

struct promtext {
	struct str name, text;
	struct promtext_label *label;	/* OWNED, sorted by name */
	size_t labels;
	double value;

	const char *why, *advice;	/* literals */
	struct str what;		/* the piece that is wrong, or empty */

	/* private from here */
	size_t label_cap;
	char *values;			/* OWNED: values without their escapes */
	size_t values_cap;
};

enum promtext_kind promtext_line(struct promtext *p, struct str line);
void	promtext_free(struct promtext *p);

#endif
