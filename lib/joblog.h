/*
 * joblog.h - what is kept between the runs of jobs: rows of metrics in one
 * file for all, and per job a lock that also remembers what was last told.
 *
 *	struct joblog log;
 *	switch (joblog_open(&log, "jobs.tsv", "figures")) { ... }
 *	...run...
 *	if (joblog_news(&log, "ended with 2", now, 4 * 3600 * WHEN_SEC))
 *		...tell it...
 *	ok = joblog_append(&log, &row);
 *	joblog_close(&log);
 *
 * The file's form is that of metrics, man/cmon-tsv.5:
 *
 *	job  time  window  exit_status  duration_s  last_success
 *
 * Ownership: path and name are BORROWED until joblog_close().
 * Errors: false, and errno; a file that is no such table is EBADMSG.
 */
#ifndef JOBLOG_H
#define JOBLOG_H

#include "base.h"
#include "buf.h"

#define JOBLOG_MAX	(1024 * 1024)	/* bytes of the file before its older half goes */
#define JOBLOG_NAME_MAX	128		/* bytes of a job's name */
#define JOBLOG_TOLD_MAX	4096		/* bytes of what was told */

struct joblog {
	const char *path, *name;
	int lock;		/* the job's own, held until joblog_close() */
	int64_t success_us;	/* when the job last succeeded; 0: never */
	int64_t told_us;	/* when `told` was told; 0: nothing was */
	char told[JOBLOG_TOLD_MAX];
};

struct joblog_row {
	int64_t end_us, dur_us;
	int exit_status;	/* 0 sets success_us */
};

enum joblog_state { JOBLOG_OPEN, JOBLOG_BUSY, JOBLOG_FAILED };

enum joblog_state joblog_open(struct joblog *l, const char *path, const char *name) MUST_USE;

/*
 * Is text to be told at this time?  It is unless it was what was told last, less
 * than repeat_us ago; then it is what was told.  "" is nothing to tell, and makes
 * everything new again.  Kept by joblog_append() or joblog_remember().
 */
bool	joblog_news(struct joblog *l, const char *text, int64_t now_us, int64_t repeat_us) MUST_USE;

/* Appends the row in one write, and remembers. */
bool	joblog_append(struct joblog *l, const struct joblog_row *row) MUST_USE;

/* Keeps success_us, told_us and told. */
bool	joblog_remember(const struct joblog *l) MUST_USE;
void	joblog_close(struct joblog *l);

#endif
