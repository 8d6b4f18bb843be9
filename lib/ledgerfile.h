/*
 * ledgerfile.h - the file of a ledger (ledger.h): rows as text, each with a
 * sum, appended and synced to the disk.
 *
 *	struct ledgerfile f;
 *	struct ledger_row r;
 *	switch (ledgerfile_open(&f, "mail.tsv", true)) { ... }
 *	while ((got = ledgerfile_next(&f, &r)) != LEDGERFILE_END)
 *		if (got == LEDGERFILE_ROW)
 *			use(&r);
 *	ledgerfile_forget(&f);
 *	ok = ledgerfile_append(&f, &row);
 *	ledgerfile_close(&f);
 *
 * A header and rows of
 *
 *	time id group recipient status code attempt next_try as_of why set sum
 *
 * `set` is items joined by commas: a sign, the key in hexadecimal, a dot, the
 * start of the episode in seconds.  The signs:
 *
 *	+ fires    - is over    ! fires, and is muted    ~ is over, and was never told
 *
 * `sum` is the SipHash of all before it in the row, under a published key that
 * names the version.  A last row without its newline was torn by a crash: it
 * does not count, and goes with the next row that is written.  What is
 * appended is there as a whole, or the file is as it was.
 *
 * One program at a time: the lock is a file of its own, path.lock, since path
 * may be replaced.
 *
 * Ownership: path is BORROWED.  A row that was read points into the file's
 * text and into its items: good until the next one, and ledgerfile_forget().
 * Errors: false, and errno; reading, by the enums.
 */
#ifndef LEDGERFILE_H
#define LEDGERFILE_H

#include "base.h"
#include "buf.h"

#define LEDGERFILE_MAX	(256 * 1024 * 1024)	/* bytes of it; more is refused */

/* An alert: the first bytes of the SHA-256 of its rule and labels. */
struct ledger_key {
	unsigned char b[16];
};

enum ledger_sign { LEDGER_NONE, LEDGER_FIRING, LEDGER_OVER, LEDGER_MUTED, LEDGER_MISSED };

struct ledger_item {
	struct ledger_key key;
	enum ledger_sign sign;
	int64_t since_us;	/* start of the episode */
};

enum ledger_status {
	LEDGER_START,		/* the party is new */
	LEDGER_INTENT,
	LEDGER_SENT,
	LEDGER_RETRY,		/* not now */
	LEDGER_FAILED,		/* refused; tried again all the same, but seldom */
	LEDGER_DROPPED,		/* there is nothing to tell any more */
	LEDGER_NOTED,		/* a set without a message */
};

/* Texts are escaped as in the stream (tsv.h). */
struct ledger_row {
	int64_t time_us, next_us, as_of_us;
	struct str id, group, recipient, why;
	enum ledger_status status;
	int64_t code;
	uint64_t attempt;
	const struct ledger_item *item;
	size_t n;		/* of item */
};

struct ledgerfile {
	int64_t size;		/* bytes, the whole rows and the header */
	bool header;		/* the text begins with ours */
	size_t at;		/* where the last row read begins in the text */
	uint64_t line;		/* its number */

	/* private from here */
	const char *path;
	int fd, lock;
	bool torn;		/* there are bytes behind `size`, which do not count */
	size_t next;
	struct buf text;	/* OWNED: the file, while it is read */
	struct buf row;		/* OWNED: one to append */
	struct ledger_item *item; /* OWNED: of the row that is read */
	size_t cap;
};

enum ledger_opened {
	LEDGER_OPEN,
	LEDGER_BUSY,		/* another run has the lock */
	LEDGER_FOREIGN,		/* the file is no ledger, or of a later version */
	LEDGER_NO_FILE,		/* a pipe, a device or a folder */
	LEDGER_ERROR,		/* errno says why */
};

/*
 * Without `write` nothing is made, locked or changed; a path that is not there
 * is an empty ledger.  FOREIGN here is a text without any newline that cannot
 * be torn from ours; whether there is a good row, the reader sees.
 */
MUST_USE enum ledger_opened ledgerfile_open(struct ledgerfile *f, const char *path, bool write);
void	ledgerfile_close(struct ledgerfile *f);

enum ledgerfile_got { LEDGERFILE_ROW, LEDGERFILE_DAMAGED, LEDGERFILE_END };

enum ledgerfile_got ledgerfile_next(struct ledgerfile *f, struct ledger_row *r);
void	ledgerfile_forget(struct ledgerfile *f);	/* frees what was read */

MUST_USE bool ledgerfile_append(struct ledgerfile *f, const struct ledger_row *r);

/*
 * Replaces the rows before byte `from` of what was read by head, rows as text.
 * Where that fails the file stays as it was.
 */
void	ledgerfile_replace(struct ledgerfile *f, struct str head, size_t from);

void	ledgerfile_put(struct buf *b, const struct ledger_row *r);
void	ledgerfile_put_item(struct buf *b, const struct ledger_item *item);

#endif
