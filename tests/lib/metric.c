/* metric: what events and totals by key add to each metric, and what they lack. */
#include "metric.h"

#include "str.h"
#include "stream.h"

#define MINUTE	INT64_C(60000000)
#define LABELS	"experiment\tcohort\tkey\ttime\twindow\t"

static struct metric_set set;
static struct stream s;		/* open until the next: a row's slices are borrowed from it */
static bool open;

static void
done_reading(void)
{
	if (open)
		stream_close(&s);
	open = false;
}

/* The metrics are of this one; names separated by commas, "+" for more is better. */
static void
begin(const char *names)
{
	struct str list = str_of(names), name;
	const char *why;
	size_t i;

	metric_set_init(&set, STR("key"));
	while (str_cut(&list, ',', &name)) {
		bool more = metric_wants_more(&name);

		why = metric_set_add(&set, name, more, &i);
		CHECK(!why && i + 1 == set.n);
	}
}

/* The last row of a stream. */
static enum metric_what
read_text(const char *text, struct metric_row *row)
{
	enum metric_what what = METRIC_BAD;
	enum tsv_what kind;

	done_reading();
	stream_open(&s, text);
	open = true;
	while ((kind = tsv_next(&s.tsv)) != TSV_END) {
		CHECK(kind != TSV_BAD);
		if (kind == TSV_HEADER && !metric_set_bind(&set, &s.tsv))
			break;
		if (kind == TSV_ROW)
			what = metric_set_read(&set, &s.tsv, row);
	}
	return what;
}

static void
adds(size_t i, double y, double n)
{
	struct ratio_total v = metric_total(&set, i);

	CHECK(fabs(v.y - y) <= 1e-12 * fabs(y) && v.n == n);
	if (fabs(v.y - y) > 1e-12 * fabs(y) || v.n != n)
		fprintf(stderr, "\t%.*s: got %g of %g, want %g of %g\n", (int)set.m[i].name.n,
		    set.m[i].name.p, v.y, v.n, y, n);
}

#define ALL	"hit_pct,miss_pct,byte_hit_pct,offload_pct,error_pct,coverage_pct,latency_ms_avg"
#define EVENTS	"time\texperiment\tcohort\tkey\tcache\ttier\tstatus\tbytes\tlatency_ms\tweight\n"

static void
test_events(void)
{
	struct metric_row row;

	begin(ALL);
	CHECK(set.m[0].more && !set.m[1].more && set.m[2].more && set.m[3].more && !set.m[4].more);
	CHECK(set.m[0].scale == 100 && set.m[6].scale == 1);
	CHECK_INT(read_text(EVENTS "60.5\te\tc\tk\tstale\tedge\t503\t100\t1.5\t3\n", &row), METRIC_TAKEN);
	CHECK(row.event && row.start_us == MINUTE + 500000 && row.end_us == row.start_us);
	CHECK(row.requests == 3);
	adds(0, 3, 3);
	adds(1, 0, 3);
	adds(2, 300, 300);
	adds(3, 3, 3);
	adds(4, 3, 3);
	adds(5, 3, 3);
	adds(6, 4.5, 3);
	CHECK(metric_moments(&set, 6).n == 3 && metric_moments(&set, 6).mean == 1.5);
	CHECK_INT(metric_moments(&set, 0).n, 0);
	CHECK_INT(read_text(EVENTS "60\te\tc\tk\tmiss\torigin\t200\t100\t\t\n", &row), METRIC_TAKEN);
	adds(0, 0, 1);
	adds(1, 1, 1);
	adds(2, 0, 100);
	adds(3, 0, 1);
	adds(6, 0, 0);
	CHECK_INT(read_text(EVENTS "60\te\tc\tk\tpass\t\t200\t100\t2\t\n", &row), METRIC_TAKEN);
	adds(0, 0, 0);
	adds(5, 1, 1);
	CHECK_INT(read_text(EVENTS "60\te\tc\tk\t\t\t200\t100\t2\t\n", &row), METRIC_TAKEN);
	adds(5, 0, 1);
	for (size_t i = 0; i < set.n; i++)
		CHECK(!*set.m[i].lack);
	metric_set_free(&set);
}

