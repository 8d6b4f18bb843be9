/*
 * promcheck.h - whether a text file collector takes files as they are meant.
 *
 *	promcheck_init(&pc, &key, tell, NULL);
 *	while (*path)
 *		promcheck_file(&pc, *path++);
 *	promcheck_finish(&pc);
 *	bad = pc.found > 0;
 *	promcheck_free(&pc);
 *
 * node_exporter refuses a file for some mistakes, dies of one, and drops
 * samples for others without a word.  Files of one folder are to be given
 * together, since they also clash with each other.  Each finding says where,
 * what, what comes of it and what to do.
 *
 * Verdicts were compared with node_exporter 1.5.0 and Prometheus 2.42.0; see
 * tests/data/alerting/textfile_cases.tsv.
 *
 * Ownership: paths are kept, not copied, until promcheck_free().
 * Errors: a file that cannot be read ends the program, as in.h says.
 */
#ifndef PROMCHECK_H
#define PROMCHECK_H

#include "base.h"
#include "hash.h"

#define PROMCHECK_SERIES_MAX	1000000	/* series and metrics of all files */
#define PROMCHECK_SAY_MAX	20	/* findings told of one file */

enum promcheck_kind { PROMCHECK_NOTE, PROMCHECK_REJECT };

/* Told of each finding; a note is harmless.  line 0: the file as a whole. */
typedef void promcheck_say(void *ctx, enum promcheck_kind kind, const char *path,
    uint64_t line, const char *text);

struct promcheck {
	uint64_t found;		/* findings, but for notes */
	struct promcheck_state *state;	/* OWNED, private */
};

void	promcheck_init(struct promcheck *pc, const struct hash_key *key, promcheck_say *tell, void *ctx);
void	promcheck_file(struct promcheck *pc, char *path);	/* "-" is stdin */
void	promcheck_finish(struct promcheck *pc);
void	promcheck_free(struct promcheck *pc);

#endif
