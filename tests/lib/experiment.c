/* experiment: the file, and every mistake in it. */
#include "experiment.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

#define HEAD	"name\tcohorts\tstatus\tstart\tduration\t"
#define HALF	"control:50:5m,treatment:50:10m\t"
#define RUNS	"running\t1000\t1d\t"
#define SEC	INT64_C(1000000)

static char said[16384];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

static void
write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool
load(struct experiments *x, const char *text)
{
	char path[] = "/tmp/cmon-experiments-XXXXXX";
	bool ok;

	write_file(path, text);
	said[0] = '\0';
	ok = experiments_read(x, path, say);
	CHECK(ok == (said[0] == '\0'));
	unlink(path);
	return ok;
}

static void
test_good(void)
{
	struct experiments x;
	const struct experiment *e;

	CHECK(load(&x, "# comment\n" HEAD "endpoint\tscheme\tsalt\tcoverage\tperiod\tmetrics\tguardrails\tmin_gain\tnote\n"
	    "\n"
	    "ttl-title\tcontrol:50:5m,treatment:50:10m\trunning\t2026-11-20\t14d\ttitle\tcmon1\tsalt:1\t12.5%\t1d\t"
	    "hit_pct,+rps,latency_ms_p95\tlatency_ms_p95<=+5%,hit_pct>=-0.5\t1.5\tany\\ttext\n"
	    "b\ta:33.33,b:33.33,c:*\tdraft\n"));
	CHECK_INT(x.n, 2);
	e = &x.e[0];
	CHECK_STR(e->name, "ttl-title");
	CHECK_STR(e->endpoint, "title");
	CHECK(e->assign.n == 2 && e->cohort[0].ttl_s == 300 && e->cohort[1].ttl_s == 600);
	CHECK_STR(e->cohort[1].name, "treatment");
	CHECK_STR(e->cohort[1].ttl, "10m");
	CHECK(e->start_us == 1795132800 * SEC && e->end_us == (1795132800 + 14 * 86400) * SEC);
	CHECK(e->status == EXPERIMENT_RUNNING && e->assign.scheme == ASSIGN_CMON1);
	CHECK_STR(e->assign.salt, "salt:1");
	CHECK(e->assign.exposed == ASSIGN_ALL / 8 && e->assign.period_us == 86400 * SEC);
	CHECK(e->washout_us == 600 * SEC);
	CHECK(e->metrics == 3 && e->metric[0].more && e->metric[1].more && !e->metric[2].more);
	CHECK_STR(e->metric[1].name, "rps");
	CHECK(e->guards == 2 && e->guard[0].upper && e->guard[0].relative && e->guard[0].margin == 5);
	CHECK(!e->guard[1].upper && !e->guard[1].relative && e->guard[1].margin == 0.5);
	CHECK(e->min_gain == 1.5);
	CHECK_STR(e->field[EXPERIMENT_NOTE], "any\\ttext");
	e = &x.e[1];
	CHECK(e->assign.rest && e->assign.weight[2] == UINT64_C(33340000000));
	CHECK(e->start_us == INT64_MAX && e->end_us == INT64_MAX && e->min_gain < 0);
	CHECK_STR(e->metric[0].name, "hit_pct");
	CHECK_STR(e->assign.salt, "b");
	CHECK(e->cohort[0].ttl_s == EXPERIMENT_NO_TTL && e->washout_us == 0);
	CHECK(experiments_named(&x, STR("b")) == e && !experiments_named(&x, STR("c")));
	experiments_free(&x);
	CHECK(load(&x, HEAD "note\n"));
	CHECK(x.n == 0 && !experiments_named(&x, STR("a")));
	experiments_free(&x);
	CHECK(load(&x, HEAD "salt\nx\ta:1,b:1,c:1\tdraft\t\t\t(none)\n"));
	CHECK(x.e[0].assign.salt.n == 0);
	experiments_free(&x);
}

/* One row under such columns, and what is said of it. */
static void
wrong(const char *head, const char *row, const char *want)
{
	char text[4096];
	struct experiments x;

	snprintf(text, sizeof(text), HEAD "%s\n%s\n", head, row);
	CHECK(!load(&x, text));
	CHECK(strstr(said, want) != NULL);
	if (!strstr(said, want))
		fprintf(stderr, "%s\n\tsaid %s\twant %s\n", row, said, want);
	experiments_free(&x);
}

