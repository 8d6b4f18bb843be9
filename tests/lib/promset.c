#include "test.h"

#include <unistd.h>

#include "promset.h"
#include "str.h"

static const struct hash_key key = { { 1, 2 } };

static uint32_t
column(struct promset *ps, const char *name)
{
	struct prom_column c;
	uint32_t i = UINT32_MAX;

	CHECK(!prom_column(&c, STR(""), str_of(name)));
	CHECK(promset_column(ps, str_of(name), &c, &i));
	return i;
}

static uint32_t
series(struct promset *ps, const char *labels)
{
	uint32_t i = UINT32_MAX;

	CHECK(promset_series(ps, str_of(labels), str_of(labels), &i));
	return i;
}

static void
put(struct promset *ps, uint32_t s, uint32_t c, int64_t end, double v)
{
	CHECK(promset_put(ps, s, c, end, v < 0 ? NULL : &v));
}

/* The lines that are no comments. */
static void
written(struct promset *ps, const char *want)
{
	char path[] = "/tmp/promset.XXXXXX", text[1024] = "", line[256];
	struct out o;
	FILE *f;
	int fd = mkstemp(path);

	CHECK(fd != -1 && close(fd) == 0);
	CHECK(promset_finish(ps));
	out_open(&o, path);
	promset_write(ps, &o);
	CHECK_INT(out_close(&o), 0);
	f = fopen(path, "r");
	CHECK(f != NULL);
	while (f && fgets(line, sizeof(line), f))
		if (line[0] != '#')
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", line);
	if (f)
		fclose(f);
	remove(path);
	CHECK_STR(str_of(text), want);
	promset_free(ps);
}

int
main(void)
{
	struct prom_column c;
	struct promset ps;
	uint32_t hits, misses, edge, kv, unused;
	double v = 1;

	/* The latest end holds, whatever the order; the same end restates. */
	promset_init(&ps, &key, 10);
	hits = column(&ps, "hits");
	misses = column(&ps, "misses");
	kv = series(&ps, "tier=\"kv\"");
	edge = series(&ps, "tier=\"edge\"");
	CHECK_INT(series(&ps, "tier=\"edge\""), edge);
	put(&ps, kv, misses, 20, 7);
	put(&ps, kv, misses, 10, 6);
	put(&ps, edge, hits, 10, 1);
	put(&ps, edge, hits, 20, 2);
	put(&ps, edge, hits, 20, 3);
	put(&ps, edge, misses, 10, 4);
	put(&ps, edge, misses, 20, -1);		/* none any more */
	written(&ps, "hits{tier=\"edge\"} 3\nmisses{tier=\"kv\"} 7\n");

	/* A family's lines stand together: '_' sorts before '{', and after none. */
	promset_init(&ps, &key, 10);
	hits = column(&ps, "hit");
	misses = column(&ps, "hit_z");
	put(&ps, series(&ps, "a=\"1\""), hits, 1, 1);
	put(&ps, series(&ps, "a=\"1\""), misses, 1, 2);
	put(&ps, series(&ps, ""), hits, 1, 3);
	put(&ps, series(&ps, ""), column(&ps, "hit_p50"), 1, 4);
	written(&ps, "hit 3\nhit{a=\"1\"} 1\nhit_quantile{q=\"0.5\"} 4\nhit_z{a=\"1\"} 2\n");

	/* Two columns of one name; two series of one text; one too many. */
	promset_init(&ps, &key, 2);
	hits = column(&ps, "queue_depth");
	CHECK(!prom_column(&c, STR(""), STR("queueDepth")));
	CHECK(!promset_column(&ps, STR("queueDepth"), &c, &unused));
	CHECK(strstr(ps.why, "\"queue_depth\" and \"queueDepth\"") != NULL);
	CHECK(promset_series(&ps, STR("one"), STR("a=\"x\""), &edge));
	CHECK(promset_series(&ps, STR("two"), STR("a=\"x\""), &kv));
	CHECK(!promset_series(&ps, STR("three"), STR(""), &unused));
	CHECK(strstr(ps.why, "more than 2 series") != NULL);
	put(&ps, edge, hits, 1, 1);
	put(&ps, kv, hits, 1, 1);
	CHECK(!promset_finish(&ps));
	CHECK(strstr(ps.why, "two series become queue_depth{a=\"x\"}") != NULL);
	CHECK(!promset_put(&ps, kv, hits + 1, 1, &v));
	promset_free(&ps);
	return test_end();
}
