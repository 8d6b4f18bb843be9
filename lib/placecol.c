/* placecol.c - see placecol.h. */
#include "placecol.h"

#include <stdio.h>

#include "str.h"

/* From FIELDS on, the fields of the experiments file. */
enum what { COHORT, TTL_S, TTL, BUCKET, HASH, FIELDS };

bool
placecol_of(struct placecol *c, struct str name)
{
	/* The name of an experiment is its file's first column. */
	static const char *const words[] = { "cohort", "ttl_s", "ttl", "bucket", "hash", "experiment" };

	*c = (struct placecol){ .name = name };
	for (; c->what < countof(words); c->what++)
		if (str_eq(name, str_of(words[c->what])))
			return true;
	for (unsigned i = 0; i < EXPERIMENT_FIELDS; i++)
		if (str_eq(name, str_of(experiment_field_name[i]))) {
			c->what = FIELDS + i;
			return true;
		}
	return false;
}

static struct str
ttl_text(int64_t s, char room[NUM_MAX])
{
	if (s == EXPERIMENT_NO_TTL)
		return STR("");
	return (struct str){ room, (size_t)(num_put_i64(room, s) - room) };
}

static struct str
hash_text(enum assign_scheme s, uint64_t hash, char room[NUM_MAX])
{
	if (assign_is_nginx(s))
		return (struct str){ room, (size_t)(num_put_u64(room, hash) - room) };
	return (struct str){ room, (size_t)snprintf(room, NUM_MAX, "%0*llx",
	    s == ASSIGN_CMON1 ? 16 : 2, (unsigned long long)hash) };
}

static struct str
bucket_text(enum assign_scheme s, uint64_t hash, char room[NUM_MAX])
{
	return (struct str){ room, (size_t)(num_put_double(room, assign_bucket(s, hash)) - room) };
}

struct str
placecol_text(const struct placecol *c, const struct experiment *e, const struct placed *at,
    bool hashed, char room[NUM_MAX])
{
	switch (c->what) {
	case COHORT:
		return place_word(e, at->arm);
	case TTL_S:
		return ttl_text(e->cohort[at->ttl_of].ttl_s, room);
	case TTL:
		return e->cohort[at->ttl_of].ttl;
	case BUCKET:
		return hashed ? bucket_text(e->assign.scheme, at->hash, room) : STR("");
	case HASH:
		return hashed ? hash_text(e->assign.scheme, at->hash, room) : STR("");
	default:
		return e->field[c->what - FIELDS];
	}
}
