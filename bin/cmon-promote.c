/*
 * cmon-promote - write the TTL that won into the configuration of the caches.
 *
 * Several files change together: the TTLs, the forms that caches read, the
 * experiment's status.  What is to be done goes into a log first, from which a
 * run that was interrupted is finished by the next one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "decide.h"
#include "decisions.h"
#include "enact.h"
#include "experiment.h"
#include "forms.h"
#include "in.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "opt.h"
#include "out.h"
#include "path.h"
#include "render.h"
#include "state.h"
#include "str.h"
#include "tsv.h"
#include "ttlfile.h"
#include "when.h"
#include "winners.h"

static struct {
	const char *config, *defaults, *emit, *experiments, *now;
	struct opt_list write;
	int64_t max_age;
	bool check, dry_run, force, rollback, undo;
} cfg = { .max_age = 2 * WHEN_DAY };

static const struct opt opts[] = {
	{ 'x', "experiments", "FILE", OPT_TEXT, &cfg.experiments, "the experiments" },
	{ 0, "check", NULL, OPT_FLAG, &cfg.check, "read the TTLs, and do nothing else" },
	{ 0, "config", "FILE", OPT_TEXT, &cfg.config, "the TTLs in force" },
	{ 0, "defaults", "FILE", OPT_TEXT, &cfg.defaults, "TTLs that --rollback restores" },
	{ 0, "dry-run", NULL, OPT_FLAG, &cfg.dry_run, "write what would be done, and change nothing" },
	{ 0, "emit", "FORM", OPT_TEXT, &cfg.emit,
	    "write the TTLs as nginx:ENDPOINT nginx-map varnish json, or a template" },
	{ 0, "force", NULL, OPT_FLAG, &cfg.force, "undo what was changed since; roll back what is sound" },
	{ 0, "max-age", "DURATION", OPT_SPAN, &cfg.max_age, "how old a verdict may be (2d)" },
	{ 0, "now", "TIME", OPT_TEXT, &cfg.now, "instead of the clock's time" },
	{ 0, "rollback", NULL, OPT_FLAG, &cfg.rollback, "replace damaged TTLs by --defaults" },
	{ 0, "undo", NULL, OPT_FLAG, &cfg.undo, "restore the TTL before the last promotion" },
	{ 0, "write", "FORM=FILE", OPT_LIST, &cfg.write, "keep FILE in this form" },
};

static const struct opt_prog prog = {
	"cmon-promote", "[file ...]", "write the TTL that won into the configuration of the caches",
	opts, countof(opts)
};

struct job {
	int64_t now_us;
	const char *path, *path_x, *path_defaults;	/* of the three files, links resolved */
	const char *log_path;
	int lock, lock_x;
	struct forms forms;

	struct experiments x;
	struct ttlfile ttls, defaults;
	bool sound;			/* the TTLs */
	struct decisions log;
	struct winners winners;
	struct winner_how how;

	struct decision *d;		/* OWNED: what is to be done */
	size_t n, cap;
	struct decisions finished;	/* the log of then */
	struct out out;
	bool headed;
	struct arena text;
};

static void
say(const char *text)
{
	warn("%s", text);
}

/* --- options --- */

static void
check_options(int operands)
{
	int verbs = cfg.check + cfg.rollback + cfg.undo + (cfg.emit != NULL);

	if (!cfg.config)
		opt_wrong(&prog, "--config: which file has the TTLs?");
	if (verbs > 1)
		opt_wrong(&prog, "one of --check, --emit, --rollback and --undo");
	if (verbs == 0 && !cfg.experiments)
		opt_wrong(&prog, "--experiments: which file has the experiments?");
	if (cfg.rollback && !cfg.defaults)
		opt_wrong(&prog, "--rollback needs --defaults: which TTLs are to be restored?");
	if (strcmp(cfg.config, "-") == 0 || (cfg.experiments && strcmp(cfg.experiments, "-") == 0) ||
	    (cfg.defaults && strcmp(cfg.defaults, "-") == 0))
		opt_wrong(&prog, "TTLs and experiments are files, not standard input");
	if (cfg.experiments && path_is_special(cfg.experiments))
		opt_wrong(&prog, "--experiments: \"%s\" is no regular file, which could be replaced", cfg.experiments);
	if (operands > (cfg.undo ? 1 : verbs ? 0 : operands))
		opt_wrong(&prog, cfg.undo ? "--undo: one experiment" : "--check, --emit and --rollback read no verdicts");
}

