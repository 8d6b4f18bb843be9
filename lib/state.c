#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "out.h"
#include "path.h"
#include "slurp.h"
#include "str.h"

#define TRAILER_MAX	64	/* bytes of "#end<tab>rows<tab>hash<newline>" */

/* path, or the file that it is a link to, with a tail; OWNED by the caller. */
static char *
beside(const char *path, const char *tail)
{
	struct arena a = { 0 };
	struct stat st;
	bool is_link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
	struct str real = is_link ? path_real(&a, path) : str_of(path);
	size_t n = real.n + strlen(tail) + 1;
	char *p = mem_alloc(n);

	snprintf(p, n, "%s%s", real.p, tail);
	arena_free(&a);
	return p;
}

static size_t
trailer(char to[TRAILER_MAX], struct str text, uint64_t rows)
{
	int n = snprintf(to, TRAILER_MAX, "#end\t%" PRIu64 "\t%016" PRIx64 "\n", rows,
	    hash_bytes(&hash_published, text.p, text.n));

	return (size_t)n;
}

/* --- reading --- */

static bool
cut_line(struct str *rest, struct str *line)
{
	size_t n = str_chr(*rest, '\n');

	if (n == rest->n)
		return false;
	*line = (struct str){ rest->p, n };
	*rest = str_from(*rest, n + 1);
	return true;
}

/* "#kind<tab>version<tab>written=time<tab>gaps=number", the last or not; false: it is none. */
static bool
read_first_line(struct state *s, struct str line, const char *kind)
{
	struct str piece;

	if (!str_starts(line, STR("#")))
		return false;
	line = str_from(line, 1);
	if (!str_cut(&line, '\t', &piece) || !str_eq(piece, str_of(kind)) ||
	    !str_cut(&line, '\t', &piece) || !num_u64(piece, &s->version) ||
	    !str_cut(&line, '\t', &piece) || !str_starts(piece, STR("written=")) ||
	    !num_fixed(str_from(piece, 8), 6, &s->written_us))
		return false;
	/* What a newer version says besides is refused by its number. */
	return !str_starts(line, STR("gaps=")) || num_u64(str_from(line, 5), &s->gaps);
}

static size_t
split(struct str line, struct str field[STATE_COLS])
{
	size_t n = 0;

	while (n < STATE_COLS && str_cut(&line, '\t', &field[n]))
		n++;
	return n;
}

/* What is wrong with the n bytes of text, or NULL; s is then ready for rows. */
static const char *
check(struct state *s, size_t n, const char *kind, uint64_t version)
{
	struct str all = { s->text, n }, line, body;
	char want[TRAILER_MAX];
	uint64_t rows = 0;
	size_t at = n, k;

	/* Every other mistake is of no interest in a text that is not whole. */
	while (at > 0 && (at == n || s->text[at - 1] != '\n'))
		at--;
	body = (struct str){ s->text, at };
	for (struct str rest = body; cut_line(&rest, &line);)
		rows++;
	k = trailer(want, body, rows > 2 ? rows - 2 : 0);
	if (!str_eq(str_from(all, at), (struct str){ want, k }))
		return "damaged: its bytes are not those that were written";
	if (!cut_line(&body, &line) || !read_first_line(s, line, kind))
		return "the state of another program";
	if (s->version > version)
		return "written by a newer version of this program, which knows more than this one";
	if (!cut_line(&body, &line))
		return "damaged: it has no header";
	s->n = split(line, s->name);
	s->rest = body;
	return NULL;
}

static const char *
load(struct state *s, const char *path, const char *kind, uint64_t version)
{
	const char *wrong;
	size_t n;

	if (path_is_special(path))
		return STATE_NO_FILE;
	if (!slurp(path, STATE_MAX, &s->text, &n))
		return strerror(errno);
	wrong = check(s, n, kind, version);
	if (wrong) {
		free(s->text);
		s->text = NULL;
	}
	return wrong;
}

