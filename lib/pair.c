/* pair.c - see pair.h. */
#include "pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

static bool
no_variance(const char *why)
{
	return why && strcmp(why, "no variance") == 0;
}

static void
swap_times(struct ratio_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ratio_total now = keys[i].now;

		keys[i].now = keys[i].before;
		keys[i].before = now;
	}
}

void
pair_sum(struct pair *p)
{
	if (!p->crossover) {
		p->why_c = ratio_arm(p->keys, p->n_c, &p->c);
		p->why_t = ratio_arm(p->keys + p->n_c, p->n_t, &p->t);
		return;
	}
	p->why_t = ratio_arm(p->keys, p->n_t, &p->t);
	swap_times(p->keys, p->n_t);
	p->why_c = ratio_arm(p->keys, p->n_t, &p->c);
	swap_times(p->keys, p->n_t);
}

void
pair_open(struct pair *p, const struct armtab *tab, size_t metric, int c, int t, bool crossover)
{
	size_t room = crossover ? armtab_count(tab, ARMTAB_ALL) :
	    armtab_count(tab, c) + armtab_count(tab, t);

	*p = (struct pair){ .crossover = crossover, .keys = mem_array(room + 1, sizeof(*p->keys)) };
	if (!crossover)
		p->n_c = armtab_gather(tab, c, metric, p->keys);
	p->n_t = armtab_gather(tab, crossover ? ARMTAB_ALL : t, metric, p->keys + p->n_c);
	pair_sum(p);
}

void
pair_close(struct pair *p)
{
	free(p->keys);
	*p = (struct pair){ 0 };
}

double
pair_top(const struct pair *p)
{
	return fmax(p->c.top * p->c.n, p->t.top * p->t.n) / (p->c.n + p->t.n);
}

void
pair_tell(const struct pair *p, double scale, struct verdict *v)
{
	v->keys_c = (double)p->c.keys;
	v->keys_t = (double)p->t.keys;
	v->n_c = p->c.n;
	v->n_t = p->t.n;
	v->neff_c = p->c.n_eff;
	v->neff_t = p->t.n_eff;
	v->top = pair_top(p);
	v->est_c = scale * p->c.as.est;
	v->est_t = scale * p->t.as.est;
}

static const char *
said_of(const char *why, bool treatment)
{
	static const struct {
		const char *why, *c, *t;
	} words[] = {
		{ "no keys", "no keys in control", "no keys in treatment" },
		{ "one key", "one key in control", "one key in treatment" },
		{ "no requests", "nothing to count in control", "nothing to count in treatment" },
	};

	for (size_t i = 0; i < countof(words); i++)
		if (strcmp(why, words[i].why) == 0)
			return treatment ? words[i].t : words[i].c;
	return why;
}

const char *
pair_wrong(const struct pair *p)
{
	if (p->why_c && !no_variance(p->why_c))
		return said_of(p->why_c, false);
	if (p->why_t && !no_variance(p->why_t))
		return said_of(p->why_t, true);
	return NULL;
}

const char *
pair_flat(const struct pair *p)
{
	return p->why_c && p->why_t ? "no variance: all keys of a cohort have the same value" : NULL;
}

bool
pair_same(const struct pair *p)
{
	return no_variance(p->why_c) && no_variance(p->why_t) && p->c.as.est == p->t.as.est;
}
