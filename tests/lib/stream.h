/*
 * stream.h - texts as files, for modules that read or write some.
 *
 *	struct stream s;
 *	stream_open(&s, "time\tkey\n1\ta\n");	its rows come from s.tsv
 *	stream_close(&s);
 *
 *	char path[] = FILE_NAME;
 *	file_write(path, "text");		path is made a name of its own
 *	CHECK_STR(file_read(path, room, sizeof(room)), "text");
 *	unlink(path);
 */
#ifndef STREAM_H
#define STREAM_H

#include <unistd.h>

#include "in.h"
#include "test.h"
#include "tsv.h"

#define FILE_NAME "/tmp/cmon-unit-XXXXXX"

struct stream {
	char path[sizeof(FILE_NAME)];
	char *paths[2];
	struct in in;
	struct tsv tsv;
};

static inline void
file_write(char *path, const char *text)
{
	int fd = mkstemp(path);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static inline struct str
file_read(const char *path, char *room, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(room, 1, size, f) : 0;

	CHECK(f && n < size);
	if (f)
		fclose(f);
	return (struct str){ room, n };
}

static inline void
stream_open(struct stream *s, const char *text)
{
	memcpy(s->path, FILE_NAME, sizeof(s->path));
	file_write(s->path, text);
	s->paths[0] = s->path;
	s->paths[1] = NULL;
	in_open(&s->in, s->paths, IN_TSV_LINE_MAX);
	tsv_open(&s->tsv, &s->in);
}

static inline void
stream_close(struct stream *s)
{
	tsv_close(&s->tsv);
	in_close(&s->in);
	unlink(s->path);
}

#endif
