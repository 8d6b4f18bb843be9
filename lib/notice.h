/*
 * notice.h - what one message about alerts says: its subject, its thread, its
 * letter.
 *
 *	struct notice n;
 *	notice_make(&n, &(struct notice_of){ .table = &t, .due = &d, ... });
 *	use(buf_str(&n.subject), buf_str(&n.letter.text));
 *	notice_free(&n);
 *
 * Of many alerts the NOTICE_FULL gravest are shown in full, the others are
 * counted by rule.  The same table, due and time make the same bytes.
 *
 * Ownership: the notice owns its buffers.
 * Errors: none; whoever sends looks whether a buffer is over.
 */
#ifndef NOTICE_H
#define NOTICE_H

#include "base.h"
#include "buf.h"
#include "due.h"
#include "letter.h"
#include "recent.h"

#define NOTICE_FULL	40	/* alerts shown in full */
#define NOTICE_ALSO	40	/* rows of what fires besides */
#define NOTICE_RULES	30	/* rows of alerts counted by rule */
#define NOTICE_NAMED	3	/* rules named in a subject */
#define NOTICE_THREAD	10	/* episodes that a message refers to */

struct notice_of {
	const struct due_table *table;
	const struct due *due;
	const struct due_rule *rule;
	const struct recent *recent;	/* NULL: no figures */
	const char *link;		/* NULL: none */
	int64_t now_us;
};

struct notice {
	struct buf subject;		/* OWNED; as in the stream */
	struct buf thread;		/* OWNED: ids of episodes, blanks between */
	struct buf rules;		/* OWNED: their names, ", " between */
	const char *state;		/* "firing", "resolved", "mixed" */
	struct letter letter;		/* OWNED */
};

void	notice_make(struct notice *n, const struct notice_of *of);
void	notice_free(struct notice *n);

#endif
