/* tell.c - see tell.h. */
#include "tell.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "msg.h"
#include "num.h"
#include "prop.h"
#include "str.h"
#include "when.h"

#define WIDTH		78	/* columns of a line */
#define PARAGRAPH_MAX	8192	/* bytes */
#define FEW_DAYS	7
#define FEW_KEYS	200	/* effective ones of a cohort */

struct page {
	struct out *out;
	const struct assess_how *how;
	const struct studies *studies;
	const struct study *u;
	const struct verdict *v;
	size_t treatments;
};

/* --- text --- */

/* Words in lines; the first begins with first, the others with as many blanks. */
static void
fill(struct out *o, const char *first, struct str words)
{
	size_t indent = strlen(first), col = indent;
	bool begun = false;
	struct str word;

	out_add(o, str_of(first));
	while (str_cut(&words, ' ', &word)) {
		if (begun && col + 1 + word.n > WIDTH) {
			out_byte(o, '\n');
			for (col = 0; col < indent; col++)
				out_byte(o, ' ');
		} else if (begun) {
			out_byte(o, ' ');
			col++;
		}
		out_shown(o, word);
		col += word.n;
		begun = true;
	}
	out_byte(o, '\n');
}

static void say(const struct page *p, const char *first, const char *fmt, ...) PRINTF(3, 4);

