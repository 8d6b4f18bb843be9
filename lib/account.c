#include "account.h"

#include <stdio.h>
#include <string.h>

#include "msg.h"

static void
count_reason(struct account *a, const char *why)
{
	char cut[ACCOUNT_WHY_MAX];
	size_t i = 0;

	snprintf(cut, sizeof(cut), "%s", why);
	while (i < ACCOUNT_REASONS && a->reason[i].n && strcmp(a->reason[i].why, cut) != 0)
		i++;
	if (i == ACCOUNT_REASONS) {
		a->others++;
		return;
	}
	if (a->reason[i].n++ == 0)
		memcpy(a->reason[i].why, cut, sizeof(cut));
}

void
account_reject(struct account *a, const char *path, uint64_t lineno, struct str line,
    const char *why)
{
	if (a->rejected++ == 0)
		snprintf(a->first, sizeof(a->first), "%s:%llu", path, (unsigned long long)lineno);
	count_reason(a, why);
	if (a->verbose)
		warn("%s:%llu: %s", path, (unsigned long long)lineno, why);
	if (a->keep && line.p) {
		out_add(a->keep, line);
		out_byte(a->keep, '\n');
	}
}

static void
add_reason(struct buf *b, const char **sep, const char *why, uint64_t n)
{
	if (n == 0)
		return;
	buf_printf(b, "%s%s: %llu", *sep, why, (unsigned long long)n);
	*sep = "; ";
}

static void
add_reasons(const struct account *a, struct buf *b)
{
	const char *sep = " (";

	for (size_t i = 0; i < ACCOUNT_REASONS; i++)
		add_reason(b, &sep, a->reason[i].why, a->reason[i].n);
	add_reason(b, &sep, "other reasons", a->others);
	add_reason(b, &sep, "over --max-line", a->too_long);
	if (*a->first)
		buf_printf(b, "; first at %s", a->first);
	buf_byte(b, ')');
}

static void
add_count(struct buf *b, uint64_t n, const char *what)
{
	if (n)
		buf_printf(b, ", %llu %s", (unsigned long long)n, what);
}

void
account_summary(const struct account *a, struct buf *b)
{
	buf_printf(b, "%llu line%s: %llu record%s", (unsigned long long)a->lines,
	    a->lines == 1 ? "" : "s", (unsigned long long)a->records,
	    a->records == 1 ? "" : "s");
	add_count(b, a->left_out, "left out");
	add_count(b, a->aside, "blank or no record");
	add_count(b, a->incomplete, "incomplete (no newline at the end)");
	add_count(b, a->rejected, "rejected");
	if (a->rejected)
		add_reasons(a, b);
}

double
account_rejected_pct(const struct account *a)
{
	uint64_t all = a->records + a->left_out + a->rejected;

	return all ? (double)a->rejected * 100 / (double)all : 0;
}
