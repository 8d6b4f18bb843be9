/* verdict.c - see verdict.h. */
#include "verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "num.h"
#include "str.h"

static const char *const status_name[VERDICT_STATUSES] = {
	"invalid", "inconclusive", "treatment", "control"
};

static const char *const decision_name[VERDICT_DECISIONS] = { "", "no", "promote" };

enum kind { TIME, TEXT, NUMBER, STATUS, REASON, DECISION };

#define AT(field)	offsetof(struct verdict, field)
#define NUM(field)	{ #field, NUMBER, AT(field) }
#define TXT(field)	{ #field, TEXT, AT(field) }

static const struct {
	const char *name;
	enum kind kind;
	size_t at;
} columns[] = {
	{ "time", TIME, AT(time_us) },
	TXT(experiment), TXT(metric), TXT(control), TXT(treatment),
	NUM(keys_c), NUM(keys_t), NUM(n_c), NUM(n_t), NUM(neff_c), NUM(neff_t),
	NUM(est_c), NUM(est_t), NUM(diff), NUM(lo), NUM(hi),
	NUM(rel), NUM(rel_lo), NUM(rel_hi), NUM(se), NUM(deff), NUM(stat), NUM(df),
	NUM(p), NUM(p_adj), TXT(method), NUM(confidence), NUM(srm_p),
	{ "status", STATUS, AT(status) }, { "reason", REASON, AT(reason) },
	{ "decision", DECISION, AT(decision) },
	NUM(rounds), NUM(seed), TXT(endpoint), NUM(ttl_s), TXT(definition),
};

_Static_assert(countof(columns) == VERDICT_COLUMNS, "verdict.h says how many");

static double
number(const struct verdict *v, size_t i)
{
	double x;

	memcpy(&x, (const char *)v + columns[i].at, sizeof(x));
	return x;
}

static void
set_number(struct verdict *v, size_t i, double x)
{
	memcpy((char *)v + columns[i].at, &x, sizeof(x));
}

static struct str
text(const struct verdict *v, size_t i)
{
	struct str s;

	memcpy(&s, (const char *)v + columns[i].at, sizeof(s));
	return s;
}

void
verdict_init(struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < countof(columns); i++)
		if (columns[i].kind == NUMBER)
			set_number(v, i, NAN);
	v->top = NAN;
}

void
verdict_say(struct verdict *v, const char *fmt, ...)
{
	size_t n = strlen(v->reason);
	va_list ap;

	if (n && n + 2 < sizeof(v->reason)) {
		memcpy(v->reason + n, "; ", 3);
		n += 2;
	}
	va_start(ap, fmt);
	vsnprintf(v->reason + n, sizeof(v->reason) - n, fmt, ap);
	va_end(ap);
}

void
verdict_header(struct tsv_row *r)
{
	for (size_t i = 0; i < countof(columns); i++)
		tsv_as_is(r, str_of(columns[i].name));
	tsv_end_row(r);
}

bool
verdict_is_header(struct str line)
{
	struct str name;

	for (size_t i = 0; i < countof(columns); i++)
		if (!str_cut(&line, '\t', &name) || !str_eq(name, str_of(columns[i].name)))
			return false;
	return line.n == 0;
}

void
verdict_number(struct tsv_row *r, double x, bool exact)
{
	char room[NUM_MAX];
	bool whole = fabs(x) < 0x1p53 && trunc(x) == x;
	int n;

	if (!isfinite(x)) {
		tsv_empty(r);
		return;
	}
	n = exact || whole ? (int)(num_put_double(room, x) - room) :
	    snprintf(room, sizeof(room), "%.6g", x);
	tsv_as_is(r, (struct str){ room, (size_t)n });
}

void
verdict_write(struct tsv_row *r, const struct verdict *v, bool exact)
{
	for (size_t i = 0; i < countof(columns); i++)
		switch (columns[i].kind) {
		case TIME:
			tsv_time(r, v->time_us);
			break;
		case TEXT:
			tsv_as_is(r, text(v, i));
			break;
		case NUMBER:
			verdict_number(r, number(v, i), exact);
			break;
		case STATUS:
			tsv_as_is(r, str_of(status_name[v->status]));
			break;
		case REASON:
			tsv_text(r, str_of(v->reason));
			break;
		case DECISION:
			tsv_as_is(r, str_of(decision_name[v->decision]));
			break;
		}
	tsv_end_row(r);
}

bool
verdict_bind(struct verdict_columns *c, const struct tsv *t)
{
	for (size_t i = 0; i < countof(columns); i++) {
		c->col[i] = tsv_col(t, str_of(columns[i].name));
		if (c->col[i] >= 0)
			continue;
		snprintf(c->why, sizeof(c->why), "%s:%llu: no column \"%s\": verdicts are what "
		    "cmon-abtest(1) writes", TSV_AT(t), columns[i].name);
		return false;
	}
	return true;
}

static bool
read_word(struct str s, const char *const *words, int n, int *word)
{
	for (*word = 0; *word < n; ++*word)
		if (str_cmp(s, str_of(words[*word])) == 0)
			return true;
	return false;
}

static bool
read_field(struct verdict *v, size_t i, struct str s)
{
	double x = NAN;
	int word;

	switch (columns[i].kind) {
	case TIME:
		return num_fixed(s, 6, &v->time_us);
	case TEXT:
		memcpy((char *)v + columns[i].at, &s, sizeof(s));
		return true;
	case NUMBER:
		if (s.n && !num_double(s, &x))
			return false;
		set_number(v, i, x);
		return true;
	case STATUS:
		if (!read_word(s, status_name, VERDICT_STATUSES, &word))
			return false;
		v->status = (enum verdict_status)word;
		return true;
	case DECISION:
		if (!read_word(s, decision_name, VERDICT_DECISIONS, &word))
			return false;
		v->decision = (enum verdict_decision)word;
		return true;
	case REASON:
		break;
	}
	snprintf(v->reason, sizeof(v->reason), "%.*s", STRF(s));
	return true;
}

bool
verdict_read(struct verdict_columns *c, const struct tsv *t, struct verdict *v)
{
	verdict_init(v);
	for (size_t i = 0; i < countof(columns); i++) {
		struct str s = tsv_field(t, c->col[i]);

		if (read_field(v, i, s))
			continue;
		snprintf(c->why, sizeof(c->why), "%s:%llu: column \"%s\": not what cmon-abtest(1) writes: "
		    "\"%.*s\"", TSV_AT(t), columns[i].name, STRF(s));
		return false;
	}
	return true;
}
