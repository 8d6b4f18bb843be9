#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "mem.h"
#include "mime.h"
#include "num.h"
#include "state.h"
#include "str.h"
#include "tsv.h"
#include "when.h"

#define PATH_BYTES	4096
#define FIELDS		12
#define SUM_DIGITS	16
#define KEY_DIGITS	32
#define BACKOFF_MAX	(3600 * WHEN_SEC)
#define HEADER		STR("time\tid\tgroup\trecipient\tstatus\tcode\tattempt\tnext_try" \
			    "\tas_of\twhy\tset\tsum\n")

/* "cmon ledger v 1.": a later version has another, and rows that do not match. */
static const struct hash_key sum_key = { { 0x64656c206e6f6d63U, 0x2e31207620726567U } };

static const char *const status_text[] = { "start", "intent", "sent", "retry", "failed",
    "dropped", "noted" };
static const char signs[] = " +-!~";

/* A row of the file, taken apart. */
struct row {
	int64_t time_us, next_us, as_of_us;
	struct str id, group, recipient, why;
	enum ledger_status status;
	int64_t code;
	uint64_t attempt;
	const struct ledger_item *item;
	size_t n;
};

/*
 * What rows mean.
 */

static uint32_t
party_number(struct ledger *l, struct str group, struct str recipient, bool *added)
{
	struct str name;
	struct buf b;
	uint32_t i;

	buf_init(&b, IN_TSV_LINE_MAX);
	buf_add(&b, group);
	buf_byte(&b, '\t');
	buf_add(&b, recipient);
	i = map_put(&l->by_name, buf_str(&b), added);
	buf_free(&b);
	if (!*added)
		return i;
	l->party = mem_grow(l->party, &l->party_cap, l->parties + 1, sizeof(*l->party));
	name = map_key(&l->by_name, i);
	l->party[l->parties++] = (struct ledger_party){
		.group = { name.p, group.n },
		.recipient = str_from(name, group.n + 1),
	};
	return i;
}

static struct str
entry_name(char to[sizeof(uint32_t) + sizeof(struct ledger_key)], uint32_t party,
    const struct ledger_key *key)
{
	memcpy(to, &party, sizeof(party));
	memcpy(to + sizeof(party), key, sizeof(*key));
	return (struct str){ to, sizeof(party) + sizeof(*key) };
}

static void
learn(struct ledger *l, uint32_t party, const struct ledger_item *item, int64_t time_us)
{
	char name[sizeof(party) + sizeof(item->key)];
	bool added;
	uint32_t i = map_put(&l->by_key, entry_name(name, party, &item->key), &added);

	if (added) {
		l->entry = mem_grow(l->entry, &l->entry_cap, l->entries + 1, sizeof(*l->entry));
		l->entries++;
	}
	l->entry[i] = (struct ledger_entry){ party, *item, time_us };
}

const struct ledger_entry *
ledger_get(const struct ledger *l, uint32_t party, const struct ledger_key *key)
{
	char name[sizeof(party) + sizeof(*key)];
	uint32_t i = map_get(&l->by_key, entry_name(name, party, key));

	return i == MAP_NONE ? NULL : &l->entry[i];
}

static void
learn_all(struct ledger *l, uint32_t party, const struct ledger_item *item, size_t n,
    int64_t time_us)
{
	for (size_t i = 0; i < n; i++)
		learn(l, party, &item[i], time_us);
}

static void
keep_id(char to[LEDGER_ID + 1], struct str id)
{
	memset(to, 0, LEDGER_ID + 1);
	memcpy(to, id.p, id.n < LEDGER_ID ? id.n : LEDGER_ID);
}

static void
begin(struct ledger_party *p, const struct row *r)
{
	bool again = p->open && str_eq(str_of(p->id), r->id) && r->n == 0;

	p->open = true;
	p->attempt = (unsigned)r->attempt;
	p->next_us = 0;
	if (again)
		return;
	keep_id(p->id, r->id);
	p->set = mem_grow(p->set, &p->cap, r->n, sizeof(*p->set));
	p->n = r->n;
	if (r->n)
		memcpy(p->set, r->item, r->n * sizeof(*p->set));
}

static void
miss(struct ledger *l, uint32_t party, const struct row *r)
{
	l->miss = mem_grow(l->miss, &l->miss_cap, l->misses + 1, sizeof(*l->miss));
	l->miss[l->misses++] = (struct ledger_miss){ party, arena_dup(&l->text, r->why),
	    r->item->since_us, r->time_us };
}

