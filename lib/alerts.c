#include "alerts.h"

#include "num.h"
#include "str.h"

enum {
	TIME, STATE, SEVERITY, RULE, LABELS, VALUE, THRESHOLD, SINCE, FIRED, RESOLVED,
	SUMMARY, CAUSES, RUNBOOK, CHANNELS, MUTED_BY, FLAGS, CONDITION
};

static const char *const names[ALERTS_COLS] = {
	"time", "state", "severity", "rule", "labels", "value", "threshold", "since", "fired",
	"resolved", "summary", "causes", "runbook", "channels", "muted_by", "flags",
	"condition"
};

const char *const alert_state_text[] = { "inactive", "pending", "firing", "resolved", NULL };

bool
alert_state_of(struct str text, enum alert_state *state)
{
	for (int i = 0; alert_state_text[i]; i++)
		if (str_eq(text, str_of(alert_state_text[i]))) {
			*state = (enum alert_state)i;
			return true;
		}
	return false;
}

const char *
alerts_bind(struct alerts_bound *b, const struct tsv *t)
{
	for (size_t i = 0; i < ALERTS_COLS; i++)
		b->col[i] = tsv_col(t, str_of(names[i]));
	if (b->col[STATE] < 0 || b->col[RULE] < 0)
		return "no alert table: a column \"state\" or \"rule\" is missing";
	return NULL;
}

static struct str
field(const struct alerts_bound *b, const struct tsv *t, size_t i)
{
	return b->col[i] < 0 ? (struct str){ NULL, 0 } : tsv_field(t, b->col[i]);
}

static bool
read_time(struct str s, int64_t *us)
{
	*us = 0;
	return s.n == 0 || num_fixed(s, 6, us);
}

const char *
alerts_read(const struct alerts_bound *b, const struct tsv *t, struct alert *a)
{
	struct str rest, name, value;

	if (!alert_state_of(field(b, t, STATE), &a->state))
		return "column \"state\": none of inactive, pending, firing, resolved";
	if (!read_time(field(b, t, TIME), &a->time_us) || !read_time(field(b, t, SINCE), &a->since_us) ||
	    !read_time(field(b, t, FIRED), &a->fired_us) ||
	    !read_time(field(b, t, RESOLVED), &a->resolved_us))
		return "column \"time\", \"since\", \"fired\" or \"resolved\": not a time";
	a->severity = field(b, t, SEVERITY);
	a->rule = field(b, t, RULE);
	a->labels = rest = field(b, t, LABELS);
	while (labels_next(&rest, &name, &value))
		continue;
	if (rest.n)
		return "column \"labels\": not of the form k=\"v\",k=\"v\"";
	a->value = field(b, t, VALUE);
	a->threshold = field(b, t, THRESHOLD);
	a->summary = field(b, t, SUMMARY);
	a->causes = field(b, t, CAUSES);
	a->runbook = field(b, t, RUNBOOK);
	a->channels = field(b, t, CHANNELS);
	a->muted_by = field(b, t, MUTED_BY);
	a->flags = field(b, t, FLAGS);
	a->condition = field(b, t, CONDITION);
	return NULL;
}

void
alerts_header(struct out *o)
{
	struct tsv_row r = { o, 0 };

	for (size_t i = 0; i < ALERTS_COLS; i++)
		tsv_as_is(&r, str_of(names[i]));
	tsv_end_row(&r);
}

static void
put_time(struct tsv_row *r, int64_t us)
{
	if (us)
		tsv_time(r, us);
	else
		tsv_empty(r);
}

void
alerts_write(struct out *o, const struct alert *a)
{
	struct tsv_row r = { o, 0 };

	tsv_time(&r, a->time_us);
	tsv_as_is(&r, str_of(alert_state_text[a->state]));
	tsv_as_is(&r, a->severity);
	tsv_as_is(&r, a->rule);
	tsv_as_is(&r, a->labels);
	tsv_as_is(&r, a->value);
	tsv_as_is(&r, a->threshold);
	put_time(&r, a->since_us);
	put_time(&r, a->fired_us);
	put_time(&r, a->resolved_us);
	tsv_as_is(&r, a->summary);
	tsv_as_is(&r, a->causes);
	tsv_as_is(&r, a->runbook);
	tsv_as_is(&r, a->channels);
	tsv_as_is(&r, a->muted_by);
	tsv_as_is(&r, a->flags);
	tsv_as_is(&r, a->condition);
	tsv_end_row(&r);
}

bool
labels_next(struct str *rest, struct str *name, struct str *value)
{
	size_t eq = str_chr(*rest, '='), quote;
	struct str tail;

	if (eq == 0 || eq + 1 >= rest->n || rest->p[eq + 1] != '"')
		return false;
	tail = str_from(*rest, eq + 2);
	quote = str_chr(tail, '"');
	if (quote == tail.n || (quote + 1 < tail.n && tail.p[quote + 1] != ','))
		return false;
	*name = (struct str){ rest->p, eq };
	*value = (struct str){ tail.p, quote };
	*rest = str_from(tail, quote + 1);
	if (rest->n)
		*rest = str_from(*rest, 1);
	return true;
}

void
labels_add(struct buf *b, struct str name, struct str value)
{
	struct str piece;

	if (b->n)
		buf_byte(b, ',');
	buf_add(b, name);
	buf_add(b, STR("=\""));
	for (bool first = true; str_cut(&value, '"', &piece); first = false) {
		if (!first)
			buf_add(b, STR("\\x22"));
		buf_add(b, piece);
	}
	buf_byte(b, '"');
}

struct str
labels_get(struct str labels, struct str name)
{
	struct str at, value;

	while (labels_next(&labels, &at, &value))
		if (str_eq(at, name))
			return value;
	return (struct str){ NULL, 0 };
}

bool
alert_flag(const struct alert *a, struct str word, struct str *value)
{
	struct str rest = a->flags, one;

	while (str_cut(&rest, ',', &one)) {
		size_t eq = str_chr(one, '=');

		if (!str_eq((struct str){ one.p, eq }, word))
			continue;
		*value = eq < one.n ? str_from(one, eq + 1) : (struct str){ NULL, 0 };
		return true;
	}
	return false;
}

bool
alerts_id(struct sha256 *h, struct str rule, struct str labels, char hex[SHA256_HEX])
{
	struct str piece[] = { rule, STR("\t"), labels };
	unsigned char digest[SHA256_BYTES];

	if (!sha256(h, piece, countof(piece), digest))
		return false;
	sha256_hex(hex, digest);
	return true;
}
