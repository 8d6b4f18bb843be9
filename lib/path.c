/* path.c - see path.h. */
#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "str.h"

/* Empty: there is no such file. */
static struct str
existing(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	struct str s = arena_dup(a, str_of(real ? real : ""));

	free(real);
	return s;
}

struct str
path_real(struct arena *a, const char *path)
{
	struct str real = existing(a, path), given = str_of(path), folder;
	size_t name = given.n;

	if (real.n)
		return real;
	while (name && path[name - 1] != '/')
		name--;
	folder = arena_dup(a, name ? (struct str){ path, name } : STR("."));
	real = existing(a, folder.p);
	if (given.n == name || real.n == 0)
		return arena_dup(a, given);
	return str_of(path_beside(a, path_beside(a, real.p, "/"), path + name));
}

bool
path_is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

const char *
path_beside(struct arena *a, const char *path, const char *tail)
{
	size_t n = strlen(path) + strlen(tail) + 1;
	char *p = arena_alloc(a, n);

	snprintf(p, n, "%s%s", path, tail);
	return p;
}

bool
path_absolute(struct buf *b, struct str path)
{
	if (!str_starts(path, STR("/"))) {
		char *here = getcwd(NULL, 0);

		if (!here)
			return false;
		buf_add(b, str_of(here));
		buf_byte(b, '/');
		free(here);
	}
	buf_add(b, path);
	return true;
}
