/*
 * jsonput.h - text as a string of JSON.
 *
 *	buf_add(&b, STR("{\"name\":"));
 *	jsonput(&b, name);
 *	buf_byte(&b, '}');
 *
 * What comes out is ASCII but for UTF-8 as it was; bytes that are no UTF-8
 * become U+FFFD, since JSON has no other bytes.  RFC 8259.
 *
 * Ownership: none.  Errors: the buffer's.
 */
#ifndef JSONPUT_H
#define JSONPUT_H

#include "base.h"
#include "buf.h"

/* Quotes and all. */
void	jsonput(struct buf *b, struct str s);

#endif
