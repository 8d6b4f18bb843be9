#include "nagios.h"

#include "num.h"
#include "str.h"

static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

static bool
sounds(const struct alarm *one)
{
	return one->e.state == ALERT_FIRING && one->muted_by.n == 0;
}

/* Info tells nobody to get up. */
static enum nagios
status_of(const struct alarm *one)
{
	if (!sounds(one))
		return NAGIOS_OK;
	if (str_eq(one->severity, STR("critical")))
		return NAGIOS_CRITICAL;
	return str_eq(one->severity, STR("warning")) ? NAGIOS_WARNING : NAGIOS_OK;
}

static enum nagios
worst(const struct alarms *a, size_t *loud)
{
	enum nagios status = NAGIOS_OK;
	size_t judged = 0;

	*loud = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct alarm *one = &a->one[i];
		enum nagios s = status_of(one);

		*loud += s != NAGIOS_OK;
		judged += one->rule && !one->nodata && !one->blind;
		status = s > status ? s : status;
	}
	return status == NAGIOS_OK && judged == 0 ? NAGIOS_UNKNOWN : status;
}

/* Text without these characters, and without what people must not be shown. */
static void
add_without(struct buf *b, struct str s, const char *these)
{
	struct str c;

	while (s.n)
		buf_add(b, str_cut_shown(&s, &c) && !strchr(these, *c.p) ? c : STR("_"));
}

/* What stands in quotes before the "=": neither may be in it, nor a "|". */
static void
add_name(struct buf *b, const struct alarm *one)
{
	struct str rest = one->labels, name, value;

	buf_add(b, one->rule_id);
	while (labels_next(&rest, &name, &value)) {
		buf_byte(b, '/');
		add_without(b, value, "'=|\"");
	}
}

static void
add_range(struct buf *b, const struct rule_term *t)
{
	if (t->op == OP_EQ || t->op == OP_NE)
		return;
	num_add_double(b, t->threshold);
	if (t->op == OP_LT || t->op == OP_LE)
		buf_byte(b, ':');
}

static void
add_reason(struct buf *b, const struct alarm *one, bool first)
{
	struct buf found;

	buf_add(b, first ? STR(" - ") : STR(", "));
	add_name(b, one);
	if (one->nodata) {
		buf_add(b, STR(": no data"));
	} else if (one->valued) {
		buf_byte(b, ' ');
		buf_init(&found, NAGIOS_LINE_MAX);
		rule_put_finding(&found, &one->rule->term[0], one->value);
		add_without(b, buf_str(&found), "|");	/* performance data begins there */
		buf_free(&found);
	}
}

static void
add_figure(struct buf *b, const struct alarm *one, bool first)
{
	const struct rule_term *t = &one->rule->term[0];

	buf_add(b, first ? STR(" | '") : STR(" '"));
	add_name(b, one);
	buf_add(b, STR("'="));
	num_add_double(b, one->value);
	/* The guidelines know no other units. */
	if (t->unit.kind != UNIT_PLAIN)
		buf_add(b, str_of(t->unit.text));
	buf_byte(b, ';');
	if (one->rule->severity == SEVERITY_WARNING)
		add_range(b, t);
	buf_byte(b, ';');
	if (one->rule->severity == SEVERITY_CRITICAL)
		add_range(b, t);
}

/* Takes back what did not fit as a whole. */
static bool
fits(struct buf *b, size_t before)
{
	if (!b->over)
		return true;
	b->n = before;
	b->over = false;
	return false;
}

enum nagios
nagios_line(const struct alarms *a, const struct alarm *const *order, struct buf *line)
{
	size_t loud, said = 0;
	enum nagios status = worst(a, &loud);
	bool first = true;

	buf_init(line, NAGIOS_LINE_MAX / 2);
	buf_add(line, str_of(words[status]));
	if (status == NAGIOS_UNKNOWN)
		buf_add(line, STR(" - no rule has data to judge"));
	for (uint32_t i = 0; i < a->n && said < loud; i++) {
		size_t before = line->n;

		if (status_of(order[i]) == NAGIOS_OK)
			continue;
		add_reason(line, order[i], said == 0);
		if (!fits(line, before))
			break;
		said++;
	}
	line->max = NAGIOS_LINE_MAX;
	if (said < loud)
		buf_printf(line, ", %zu more", loud - said);
	for (uint32_t i = 0; i < a->n; i++) {
		const struct alarm *one = order[i];
		size_t before = line->n;

		if (!one->rule || one->nodata || !one->valued || one->blind)
			continue;
		add_figure(line, one, first);
		first = false;
		if (!fits(line, before))
			break;
	}
	buf_byte(line, '\n');
	return status;
}