enum state_got
state_read(struct state *s, const char *path, const char *kind, uint64_t version)
{
	char why[STATE_WHY_MAX / 4];
	const char *wrong, *former_wrong;
	char *former;

	*s = (struct state){ 0 };
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return STATE_NONE;
	wrong = load(s, path, kind, version);
	if (!wrong)
		return STATE_READ;
	snprintf(why, sizeof(why), "%s", wrong);
	if (!str_starts(str_of(why), STR("damaged"))) {
		snprintf(s->why, sizeof(s->why), "%s: %s", path, why);
		return STATE_REFUSED;
	}
	former = beside(path, ".1");
	former_wrong = load(s, former, kind, version);
	if (former_wrong)
		snprintf(s->why, sizeof(s->why), "%s: %s; %s: %s; move it away to start afresh, "
		    "which forgets what was sent and since when", path, why, former, former_wrong);
	else
		snprintf(s->why, sizeof(s->why), "%s: %s; went on from %s", path, why, former);
	free(former);
	return former_wrong ? STATE_REFUSED : STATE_FORMER;
}

bool
state_next(struct state *s)
{
	struct str line;

	if (!cut_line(&s->rest, &line))
		return false;
	memset(s->field, 0, sizeof(s->field));
	split(line, s->field);
	return true;
}

int
state_col(const struct state *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->name[i], str_of(name)))
			return (int)i;
	return -1;
}

struct str
state_field(const struct state *s, int col)
{
	return col < 0 ? (struct str){ NULL, 0 } : s->field[col];
}

int64_t
state_int(const struct state *s, int col)
{
	int64_t v = 0;

	/* An empty or odd field leaves the 0. */
	(void)!num_i64(state_field(s, col), &v);
	return v;
}

void
state_close(struct state *s)
{
	free(s->text);
	*s = (struct state){ 0 };
}

/* --- writing --- */

void
state_start(struct state_writer *w, const char *kind, uint64_t version, int64_t now_us,
    uint64_t gaps, const char *const *names)
{
	char room[NUM_MAX];
	size_t n = (size_t)(num_put_fixed(room, now_us, 6) - room);

	*w = (struct state_writer){ .rows = 0 };
	buf_init(&w->text, STATE_MAX - TRAILER_MAX);
	buf_printf(&w->text, "#%s\t%" PRIu64 "\twritten=%.*s\tgaps=%" PRIu64 "\n", kind, version,
	    (int)n, room, gaps);
	for (size_t i = 0; names[i]; i++)
		state_put(w, str_of(names[i]));
	state_end_row(w);
	w->rows = 0;
}

void
state_put(struct state_writer *w, struct str escaped)
{
	if (w->started)
		buf_byte(&w->text, '\t');
	w->started = true;
	buf_add(&w->text, escaped);
}

void
state_put_int(struct state_writer *w, int64_t v)
{
	char room[NUM_MAX];

	state_put(w, (struct str){ room, v ? (size_t)(num_put_i64(room, v) - room) : 0 });
}

void
state_end_row(struct state_writer *w)
{
	buf_byte(&w->text, '\n');
	w->started = false;
	w->rows++;
}

/*
 * The file becomes PATH.1 as well, by a link that is put in place at once:
 * whenever we are killed, both names stand for whole files.
 */
static bool
keep_former(const char *path)
{
	char *now = beside(path, ""), *temp = beside(path, ".1.tmp"), *former = beside(path, ".1");
	int err = 0;

	unlink(temp);
	if (link(now, temp) == -1 || rename(temp, former) == -1)
		err = errno;
	unlink(temp);	/* rename(2) of two names of one file does nothing */
	free(now);
	free(temp);
	free(former);
	errno = err;
	/* A first run has none; some file systems have no links: do without. */
	return err == 0 || err == ENOENT || err == EPERM || err == EOPNOTSUPP;
}

bool
state_save(struct state_writer *w, const char *path, enum state_got got)
{
	char end[TRAILER_MAX];
	struct out o;

	if (w->text.over) {
		errno = EFBIG;
		return false;
	}
	/* A damaged file must not take the place of the one that helped out. */
	if (got == STATE_READ && !keep_former(path))
		return false;
	out_open_locked(&o, path);
	out_add(&o, buf_str(&w->text));
	out_add(&o, (struct str){ end, trailer(end, buf_str(&w->text), w->rows) });
	buf_free(&w->text);
	return out_close(&o) == EXIT_OK;
}

int
state_lock(const char *path)
{
	char *name = beside(path, ".lock");
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666), err;

	free(name);
	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

void
state_unlock(int fd)
{
	close(fd);
}
