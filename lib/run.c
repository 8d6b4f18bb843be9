#include "run.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "str.h"
#include "varint.h"

#define RUN_BYTES	(16 * 1024)	/* buffered, of each of many */
#define NUMBERS_MAX	(4 * VARINT_MAX) /* bytes that a row, or a head, may need */

static uint64_t
zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t
unzigzag(uint64_t u)
{
	uint64_t v = (u >> 1) ^ (0 - (u & 1));

	return v <= INT64_MAX ? (int64_t)v : -(int64_t)(UINT64_MAX - v) - 1;
}

/* A file without a name; no signal may end us while it has one. */
static int
open_unnamed(char *template)
{
	sigset_t all, old;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	fd = mkstemp(template);
	if (fd != -1)
		unlink(template);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return fd;
}

bool
run_open(struct run *r)
{
	static const char name[] = "/cmon.XXXXXX";
	const char *dir = getenv("TMPDIR");
	char path[PATH_MAX];

	*r = (struct run){ .fd = -1 };
	if (!dir || !*dir)
		dir = "/tmp";
	if ((size_t)snprintf(path, sizeof(path), "%s%s", dir, name) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	r->fd = open_unnamed(path);
	if (r->fd == -1)
		return false;
	r->cap = RUN_BYTES;
	r->buf = mem_alloc(r->cap);
	buf_init(&r->labels, UINT32_MAX);
	return true;
}

void
run_close(struct run *r)
{
	if (!r->buf)
		return;
	close(r->fd);
	free(r->buf);
	buf_free(&r->labels);
	*r = (struct run){ .fd = -1 };
}

static bool
flush(struct run *r)
{
	for (size_t done = 0; done < r->n;) {
		ssize_t k = pwrite(r->fd, r->buf + done, r->n - done, r->size);

		if (k == -1 && errno == EINTR)
			continue;
		if (k == -1)
			return false;
		done += (size_t)k;
		r->size += k;
	}
	r->n = 0;
	return true;
}

/* Room for numbers is made beforehand, so that no varint is refused. */
static void
put(struct run *r, uint64_t v)
{
	r->n += varint_put(r->buf + r->n, r->cap - r->n, v);
}

static bool
put_bytes(struct run *r, struct str s)
{
	while (s.n) {
		size_t k = r->cap - r->n < s.n ? r->cap - r->n : s.n;

		memcpy(r->buf + r->n, s.p, k);
		r->n += k;
		s = str_from(s, k);
		if (s.n && !flush(r))
			return false;
	}
	return true;
}

static bool
make_room(struct run *r)
{
	return r->cap - r->n >= NUMBERS_MAX || flush(r);
}

bool
run_add(struct run *r, const struct cell_plan *plan, const struct cell *c)
{
	struct str labels = cell_labels(plan, c);

	r->start = c->start;
	r->width = c->width;
	buf_reset(&r->labels);
	buf_add(&r->labels, labels);
	if (!make_room(r))
		return false;
	put(r, zigzag(c->start));
	put(r, c->width);
	put(r, labels.n);
	if (!put_bytes(r, labels))
		return false;
	for (struct cell_row row = { 0 }; cell_next(plan, c, &row);) {
		bool negative = row.value < 0;

		if (!make_room(r))
			return false;
		put(r, (uint64_t)(row.metric->id + 1) << 1 | negative);
		put(r, zigzag(row.bin));
		put(r, (uint64_t)(negative ? -row.value : row.value));
	}
	if (!make_room(r))
		return false;
	put(r, 0);
	r->cells++;
	return true;
}

/* The record r stands at, against a window and labels. */
static int
compare(const struct run *r, int64_t start, uint32_t width, struct str labels)
{
	if (r->start != start)
		return r->start < start ? -1 : 1;
	if (r->width != width)
		return r->width < width ? -1 : 1;
	return str_cmp(buf_str(&r->labels), labels);
}

bool
run_accepts(const struct run *r, const struct cell_plan *plan, const struct cell *c)
{
	return r->cells == 0 || compare(r, c->start, c->width, cell_labels(plan, c)) < 0;
}

/* Bytes for the numbers of a row, if the file has so many. */
static bool
fill(struct run *r)
{
	if (r->n - r->at >= NUMBERS_MAX || r->read == r->size)
		return true;
	memmove(r->buf, r->buf + r->at, r->n - r->at);
	r->n -= r->at;
	r->at = 0;
	while (r->n < NUMBERS_MAX && r->read < r->size) {
		ssize_t k = pread(r->fd, r->buf + r->n, r->cap - r->n, r->read);

		if (k == -1 && errno == EINTR)
			continue;
		if (k == 0)
			errno = EBADMSG;
		if (k <= 0)
			return false;
		r->n += (size_t)k;
		r->read += k;
	}
	return true;
}

static bool
get(struct run *r, uint64_t *v)
{
	size_t k = varint_get(r->buf + r->at, r->n - r->at, v);

	r->at += k;
	if (k == 0)
		errno = EBADMSG;
	return k > 0;
}

static bool
get_labels(struct run *r, uint64_t left)
{
	buf_reset(&r->labels);
	while (left) {
		size_t k = r->n - r->at;

		if (k > left)
			k = (size_t)left;
		buf_add(&r->labels, (struct str){ (char *)r->buf + r->at, k });
		r->at += k;
		left -= k;
		if (left && r->at == r->n && r->read == r->size) {
			errno = EBADMSG;
			return false;
		}
		if (!fill(r))
			return false;
	}
	return true;
}

/* The head of the next record; *more is false at the end of the run. */
static bool
next_head(struct run *r, bool *more)
{
	uint64_t start, width, labels;

	if (!fill(r))
		return false;
	*more = r->at < r->n;
	if (!*more)
		return true;
	if (!get(r, &start) || !get(r, &width) || !get(r, &labels))
		return false;
	r->start = unzigzag(start);
	r->width = (uint32_t)width;
	return get_labels(r, labels);
}

/* The rows of the record whose head was read, into a cell. */
static bool
take_rows(struct run *r, struct cell_plan *plan, struct cell *c)
{
	uint64_t what, bin, size;

	for (;;) {
		if (!fill(r) || !get(r, &what))
			return false;
		if (what == 0)
			return true;
		if (!get(r, &bin) || !get(r, &size))
			return false;
		if (!cell_put(plan, c, (unsigned)(what >> 1) - 1, unzigzag(bin),
		    what & 1 ? -(i128)size : (i128)size))
			return false;
	}
}

bool
run_after(const struct run *a, const struct run *b)
{
	return compare(a, b->start, b->width, buf_str(&b->labels)) > 0;
}

static void
sift(struct run_merge *m, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < m->n; k++)
			if (run_after(m->heap[least], m->heap[k]))
				least = k;
		if (least == i)
			return;
		struct run *r = m->heap[i];
		m->heap[i] = m->heap[least];
		m->heap[least] = r;
		i = least;
	}
}