static void
open_forms(struct job *j)
{
	const char *sources[] = { j->path, j->path_x, j->path_defaults };
	char why[FORMS_WHY_MAX];

	if (!forms_open(&j->forms, cfg.write.v, cfg.write.n, sources, countof(sources), why))
		opt_wrong(&prog, "--write: %s", why);
}

/* --- what there is --- */

static int
take_lock(const char *path)
{
	int fd = cfg.dry_run ? -2 : state_lock(path);

	if (fd == -1 && errno == EWOULDBLOCK)
		die_later("%s.lock: another run has it", path);
	if (fd == -1)
		die_sys("%s.lock", path);
	return fd;
}

static void
job_open(struct job *j)
{
	j->path = path_real(&j->text, cfg.config).p;
	j->path_x = cfg.experiments ? path_real(&j->text, cfg.experiments).p : NULL;
	j->path_defaults = cfg.defaults ? path_real(&j->text, cfg.defaults).p : NULL;
	j->log_path = path_beside(&j->text, j->path, ".log");
	j->now_us = opt_now(&prog, cfg.now);
	j->how = (struct winner_how){ cfg.experiments, j->now_us, cfg.max_age };
	open_forms(j);
	j->lock = j->lock_x = -2;
}

static void
lock(struct job *j)
{
	j->lock = take_lock(j->path);
	if (j->path_x)
		j->lock_x = take_lock(j->path_x);
}

static void
load(struct job *j)
{
	if (cfg.experiments && !experiments_read(&j->x, cfg.experiments, say))
		die("%s: the experiments have mistakes: nothing was done", cfg.experiments);
	j->sound = ttlfile_read(&j->ttls, cfg.config, say);
	if (!decisions_read(&j->log, j->log_path))
		die("%s", j->log.why);
}

static void
unload(struct job *j)
{
	experiments_free(&j->x);
	ttlfile_free(&j->ttls);
	decisions_free(&j->log);
}

static void
job_close(struct job *j)
{
	unload(j);
	decisions_free(&j->finished);
	ttlfile_free(&j->defaults);
	winners_free(&j->winners);
	forms_close(&j->forms);
	free(j->d);
	arena_free(&j->text);
	if (j->lock >= 0)
		state_unlock(j->lock);
	if (j->lock_x >= 0)
		state_unlock(j->lock_x);
}

static void
need_sound(const struct job *j)
{
	if (!j->sound)
		die("%s: damaged: nothing was done: mend it, or restore the defaults with "
		    "cmon-promote --config %s --rollback --defaults FILE", cfg.config, cfg.config);
}

/* --- decisions --- */

static struct decide
decide_by(struct job *j)
{
	return (struct decide){ .text = &j->text, .now_us = j->now_us, .ttls = &j->ttls, .config = cfg.config,
	    .log_path = j->log_path, .log = &j->log, .x = &j->x, .forms = &j->forms, .how = &j->how };
}

static void
keep(struct job *j, const struct decision *d)
{
	j->d = mem_grow(j->d, &j->cap, j->n + 1, sizeof(*j->d));
	j->d[j->n++] = *d;
}

/* --- doing them --- */

static struct enact *
enact_new(struct job *j)
{
	struct enact *e = mem_alloc(sizeof(*e));

	*e = (struct enact){ .config = cfg.config, .path = j->path, .ttls = &j->ttls, .sound = j->sound,
	    .defaults = &j->defaults, .forms = &j->forms, .experiments = cfg.experiments,
	    .x = &j->x, .now_us = j->now_us, .force = cfg.force };
	e->batch.dry = cfg.dry_run || cfg.check;
	return e;
}