/* One mistake, one complaint. */
static void
test_said_once(void)
{
	wrong("note", "a b\ta:1,b:1\tdraft", "letters, digits, . _ and -\n");
	CHECK(strchr(said, '\n') == strrchr(said, '\n'));
	wrong("note", "x\ta:1,b:1\trunning\t1000\ttwo weeks", "not a duration");
	CHECK(strchr(said, '\n') == strrchr(said, '\n'));
}

static void
test_wrong(void)
{
	char many[1024] = "x\t";

	wrong("", "\ta:1,b:1\tdraft", "2: column \"name\": \"\" is no name: up to 64 letters, digits, . _ and -\n");
	wrong("", "a b\ta:1,b:1\tdraft", "\"a b\" is no name");
	wrong("", "x\ta:1,b:1\tdraft\nx\ta:1,b:1\tdraft", "3: column \"name\": \"x\" is the name of line 2 too\n");
	wrong("", "x\ta:1,b:1", "2: column \"status\": empty: write draft, running or completed\n");
	wrong("", "x\ta:1,b:1\tstopped", "2: column \"status\": unknown word \"stopped\": none of draft, running, completed\n");
	wrong("", "x\t\tdraft", "2: column \"cohorts\": an experiment has two cohorts or more: control:50:5m,treatment:50:10m\n");
	wrong("", "x\ta:100\tdraft", "two cohorts or more");
	wrong("", "x\ta:50,b:60\tdraft", "2: column \"cohorts\": the weights add up to 110, not to 1, 100 or another "
	    "power of ten, nor are they all the same\n");
	wrong("", "x\ta:0.05,b:0.05,c:0\tdraft", "\"c\": its weight is no number above 0: \"0\"\n");
	wrong("", "x\ta:0.05,b:0.04,c:0.01\tdraft", "the weights add up to 0.1,");
	wrong("", "x\ta:-1,b:2\tdraft", "\"a\": its weight is no number above 0: \"-1\"\n");
	wrong("", "x\ta:9000000000,b:9000000000\tdraft", "the weights are too large\n");
	wrong("", "x\ta:600000000,b:400000000\tdraft", "a weight is too large\n");
	wrong("", "x\ta:60,b:40,c:*\tdraft", "nothing is left for \"*\": the other weights add up to 100\n");
	wrong("", "x\ta:*,b:40\tdraft", "only the last weight can be \"*\", the rest\n");
	wrong("", "x\ta:1,a:1\tdraft", "\"a\" stands twice\n");
	wrong("", "x\ta:1,b\tdraft", "not name:weight or name:weight:ttl");
	wrong("", "x\ta:1,b:1:\tdraft", "\"b\": its ttl is no duration of whole seconds (90s, 5m, 2h): \"\"\n");
	wrong("", "x\ta:1,b:1:500ms\tdraft", "\"b\": its ttl is no duration of whole seconds");
	wrong("", "x\ta:1,b:1:5m:1\tdraft", "not name:weight or name:weight:ttl");
	wrong("", "x\ta:1,(pinned):1\tdraft", "not name:weight or name:weight:ttl");
	wrong("pins", "x\ta:1,b:1\t" RUNS "/nowhere/pins", "2: column \"pins\": /nowhere/pins: No such file or "
	    "directory: the name counts from the folder of this file\n");
	for (int i = 0; i < 17; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "%sc%d:1", i ? "," : "", i);
	wrong("", many, "more than 16 cohorts\n");
	wrong("", "x\ta:1,b:1\trunning\t\t1d", "2: column \"start\": empty: when do the new TTLs come into force?\n");
	wrong("", "x\ta:1,b:1\trunning\tnow\t1d", "2: column \"start\": not a time");
	wrong("", "x\ta:1,b:1\trunning\t1000", "2: column \"duration\": empty: how long does it run?\n");
	wrong("", "x\ta:1,b:1\trunning\t1000\t0", "2: column \"duration\": 0: how long does it run?\n");
	wrong("", "x\ta:1,b:1\trunning\t1000\t14", "2: column \"duration\": not a duration of whole seconds");
	wrong("scheme", "x\ta:1,b:1\t" RUNS "sha1", "column \"scheme\": unknown word \"sha1\": none of cmon1, doc255-lt, ");
	wrong("salt", "x\ta:1,b:1\t" RUNS "a$b", "column \"salt\": \"a$b\" is no salt");
	wrong("coverage", "x\ta:1,b:1\t" RUNS "0", "column \"coverage\": not a percentage above 0, up to 100: \"0\"\n");
	wrong("coverage", "x\ta:1,b:1\t" RUNS "100.1", "column \"coverage\": not a percentage");
	wrong("period", "x\ta:1,b:1,c:1\t" RUNS "1d", "only two cohorts of equal weight can change places\n");
	wrong("period", "x\ta:1:1d,b:1:1h\t" RUNS "1d", "column \"period\": nothing is left of a period after a washout of 86400 s");
	wrong("washout", "x\ta:1,b:1\t" RUNS "1d", "column \"duration\": nothing is left of it after a washout of 86400 s");
	wrong("scheme", "x\ta:1,b:1,c:1\t" RUNS "nginx", "nginx splits by hundredths of a percent; a weight is none\n");
	wrong("metrics", "x\ta:1,b:1\t" RUNS "hit%", "column \"metrics\": not a metric (hit_pct, latency_ms_p95): \"hit%\"\n");
	wrong("guardrails", "x\ta:1,b:1\t" RUNS "hit_pct>-1", "column \"guardrails\": not metric<=+number or metric>=-number "
	    "(latency_ms_p95<=+5%): \"hit_pct>-1\"\n");
	wrong("min_gain", "x\ta:1,b:1\t" RUNS "-1", "column \"min_gain\": not a number from 0 up: \"-1\"\n");
	wrong("ttl", "x\ta:1,b:1\t" RUNS "5m", "1: unknown column \"ttl\": none of name, endpoint, cohorts, ");
	wrong("endpoint", "x\ta:1,b:1\t" RUNS "e\ny\ta:1,b:1\trunning\t2000\t1d\te", "3: \"y\" runs at the same time and for "
	    "the same endpoint as \"x\" of line 2: a key can keep one TTL only\n");
	wrong("endpoint", "x\ta:1,b:1\t" RUNS "\\xffA\ny\ta:1,b:1\t" RUNS "\\xFF\\x41", "3: \"y\" runs at the same time");
	wrong("endpoint", "x\ta:1,b:1\t" RUNS "e\ny\ta:1,b:1\t" RUNS, "3: \"y\" runs at the same time");
}