static void
test_totals(void)
{
	struct metric_row row;

	begin(ALL);
	CHECK_INT(read_text(LABELS "requests\thits\tmisses\tpasses\tsynths\tcache_errors\torigin\terrors\t"
	    "bytes\thit_bytes\tmiss_bytes\tlatency_ms_n\tlatency_ms_sum\tlatency_ms_sumsq\n"
	    "e\tc\tk\t60\t120\t100\t60\t20\t5\t4\t3\t20\t7\t900\t500\t300\t10\t30\t100\n", &row), METRIC_TAKEN);
	CHECK(!row.event && row.start_us == MINUTE && row.end_us == 3 * MINUTE && row.requests == 100);
	adds(0, 60, 80);
	adds(1, 20, 80);
	adds(2, 500, 800);
	adds(4, 7, 100);
	adds(6, 30, 10);
	CHECK(metric_moments(&set, 6).n == 10 && metric_moments(&set, 6).m2 == 10);
	/* One value deviates from nothing, whatever its square was rounded to. */
	CHECK_INT(read_text(LABELS "x_n\tlatency_ms_n\tlatency_ms_sum\tlatency_ms_sumsq\n"
	    "e\tc\tk\t60\t60\t1\t1\t10000000.03\t100000000600000.1\n", &row), METRIC_TAKEN);
	CHECK(metric_moments(&set, 6).n == 1 && metric_moments(&set, 6).m2 == 0);
	metric_set_free(&set);
	/* Whatever is no hit is a miss, and each request has a value. */
	begin("hit_pct,byte_hit_pct,latency_ms_avg");
	CHECK_INT(read_text(LABELS "requests\thits\tbytes\thit_bytes\tlatency_ms_sum\n"
	    "e\tc\tk\t60\t60\t10\t4\t70\t30\t55\n", &row), METRIC_TAKEN);
	adds(0, 4, 10);
	adds(1, 30, 70);
	adds(2, 55, 10);
	CHECK(isnan(metric_moments(&set, 2).m2));
	metric_set_free(&set);
}

static void
lacks(const char *names, const char *header, const char *want)
{
	struct metric_row row;

	begin(names);
	(void)read_text(header, &row);
	CHECK_STR(str_of(set.m[0].lack), want);
	metric_set_free(&set);
}

static void
test_lacks(void)
{
	lacks("hit_pct", LABELS "hits\n", "no column \"misses\"");
	lacks("hit_pct", LABELS "requests\thits\n", "");
	lacks("byte_hit_pct", LABELS "requests\thits\thit_bytes\n", "no column \"miss_bytes\"");
	lacks("error_pct", LABELS "errors\n", "no column \"requests\"");
	lacks("x_avg", LABELS "x_sum\n", "no column \"requests\"");
	lacks("x_avg", LABELS "x_n\n", "no column \"x_sum\"");
	lacks("x_p95", LABELS "x_p95\n", "totals by key have no values of \"x\": give events");
	lacks("hit_pct", "time\texperiment\tcohort\tkey\n", "no column \"cache\"");
	lacks("error_pct", "time\texperiment\tcohort\tkey\n", "no column \"status\"");
	lacks("x_p95", "time\texperiment\tcohort\tkey\n", "no column \"x\"");
	/* What one of two headers lacks stays lacking. */
	lacks("x_avg", "time\texperiment\tcohort\tkey\ntime\texperiment\tcohort\tkey\tx\n", "no column \"x\"");
}

static void
is(enum metric_what want, const char *labels, const char *why)
{
	struct metric_row row;
	char text[512];

	snprintf(text, sizeof(text), "host\t" LABELS "requests\thits\n%s\n", labels);
	begin("hit_pct");
	CHECK_INT(read_text(text, &row), want);
	if (want == METRIC_BAD)
		CHECK_STR(str_of(strchr(set.why, ':') + 1), why);
	metric_set_free(&set);
}

static void
test_rows(void)
{
	is(METRIC_TAKEN, "\te\tc\tk\t0\t60\t9\t5", NULL);
	is(METRIC_TOTAL, "\te\tc\t\t0\t60\t9\t5", NULL);
	is(METRIC_TOTAL, "\t\tc\tk\t0\t60\t9\t5", NULL);
	is(METRIC_TOTAL, "h\te\tc\tk\t0\t60\t9\t5", NULL);
	is(METRIC_OUTSIDE, "\te\tc\t(none)\t0\t60\t9\t5", NULL);
	is(METRIC_OUTSIDE, "\t(none)\t(none)\tk\t0\t60\t9\t5", NULL);
	is(METRIC_TAKEN, "\te\t(pinned)\tk\t0\t60\t9\t5", NULL);
	is(METRIC_TAKEN, "\te\tc\tk\t0\t60\t\t", NULL);
	is(METRIC_BAD, "\te\tc\t(other)\t0\t60\t9\t5",
	    "2: column \"key\": stands for many; do not fold keys (--max-groups): \"(other)\"");
	is(METRIC_BAD, "\te\tc\tk\t0\tx\t9\t5", "2: column \"window\": not a number of seconds: \"x\"");
	is(METRIC_BAD, "\te\tc\tk\t0\t60\t9\t10", "2: column \"hits\": more than requests: \"10\"");
	is(METRIC_BAD, "\te\tc\tk\t0\t60\t-1\t0", "2: column \"requests\": less than 0: \"-1\"");
}

