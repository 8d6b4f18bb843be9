/* emit: what nginx and JavaScript are given, and what nginx cannot do. */
#include "emit.h"

#include "str.h"
#include "stream.h"

#define HEAD	"name\tcohorts\tstatus\tstart\tduration\tscheme\tcoverage\tperiod\tsalt\tpins\tendpoint\n"
#define RUNS	"running\t1000\t1000s\t"

static char text[1 << 15];

static void
say(const char *what)
{
	fprintf(stderr, "%s\n", what);
	test_failed++;
}

/* nginx: the reason, its experiment's name first; NULL where there is none.  The text in any case. */
static const char *
emit(const char *rows, const char *variable)
{
	static char why[256];
	char path[] = FILE_NAME, to[] = FILE_NAME, all[4096];
	const struct experiment *of = NULL;
	struct experiments x;
	struct places p;
	struct out o;
	const char *got = NULL;

	snprintf(all, sizeof(all), "%s%s", HEAD, rows);
	file_write(path, all);
	file_write(to, "");
	CHECK(experiments_read(&x, path, say));
	CHECK(places_open(&p, &x, NULL));
	out_open(&o, to);
	if (variable)
		got = emit_nginx(&o, &p, str_of(variable), &of);
	else
		emit_js(&o, &p);
	if (got)
		snprintf(why, sizeof(why), "%.*s: %s", (int)of->name.n, of->name.p, got);
	out_close(&o);
	text[file_read(to, text, sizeof(text) - 1).n] = '\0';
	places_close(&p);
	experiments_free(&x);
	unlink(path);
	unlink(to);
	return got ? why : NULL;
}

static bool
has(const char *part)
{
	bool ok = strstr(text, part) != NULL;

	if (!ok)
		fprintf(stderr, "not there: %s\n%s\n", part, text);
	return ok;
}

static void
test_nginx(void)
{
	CHECK(!emit("a.B-1\tcontrol:90:5m,treatment:10:10m\t" RUNS "nginx-pre1.31.2\t\t\ts/1\t\te\n", "uri"));
	CHECK_STR(str_of(text), "# Written by cmon-cohort --emit nginx, for the http block.\n"
	    "\n# Experiment a.B-1, scheme nginx-pre1.31.2.\n"
	    "split_clients \"${uri}s/1\" $cmon_a_B_1_split {\n"
	    "    90.00% control;\n"
	    "    10.00% treatment;\n"
	    "}\n"
	    "map $uri $cmon_a_B_1 {\n"
	    "    default $cmon_a_B_1_split;\n"
	    "}\n"
	    "map $cmon_a_B_1 $cmon_a_B_1_ttl_s {\n"
	    "    default 300;\n"
	    "    treatment 600;\n"
	    "}\n");
	/* The last takes the rest; who is not exposed keeps the control's TTL; a cohort may have none. */
	CHECK(!emit("x\ta:33.33,b:33.33:1h,c:33.34\t" RUNS "nginx\t25.5\t\t(none)\t\t\n", "request_uri"));
	CHECK(has("split_clients \"${request_uri}\" $cmon_x_split {\n    33.33% a;\n    33.33% b;\n    *      c;\n"));
	CHECK(has("split_clients \"${request_uri}.exposure\" $cmon_x_exposed {\n    25.50% 1;\n    *      \"\";\n"));
	CHECK(has("    default (unexposed);\n    1       $cmon_x_split;\n"));
	CHECK(has("    default $cmon_x_share;\n"));
	CHECK(has("    default \"\";\n    b 3600;\n    c \"\";\n"));
}

/* A pin matches its own bytes alone, whatever they mean in a regular expression. */
static void
test_pins(void)
{
	char pins[] = FILE_NAME, row[256];

	file_write(pins, "key\n/t?q=a.b+c\n\\xC3\\xA9 \"$x\"\\\\\n");
	snprintf(row, sizeof(row), "x\ta:50,b:50\t" RUNS "nginx\t\t\t\t%s\t\n", pins);
	CHECK(!emit(row, "uri"));
	CHECK(has("    \"~^/t\\?q=a\\.b\\x2Bc\\z\" (pinned);\n"));
	CHECK(has("    \"~^\\xC3\\xA9\\x20\\x22\\x24x\\x22\\x5C\\z\" (pinned);\n"));
	CHECK(!emit(row, NULL));
	CHECK(has("\t\t'/t?q=a.b+c',\n\t\t'\\xc3\\xa9 \"$x\"\\x5c',\n"));
	unlink(pins);
}

static void
cannot(const char *rows, const char *why)
{
	const char *got = emit(rows, "uri");

	CHECK_STR(str_of(got ? got : "(none)"), why);
}

static void
test_cannot(void)
{
	cannot("x\ta:1,b:1\t" RUNS "\t\t\t\t\t\n",
	    "x: nginx cannot compute this scheme: the experiment needs the scheme nginx, or --emit js");
	cannot("x\ta:1,b:1\t" RUNS "nginx\t\t100s\t\t\t\n",
	    "x: nginx cannot exchange cohorts by the clock: take --emit js");
	cannot("x\ta:1,Volatile:1\t" RUNS "nginx\t\t\t\t\t\n",
	    "x: a map of nginx cannot have this cohort: take other names than default, hostnames, include and "
	    "volatile");
	cannot("x.1\ta:1,b:1\t" RUNS "nginx\t\t\t\t\te\nX-1\ta:1,b:1\t" RUNS "nginx\t\t\t\t\tf\n",
	    "X-1: its variable in nginx would be that of another experiment: take another name");
}

static void
test_js(void)
{
	CHECK(!emit("x\ta:889:1m,b:101,c:10\t" RUNS "\t30\t\t\t\tcaf\\xC3\\xA9\n"
	    "y\ta:1,b:1\trunning\t5000\t10s\tdoc255-le\t\t2s\t\t\t\n", NULL));
	CHECK(has("\tname: 'x',\n\tendpoint: 'caf\\xc3\\xa9',\n\tscheme: 'cmon1',\n\tsalt: 'x',\n"));
	CHECK(has("\tcohorts: ['a', 'b', 'c'],\n\tttls: [60, null, null],\n\tsums: [889000000000n, 990000000000n, 1000000000000n],\n"));
	CHECK(has("\texposed: 300000000n,\n\tstart: 1000000,\n\tend: 2000000,\n\tperiod: 0,\n"));
	CHECK(has("\tscheme: 'doc255-le',\n") && has("\tbelow: [0.5, 1],\n\texposed: null,\n"));
	CHECK(has("\tstart: 5000000,\n\tend: 5010000,\n\tperiod: 2000,\n"));
	CHECK(has("\nexport async function assign(endpoint, key, now = Date.now()) {\n"));
}

int
main(void)
{
	test_nginx();
	test_pins();
	test_cannot();
	test_js();
	return test_end();
}