static void
apply(struct ledger *l, uint32_t number, const struct row *r)
{
	struct ledger_party *p = &l->party[number];
	bool of_open = p->open && str_eq(str_of(p->id), r->id);

	if (p->start_us == 0)
		p->start_us = r->time_us;
	if (r->as_of_us > p->as_of_us)
		p->as_of_us = r->as_of_us;
	switch (r->status) {
	case LEDGER_START:
		break;
	case LEDGER_INTENT:
		begin(p, r);
		break;
	case LEDGER_SENT:
		p->sent_us = r->time_us;
		keep_id(p->last_id, r->id);
		if (of_open)
			learn_all(l, number, p->set, p->n, r->time_us);
		p->open = p->open && !of_open;
		break;
	case LEDGER_RETRY:
	case LEDGER_FAILED:
		if (of_open)
			p->next_us = r->next_us;
		break;
	case LEDGER_DROPPED:
		p->open = p->open && !of_open;
		break;
	case LEDGER_NOTED:
		learn_all(l, number, r->item, r->n, r->time_us);
		if (r->n == 1 && r->item->sign == LEDGER_MISSED && r->why.n)
			miss(l, number, r);
		break;
	}
}

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
read_set(struct ledger *l, struct str s, struct row *r)
{
	for (struct str piece; s.n && str_cut(&s, ',', &piece);) {
		l->scratch = mem_grow(l->scratch, &l->scratch_cap, r->n + 1, sizeof(*l->scratch));
		if (!read_item(piece, &l->scratch[r->n++]))
			return false;
	}
	r->item = l->scratch;
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
read_row(struct ledger *l, struct str line, struct row *r)
{
	struct str rest = line, f[FIELDS];
	char sum[SUM_DIGITS + 1];
	size_t n = 0;

	*r = (struct row){ .n = 0 };
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
	    read_set(l, f[10], r);
}

static void
put_item(struct buf *b, const struct ledger_item *item)
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

/* Adds the row to those that are to be appended. */
static void
put_row(struct buf *b, const struct row *r)
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
		put_item(b, &r->item[i]);
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

/* Appends l->row and syncs it; what was written by half is taken back. */
static bool
append(struct ledger *l)
{
	bool ok, first = l->size == 0;
	int err;

	if (l->row.over) {
		errno = EFBIG;
		return false;
	}
	if (l->fd == -1) {	/* read only */
		errno = EBADF;
		return false;
	}
	ok = (!first || write_all(l->fd, HEADER)) && write_all(l->fd, buf_str(&l->row)) &&
	    fsync(l->fd) == 0 && (!first || sync_folder(l->path));
	if (ok) {
		l->size += (int64_t)(l->row.n + (first ? HEADER.n : 0));
		return true;
	}
	err = errno;
	if (ftruncate(l->fd, (off_t)l->size) == -1)
		l->damaged++;	/* half a row: the next reader cuts it off */
	errno = err;
	return false;
}

/* One row, into the file and into memory. */
static bool
enter(struct ledger *l, uint32_t party, struct row *r)
{
	bool ok;

	r->time_us = l->now_us;
	r->group = l->party[party].group;
	r->recipient = l->party[party].recipient;
	buf_reset(&l->row);
	put_row(&l->row, r);
	ok = append(l);
	apply(l, party, r);
	return ok;
}

/*
 * The state at this moment as rows: what is known, in runs of one time, the
 * last message, and the one that is open.
 */
static void
put_state(struct buf *b, const struct ledger *l, uint32_t number)
{
	const struct ledger_party *p = &l->party[number];
	struct row r = { .time_us = p->start_us, .group = p->group, .recipient = p->recipient,
	    .as_of_us = p->as_of_us, .status = LEDGER_START };

	put_row(b, &r);
	r.status = LEDGER_NOTED;
	r.n = 1;
	for (size_t i = 0; i < l->entries; i++) {
		const struct ledger_entry *e = &l->entry[i];

		if (e->party != number || (e->item.sign != LEDGER_FIRING &&
		    l->now_us - e->time_us > LEDGER_OVER_S * WHEN_SEC))
			continue;
		r.time_us = e->time_us;
		r.item = &e->item;
		put_row(b, &r);
	}
	r.n = 0;
	if (p->sent_us) {
		r.status = LEDGER_SENT;
		r.time_us = p->sent_us;
		r.id = str_of(p->last_id);
		put_row(b, &r);
	}
	if (p->open) {
		r.status = LEDGER_INTENT;
		r.time_us = l->now_us;
		r.id = str_of(p->id);
		r.attempt = p->attempt;
		r.item = p->set;
		r.n = p->n;
		put_row(b, &r);
		r.status = LEDGER_RETRY;
		r.next_us = p->next_us;
		r.n = 0;
		put_row(b, &r);
	}
}

/* Replaces the rows by head and tail.  The file stays as it was if that fails. */
static void
replace(struct ledger *l, struct str head, struct str tail)
{
	char temp[PATH_BYTES];
	int n = snprintf(temp, sizeof(temp), "%s.new", l->path);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(temp))
		return;
	unlink(temp);		/* of a run that was killed; we have the lock */
	fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	if (!write_all(fd, HEADER) || !write_all(fd, head) || !write_all(fd, tail) ||
	    fsync(fd) == -1 || rename(temp, l->path) == -1) {
		close(fd);
		unlink(temp);
		return;
	}
	close(l->fd);
	l->fd = fd;
	l->size = (int64_t)(HEADER.n + head.n + tail.n);
	if (!sync_folder(l->path))
		return;		/* then it is the old file or the new: the same state */
}

