/*
 * quote.h - text within other languages, where it can mean nothing but itself.
 *
 *	buf_add(&b, STR("if (req.http.x == \""));
 *	if (!quote_vcl(&b, name))
 *		...		VCL has no way to say it
 *	buf_byte(&b, '"');
 *
 * jsonput.h is the same for JSON.
 *
 * Ownership: none.
 * Errors: false where the language cannot say it; the buffer's own.
 */
#ifndef QUOTE_H
#define QUOTE_H

#include "base.h"
#include "buf.h"

/* One word for sh(1), in quotes where it needs them. */
void	quote_sh(struct buf *b, struct str s);

/*
 * The part of a regular expression (PCRE, within "" of nginx' configuration)
 * that matches exactly these bytes.
 */
void	quote_regex(struct buf *b, struct str s);

/* Within "" of VCL, which has no escapes: UTF-8 without quotes and controls. */
MUST_USE bool quote_vcl(struct buf *b, struct str s);

/* Letters, digits and ._/- alone, which mean themselves nearly everywhere. */
MUST_USE bool quote_bare(struct buf *b, struct str s);

#endif
