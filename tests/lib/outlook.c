/* outlook: which keys and rows a plan is made of, and what stands in its rows. */
#include "outlook.h"

#include "str.h"
#include "stream.h"

#define HEAD	"name\tendpoint\tcohorts\tstart\tduration\tstatus\tpins\tcoverage\n"
#define ROWS	"endpoint\tkey\ttime\twindow\trequests\thits\n"
#define DAY	(INT64_C(86400) * 1000000)

struct planned {
	struct experiments x;
	struct metric_set set;
	struct study_use use;
	struct outlook o;
};

static char got[1 << 14];

static void
say(const char *text)
{
	fprintf(stderr, "%s\n", text);
	test_failed++;
}

/* Of the first experiment; NULL: all keys take part. */
static void
start(struct planned *p, const char *experiment)
{
	const struct hash_key any = { { 1, 2 } };
	const struct outlook_how how = { 0.05, 0.8, 1, DAY, false };
	char path[] = FILE_NAME, text[1024];

	memset(p, 0, sizeof(*p));
	metric_set_init(&p->set, STR("key"));
	p->set.keys_alone = true;
	CHECK(!metric_set_add(&p->set, STR("hit_pct"), true, &p->use.metric));
	outlook_open(&p->o, &p->set, &p->use, 1, &any, &how);
	if (!experiment)
		return;
	snprintf(text, sizeof(text), "%s%s", HEAD, experiment);
	file_write(path, text);
	CHECK(experiments_read(&p->x, path, say));
	unlink(path);
	outlook_experiment(&p->o, &p->x, &p->x.e[0]);
}

static void
end(struct planned *p)
{
	outlook_close(&p->o);
	metric_set_free(&p->set);
	experiments_free(&p->x);
}

/* NULL, or why it was refused, without the place. */
static const char *
feed(struct planned *p, const char *head, const char *rows)
{
	static struct stream s;
	static char text[1 << 14];
	struct metric_row row;
	bool ok = true;

	snprintf(text, sizeof(text), "%s%s", head, rows);
	stream_open(&s, text);
	for (enum tsv_what what; ok && (what = tsv_next(&s.tsv)) != TSV_END;) {
		if (what == TSV_HEADER) {
			CHECK(metric_set_bind(&p->set, &s.tsv));
			ok = outlook_bind(&p->o, &s.tsv);
		} else if (metric_set_read(&p->set, &s.tsv, &row) == METRIC_TAKEN) {
			ok = outlook_add(&p->o, &s.tsv, &row);
		}
	}
	stream_close(&s);
	return ok ? NULL : strchr(strchr(p->o.why, ':') + 1, ':') + 2;
}

/* The n-th field of the first row that is written. */
static struct str
field(struct planned *p, int64_t now_us, size_t n)
{
	char path[] = FILE_NAME;
	struct str rest, line = { NULL, 0 }, f = { NULL, 0 };
	struct out out;

	file_write(path, "");
	out_open(&out, path);
	outlook_write(&p->o, &out, now_us);
	out_close(&out);
	rest = file_read(path, got, sizeof(got));
	unlink(path);
	CHECK(str_cut(&rest, '\n', &line) && str_ends(line, STR("\treason")) && str_cut(&rest, '\n', &line));
	for (size_t i = 0; i <= n; i++)
		CHECK(str_cut(&line, '\t', &f));
	return f;
}

enum { TIME, METRIC, METHOD, KEYS, NEFF, TOP, DAYS, EST, REASON = 12 };

static void
test_all_keys(void)
{
	struct planned p;

	start(&p, NULL);
	CHECK(!feed(&p, ROWS, "a\tx\t0\t86400\t10\t4\nb\ty\t86400\t86400\t30\t8\n"));
	CHECK_STR(field(&p, 2 * DAY, KEYS), "2");
	end(&p);
	start(&p, NULL);
	CHECK(!feed(&p, ROWS, "a\tx\t0\t86400\t10\t4\nb\ty\t86400\t86400\t30\t8\n"));
	CHECK_STR(field(&p, 2 * DAY, EST), "30");
	end(&p);
	start(&p, NULL);
	CHECK(!feed(&p, ROWS, "a\tx\t0\t86400\t10\t4\na\ty\t0\t86400\t30\t8\n"));
	CHECK_STR(field(&p, 2 * DAY, REASON),
	    "all rows are in one period: a shorter --period is needed, or rows of more time");
	end(&p);
}

/* Only rows before the start, of its endpoint, and keys that are not pinned. */
static void
test_experiment(void)
{
	char pins[] = FILE_NAME, text[256];
	struct planned p;

	file_write(pins, "key\nheavy\na\\tb\n");
	snprintf(text, sizeof(text), "e\tt\tc:50,t:50\t1970-01-11\t7d\tdraft\t%s\t\n", pins);
	start(&p, text);
	CHECK(!feed(&p, ROWS,
	    "t\tx\t0\t86400\t10\t4\n"
	    "t\theavy\t0\t86400\t10\t4\n"
	    "t\ta\\tb\t0\t86400\t10\t4\n"
	    "o\tz\t0\t86400\t10\t4\n"
	    "t\ty\t86400\t86400\t30\t20\n"
	    "t\tx\t820800\t86400\t99\t9\n"	/* in two periods, if it were taken */
	    "t\tlate\t864000\t86400\t99\t9\n"));
	CHECK_STR(field(&p, 20 * DAY, KEYS), "2");
	end(&p);
	start(&p, text);
	CHECK(!feed(&p, ROWS, "t\tx\t0\t86400\t10\t4\nt\ty\t86400\t86400\t30\t20\n"));
	CHECK_STR(field(&p, 20 * DAY, DAYS), "10");	/* up to the start */
	end(&p);
	start(&p, text);
	CHECK(!feed(&p, ROWS, "t\theavy\t0\t86400\t10\t4\n"));
	CHECK_STR(field(&p, 20 * DAY, REASON), "no rows of its keys before its start");
	end(&p);
	unlink(pins);
}

static void
test_whose(void)
{
	struct planned p;

	start(&p, "e\tt\tc:50,t:50\t\t\tdraft\t\t\n");
	CHECK(!strcmp(feed(&p, "key\ttime\twindow\trequests\thits\n", ""),
	    "no column \"endpoint\": \"e\" is of one: run cmon-key before"));
	end(&p);
	start(&p, "e\tt\tc:50,t:50\t\t\tdraft\t\t\n");
	CHECK(!feed(&p, "experiment\tendpoint\tkey\ttime\twindow\trequests\thits\n",
	    "e\to\tx\t0\t60\t1\t1\n" "f\tt\tz\t0\t60\t1\t1\n" "(none)\tt\tw\t0\t60\t1\t1\n"));
	CHECK_STR(field(&p, DAY, KEYS), "2");
	end(&p);
}

static void
test_refused(void)
{
	struct planned p;

	start(&p, NULL);
	CHECK(!strcmp(feed(&p, ROWS, "a\tx\t0\t86401\t10\t4\n"),
	    "this window is in two periods: choose windows that divide them, or a longer --period"));
	CHECK(!strcmp(feed(&p, ROWS, "a\tx\t0\t60\t10\t4\na\tx\t59\t60\t10\t4\n"),
	    "rows of a key come in order of time, each window once"));
	end(&p);
}

int
main(void)
{
	test_all_keys();
	test_experiment();
	test_whose();
	test_refused();
	return test_end();
}
