/* held: experiments that run are held to what they were. */
#include "held.h"

#include <sys/stat.h>
#include <unistd.h>

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

static enum held
check(const char *rows, int64_t now_s, bool allow)
{
	char path[64];
	struct experiments x;
	enum held got;
	FILE *f;

	snprintf(path, sizeof(path), "%s/x.tsv", folder);
	f = fopen(path, "w");
	CHECK(f && fputs(HEAD, f) >= 0 && fputs(rows, f) >= 0 && fclose(f) == 0);
	said[0] = '\0';
	CHECK(experiments_read(&x, path, say));
	got = held_check(state, "x.tsv", &x, now_s * SEC, allow, say);
	experiments_free(&x);
	CHECK((got == HELD_CHANGED) == (said[0] != '\0'));
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
	/* Nothing to write needs no lock. */
	lock = state_lock(state);
	CHECK(lock != -1);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t50\n", 2002, false) == HELD_SAME);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t51\n", 2002, false) == HELD_BUSY);
	state_unlock(lock);
	CHECK(check("b\tx:1,y:1\trunning\t2000\t1d\t51\n", 2002, false) == HELD_SAME);
	remove_all();
	return test_end();
}
