/*
 * batch.h - several files replaced together, as far as a file system can.
 *
 *	struct batch b = { 0 };
 *	batch_add(&b, "ttl.tsv.1", old);
 *	batch_add(&b, "ttl.tsv", new);
 *	...				all are on the disk, none is in its place
 *	batch_commit(&b);		renamed, in this order
 *
 * What can fail, a full disk, a folder that may not be written, fails in
 * batch_add(), while every file is as it was.  A file that has these bytes
 * already is not touched.  A run that is killed within batch_commit() leaves
 * the first ones new and the others old: the caller writes down beforehand
 * what it is about to do (decisions.h), and does it again.
 *
 * Ownership: paths are BORROWED until batch_commit(); texts are copied.
 * Errors: out.h's: they end the program.
 */
#ifndef BATCH_H
#define BATCH_H

#include "base.h"
#include "out.h"

#define BATCH_MAX	72	/* files */

struct batch {
	bool dry;		/* nothing is written */

	/* private from here */
	size_t n;
	struct out out[BATCH_MAX];
};

void	batch_add(struct batch *b, const char *path, struct str text);
void	batch_commit(struct batch *b);

#endif