static void
log_as(const struct job *j, const struct decision *d, size_t n, struct str status)
{
	char why[TSV_WHY_MAX];

	if (!decisions_append(j->log_path, d, n, status, why))
		die("%s", why);
}

/* Once, before the first row. */
static void
put_header(struct job *j)
{
	struct tsv_row r = { &j->out, 0 };

	if (!j->headed)
		decisions_header(&r);
	j->headed = true;
}

static void
put_rows(struct job *j, const struct decision *d, size_t n)
{
	struct tsv_row r = { &j->out, 0 };

	put_header(j);
	for (size_t i = 0; i < n; i++)
		decisions_write(&r, &d[i]);
}

/*
 * First all that may fail, then the word that it holds, then what was promised.
 * The rows leave before they are called done: told twice is better than never.
 */
static void
apply(struct job *j, const struct decision *d, size_t n, bool resumed)
{
	struct enact *e = enact_new(j);
	char why[ENACT_WHY_MAX];

	if (!enact_stage(e, d, n, resumed, why))
		die("%s", why);
	if (!cfg.dry_run && !resumed)
		log_as(j, d, n, DECISION_BEGUN);
	enact_commit(e);
	put_rows(j, d, n);
	if (!cfg.dry_run) {
		out_flush(&j->out);
		log_as(j, d, n, DECISION_DONE);
	}
	enact_close(e);
	free(e);
}

/* --- an interrupted run --- */

/* Finishes what another run had begun.  Its rows are then j->finished'. */
static void
resume(struct job *j)
{
	size_t n;
	const struct decision *open = decisions_open(&j->log, &n);
	char room[NUM_MAX];
	struct str when;

	if (n == 0)
		return;
	need_sound(j);
	if (decisions_begun(&j->log, DECISION_PROMOTE, STR("")) && !cfg.experiments)
		die("%s: a promotion was interrupted: name the experiments with -x, to finish it", j->log_path);
	when = decision_time(open, room);
	warn("%s: finishing what a run had begun at %.*s", j->log_path, STRF(when));
	apply(j, open, n, true);
	if (cfg.dry_run) {	/* what comes after it is not to be seen yet */
		out_close(&j->out);
		exit(EXIT_OK);
	}
	j->finished = j->log;
	j->log = (struct decisions){ 0 };
	unload(j);
	load(j);
}

static void
begin(struct job *j)
{
	lock(j);
	load(j);
	out_open(&j->out, NULL);
}

/* --- promote --- */

static void
read_verdicts(struct job *j, char *const *paths)
{
	struct tsv *t = mem_alloc(sizeof(*t));
	char why[WINNER_WHY_MAX];
	struct in in;

	in_open(&in, paths, IN_TSV_LINE_MAX);
	tsv_open(t, &in);
	if (!winners_read(&j->winners, t, why))
		die("%s", why);
	tsv_close(t);
	in_close(&in);
	free(t);
}

static bool
decide(struct job *j, struct winner *w)
{
	struct decide by = decide_by(j);
	char why[DECIDE_WHY_MAX];
	struct decision d;

	if (!decide_winner(&by, w, j->d, j->n, &d, why)) {
		warn("%s", why);
		return false;
	}
	keep(j, &d);
	return true;
}

static int
promote(struct job *j, char *const *paths)
{
	bool all = true;

	read_verdicts(j, paths);
	begin(j);
	resume(j);
	need_sound(j);
	for (size_t i = 0; i < j->winners.n; i++) {
		struct winner *w = &j->winners.w[i];

		if (w->promote && !decisions_begun(&j->finished, DECISION_PROMOTE, w->experiment))
			all &= decide(j, w);
	}
	if (!all)
		die("nothing was promoted");
	put_header(j);
	if (j->n)
		apply(j, j->d, j->n, false);
	else if (!j->finished.n)
		warn(j->winners.decided || !j->winners.rows ? "nothing to promote" :
		    "nothing to promote: no verdict has a decision, which cmon-abtest --decide makes");
	out_close(&j->out);
	return j->n || j->finished.n ? EXIT_OK : EXIT_LOOK;
}