static void
test_pins(void)
{
	char pins[] = "/tmp/cmon-pins-XXXXXX", text[256];
	struct experiments x;

	write_file(pins, "# heavy\ntime\tkey\n1\tproduct:42\n1\ta\\tb\n1\t(other)\n1\t\n1\tproduct:42\n");
	snprintf(text, sizeof(text), HEAD "pins\nx\t" HALF RUNS "%s\n", strrchr(pins, '/') + 1);
	CHECK(load(&x, text));
	CHECK_INT(x.e[0].pins.n, 2);
	CHECK(map_get(&x.e[0].pins, STR("a	b")) != MAP_NONE);
	CHECK(map_get(&x.e[0].pins, STR("(other)")) == MAP_NONE);
	experiments_free(&x);

	unlink(pins);
	memcpy(pins, "/tmp/cmon-pins-XXXXXX", sizeof(pins));
	write_file(pins, "n\tkey\n1\n1\ta\\q\n1\tb");
	snprintf(text, sizeof(text), HEAD "pins\nx\t" HALF RUNS "%s\n", pins);
	CHECK(!load(&x, text));
	CHECK(strstr(said, "2: no field under \"key\"") && strstr(said, "3: a bad escape"));
	CHECK(strstr(said, "2: column \"pins\": this file has mistakes") && strstr(said, "cut short"));
	experiments_free(&x);
	unlink(pins);
}

int
main(void)
{
	test_good();
	test_wrong();
	test_said_once();
	test_pins();
	return test_end();
}
