#include "follow.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct follow_window {
	int64_t start, end;
	bool written, changed;	/* changed: since it was written */
};

void
follow_init(struct follow *f, int64_t lateness_us)
{
	*f = (struct follow){
		.lateness = lateness_us,
		.newest = INT64_MIN, .due = INT64_MAX, .forgotten = INT64_MIN,
	};
}

void
follow_free(struct follow *f)
{
	free(f->window);
	f->window = NULL;
}

bool
follow_takes(struct follow *f, int64_t start)
{
	if (start >= f->forgotten)
		return true;
	f->late++;
	return false;
}

static void
set_due(struct follow *f)
{
	f->due = INT64_MAX;
	for (size_t i = 0; i < f->windows; i++)
		if (!f->window[i].written && f->window[i].end + f->lateness < f->due)
			f->due = f->window[i].end + f->lateness;
}

static struct follow_window *
find(struct follow *f, int64_t start, int64_t end)
{
	size_t i = f->windows;

	while (i && f->window[i - 1].start > start)
		i--;
	if (i && f->window[i - 1].start == start)
		return &f->window[i - 1];
	f->window = mem_grow(f->window, &f->cap, f->windows + 1, sizeof(*f->window));
	memmove(f->window + i + 1, f->window + i, (f->windows - i) * sizeof(*f->window));
	f->window[i] = (struct follow_window){ start, end, false, false };
	f->windows++;
	set_due(f);
	return &f->window[i];
}

bool
follow_event(struct follow *f, int64_t start, int64_t end, int64_t time)
{
	find(f, start, end)->changed = true;
	if (time > f->newest)
		f->newest = time;
	return f->newest >= f->due;
}

bool
follow_next(struct follow *f, bool all, size_t *i, int64_t *start)
{
	while (*i < f->windows) {
		struct follow_window *w = &f->window[(*i)++];

		if (!w->changed || !(all || w->written || w->end + f->lateness <= f->newest))
			continue;
		w->written = true;
		w->changed = false;
		*start = w->start;
		return true;
	}
	set_due(f);
	return false;
}

bool
follow_forget(struct follow *f, int64_t *start)
{
	size_t n = 0;

	while (n + 1 < f->windows && f->window[n].written && !f->window[n].changed)
		n++;
	n = (n + 1) / 2;
	if (n == 0)
		return false;
	*start = f->forgotten = f->window[n].start;
	memmove(f->window, f->window + n, (f->windows - n) * sizeof(*f->window));
	f->windows -= n;
	return true;
}
