#include "limit.h"

#include "str.h"

bool
limit_open(struct limit *l, uint64_t max, size_t mem)
{
	struct hash_key key;

	*l = (struct limit){ .max = max < MAP_NONE ? max : MAP_NONE - 1, .mem = mem };
	if (!hash_key_random(&key))
		return false;
	map_init(&l->known, &key);
	return true;
}

struct str
limit_take(struct limit *l, struct str field)
{
	bool added;

	if (field.n == 0 || str_eq(field, LIMIT_OTHER) || str_eq(field, STR("(none)")) ||
	    map_get(&l->known, field) != MAP_NONE)
		return field;
	if (l->known.n >= l->max || field.n > l->mem - l->bytes) {
		/* One that is refused for its size must not let shorter ones in. */
		l->max = l->known.n;
		l->folded++;
		return LIMIT_OTHER;
	}
	(void)map_put(&l->known, field, &added);
	l->bytes += field.n;
	return field;
}

void
limit_close(struct limit *l)
{
	map_free(&l->known);
}
