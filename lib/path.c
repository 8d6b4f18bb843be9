/* path.c - see path.h. */
#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "str.h"

struct str
path_real(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	struct str s = arena_dup(a, str_of(real ? real : path));

	free(real);
	return s;
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
