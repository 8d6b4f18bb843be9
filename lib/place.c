/* place.c - see place.h. */
#include "place.h"

#include <stdlib.h>

#include "mem.h"
#include "str.h"

static const struct str outside[] = {	/* by -arm */
	[-ASSIGN_NONE] = { "", 0 },
	[-ASSIGN_UNEXPOSED] = { "(unexposed)", 11 },
	[-PLACE_PINNED] = { "(pinned)", 8 },
	[-PLACE_WASHOUT] = { "(washout)", 9 },
	[-PLACE_UNKNOWN] = { "(unknown)", 9 },
};

/* --- whose row is it --- */

static bool
wanted(const struct experiment *e, const char *only)
{
	return only ? str_eq(e->name, str_of(only)) : e->status == EXPERIMENT_RUNNING;
}

/* The experiments of one endpoint, by start, as the experiments themselves are. */
static void
link_chain(struct places *p, struct places_chain *c, struct str endpoint)
{
	c->of = mem_array(p->x->n, sizeof(*c->of));
	for (uint32_t i = 0; i < p->x->n; i++) {
		const struct experiment *e = &p->x->e[i];

		if (wanted(e, p->only) && (e->endpoint.n == 0 || str_eq(e->endpoint, endpoint)))
			c->of[c->n++] = i;
	}
}

bool
places_open(struct places *p, struct experiments *x, const char *only)
{
	bool added, any = false;

	*p = (struct places){ .x = x, .only = only };
	map_init(&p->endpoints, &x->key);
	for (size_t i = 0; i < x->n; i++) {
		if (wanted(&x->e[i], only) && x->e[i].endpoint.n)
			map_put(&p->endpoints, x->e[i].endpoint, &added);
		any |= wanted(&x->e[i], only);
	}
	/* [0] is for endpoints that no experiment names, [i + 1] for the i-th. */
	p->chain = mem_array((size_t)p->endpoints.n + 1, sizeof(*p->chain));
	link_chain(p, &p->chain[0], STR(""));
	for (uint32_t i = 0; i < p->endpoints.n; i++)
		link_chain(p, &p->chain[i + 1], map_key(&p->endpoints, i));
	return any;
}

void
places_close(struct places *p)
{
	for (size_t i = 0; p->chain && i <= p->endpoints.n; i++)
		free(p->chain[i].of);
	free(p->chain);
	map_free(&p->endpoints);
	*p = (struct places){ 0 };
}

bool
places_have(const struct places *p, const struct experiment *e)
{
	return wanted(e, p->only);
}

const struct experiment *
places_find(const struct places *p, struct str endpoint, int64_t us)
{
	uint32_t i = p->endpoints.n ? map_get(&p->endpoints, endpoint) : MAP_NONE;
	const struct places_chain *c = &p->chain[i == MAP_NONE ? 0 : i + 1];

	for (size_t k = 0; k < c->n; k++)
		if (us < p->x->e[c->of[k]].end_us)
			return &p->x->e[c->of[k]];
	return NULL;
}

/* --- where is a key --- */

static bool
in_washout(const struct experiment *e, int64_t us)
{
	int64_t since = us < e->start_us ? -1 : us - e->start_us, period = e->assign.period_us;

	if (since < 0 || since >= e->end_us - e->start_us)
		return false;
	return since < e->washout_us || (period && us % period < e->washout_us);
}

int
place_ttl_of(const struct experiment *e, int arm, int64_t us)
{
	return arm > 0 && us >= e->start_us && us < e->end_us ? arm : 0;
}

int
place_washout(const struct experiment *e, int arm, int64_t us)
{
	return arm >= 0 && in_washout(e, us) ? PLACE_WASHOUT : arm;
}

bool
places_key(struct places *p, const struct experiment *e, struct str key, int64_t us,
    struct placed *got)
{
	struct assigned a;

	if (!assign_key(&e->assign, &p->x->sha, key, &a))
		return false;
	got->hash = a.hash;
	if (e->pins.n && map_get(&e->pins, key) != MAP_NONE)
		a.arm = PLACE_PINNED;
	got->arm = assign_at(&e->assign, a.arm, us);
	got->ttl_of = place_ttl_of(e, got->arm, us);
	got->arm = place_washout(e, got->arm, us);
	return true;
}

static int64_t
sooner(int64_t next, int64_t us, int64_t at)
{
	return at > us && at < next ? at : next;
}

int64_t
place_next_change(const struct experiment *e, int64_t us)
{
	int64_t period = e->assign.period_us, next = sooner(e->end_us, us, e->start_us), turn;

	if (us >= e->end_us)
		return INT64_MAX;
	if (us >= e->start_us)
		next = sooner(next, us, e->start_us + e->washout_us);
	if (period == 0)
		return next;
	turn = us - us % period - (us % period < 0 ? period : 0);
	if (us >= e->start_us)
		next = sooner(next, us, turn + e->washout_us);
	return sooner(next, us, turn + period);
}

struct str
place_word(const struct experiment *e, int arm)
{
	return arm >= 0 ? e->cohort[arm].name : outside[-arm];
}

int
place_arm(const struct experiment *e, struct str cohort)
{
	for (size_t i = 0; i < e->assign.n; i++)
		if (str_eq(e->cohort[i].name, cohort))
			return (int)i;
	for (size_t i = 1; i < countof(outside); i++)
		if (str_eq(outside[i], cohort))
			return -(int)i;
	return PLACE_UNKNOWN;
}
