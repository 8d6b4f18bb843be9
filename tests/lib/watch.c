/* watch: the newest figures, against looking through all rows each time. */
#include "watch.h"

#include <unistd.h>

#include "alerts.h"
#include "str.h"
#include "test.h"

#define ROWS	60
#define NOW	INT64_C(1000)		/* seconds */

struct row {
	int host, tier;		/* 0: empty, else a, b or c */
	int64_t end, window;
	int value;		/* -1: empty */
	int requests;
};

static const char *const letter[] = { "", "a", "b", "c" };

/* By hand: which rows a term means, and the newest of them. */
struct meaning {
	int host, tier;		/* 0: empty, 1..3: that one, -1: any but empty */
	int64_t window;		/* -1: any */
};

static const struct meaning means[] = {
	{ 0, 0, -1 }, { -1, 0, -1 }, { -1, 2, -1 }, { 1, 0, 60 }, { -1, -1, 60 }, { 0, -1, 0 },
};
static const char rules_text[] =
    "id\tseverity\tcondition\n"
    "total\tinfo\tx > 50\n" "hosts\tinfo\tx{host=*} > 50\n" "tier\tinfo\tx{host=*,tier=b} > 50\n"
    "one\tinfo\tx{host=a,window=1m} > 50\n" "both\tinfo\tx{host!=\"\",tier=*,window=1m} > 50\n"
    "gauge\tinfo\tx{tier=*,window=0} > 50\n";

static void
no_complaint(const char *text)
{
	printf("%s\n", text);
	CHECK(text == NULL);
}

static bool
fits(const struct meaning *m, const struct row *r)
{
	return (m->host < 0 ? r->host > 0 : m->host == r->host) &&
	    (m->tier < 0 ? r->tier > 0 : m->tier == r->tier) &&
	    (m->window < 0 || m->window == r->window) && r->end <= NOW;
}

static const struct row *
newest(const struct row *row, const struct meaning *m, int host, int tier)
{
	const struct row *best = NULL;

	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &row[i];

		if (!fits(m, r) || (m->host < 0 && r->host != host) || (m->tier < 0 && r->tier != tier))
			continue;
		if (!best || r->end > best->end || (r->end == best->end && r->window <= best->window))
			best = r;
	}
	return best;
}

static int
number(struct str labels, const char *name)
{
	struct str value = labels_get(labels, str_of(name));

	return value.n ? value.p[0] - 'a' + 1 : 0;
}

static void
check_one(const struct row *row, const struct watched *one)
{
	const struct row *want = newest(row, &means[one->rule], number(one->labels, "host"),
	    number(one->labels, "tier"));

	CHECK((want != NULL) == (one->sample[0].end_us != 0));
	if (!want)
		return;
	CHECK_INT(one->sample[0].end_us, want->end * 1000000);
	CHECK_INT(one->sample[0].window_us, want->window * 1000000);
	CHECK(one->sample[0].valued == (want->value >= 0));
	CHECK(want->value < 0 || one->sample[0].value == want->value);
	CHECK_INT(one->sample[0].n, want->requests);
}

/* Are there as many watched as there are sets of values among the rows? */
static void
check_count(const struct row *row, const struct watch *w, uint32_t rule)
{
	const struct meaning *m = &means[rule];
	unsigned sets = 0, seen = 0;

	for (int h = m->host < 0 ? 1 : 0; h <= (m->host < 0 ? 3 : 0); h++)
		for (int t = m->tier < 0 ? 1 : 0; t <= (m->tier < 0 ? 3 : 0); t++)
			sets += newest(row, m, h, t) || (m->host >= 0 && m->tier >= 0);
	for (uint32_t i = 0; i < w->n; i++)
		seen += w->one[i].rule == rule && w->one[i].seen;
	CHECK_INT(seen, sets);
}

static void
write_rows(const char *path, struct row *row, uint64_t *seed)
{
	FILE *f = fopen(path, "w");

	fputs("host\ttier\ttime\twindow\trequests\tx\n", f);
	for (size_t i = 0; i < ROWS; i++) {
		static const int64_t windows[] = { 0, 60, 300 };
		struct row *r = &row[i];

		*r = (struct row){ (int)(test_random(seed) % 4), (int)(test_random(seed) % 4),
		    NOW - 400 + 60 * (int64_t)(test_random(seed) % 8), windows[test_random(seed) % 3],
		    (int)(test_random(seed) % 101) - 1, (int)(test_random(seed) % 1000) };
		if (i == ROWS / 2)	/* the same columns in another order */
			fputs("tier\thost\ttime\twindow\tx\trequests\n", f);
		if (i < ROWS / 2)
			fprintf(f, "%s\t%s\t", letter[r->host], letter[r->tier]);
		else
			fprintf(f, "%s\t%s\t", letter[r->tier], letter[r->host]);
		fprintf(f, "%" PRId64 "\t%" PRId64 "\t", r->end - r->window, r->window);
		if (i < ROWS / 2)
			fprintf(f, "%d\t", r->requests);
		if (r->value >= 0)
			fprintf(f, "%d", r->value);
		if (i >= ROWS / 2)
			fprintf(f, "\t%d", r->requests);
		fputs("\n", f);
	}
	fclose(f);
}

int
main(void)
{
	char path[] = "/tmp/cmon-watch-XXXXXX", why[WATCH_WHY_MAX];
	char *paths[] = { path, NULL };
	struct hash_key key = { { 1, 2 } };
	static struct tsv t;
	struct rules rules;
	uint64_t seed = 5;
	int fd = mkstemp(path);

	CHECK(write(fd, rules_text, sizeof(rules_text) - 1) > 0);
	close(fd);
	CHECK(rules_read(&rules, path, no_complaint));
	CHECK_INT(rules.n, countof(means));
	for (int round = 0; round < 400; round++) {
		bool history = round % 2;
		struct row row[ROWS];
		struct watch w;
		struct in in;

		write_rows(path, row, &seed);
		watch_open(&w, &rules, &key, NOW * 1000000);
		if (history)
			watch_keep(&w);
		in_open(&in, paths, IN_TSV_LINE_MAX);
		tsv_open(&t, &in);
		CHECK(watch_read(&w, &t, why));
		if (history) {
			int64_t first, last;

			CHECK(watch_span(&w, &first, &last) && first <= last && last <= NOW * 1000000);
			watch_until(&w, first);
			watch_until(&w, last);
		}
		for (uint32_t i = 0; i < w.n; i++)
			if (w.one[i].seen)
				check_one(row, &w.one[i]);
		for (uint32_t i = 0; i < rules.n; i++)
			check_count(row, &w, i);
		tsv_close(&t);
		in_close(&in);
		watch_close(&w);
	}
	rules_free(&rules);
	unlink(path);
	return test_end();
}
