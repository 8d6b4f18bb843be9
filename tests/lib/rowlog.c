/* rowlog: what a file has stays; what is added is there as a whole or not at all. */
#include "rowlog.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "str.h"
#include "stream.h"

static void
append(const char *path, const char *rows, const char *header)
{
	struct rowlog l;

	CHECK(rowlog_open(&l, path));
	CHECK_STR(buf_str(&l.header), header);
	out_add(&l.out, str_of(rows));
	rowlog_close(&l);
}

static void
test_grows(const char *path)
{
	char room[256];

	append(path, "time\ta\n1\t2\n", "");
	append(path, "3\t4\n", "time\ta");
	append(path, "time\tb\n5\t6\n", "time\ta");
	append(path, "", "time\tb");
	CHECK_STR(file_read(path, room, sizeof(room)), "time\ta\n1\t2\n3\t4\ntime\tb\n5\t6\n");
}

static void
test_refuses(const char *path, const char *text, const char *why)
{
	char room[256];
	FILE *f = fopen(path, "w");
	struct rowlog l;

	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	CHECK(!rowlog_open(&l, path));
	CHECK(strstr(l.why, why) != NULL);
	CHECK(strstr(l.why, path) == l.why);
	CHECK_STR(file_read(path, room, sizeof(room)), text);
}

/* Whoever has begun to write is alone. */
static void
test_lock(const char *path, const char *lock)
{
	struct rowlog l;
	int fd = open(lock, O_RDWR);

	CHECK(unlink(path) == 0 && rowlog_open(&l, path));
	CHECK(flock(fd, LOCK_EX | LOCK_NB) == -1);
	out_add(&l.out, STR("time\n1\n"));
	rowlog_close(&l);
	CHECK(flock(fd, LOCK_EX | LOCK_NB) == 0);
	close(fd);
}

int
main(void)
{
	char path[] = FILE_NAME, lock[sizeof(path) + 5];

	file_write(path, "");
	snprintf(lock, sizeof(lock), "%s.lock", path);
	test_grows(path);
	test_refuses(path, "time\ta\n1\t2", ":2: ");
	test_refuses(path, "hello\n", ":1: ");
	test_lock(path, lock);
	unlink(path);
	unlink(lock);
	return test_end();
}