bool
run_merge_open(struct run_merge *m, struct cell_plan *plan, struct run *runs[], size_t n)
{
	*m = (struct run_merge){ .plan = plan };
	for (size_t i = 0; i < n; i++) {
		struct run *r = runs[i];
		bool more;

		if (!flush(r))
			return false;
		r->read = 0;
		r->at = r->n = 0;
		if (!next_head(r, &more))
			return false;
		if (more)
			m->heap[m->n++] = r;
	}
	for (size_t i = m->n / 2; i-- > 0;)
		sift(m, i);
	return true;
}

static void
bury(struct run_merge *m)
{
	if (m->alive)
		cell_death(m->plan, m->cell);
	m->alive = false;
}

static bool
advance(struct run_merge *m)
{
	bool more;

	if (!next_head(m->heap[0], &more))
		return false;
	if (!more)
		m->heap[0] = m->heap[--m->n];
	sift(m, 0);
	return true;
}

bool
run_merge_next(struct run_merge *m, const struct cell **cell)
{
	struct str labels;

	*cell = NULL;
	bury(m);
	if (m->n == 0)
		return true;
	labels = buf_str(&m->heap[0]->labels);
	if (cell_size(m->plan, labels.n) > m->cap) {
		m->cap = cell_size(m->plan, 2 * labels.n);
		free(m->cell);
		m->cell = mem_alloc(m->cap);
	}
	cell_birth(m->plan, m->cell, m->heap[0]->start, m->heap[0]->width, labels);
	m->alive = true;
	do {
		if (!take_rows(m->heap[0], m->plan, m->cell) || !advance(m))
			return false;
	} while (m->n && compare(m->heap[0], m->cell->start, m->cell->width,
	    cell_labels(m->plan, m->cell)) == 0);
	*cell = m->cell;
	return true;
}

void
run_merge_close(struct run_merge *m)
{
	bury(m);
	free(m->cell);
	m->cell = NULL;
}
