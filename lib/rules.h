/*
 * rules.h - the rules of cmon-alert, cmon-rules.5: which figures are wrong,
 * for how long, and who is told.
 *
 *	struct rules r;
 *	if (!rules_read(&r, "rules.tsv", say))
 *		die(...);			every mistake was said
 *	for (size_t i = 0; i < r.n; i++)
 *		use(&r.rule[i]);
 *	rules_free(&r);
 *
 * Ownership: the rules own all their text.
 * Errors: false after say() was told every mistake, with its line and what to
 * write instead; the rules are then good for rules_free() only.
 */
#ifndef RULES_H
#define RULES_H

#include "base.h"
#include "buf.h"
#include "mem.h"
#include "select.h"
#include "table.h"
#include "unit.h"

#define RULES_MAX	1000	/* rules in a file */
#define RULES_TERMS	8	/* terms joined by & */
#define RULES_NAMES	64	/* ids in one inhibited_by */
#define RULES_ID_MAX	64	/* bytes of an id */

enum rule_op { OP_GT, OP_GE, OP_LT, OP_LE, OP_EQ, OP_NE };

enum rule_of {
	OF_VALUE,	/* the column's value */
	OF_AGE,		/* now minus the value, a Unix time: age(column) */
	OF_LAG,		/* now minus the end of the newest row: lag(column) */
};

enum rule_nodata { NODATA_KEEP, NODATA_OK, NODATA_ALERT };

enum rule_severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };

#define RULE_ANY_WINDOW	(-1)
#define RULE_ANY_AGE	INT64_MAX

struct rule_term {
	enum rule_of of;
	struct str operand;	/* as it stands in the file */
	struct str column;
	struct select select;	/* without "window" */
	int64_t window_us;	/* or RULE_ANY_WINDOW */
	enum rule_op op;
	double threshold;	/* in the unit of the column */
	double clear;		/* instead of it while firing */
	struct unit unit;
	bool spread;		/* it has the rule's labels, not none */
};

struct rule {
	struct str id, condition;
	struct str judged;	/* the first term with its number: rule_put_term() */
	enum rule_severity severity;
	size_t n;
	struct rule_term term[RULES_TERMS];
	size_t labels;			/* that tell the rule's alerts apart, */
	struct str label[SELECT_MAX];	/* bytewise */
	int64_t for_us, keep_us;
	int64_t max_age_us;		/* RULE_ANY_AGE; less than 0: not given */
	uint64_t min_n;			/* 0: no guard */
	enum rule_nodata nodata;
	struct str channels;		/* "mail,pager" */
	int64_t escalate_us;		/* less than 0: never */
	struct str escalate_to;
	struct str inhibitor_ids;	/* "a,b" */
	size_t inhibitors;
	uint32_t *inhibited_by;		/* rules by number */
	bool enabled;
	struct str summary, causes, runbook;	/* escaped, as in the file */
	uint64_t line;
};

struct rules {
	struct rule *rule;		/* OWNED, in the file's order */
	size_t n;

	/* private from here */
	size_t cap;
	struct arena text;		/* OWNED */
};

MUST_USE bool rules_read(struct rules *r, const char *path, table_say *say);
void	rules_free(struct rules *r);

/* The rule of that id, or NULL. */
const struct rule *rules_find(const struct rules *r, struct str id);

/* The first channel it tells, sooner or later, that is not in "mail,pager"; false: there is none. */
MUST_USE bool rule_unserved(const struct rule *rule, struct str served, struct str *channel);

bool	rule_holds(enum rule_op op, double value, double threshold);

/* A term with the number that it compares with, in the column's unit: share_pct{tier=edge} < 75 */
void	rule_put_term(struct buf *b, const struct rule_term *t);

/*
 * What was found by it, for people: "latency_ms_p99 612.3 ms > 500 ms"; where
 * that does not hold (any more), "latency_ms_p99 480 ms".
 */
void	rule_put_finding(struct buf *b, const struct rule_term *t, double value);

/*
 * One condition, into the terms and labels of *rule; its slices point into
 * text.  missing[i]: term i has no number of its own.
 */
MUST_USE const char *rule_parse(struct str text, struct rule *rule, bool missing[RULES_TERMS]);

extern const char *const rule_op_text[];
extern const char *const rule_severity_text[];

#endif
