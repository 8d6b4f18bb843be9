/* batch.c - see batch.h. */
#include "batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "slurp.h"
#include "str.h"

/* What cannot be read differs: writing it says why. */
static bool
has(const char *path, struct str text)
{
	char *now;
	size_t n;
	bool same;

	if (!slurp(path, text.n, &now, &n))
		return false;
	same = str_eq((struct str){ now, n }, text);
	free(now);
	return same;
}

void
batch_add(struct batch *b, const char *path, struct str text)
{
	struct out *o;

	if (b->dry || has(path, text))
		return;
	assert(b->n < BATCH_MAX);
	o = &b->out[b->n++];
	out_open(o, path);
	out_add(o, text);
	out_sync(o);
}

void
batch_commit(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		out_close(&b->out[i]);
	b->n = 0;
}
