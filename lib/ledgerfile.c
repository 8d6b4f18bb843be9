#include "ledgerfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "mem.h"
#include "num.h"
#include "path.h"
#include "state.h"
#include "str.h"

#define PATH_BYTES	4096
#define FIELDS		12
#define SUM_DIGITS	16
#define KEY_DIGITS	32
#define HEADER		STR("time\tid\tgroup\trecipient\tstatus\tcode\tattempt\tnext_try" \
			    "\tas_of\twhy\tset\tsum\n")

/* "cmon ledger v 1.": a later version has another, and rows that do not match. */
static const struct hash_key sum_key = { { 0x64656c206e6f6d63U, 0x2e31207620726567U } };

static const char *const status_text[] = { "start", "intent", "sent", "retry", "failed",
    "dropped", "noted" };
static const char signs[] = " +-!~";

/*
 * Rows as text.
 */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_item(struct str s, struct ledger_item *item)
{
	const char *sign = s.n ? strchr(signs + 1, s.p[0]) : NULL;

	if (!sign || !*sign || s.n < KEY_DIGITS + 3 || s.p[KEY_DIGITS + 1] != '.')
		return false;
	item->sign = (enum ledger_sign)(sign - signs);
	for (size_t i = 0; i < sizeof(item->key); i++) {
		int hi = hex_digit(s.p[1 + 2 * i]), lo = hex_digit(s.p[2 + 2 * i]);

		if (hi < 0 || lo < 0)
			return false;
		item->key.b[i] = (unsigned char)(16 * hi + lo);
	}
	return num_fixed(str_from(s, KEY_DIGITS + 2), 6, &item->since_us);
}

static bool
read_set(struct ledgerfile *f, struct str s, struct ledger_row *r)
{
	for (struct str piece; s.n && str_cut(&s, ',', &piece);) {
		f->item = mem_grow(f->item, &f->cap, r->n + 1, sizeof(*f->item));
		if (!read_item(piece, &f->item[r->n++]))
			return false;
	}
	r->item = f->item;
	return true;
}

static bool
read_status(struct str s, enum ledger_status *status)
{
	for (size_t i = 0; i < countof(status_text); i++)
		if (str_eq(s, str_of(status_text[i]))) {
			*status = (enum ledger_status)i;
			return true;
		}
	return false;
}

static void
put_sum(char to[SUM_DIGITS + 1], struct str line)
{
	snprintf(to, SUM_DIGITS + 1, "%016llx",
	    (unsigned long long)hash_bytes(&sum_key, line.p, line.n));
}

static bool
read_row(struct ledgerfile *file, struct str line, struct ledger_row *r)
{
	struct str rest = line, f[FIELDS];
	char sum[SUM_DIGITS + 1];
	size_t n = 0;

	*r = (struct ledger_row){ .n = 0 };
	if (line.n < SUM_DIGITS)
		return false;
	put_sum(sum, (struct str){ line.p, line.n - SUM_DIGITS });
	if (memcmp(sum, line.p + line.n - SUM_DIGITS, SUM_DIGITS) != 0)
		return false;
	while (n < FIELDS && str_cut(&rest, '\t', &f[n]))
		n++;
	r->id = f[1];
	r->group = f[2];
	r->recipient = f[3];
	r->why = f[9];
	return n == FIELDS && rest.n == 0 && num_fixed(f[0], 6, &r->time_us) &&
	    read_status(f[4], &r->status) && num_i64(f[5], &r->code) && num_u64(f[6], &r->attempt) &&
	    num_fixed(f[7], 6, &r->next_us) && num_fixed(f[8], 6, &r->as_of_us) &&
	    read_set(file, f[10], r);
}