static bool
read_file(struct ledger *l, int fd)
{
	struct stat st;
	size_t got = 0;
	char *to;

	if (fstat(fd, &st) == -1)
		return false;
	if (!S_ISREG(st.st_mode) || st.st_size > LEDGER_MAX) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EFBIG;
		return false;
	}
	l->size = st.st_size;
	if (st.st_size == 0)
		return true;
	to = buf_room(&l->file, (size_t)st.st_size);
	while (to && got < (size_t)st.st_size) {
		ssize_t k = read(fd, to + got, (size_t)st.st_size - got);

		if (k == 0)
			break;
		if (k == -1 && errno != EINTR)
			return false;
		got += k > 0 ? (size_t)k : 0;
	}
	l->file.n = got;
	return to != NULL;
}

/*
 * Goes through the rows.  While all so far are older than `fold`, *folded is
 * where those end, and *head the state in their place.
 */
static bool
read_rows(struct ledger *l, int64_t fold, struct buf *head, size_t *folded)
{
	struct str rest = buf_str(&l->file), line;
	bool good_header = str_starts(rest, HEADER), old = true, added;
	uint64_t lineno = 0, rows = 0;
	struct row r;

	for (; rest.n; lineno++) {
		size_t at = (size_t)(rest.p - l->file.p);
		bool good;

		if (!str_cut(&rest, '\n', &line))
			break;
		if (lineno == 0 && good_header)
			continue;
		good = read_row(l, line, &r);
		if (good && old && r.time_us >= fold) {
			old = false;
			*folded = at;
			for (uint32_t i = 0; i < l->parties; i++)
				put_state(head, l, i);
		}
		rows += good;
		if (good)
			apply(l, party_number(l, r.group, r.recipient, &added), &r);
		else if (l->damaged++ == 0)
			l->damaged_line = lineno + 1;
	}
	if (old) {
		*folded = l->file.n;
		for (uint32_t i = 0; i < l->parties; i++)
			put_state(head, l, i);
	}
	return l->file.n == 0 || good_header || rows;
}

/* A row without its newline was being written when something went wrong. */
static bool
cut_torn(struct ledger *l)
{
	size_t n = l->file.n;

	while (n && l->file.p[n - 1] != '\n')
		n--;
	if (n == l->file.n)
		return true;
	if (n == 0 && !str_starts(HEADER, buf_str(&l->file)))
		return false;	/* not a byte of it is ours */
	l->file.n = n;
	return true;
}

/* What was read, into a better form: whole, not damaged, not too long. */
static void
mend(struct ledger *l, struct buf *head, size_t folded)
{
	struct str tail = str_from(buf_str(&l->file), folded);

	if ((size_t)l->size != l->file.n && ftruncate(l->fd, (off_t)l->file.n) == 0)
		l->size = (int64_t)l->file.n;
	if (l->damaged) {
		buf_reset(head);
		for (uint32_t i = 0; i < l->parties; i++)
			put_state(head, l, i);
		tail.n = 0;
	}
	if (!head->over && (l->damaged ||
	    (l->size > LEDGER_COMPACT && head->n + tail.n < l->file.n / 2)))
		replace(l, buf_str(head), tail);
}

static enum ledger_opened
read_ledger(struct ledger *l, bool write)
{
	int64_t fold = INT64_MIN;
	struct buf head;
	size_t folded = 0;
	bool ours;

	if (l->size > LEDGER_FOLD_ALL)
		fold = INT64_MAX;
	else if (l->size > LEDGER_COMPACT)
		fold = l->now_us - LEDGER_KEEP_S * WHEN_SEC;
	buf_init(&head, LEDGER_ROW_MAX);
	ours = cut_torn(l) && read_rows(l, fold, &head, &folded);
	if (ours && write)
		mend(l, &head, folded);
	buf_free(&head);
	buf_free(&l->file);
	return ours ? LEDGER_OPEN : LEDGER_FOREIGN;
}