static void
say(const struct page *p, const char *first, const char *fmt, ...)
{
	char text[PARAGRAPH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fill(p->out, first, str_of(text));
}

static void
heading(const struct page *p, const char *s)
{
	out_byte(p->out, '\n');
	out_add(p->out, str_of(s));
	out_byte(p->out, '\n');
}

struct short_text {
	char s[64];
};

static struct short_text
at(int64_t us)
{
	struct short_text t = { "" };
	char *end = when_put_iso(t.s, us);

	*end = '\0';
	return t;
}

static struct short_text
amount(double x)
{
	struct short_text t = { "" };

	if (isnan(x))
		snprintf(t.s, sizeof(t.s), "unknown");
	else if (fabs(x) < 0x1p53 && trunc(x) == x)
		*num_put_double(t.s, x) = '\0';
	else
		snprintf(t.s, sizeof(t.s), "%.5g", x);
	return t;
}

static struct short_text
change(double x)
{
	struct short_text t = { "" };

	if (isfinite(x))
		snprintf(t.s, sizeof(t.s), "%+.4g", x);
	else
		snprintf(t.s, sizeof(t.s), "any");
	return t;
}

/* A probability, never as 0. */
static struct short_text
chance(double p)
{
	struct short_text t = { "" };

	snprintf(t.s, sizeof(t.s), p < 1e-4 ? "%.1e" : "%.2g", p);
	return t;
}

static bool
is_method(const struct verdict *v, const char *part)
{
	return str_find(v->method, str_of(part)) < v->method.n;
}

/* --- what was compared --- */

static void
tell_cohort(const struct page *p, size_t arm)
{
	const struct study *u = p->u;
	struct str ttl = u->e ? u->e->cohort[arm].ttl : STR("");

	say(p, "  ", "%.*s%s%s%.*s: %zu keys, %s requests", STRF(u->arm[arm].name),
	    arm ? "" : " (control)", ttl.n ? ", TTL " : "", STRF(ttl),
	    u->crossover ? armtab_count(&u->tab, ARMTAB_ALL) : armtab_count(&u->tab, (int)arm),
	    amount(u->arm[arm].requests).s);
}

static void
tell_compared(const struct page *p)
{
	const struct study *u = p->u;

	heading(p, "What was compared");
	if (u->first_us <= u->last_us)
		say(p, "  ", "Rows from %s to %s.", at(u->first_us).s, at(u->last_us).s);
	for (size_t i = 0; i < u->arms; i++)
		tell_cohort(p, i);
	if (u->outside > 0)
		say(p, "  ", "Outside: %s requests (%.3g %%) of keys that are pinned, not exposed, or too "
		    "soon after a change of the TTL.", amount(u->outside).s, 100 * u->outside / u->requests);
	if (u->crossover)
		say(p, "  ", "The cohorts change places every %s s: each key was in both.",
		    amount((double)u->e->assign.period_us / (double)WHEN_SEC).s);
	if (!isnan(p->v->srm_p))
		say(p, "  ", "The numbers of keys %s the weights (p = %s).",
		    p->v->srm_p < ASSESS_SRM ? "DO NOT FIT" : "fit", chance(p->v->srm_p).s);
}

/* --- what was found --- */

static void
tell_estimates(const struct page *p, const struct verdict *v)
{
	double level = 100 * (1 - p->how->compare.alpha);

	say(p, "  ", "%.*s: %.*s %s, %.*s %s", STRF(v->metric), STRF(v->control), amount(v->est_c).s,
	    STRF(v->treatment), amount(v->est_t).s);
	if (isnan(v->diff))
		return;
	say(p, "    ", "difference %s, with %.4g %% confidence between %s and %s", change(v->diff).s, level,
	    change(v->lo).s, change(v->hi).s);
	if (isfinite(v->rel))
		say(p, "    ", "that is %s %% of the control's value", change(100 * v->rel).s);
	if (assess_untrue(p->u, v))
		say(p, "    ", "p is %s, which would be so if requests were independent: keys have several, and "
		    "of two equal cohorts most differ as much", chance(v->p).s);
	else if (!isnan(v->p))
		say(p, "    ", "two equal cohorts differ as much in %s of all such experiments",
		    chance(v->p).s);
}

/* For requests that are independent each share has an interval of its own. */
static void
tell_wilson(const struct page *p, const struct verdict *v)
{
	const double est[] = { v->est_c, v->est_t }, n[] = { v->n_c, v->n_t };
	const struct str name[] = { v->control, v->treatment };

	if (!v->independent || !is_method(v, "newcombe"))
		return;
	for (size_t i = 0; i < countof(est); i++) {
		struct prop s = { (uint64_t)llround(est[i] / 100 * n[i]), (uint64_t)n[i] };
		struct prop_interval w = prop_wilson(s, p->how->compare.alpha);

		say(p, "    ", "%.*s by itself: %.5g to %.5g (Wilson)", STRF(name[i]), 100 * w.lo, 100 * w.hi);
	}
}

static void
tell_finding(const struct page *p, size_t use, const struct verdict *v)
{
	bool guard = p->u->use[use].guard;

	tell_estimates(p, v);
	tell_wilson(p, v);
	if (v->status == VERDICT_TREATMENT || v->status == VERDICT_CONTROL)
		say(p, "    ", "%.*s %s", STRF(v->status == VERDICT_TREATMENT ? v->treatment : v->control),
		    assess_untrue(p->u, v) ? "looks better, which proves nothing" : "is better");
	else if (v->status == VERDICT_INVALID)
		say(p, "    ", "INVALID: %s", v->reason);
	else if (!guard)
		say(p, "    ", "which is better cannot be told");
	if (*v->reason && v->status != VERDICT_INVALID && v->decision == VERDICT_UNDECIDED)
		say(p, "    ", "%s", v->reason);
}

static void
tell_found(const struct page *p)
{
	heading(p, "What was found");
	for (size_t use = 0; use < p->u->uses; use++)
		for (size_t t = 0; t < p->treatments; t++)
			tell_finding(p, use, &p->v[use * p->treatments + t]);
}

/* --- what that assumes --- */

static void
tell_independent(const struct page *p, const struct verdict *v)
{
	say(p, "  - ", "%.*s: that every request hits or misses on its own. Keys were assigned, and the "
	    "requests of a key share its fate: this method calls two cohorts that were treated alike "
	    "different in most cases. It is here to compare with.", STRF(v->method));
}

static void
tell_method(const struct page *p, const struct verdict *v)
{
	if (v->independent) {
		tell_independent(p, v);
		return;
	}
	if (is_method(v, "perm"))
		say(p, "  - ", "%.*s: only that keys were assigned at random. The labels were dealt to the "
		    "keys anew %s times (seed %s), and it was counted how often chance gave as much.",
		    STRF(v->method), amount(v->rounds).s, amount(v->seed).s);
	else
		say(p, "  - ", "%.*s: many keys of like weight. There are %.4g and %.4g effective ones, and the "
		    "heaviest has %.2g %% of all requests.", STRF(v->method), v->neff_c, v->neff_t,
		    100 * v->top);
	if (is_method(v, "cuped"))
		say(p, "  - ", "That before the start all cohorts were treated alike: what keys did then foretells "
		    "part of what they do, and was taken off.");
	if (is_method(v, "crossover"))
		say(p, "  - ", "That nothing of one period is left in the next: the washout must cover the "
		    "longest TTL.");
}

static void
tell_assumed(const struct page *p)
{
	heading(p, "What this assumes");
	tell_method(p, p->v);
	say(p, "  - ", "That cohorts do not take room from each other: in a full cache a longer TTL evicts "
	    "the other cohort's objects, and the difference looks larger than it is.");
	if (p->u->goals * p->treatments > 1)
		say(p, "  - ", "%zu comparisons were made, and p_adj makes up for that.",
		    p->u->goals * p->treatments);
}

/* --- what would make it surer --- */

static void
tell_keys(const struct page *p, const struct verdict *v)
{
	if (v->top > COMPARE_TOP)
		say(p, "  - ", "Pin the heaviest keys: one has %.3g %% of all requests, and where chance puts "
		    "it decides much of the difference.", 100 * v->top);
	if (fmin(v->neff_c, v->neff_t) < FEW_KEYS)
		say(p, "  - ", "More keys of like weight: %.3g and %.3g effective ones are few.", v->neff_c,
		    v->neff_t);
	if (!p->u->crossover && !is_method(v, "cuped") && !v->independent)
		say(p, "  - ", "Rows from before the start: a week of them usually narrows the interval "
		    "several times.");
	if (!p->u->crossover && p->u->arms == 2)
		say(p, "  - ", "A crossover (period): it compares each key with itself. More days of the same "
		    "help little, since keys keep differing.");
}

static void
tell_surer(const struct page *p)
{
	const struct verdict *v = p->v;
	size_t seen, days = studies_days(p->studies, p->u->first_us, p->u->last_us, &seen);

	heading(p, "What would make it surer");
	if (v->independent)
		say(p, "  - ", "--method auto, which compares keys.");
	tell_keys(p, v);
	if (p->u->first_us < p->u->last_us && days < FEW_DAYS)
		say(p, "  - ", "A whole week: %zu %s not show every weekday.", days,
		    days == 1 ? "day does" : "days do");
}

static void
tell_decision(const struct page *p)
{
	if (p->v->decision == VERDICT_UNDECIDED)
		return;
	heading(p, "Decision");
	for (size_t t = 0; t < p->treatments; t++) {
		const struct verdict *v = &p->v[t];

		say(p, "  ", "%.*s: %s: %s", STRF(v->treatment),
		    v->decision == VERDICT_PROMOTE ? "promote" : "no", v->reason);
	}
}

void
tell(struct out *o, const struct assess_how *how, const struct studies *s, const struct study *u,
    const struct verdict *v)
{
	struct page p = { .out = o, .how = how, .studies = s, .u = u, .v = v,
	    .treatments = u->arms > 1 ? u->arms - 1 : 1 };

	say(&p, "", "Experiment %.*s%s%.*s", STRF(u->name), u->e && u->e->endpoint.n ? ", endpoint " : "",
	    STRF(u->e ? u->e->endpoint : STR("")));
	tell_compared(&p);
	tell_found(&p);
	if (v->status != VERDICT_INVALID) {
		tell_assumed(&p);
		tell_surer(&p);
	}
	tell_decision(&p);
}