void
ledgerfile_put_item(struct buf *b, const struct ledger_item *item)
{
	static const char digit[] = "0123456789abcdef";
	char text[1 + KEY_DIGITS + 1 + NUM_MAX], *p = text;

	*p++ = signs[item->sign];
	for (size_t i = 0; i < sizeof(item->key); i++) {
		*p++ = digit[item->key.b[i] >> 4];
		*p++ = digit[item->key.b[i] & 15];
	}
	*p++ = '.';
	p = num_put_fixed(p, item->since_us, 6);
	buf_add(b, (struct str){ text, (size_t)(p - text) });
}

static void
put_time(struct buf *b, int64_t us)
{
	char text[NUM_MAX];

	buf_byte(b, '\t');
	buf_add(b, (struct str){ text, (size_t)(num_put_fixed(text, us, 6) - text) });
}

void
ledgerfile_put(struct buf *b, const struct ledger_row *r)
{
	size_t start = b->n;
	char sum[SUM_DIGITS + 1], time[NUM_MAX];

	buf_add(b, (struct str){ time, (size_t)(num_put_fixed(time, r->time_us, 6) - time) });
	buf_printf(b, "\t%.*s\t%.*s\t%.*s\t%s\t%lld\t%llu", (int)r->id.n, r->id.p,
	    (int)r->group.n, r->group.p, (int)r->recipient.n, r->recipient.p,
	    status_text[r->status], (long long)r->code, (unsigned long long)r->attempt);
	put_time(b, r->next_us);
	put_time(b, r->as_of_us);
	buf_printf(b, "\t%.*s\t", (int)r->why.n, r->why.p ? r->why.p : "");
	for (size_t i = 0; i < r->n; i++) {
		if (i)
			buf_byte(b, ',');
		ledgerfile_put_item(b, &r->item[i]);
	}
	buf_byte(b, '\t');
	if (b->over)
		return;
	put_sum(sum, (struct str){ b->p + start, b->n - start });
	buf_add(b, str_of(sum));
	buf_byte(b, '\n');
}

/*
 * The file.
 */

static bool
write_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t k = write(fd, s.p, s.n);

		if (k == -1 && errno == EINTR)
			continue;
		if (k == -1)
			return false;
		s = str_from(s, (size_t)k);
	}
	return true;
}

static bool
sync_folder(const char *path)
{
	char dir[PATH_BYTES];
	const char *slash = strrchr(path, '/');
	int fd, n = slash ? snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path) :
	    snprintf(dir, sizeof(dir), ".");
	bool ok;

	if (n < 0 || (size_t)n >= sizeof(dir))
		return false;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems cannot sync a folder, and then need not. */
	ok = fd != -1 && (fsync(fd) == 0 || errno == EINVAL);
	if (fd != -1)
		close(fd);
	return ok;
}

static bool
write_rows(struct ledgerfile *f)
{
	bool first = f->size == 0;

	if (f->torn && ftruncate(f->fd, (off_t)f->size) == -1)
		return false;
	f->torn = true;		/* until the last byte is there */
	if ((first && !write_all(f->fd, HEADER)) || !write_all(f->fd, buf_str(&f->row)) ||
	    fsync(f->fd) == -1 || (first && !sync_folder(f->path)))
		return false;
	f->torn = false;
	f->size += (int64_t)(f->row.n + (first ? HEADER.n : 0));
	return true;
}

bool
ledgerfile_append(struct ledgerfile *f, const struct ledger_row *r)
{
	int err;

	buf_reset(&f->row);
	ledgerfile_put(&f->row, r);
	if (f->row.over) {
		errno = EFBIG;
		return false;
	}
	if (f->fd == -1) {	/* read only */
		errno = EBADF;
		return false;
	}
	if (write_rows(f))
		return true;
	err = errno;
	f->torn = ftruncate(f->fd, (off_t)f->size) == -1;
	errno = err;
	return false;
}

