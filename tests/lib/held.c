/* held: experiments that run are held to what they were. */
#include "held.h"

#include <sys/stat.h>
#include <unistd.h>

#include "definition.h"
#include "state.h"
#include "str.h"
#include "test.h"

#define HEAD	"name\tcohorts\tstatus\tstart\tduration\tcoverage\n"
#define SEC	INT64_C(1000000)

static char folder[] = "/tmp/cmon-held-XXXXXX", state[64], said[4096];

static void
say(const char *text)
{
	strncat(said, text, sizeof(said) - strlen(said) - 1);
}

static void
load(struct experiments *x, const char *rows)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/x.tsv", folder);
	f = fopen(path, "w");
	CHECK(f && fputs(HEAD, f) >= 0 && fputs(rows, f) >= 0 && fclose(f) == 0);
	said[0] = '\0';
	CHECK(experiments_read(x, path, say));
}

static enum held
check(const char *rows, int64_t now_s, bool allow)
{
	struct experiments x;
	enum held got;

	load(&x, rows);
	got = held_check(state, "x.tsv", &x, now_s * SEC, allow, say);
	experiments_free(&x);
	CHECK((got == HELD_CHANGED) == (said[0] != '\0'));
	return got;
}

static enum held
look(const char *rows, int64_t now_s)
{
	struct experiments x;
	enum held got;

	load(&x, rows);
	got = held_look(state, "x.tsv", &x, now_s * SEC, say);
	experiments_free(&x);
	return got;
}

static bool
there(void)
{
	return access(state, F_OK) == 0;
}

static void
remove_all(void)
{
	static const char *const names[] = { "x.tsv", "st", "st.1", "st.lock" };

	for (size_t i = 0; i < countof(names); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	CHECK(rmdir(folder) == 0);
}

/* A state of version 1, in which no experiment has an end. */
static void
write_first_version(const char *rows)
{
	static const char *const columns[] = { "name", "since", "coverage", "definition", NULL };
	struct experiments x;
	struct state_writer w;
	struct buf definition;

	load(&x, rows);
	buf_init(&definition, 1024);
	CHECK(definition_put(&x, &x.e[0], &definition));
	state_start(&w, "cmon-cohort-state", 1, 0, 0, columns);
	state_put(&w, x.e[0].name);
	state_put_int(&w, x.e[0].start_us);
	state_put_int(&w, (int64_t)x.e[0].assign.exposed);
	state_put(&w, buf_str(&definition));
	state_end_row(&w);
	CHECK(state_save(&w, state, STATE_NONE));
	buf_free(&definition);
	experiments_free(&x);
}

static void
test_first_version(void)
{
	write_first_version("o\tx:1,y:1\trunning\t1000\t1d\n");
	CHECK(check("o\tx:1,z:1\trunning\t1000\t1d\n", 1001, false) == HELD_CHANGED);
	/* From now on it has one. */
	CHECK(check("o\tx:1,y:1\trunning\t1000\t1d\n", 1001, false) == HELD_SAME);
	CHECK(check("o\tx:1,y:1\trunning\t1000\t23h\n", 1001, false) == HELD_CHANGED);
}

int
main(void)
{
	int lock;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(state, sizeof(state), "%s/st", folder);
	CHECK(check("a\tx:1,y:1\trunning\t1000\t1d\n", 999, false) == HELD_SAME && !there());
	CHECK(check("a\tx:1,y:1\tcompleted\t1000\t1d\n", 1000, false) == HELD_SAME && !there());
	CHECK(check("a\tx:1,y:1\trunning\t1000\t1d\n", 1000, false) == HELD_SAME && there());
	CHECK(check("a\tx:1,z:1\trunning\t1000\t1d\n", 1001, false) == HELD_CHANGED);
	CHECK(strstr(said, "x.tsv:2: \"a\" runs, and had cohorts=x:1,y:1 when it began, not cohorts=x:1,z:1: "));
	/* A second one begins; the first is kept while it is away. */
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t50\n", 2000, false) == HELD_SAME);
	CHECK(check("a\tx:1,z:1\trunning\t1000\t1d\n", 2001, false) == HELD_CHANGED);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t49.5\n", 2001, false) == HELD_CHANGED);
	CHECK(strstr(said, "had a coverage of 50 %, which can only grow"));
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t60\n", 2001, false) == HELD_SAME);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t50\n", 2001, false) == HELD_CHANGED);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t50\n", 2001, true) == HELD_SAME);
	/* An end may be put off, but not once it has come, and never be brought forward. */
	CHECK(check("c\tx:1,y:1\trunning\t3000\t100s\n", 3000, false) == HELD_SAME);
	CHECK(check("c\tx:1,y:1\trunning\t3000\t99s\n", 3050, false) == HELD_CHANGED);
	CHECK(strstr(said, "x.tsv:2: \"c\" was to end at 1970-01-01T00:51:40Z, not at 1970-01-01T00:51:39Z: "
	    "to decide as soon as the result pleases"));
	CHECK(look("c\tx:1,y:1\trunning\t3000\t99s\n", 3050) == HELD_CHANGED);
	CHECK(check("c\tx:1,y:1\trunning\t3000\t101s\n", 3099, false) == HELD_SAME);
	CHECK(check("c\tx:1,y:1\trunning\t3000\t100s\n", 3099, false) == HELD_CHANGED);
	CHECK(check("c\tx:1,y:1\trunning\t3000\t101s\n", 3101, false) == HELD_SAME);
	CHECK(check("c\tx:1,y:1\trunning\t3000\t102s\n", 3101, false) == HELD_CHANGED);
	CHECK(strstr(said, "it is over, and to go on until something is found"));
	CHECK(look("c\tx:1,y:1\trunning\t3000\t101s\n", 3101) == HELD_SAME);
	/* To look writes nothing. */
	CHECK(look("d\tx:1,y:1\trunning\t3000\t9s\n", 3101) == HELD_SAME);
	CHECK(look("d\tx:1,y:1\trunning\t3000\t8s\n", 3101) == HELD_SAME);
	CHECK(check("c\tx:1,y:1\trunning\t3000\t10s\n", 3101, true) == HELD_SAME);
	CHECK(look("c\tx:1,y:1\trunning\t3000\t10s\n", 3101) == HELD_SAME);
	/* Nothing to write needs no lock. */
	lock = state_lock(state);
	CHECK(lock != -1);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t50\n", 2002, false) == HELD_SAME);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t51\n", 2002, false) == HELD_BUSY);
	state_unlock(lock);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t51\n", 2002, false) == HELD_SAME);
	test_first_version();
	remove_all();
	return test_end();
}
