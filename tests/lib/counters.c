/* counters: what a row has, what follows where a column is not there, what cannot be. */
#include "counters.h"

#include "str.h"
#include "stream.h"

#define BIT(k)	(UINT32_C(1) << (k))

static struct counters c;

/* The last row of a text; false: the reason without its place is in why. */
static bool
last_row(const char *text, char why[TSV_WHY_MAX])
{
	static struct stream s;
	bool ok = true;

	stream_open(&s, text);
	for (enum tsv_what what; ok && (what = tsv_next(&s.tsv)) != TSV_END;)
		if (what == TSV_HEADER)
			counters_bind(&c, &s.tsv, tsv_col(&s.tsv, STR("window")));
		else
			ok = counters_read(&c, &s.tsv, why);
	stream_close(&s);
	return ok;
}

static bool
refused(const char *text, const char *want)
{
	char why[TSV_WHY_MAX] = "";

	return !last_row(text, why) && strstr(why, want);
}

int
main(void)
{
	char why[TSV_WHY_MAX];

	CHECK(last_row("misses\tkey\ttime\twindow\trequests\thits\terrors\n9\ta\t0\t60\t10\t4\t\n", why));
	CHECK(c.count[CELL_REQUESTS] == 10 && c.count[CELL_HIT] == 4 && c.count[CELL_MISS] == 6);
	CHECK(c.count[CELL_ERRORS] == 0 && c.unknown == BIT(CELL_ERRORS));
	CHECK(!counters_missing(&c, BIT(CELL_HIT) | BIT(CELL_MISS) | BIT(CELL_ERRORS)));
	CHECK(!strcmp(counters_missing(&c, BIT(CELL_HIT) | BIT(CELL_MISS_BYTES)), "miss_bytes"));
	CHECK(!counters_missing(&c, BIT(CELL_STALE) | BIT(CELL_REVAL)));	/* they are hits */

	CHECK(last_row("key\ttime\twindow\tmisses\tbytes\thit_bytes\na\t0\t60\t3\t50\t20\n", why));
	CHECK(c.count[CELL_MISS] == 3 && c.count[CELL_MISS_BYTES] == 30 && c.unknown == 0);
	CHECK(!strcmp(counters_missing(&c, BIT(CELL_REQUESTS) | BIT(CELL_MISS)), "requests"));

	CHECK(refused("key\ttime\twindow\trequests\thits\na\t0\t60\t3\t4\n", ":2: column \"hits\": more than requests: \"4\""));
	CHECK(refused("key\ttime\twindow\tbytes\thit_bytes\na\t0\t60\t3\t4\n", "column \"hit_bytes\": more than bytes: \"4\""));
	CHECK(refused("key\ttime\twindow\thits\na\t0\t60\t-1\n", "column \"hits\": less than 0: \"-1\""));
	CHECK(refused("key\ttime\twindow\thits\na\t0\t60\tx\n", "column \"hits\": not a number: \"x\""));
	return test_end();
}
