/* logspec, and the tables and keys it chooses from: tablefmt, jsonfmt, logkey. */
#include "logspec.h"

#include "jsonfmt.h"
#include "logkey.h"
#include "slack.h"
#include "str.h"
#include "tablefmt.h"

static void
specs(void)
{
	struct str spec = STR("time=.ts:%H:%M %d.%m.%Y,latency_ms=.\"a:b,c\":us,x=.y");
	struct when_format when;
	struct logspec item;
	char why[256];

	CHECK(logspec_next(&spec, &item, &when, why, sizeof(why)));
	CHECK(item.field.col == EVENT_TIME && item.field.as == AS_STRPTIME && item.field.when == &when);
	CHECK_STR(item.key, ".ts");
	CHECK(logspec_next(&spec, &item, &when, why, sizeof(why)));
	CHECK(item.field.col == EVENT_LATENCY && item.field.as == AS_US);
	CHECK_STR(item.key, ".\"a:b,c\"");
	CHECK(logspec_next(&spec, &item, &when, why, sizeof(why)));
	CHECK(item.field.col == EVENT_OTHER);
	CHECK_STR(item.field.name, "x");
	CHECK_STR(item.key, ".y");
	CHECK(spec.n == 0);
	static const char *const bad[] = { "x", "=y", "x=", ",x=y", "latency_ms=x:h", "time=x:%Q", "time=x:s" };

	for (size_t i = 0; i < countof(bad); i++) {
		spec = str_of(bad[i]);
		*why = '\0';
		CHECK(!logspec_next(&spec, &item, &when, why, sizeof(why)) && *why);
	}
}

static void
keys(void)
{
	struct json_paths want = { 0 };
	const char *why;

	for (size_t i = 0; i < LOGKEYS; i++) {
		if (i % JSON_PATHS_MAX == 0)
			memset(&want, 0, sizeof(want));
		/* Each is a path, and none stands twice. */
		CHECK_INT(json_want(&want, str_of(logkey[i].path), &why), i % JSON_PATHS_MAX);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(logkey[i].path, logkey[k].path) != 0);
		CHECK(logkey[i].col < EVENT_COLS);
	}
	CHECK(LOGKEYS <= UINT8_MAX);
}

static void
tables(void)
{
	static const struct str header[] = { { "ts", 2 }, { "path", 4 }, { "url", 3 }, { "zone", 4 } };
	static const struct str row[] = { { "1", 1 }, { "/p", 2 }, { "/u", 2 }, { "z", 1 } };
	struct str field[EVENT_FIELDS];
	struct tablefmt t;

	CHECK(tablefmt_open(&t, STR(""), header, 4, NULL));
	CHECK_INT(t.n, 4);
	CHECK(t.field[2].col == EVENT_URL && t.field[2].rank > t.field[1].rank);
	CHECK(t.field[3].col == EVENT_OTHER);
	CHECK(tablefmt_is_header(&t, header, 4));
	CHECK(!tablefmt_is_header(&t, header, 3) && !tablefmt_is_header(&t, row, 4));
	CHECK(tablefmt_row(&t, row, 4, field));
	CHECK_STR(field[2], "/u");
	CHECK(!tablefmt_row(&t, row, 3, field));
	tablefmt_close(&t);

	CHECK(tablefmt_open(&t, STR("time=ts,url=path,time2=ts"), header, 4, NULL));
	CHECK(tablefmt_row(&t, row, 4, field));
	CHECK_STR(field[1], "/p");
	CHECK_STR(field[2], "1");
	tablefmt_close(&t);
	CHECK(!tablefmt_open(&t, STR("time=when"), header, 4, NULL));
	tablefmt_close(&t);
	CHECK(!tablefmt_open(&t, STR(""), (struct str [2]){ STR("ts"), { "", 0 } }, 2, NULL));
	tablefmt_close(&t);
	CHECK(tablefmt_open(&t, STR(""), NULL, 0, "status,time,x"));
	CHECK_INT(t.n, 3);
	tablefmt_close(&t);
}

static void
json(void)
{
	static struct jsonfmt j;
	struct str field[JSON_PATHS_MAX];
	struct str sample = slack("{\"ts\":1,\"rt\":0.5}\nnoise\nx | {\"time\":2,\"path\":\"/p\"}\n{\"url\":\"/cut\"");

	CHECK(jsonfmt_open(&j, STR(""), sample, NULL));
	CHECK_INT(j.n, 3);		/* time, url, latency_ms: the cut line does not count */
	CHECK(j.field[0].col == EVENT_TIME && j.field[1].col == EVENT_URL && j.field[2].as == AS_S);
	CHECK(jsonfmt_read(&j, slack("{\"ts\":7,\"path\":\"/a\"}"), field));
	CHECK_STR(field[0], "7");
	CHECK_STR(field[1], "/a");
	CHECK_STR(field[2], "");
	CHECK(jsonfmt_read(&j, slack("{\"time\":8,\"ts\":7}"), field));
	CHECK_STR(field[0], "8");	/* the preferred one, when a line has both */
	CHECK(jsonfmt_read(&j, slack("{\"time\":null,\"ts\":7}"), field));
	CHECK_STR(field[0], "7");
	CHECK(!jsonfmt_read(&j, slack("{\"ts\":}"), field) && j.stop == 6 && *j.why);

	CHECK(jsonfmt_open(&j, STR(""), (struct str){ NULL, 0 }, "url,foo,status"));
	CHECK(j.field[0].col == EVENT_TIME);
	CHECK(jsonfmt_read(&j, slack("{\"foo\":[1,2],\"uri\":\"/u\"}"), field));
	CHECK_STR(field[j.n - 1], "[1,2]");
	CHECK(jsonfmt_open(&j, STR("time=.a.b[1],x=.\"c d\""), sample, NULL));
	CHECK(jsonfmt_read(&j, slack("{\"a\":{\"b\":[1,2]},\"c d\":true}"), field));
	CHECK_STR(field[0], "2");
	CHECK_STR(field[1], "true");
	CHECK(!jsonfmt_open(&j, STR("time=.a[x]"), sample, NULL));
	CHECK(!jsonfmt_open(&j, STR("time"), sample, NULL));
}

int
main(void)
{
	specs();
	keys();
	tables();
	json();
	return test_end();
}