enum ledger_opened
ledger_open(struct ledger *l, const char *path, int64_t now_us, bool write)
{
	struct hash_key key;
	enum ledger_opened opened;

	*l = (struct ledger){ .path = path, .fd = -1, .lock = -1, .now_us = now_us };
	buf_init(&l->file, LEDGER_MAX);
	buf_init(&l->row, LEDGER_ROW_MAX);
	if (!hash_key_random(&key))
		return LEDGER_ERROR;
	map_init(&l->by_name, &key);
	map_init(&l->by_key, &key);
	if (write && (l->lock = state_lock(path)) == -1)
		return errno == EWOULDBLOCK ? LEDGER_BUSY : LEDGER_ERROR;
	l->fd = open(path, write ? O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0600);
	if (l->fd == -1)
		return !write && errno == ENOENT ? LEDGER_OPEN : LEDGER_ERROR;
	if (!read_file(l, l->fd))
		return LEDGER_ERROR;
	opened = read_ledger(l, write);
	if (!write) {
		close(l->fd);
		l->fd = -1;
	}
	return opened;
}

void
ledger_close(struct ledger *l)
{
	for (size_t i = 0; i < l->parties; i++)
		free(l->party[i].set);
	free(l->party);
	free(l->entry);
	free(l->miss);
	free(l->scratch);
	arena_free(&l->text);
	map_free(&l->by_name);
	map_free(&l->by_key);
	buf_free(&l->file);
	buf_free(&l->row);
	if (l->fd != -1)
		close(l->fd);
	if (l->lock != -1)
		state_unlock(l->lock);
	*l = (struct ledger){ .fd = -1, .lock = -1 };
}

/*
 * Entries.
 */

uint32_t
ledger_party(struct ledger *l, struct str group, struct str recipient)
{
	bool added;
	uint32_t i = party_number(l, group, recipient, &added);

	/* Without this row the party is new again next time: no harm. */
	if (added)
		enter(l, i, &(struct row){ .status = LEDGER_START });
	return i;
}

bool
ledger_intent(struct ledger *l, uint32_t party, const char *id, const struct ledger_item *item,
    size_t n, int64_t as_of_us)
{
	const struct ledger_party *p = &l->party[party];
	bool again = p->open && strcmp(p->id, id) == 0;
	struct row r = { .id = str_of(id), .status = LEDGER_INTENT, .as_of_us = as_of_us,
	    .attempt = again ? p->attempt + 1 : 1, .item = again ? NULL : item, .n = again ? 0 : n };

	return enter(l, party, &r);
}

bool
ledger_done(struct ledger *l, uint32_t party, enum ledger_status status, int code,
    const char *why, int64_t next_us)
{
	const struct ledger_party *p = &l->party[party];
	char words[TSV_ROOM(LEDGER_WHY_MAX)], id[LEDGER_ID + 1];
	struct str said = str_of(why);
	struct row r = { .status = status, .code = code, .attempt = p->attempt, .next_us = next_us,
	    .as_of_us = p->as_of_us };

	if (said.n > LEDGER_WHY_MAX)
		said.n = LEDGER_WHY_MAX;
	r.why = (struct str){ words, (size_t)(tsv_put(words, said) - words) };
	memcpy(id, p->id, sizeof(id));
	r.id = str_of(id);
	return enter(l, party, &r);
}

bool
ledger_note(struct ledger *l, uint32_t party, const struct ledger_item *item, size_t n,
    int64_t as_of_us, struct str why)
{
	struct row r = { .status = LEDGER_NOTED, .item = item, .n = n, .as_of_us = as_of_us,
	    .why = mime_cut(why, LEDGER_WHY_MAX) };

	return enter(l, party, &r);
}

bool
ledger_id(struct sha256 *h, const struct ledger_party *p, const struct ledger_item *item,
    size_t n, char to[LEDGER_ID + 1])
{
	unsigned char sum[SHA256_BYTES];
	char hex[SHA256_HEX];
	struct buf b;
	bool ok;

	buf_init(&b, LEDGER_ROW_MAX);
	buf_add(&b, str_of(p->last_id));
	for (size_t i = 0; i < n; i++)
		put_item(&b, &item[i]);
	ok = !b.over && sha256(h, &(struct str){ b.p, b.n }, 1, sum);
	buf_free(&b);
	if (!ok)
		return false;
	sha256_hex(hex, sum);
	keep_id(to, (struct str){ hex, LEDGER_ID });
	return true;
}

bool
ledger_key(struct sha256 *h, struct str rule, struct str labels, struct ledger_key *k)
{
	const struct str part[] = { rule, STR("\t"), labels };
	unsigned char sum[SHA256_BYTES];

	if (!sha256(h, part, countof(part), sum))
		return false;
	memcpy(k->b, sum, sizeof(k->b));
	return true;
}

int64_t
ledger_backoff(unsigned attempts)
{
	int64_t us = 60 * WHEN_SEC;

	while (attempts-- > 1 && us < BACKOFF_MAX)
		us *= 2;
	return us < BACKOFF_MAX ? us : BACKOFF_MAX;
}
