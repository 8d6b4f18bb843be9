/*
 * ruled.h - rules from a text, and keys by them.
 *
 *	ruled_open("pattern\tkey\n/a\tb\n");
 *	keys_take(&ruled.keys, &event);
 *	ruled_close();
 */
#ifndef RULED_H
#define RULED_H

#include "keys.h"
#include "stream.h"

static struct {
	struct keyrules rules;
	struct keys keys;
} ruled;

static inline void
ruled_say(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

static inline void
ruled_open(const char *text)
{
	char path[] = FILE_NAME;

	file_write(path, text);
	CHECK(keyrules_read(&ruled.rules, path, ruled_say));
	unlink(path);
	keys_open(&ruled.keys, &ruled.rules);
}

static inline void
ruled_close(void)
{
	keys_close(&ruled.keys);
	keyrules_free(&ruled.rules);
}

#endif
