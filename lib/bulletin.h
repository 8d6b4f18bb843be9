/*
 * bulletin.h - what a report by mail says: its tables, and the alerts that
 * were over before anybody could be told.
 *
 *	struct letter l;
 *	bulletin_make(&l, &(struct bulletin_of){ .subject = STR("the day"),
 *	    .sheets = &sheets, .ledger = &ledger, .recipient = STR("ops@example.test"), ... });
 *	use(buf_str(&l.text), buf_str(&l.html));
 *	letter_free(&l);
 *
 * Ownership: all it is made of is BORROWED; the letter is the caller's to free.
 * Errors: none.
 */
#ifndef BULLETIN_H
#define BULLETIN_H

#include "base.h"
#include "ledger.h"
#include "letter.h"
#include "sheet.h"

struct bulletin_of {
	struct str subject;		/* as in the stream */
	const struct sheets *sheets;
	const struct ledger *ledger;
	struct str recipient;
	int64_t since_us;		/* the last report: misses from there on */
	const char *link;		/* NULL: none */
	int64_t now_us;
};

void	bulletin_make(struct letter *l, const struct bulletin_of *of);

#endif