/* --- undo --- */

/* Caches would go on with the TTL that is taken back. */
static void
say_stale_forms(const struct job *j, const struct decision *promotion)
{
	struct str line = promotion->field[DECISION_UNDO];

	if (j->forms.n == 0 && str_find(line, STR(" --write ")) < line.n)
		warn("%s: the promotion wrote forms for caches too, which this leaves as they are: "
		    "the undo with them is %.*s", cfg.config, STRF(line));
}

static int
undo(struct job *j, const char *name)
{
	struct decide by = decide_by(j);
	struct str experiment = str_of(name);
	const struct decision *promotion;
	char why[DECIDE_WHY_MAX];
	struct decision d;

	begin(j);
	resume(j);
	need_sound(j);
	if (!decisions_begun(&j->finished, DECISION_UNDONE, experiment)) {
		promotion = decide_undoable(&by, experiment, why);
		if (!promotion)
			die("%s", why);
		decide_undo(&by, &d, promotion);
		keep(j, &d);
		apply(j, j->d, j->n, false);
		say_stale_forms(j, promotion);
	}
	out_close(&j->out);
	return EXIT_OK;
}

/* --- roll back --- */

/* What another run had begun is void: the TTLs that it was about are gone. */
static void
drop(struct job *j)
{
	size_t n;
	const struct decision *open = decisions_open(&j->log, &n);

	if (n)
		log_as(j, open, n, DECISION_DROPPED);
}

static int
rollback(struct job *j)
{
	struct decide by = decide_by(j);
	struct decision d;

	if (!ttlfile_read(&j->defaults, cfg.defaults, say))
		die("%s: the defaults have mistakes: nothing was done", cfg.defaults);
	begin(j);
	if (j->sound) {
		resume(j);
	} else if (!cfg.dry_run) {
		drop(j);
	}
	if (!j->sound || cfg.force) {
		decide_rollback(&by, &d, j->defaults.n);
		keep(j, &d);
		apply(j, j->d, j->n, false);
	}
	out_close(&j->out);
	return EXIT_OK;
}

/* --- look --- */

static int
emit(struct job *j)
{
	char why[RENDER_WHY_MAX];
	struct render form;
	struct buf text;

	if (!render_open(&form, str_of(cfg.emit), why))
		opt_wrong(&prog, "--emit: %s", why);
	j->sound = ttlfile_read(&j->ttls, cfg.config, say);
	need_sound(j);
	buf_init(&text, RENDER_MAX);
	if (!render(&text, &form, &j->ttls, why))
		die("--emit: %s", why);
	out_open(&j->out, NULL);
	out_add(&j->out, buf_str(&text));
	out_close(&j->out);
	buf_free(&text);
	render_close(&form);
	return EXIT_OK;
}

static int
check(struct job *j)
{
	struct enact *e;
	char why[ENACT_WHY_MAX];

	load(j);
	need_sound(j);
	e = enact_new(j);
	if (!enact_stage(e, NULL, 0, false, why))
		die("%s", why);
	enact_close(e);
	free(e);
	return EXIT_OK;
}

int
main(int argc, char *argv[])
{
	int first = opt_parse(&prog, argc, argv), status;
	struct job *j = mem_alloc(sizeof(*j));

	check_options(argc - first);
	job_open(j);
	if (cfg.check)
		status = check(j);
	else if (cfg.emit)
		status = emit(j);
	else if (cfg.rollback)
		status = rollback(j);
	else if (cfg.undo)
		status = undo(j, argv[first]);
	else
		status = promote(j, argv + first);
	job_close(j);
	free(j);
	return status;
}
