/*
 * mime.h - a mail as bytes: headers, and one letter in two forms, as text and
 * as HTML.
 *
 *	struct mime m;
 *	mime_open(&m);
 *	mime_date(&m, now_us);
 *	mime_mailboxes(&m, "From", &from, 1);
 *	mime_text(&m, "Subject", STR("[FIRING] miss_high"));
 *	mime_alternative(&m, STR("=_cmon_4b1f"), text, html);
 *	if (m.why)
 *		return m.why;			nothing of it may be sent
 *	send(buf_str(&m.out));
 *	mime_close(&m);
 *
 * The same arguments give the same bytes.  Lines end in CR LF and have at most
 * 76 bytes, all of them ASCII, but for a word of a structured header that
 * cannot be parted, which has up to MIME_LINE_MAX.
 *
 * No value can begin a header or a line of its own: one with a control
 * character is refused, since it was either forged or is a mistake.
 *
 * Sources: RFC 5322 (headers), 2045 (quoted-printable), 2046 (multipart),
 * 2047 (words that are not ASCII).
 *
 * Ownership: the bytes are the mime's; a mailbox points into the parsed text.
 * Errors: `why` holds the first refusal, and stays.
 */
#ifndef MIME_H
#define MIME_H

#include "base.h"
#include "buf.h"

#define MIME_FOLD	76			/* bytes of a line */
#define MIME_LINE_MAX	998			/* bytes of a line that cannot be folded */
#define MIME_ADDRESS_MAX 254			/* bytes, RFC 5321 */
#define MIME_MAX	(8 * 1024 * 1024)	/* bytes of a message */

struct mime {
	struct buf out;		/* OWNED */
	const char *why;	/* NULL: all is well so far */
};

struct mailbox {
	struct str name;	/* may be empty */
	struct str address;	/* local@domain, nothing around it */
};

/*
 * "ops@example.test", "cmon <cmon@example.test>" or "\"C. Mon\" <...>": ASCII
 * addresses without quoting or comments, as one types them.  A reason, or NULL.
 */
MUST_USE const char *mime_mailbox(struct str text, struct mailbox *m);

void	mime_open(struct mime *m);
void	mime_text(struct mime *m, const char *name, struct str value);	/* free text, any UTF-8 */
void	mime_words(struct mime *m, const char *name, struct str value);	/* ids and the like: ASCII */
void	mime_mailboxes(struct mime *m, const char *name, const struct mailbox *list, size_t n);
void	mime_date(struct mime *m, int64_t us);

/*
 * Ends the headers.  The boundary must begin with "=_", which cannot stand in
 * quoted-printable, so no letter can hold it.  Both forms are UTF-8 with LF.
 */
void	mime_alternative(struct mime *m, struct str boundary, struct str text, struct str html);
void	mime_close(struct mime *m);

#endif
