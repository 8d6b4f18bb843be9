/*
 * prom.h - the words of Prometheus' text format: what may be said there, and
 * what a column of metrics rows is called in it.
 *
 *	struct prom_column c;
 *	const char *why = prom_column(&c, STR("cmon_"), STR("latency_ms_p95"));
 *	if (why)
 *		return why;
 *	c.family	"cmon_latency_quantile_seconds"
 *	c.label		"q=\"0.95\""
 *	c.shift		-3: 42.1 is 0.0421 there
 *
 * Names follow one rule, so that nobody has to look them up: a unit becomes
 * its base unit and goes last, a quantile becomes a label, and no gauge ends
 * like a counter or a histogram.  man/cmon-prom.1 has the rule and a table.
 *
 * Ownership: what is filled in is the caller's; reasons are literals.
 * Errors: a reason, or false.
 *
 * Source: prometheus.io/docs/instrumenting/exposition_formats, text format
 * 0.0.4, and what promtool 2.42 checks (client_golang, promlint).
 */
#ifndef PROM_H
#define PROM_H

#include "base.h"
#include "buf.h"

#define PROM_NAME_MAX	256	/* bytes of a name, with its NUL */
#define PROM_HELP_MAX	512	/* bytes of a help text, with its NUL */
#define PROM_VALUE_MAX	1024	/* bytes of a label's value; longer ones are cut */

/* [a-zA-Z_][a-zA-Z0-9_]*; the format also allows ':', kept for its rules. */
bool	prom_is_name(struct str s);

struct prom_column {
	char family[PROM_NAME_MAX];
	char label[64];			/* one more label, as written; "" none */
	char help[PROM_HELP_MAX];
	int shift;			/* value * 10^shift is in the base unit */
};

/* The family that a value column becomes; NULL, or why it can be none. */
MUST_USE const char *prom_column(struct prom_column *c, struct str prefix, struct str column);

/* The label that a label column becomes; NULL, or why it can be none. */
MUST_USE const char *prom_label(char to[PROM_NAME_MAX], struct str column);

/*
 * A label's value in quotes.  What is no UTF-8 and control characters become
 * U+FFFD; the value is cut at PROM_VALUE_MAX, at the edge of a character.
 */
void	prom_put_value(struct buf *b, struct str raw);

/* A window's length, "5m", "1h", "90s": the largest unit that divides it. */
void	prom_put_window(struct buf *b, int64_t us);

/* A decimal times 10^shift, to the nearest double. */
MUST_USE bool prom_number(struct str field, int shift, double *v);

/* A sample's value as the format has it: a decimal, Inf or NaN. */
MUST_USE bool prom_float(struct str s, double *v);

#endif
