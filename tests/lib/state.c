/* state: whole or not believed, at every byte; the former one helps out. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "str.h"
#include "test.h"

#define KIND	"cmon-test-state"

static const char *const names[] = { "name", "when", NULL };
static char dir[] = "/tmp/cmon-state-XXXXXX", path[64], former[64];

static void
save(int64_t first, enum state_got got)
{
	struct state_writer w;

	state_start(&w, KIND, 2, first * 1000000, 5, names);
	for (int i = 0; i < 3; i++) {
		state_put(&w, i == 1 ? STR("") : STR("a\\tb"));
		state_put_int(&w, i == 2 ? 0 : first + i);
		state_end_row(&w);
	}
	CHECK(state_save(&w, path, got));
}

static size_t
bytes(const char *file, char *to, size_t max)
{
	int fd = open(file, O_RDONLY);
	ssize_t n = read(fd, to, max);

	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static void
put(const char *file, const char *p, size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(write(fd, p, n) == (ssize_t)n);
	close(fd);
}

/* What is read back, "first" or 0 where nothing is. */
static enum state_got
load(int64_t *first)
{
	struct state s;
	enum state_got got = state_read(&s, path, KIND, 2);

	*first = 0;
	if (got == STATE_READ || got == STATE_FORMER) {
		CHECK(s.version == 2);
		CHECK(state_next(&s));
		CHECK_STR(state_field(&s, state_col(&s, "name")), "a\\tb");
		*first = state_int(&s, state_col(&s, "when"));
		CHECK(s.written_us == *first * 1000000);
		CHECK(state_next(&s));
		CHECK_STR(state_field(&s, state_col(&s, "name")), "");
		CHECK(state_next(&s));
		CHECK_INT(state_int(&s, state_col(&s, "when")), 0);
		CHECK(!state_next(&s));
		CHECK(state_col(&s, "other") == -1);
		CHECK_INT(state_int(&s, -1), 0);
	}
	state_close(&s);
	return got;
}

/* Cut at each byte, and each bit of each byte turned over. */
static void
test_damage(void)
{
	char text[4096], bad[4096];
	int64_t first;
	size_t n;

	save(7, STATE_NONE);
	save(8, STATE_READ);
	n = bytes(path, text, sizeof(text));
	CHECK(n > 50);
	for (size_t i = 0; i < n; i++) {
		put(path, text, i);
		CHECK(load(&first) == STATE_FORMER && first == 7);
	}
	for (size_t i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(bad, text, n);
			bad[i] = (char)(bad[i] ^ 1 << bit);
			put(path, bad, n);
			CHECK(load(&first) == STATE_FORMER && first == 7);
		}
	memcpy(bad, text, n);
	bad[n] = '\n';
	put(path, bad, n + 1);
	CHECK(load(&first) == STATE_FORMER && first == 7);

	/* What was written after that is good again; the former one still helps. */
	save(9, STATE_FORMER);
	CHECK(load(&first) == STATE_READ && first == 9);
	put(path, text, n - 1);
	CHECK(load(&first) == STATE_FORMER && first == 7);

	put(former, text, n / 2);
	CHECK(load(&first) == STATE_REFUSED);
	unlink(former);
	CHECK(load(&first) == STATE_REFUSED);
	put(path, text, n);
	CHECK(load(&first) == STATE_READ && first == 8);
}

static void
test_versions(void)
{
	struct state_writer w;
	struct state s;

	state_start(&w, KIND, 3, 1000000, 7, names);
	CHECK(state_save(&w, path, STATE_NONE));
	CHECK(state_read(&s, path, KIND, 2) == STATE_REFUSED);
	CHECK(strstr(s.why, "newer") != NULL);
	CHECK(state_read(&s, path, "cmon-other", 3) == STATE_REFUSED);
	CHECK(strstr(s.why, "another program") != NULL);
	CHECK(state_read(&s, path, KIND, 4) == STATE_READ);
	CHECK(s.version == 3 && s.gaps == 7 && !state_next(&s));
	state_close(&s);
	unlink(path);
	CHECK(state_read(&s, path, KIND, 2) == STATE_NONE);
}

static void
test_lock(void)
{
	int a = state_lock(path), b;

	CHECK(a >= 0);
	b = state_lock(path);
	CHECK(b == -1 && errno == EWOULDBLOCK);
	state_unlock(a);
	b = state_lock(path);
	CHECK(b >= 0);
	state_unlock(b);
}

int
main(void)
{
	char file[80];

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(former, sizeof(former), "%s/s.1", dir);
	test_damage();
	test_versions();
	test_lock();
	for (size_t i = 0; i < 3; i++) {
		static const char *const tails[] = { "", ".1", ".lock" };

		snprintf(file, sizeof(file), "%s%s", path, tails[i]);
		unlink(file);
	}
	CHECK(rmdir(dir) == 0);
	return test_end();
}
