/*
 * path.h - names of files: what they stand for, and how to say them from any
 * folder.
 *
 *	struct str real = path_real(&arena, "etc/ttl.tsv");
 *	log = path_beside(&arena, real.p, ".log");
 *
 *	if (!path_absolute(&b, STR("etc/ttl.tsv")))
 *		die_sys("the folder we are in");
 *
 * Ownership: what is not added to a buffer is in the arena, with a NUL after it.
 * Errors: false, and errno; the buffer's own.
 */
#ifndef PATH_H
#define PATH_H

#include "base.h"
#include "buf.h"
#include "mem.h"

/*
 * The file that a link stands for; where there is none yet, its name in the
 * folder that is meant; where there is no such folder, the path itself.
 */
struct str path_real(struct arena *a, const char *path);

/* A pipe, whose reader we would wait for, or a device or folder, which no rename replaces. */
bool	path_is_special(const char *path);

/* The path of a file that stands beside it: with a tail. */
const char *path_beside(struct arena *a, const char *path, const char *tail);

/* Adds the path from the root; links stay.  False: getcwd(3) failed. */
MUST_USE bool path_absolute(struct buf *b, struct str path);

#endif
