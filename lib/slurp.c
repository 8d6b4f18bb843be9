/* slurp.c - see slurp.h. */
#include "slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

/* All of it, as far as it was long when it was opened. */
static bool
read_all(int fd, char *to, size_t size, size_t *n)
{
	while (*n < size) {
		ssize_t got = read(fd, to + *n, size - *n);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return false;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return true;
}

bool
slurp(const char *path, size_t max, char **text, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;

	*n = 0;
	*text = NULL;
	if (fd == -1)
		return false;
	if (fstat(fd, &st) == -1) {
		err = errno;
	} else if (st.st_size < 0 || (uint64_t)st.st_size > max) {
		err = EFBIG;
	} else {
		*text = mem_alloc((size_t)st.st_size + 1);
		if (!read_all(fd, *text, (size_t)st.st_size, n))
			err = errno;
	}
	close(fd);
	if (err) {
		free(*text);
		*text = NULL;
		errno = err;
	}
	return err == 0;
}
