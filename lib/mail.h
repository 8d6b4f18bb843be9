/*
 * mail.h - one mail, as a message for SMTP or as the body of MailChannels' API,
 * and what its server said.
 *
 *	struct mail m = { .from = from, .to = to, .nto = 1, .id = "4b1f...",
 *	    .subject = STR("[FIRING] miss_high"), .text = ..., .html = ... };
 *	struct mime mime;
 *	why = mail_mime(&m, &mime);			NULL: send mime.out
 *	class = mail_send(&net, &m, to[i].address, &reply);	either way, by the URL
 *
 * Each recipient is a transaction of its own: a server may refuse one of
 * several in ways that libcurl does not tell apart.  The To: header names all.
 *
 * Auto-Submitted (RFC 3834) keeps holiday replies away.  Messages of one
 * episode refer to an id that no message has, so that mail programs make a
 * thread of them, whichever arrives.
 *
 * Ownership: a mail's texts are BORROWED.
 * Errors: a reason; or a class (net.h) and the reply.
 */
#ifndef MAIL_H
#define MAIL_H

#include "base.h"
#include "buf.h"
#include "mime.h"
#include "net.h"

#define MAIL_RECIPIENTS	64
#define MAIL_SUBJECT_MAX 200	/* bytes of a subject; a longer one is cut */

struct mail {
	struct mailbox from;
	const struct mailbox *to;
	size_t nto;
	int64_t date_us;
	const char *id;		/* hexadecimal: names the message */
	const char *kind;	/* "alerts", "reports", "drills": for filters */
	const char *state;	/* of the alerts; NULL: none */
	struct str rules;	/* their rules; may be empty */
	struct str thread;	/* ids of episodes, blanks between; may be empty */
	struct str subject;	/* as in the stream; shown as letter.h does */
	struct str text, html;
};

/* m is open until mime_close() either way. */
MUST_USE const char *mail_mime(const struct mail *m, struct mime *out);

/* For one recipient. */
MUST_USE const char *mail_json(const struct mail *m, struct str to, struct buf *out);

/* A reason, and nothing was sent; or NULL, and the reply says what became of it. */
MUST_USE const char *mail_send(const struct net *n, const struct mail *m, struct str to,
    struct net_reply *r);

#endif