static void
test_header(void)
{
	struct metric_row row;

	begin("hit_pct");
	CHECK_INT(read_text("time\tkey\n1\tk\n", &row), METRIC_BAD);
	CHECK(strstr(set.why, ":1: no column \"experiment\": cmon-cohort(1) adds experiment and cohort"));
	metric_set_free(&set);
	begin("hit_pct");
	/* A value of that name is no label. */
	CHECK_INT(read_text("experiment\tcohort\ttime\twindow\tkey\n", &row), METRIC_BAD);
	CHECK(strstr(set.why, ":1: no label \"key\": group by experiment, cohort and key"));
	metric_set_free(&set);
	begin("hit_pct");
	set.keys_alone = true;
	CHECK_INT(read_text("time\tkey\tcache\n1\tk\thit\n", &row), METRIC_TAKEN);
	adds(0, 1, 1);
	metric_set_free(&set);
}

static void
test_quantile(void)
{
	struct metric_row row;
	double v = 0;

	begin("latency_ms_p95,latency_ms_avg");
	CHECK_INT(read_text("time\texperiment\tcohort\tkey\tlatency_ms\tweight\n1\te\tc\tk\t0.125\t2\n", &row),
	    METRIC_TAKEN);
	CHECK(metric_value(&set, 0, &v) == 2 && v == 0.125);
	CHECK(metric_value(&set, 1, &v) == 0);
	adds(0, 0, 0);
	adds(1, 0.25, 2);
	CHECK_INT(read_text("time\texperiment\tcohort\tkey\tlatency_ms\n1\te\tc\tk\t\n", &row), METRIC_TAKEN);
	CHECK(metric_value(&set, 0, &v) == 0);
	metric_set_free(&set);
}

static void
say(const char *text)
{
	fprintf(stderr, "%s\n", text);
	test_failed++;
}

static void
test_cost(void)
{
	char path[] = FILE_NAME;
	struct metric_row row;
	struct prices prices;
	size_t i;

	file_write(path, "what\ttier\tprice_usd\tper\nrequests\t\t5\t10\nmisses\torigin\t2\nbytes\t\t1\t1KB\n");
	CHECK(prices_read(&prices, path, say));
	unlink(path);
	metric_set_init(&set, STR("key"));
	set.prices = &prices;
	CHECK(!metric_set_add(&set, STR("cost_usd_avg"), false, &i));
	CHECK_INT(read_text(EVENTS "60\te\tc\tk\tmiss\torigin\t200\t3000\t\t\n", &row), METRIC_TAKEN);
	adds(0, 0.5 + 2 + 3, 1);
	CHECK_INT(read_text(EVENTS "60\te\tc\tk\tmiss\tkv\t200\t3000\t\t4\n", &row), METRIC_TAKEN);
	adds(0, 4 * (0.5 + 3), 4);
	metric_set_free(&set);
	prices_free(&prices);
}

static void
test_names(void)
{
	struct str plus = STR("+x_avg"), hits = STR("hit_pct"), errors = STR("error_pct");
	size_t i;

	CHECK(metric_wants_more(&plus) && metric_wants_more(&hits) && !metric_wants_more(&errors));
	CHECK_STR(plus, "x_avg");
	metric_set_init(&set, STR("key"));
	CHECK(!metric_set_add(&set, STR("error_pct"), false, &i) && i == 0);
	CHECK(!metric_set_add(&set, STR("x_avg"), true, &i) && i == 1);
	CHECK(!metric_set_add(&set, STR("error_pct"), false, &i) && i == 0 && set.n == 2);
	CHECK(metric_set_add(&set, STR("x_avg"), false, &i) != NULL);
	CHECK(metric_set_add(&set, STR("rps"), false, &i) != NULL);
	CHECK(metric_set_add(&set, STR("x_p100"), false, &i) != NULL);
	CHECK(metric_set_add(&set, STR("zebra"), false, &i) != NULL);
	CHECK_INT(set.n, 2);
	metric_set_free(&set);
}

int
main(void)
{
	test_events();
	test_totals();
	test_lacks();
	test_rows();
	test_header();
	test_quantile();
	test_cost();
	test_names();
	done_reading();
	return test_end();
}
