/* definition.c - see definition.h. */
#include "definition.h"

#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

/* The same whatever the order of the keys. */
static bool
sum_of_pins(struct experiments *x, const struct experiment *e, uint64_t *total)
{
	for (uint32_t i = 0; i < e->pins.n; i++) {
		struct str key = map_key(&e->pins, i);
		unsigned char sum[SHA256_BYTES];
		uint64_t v = 0;

		if (!sha256(&x->sha, &key, 1, sum))
			return false;
		for (size_t k = 0; k < 8; k++)
			v = v << 8 | sum[k];
		*total += v;
	}
	return true;
}

bool
definition_put(struct experiments *x, const struct experiment *e, struct buf *b)
{
	const struct assign *a = &e->assign;
	char room[NUM_MAX];
	uint64_t pins = 0;

	if (!sum_of_pins(x, e, &pins))
		return false;
	buf_printf(b, "scheme=%s salt=%.*s endpoint=%.*s start=", assign_scheme_name[a->scheme],
	    STRF(a->salt), STRF(e->endpoint));
	buf_add(b, (struct str){ room, (size_t)(when_put(room, e->start_us) - room) });
	buf_printf(b, " period=%lld washout=%lld pins=%u:%016llx cohorts=", (long long)(a->period_us / WHEN_SEC),
	    (long long)(e->washout_us / WHEN_SEC), e->pins.n, (unsigned long long)pins);
	for (size_t i = 0; i < a->n; i++) {
		buf_printf(b, "%s%.*s:", i ? "," : "", STRF(e->cohort[i].name));
		if (a->rest && i + 1 == a->n)
			buf_byte(b, '*');
		else
			buf_add(b, (struct str){ room, (size_t)(num_put_fixed(room, (int64_t)a->weight[i],
			    EXPERIMENT_WEIGHT_SCALE) - room) });
		if (e->cohort[i].ttl_s != EXPERIMENT_NO_TTL)
			buf_printf(b, ":%llds", (long long)e->cohort[i].ttl_s);
	}
	return !b->over;
}

void
definition_differ(struct str was, struct str is, struct str *old, struct str *new)
{
	do {
		*old = *new = (struct str){ NULL, 0 };
	} while (str_cut(&was, ' ', old) && str_cut(&is, ' ', new) && str_eq(*old, *new));
}