void
ledgerfile_replace(struct ledgerfile *f, struct str head, size_t from)
{
	struct str tail = str_from(buf_str(&f->text), from);
	char temp[PATH_BYTES];
	int n = snprintf(temp, sizeof(temp), "%s.new", f->path);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(temp))
		return;
	unlink(temp);		/* of a run that was killed; we have the lock */
	fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	if (!write_all(fd, HEADER) || !write_all(fd, head) || !write_all(fd, tail) ||
	    fsync(fd) == -1 || rename(temp, f->path) == -1) {
		close(fd);
		unlink(temp);
		return;
	}
	close(f->fd);
	f->fd = fd;
	f->torn = false;
	f->size = (int64_t)(HEADER.n + head.n + tail.n);
	if (!sync_folder(f->path))
		return;		/* then it is the old file or the new: the same state */
}

static bool
slurp(struct ledgerfile *f)
{
	struct stat st;
	size_t got = 0;
	char *to;

	if (fstat(f->fd, &st) == -1)
		return false;
	if (!S_ISREG(st.st_mode) || st.st_size > LEDGERFILE_MAX) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EFBIG;
		return false;
	}
	if (st.st_size == 0)
		return true;
	to = buf_room(&f->text, (size_t)st.st_size);
	while (to && got < (size_t)st.st_size) {
		ssize_t k = read(f->fd, to + got, (size_t)st.st_size - got);

		if (k == 0)
			break;
		if (k == -1 && errno != EINTR)
			return false;
		got += k > 0 ? (size_t)k : 0;
	}
	f->text.n = got;
	return to != NULL;
}

/* A row without its newline was being written when something went wrong. */
static bool
cut_torn(struct ledgerfile *f)
{
	size_t n = f->text.n;

	while (n && f->text.p[n - 1] != '\n')
		n--;
	if (n == 0 && f->text.n && !str_starts(HEADER, buf_str(&f->text)))
		return false;	/* not a byte of it is ours */
	f->torn = n != f->text.n;
	f->text.n = n;
	f->size = (int64_t)n;
	return true;
}

enum ledger_opened
ledgerfile_open(struct ledgerfile *f, const char *path, bool write)
{
	enum ledger_opened opened;

	*f = (struct ledgerfile){ .path = path, .fd = -1, .lock = -1 };
	buf_init(&f->text, LEDGERFILE_MAX);
	buf_init(&f->row, LEDGERFILE_MAX);
	if (path_is_special(path))
		return LEDGER_NO_FILE;
	if (write && (f->lock = state_lock(path)) == -1)
		return errno == EWOULDBLOCK ? LEDGER_BUSY : LEDGER_ERROR;
	f->fd = open(path, write ? O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0600);
	if (f->fd == -1)
		return !write && errno == ENOENT ? LEDGER_OPEN : LEDGER_ERROR;
	if (!slurp(f))
		return LEDGER_ERROR;
	opened = cut_torn(f) ? LEDGER_OPEN : LEDGER_FOREIGN;
	if (!write) {
		close(f->fd);
		f->fd = -1;
	}
	f->header = str_starts(buf_str(&f->text), HEADER);
	f->next = f->header ? HEADER.n : 0;
	f->line = f->header ? 1 : 0;
	return opened;
}

enum ledgerfile_got
ledgerfile_next(struct ledgerfile *f, struct ledger_row *r)
{
	struct str rest = str_from(buf_str(&f->text), f->next), line;

	f->at = f->next;
	if (rest.n == 0 || !str_cut(&rest, '\n', &line))
		return LEDGERFILE_END;
	f->next += line.n + 1;
	f->line++;
	return read_row(f, line, r) ? LEDGERFILE_ROW : LEDGERFILE_DAMAGED;
}

void
ledgerfile_forget(struct ledgerfile *f)
{
	buf_free(&f->text);
}

void
ledgerfile_close(struct ledgerfile *f)
{
	free(f->item);
	buf_free(&f->text);
	buf_free(&f->row);
	if (f->fd != -1)
		close(f->fd);
	if (f->lock != -1)
		state_unlock(f->lock);
	*f = (struct ledgerfile){ .fd = -1, .lock = -1 };
}
