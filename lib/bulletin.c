#include "bulletin.h"

#include "msg.h"
#include "num.h"
#include "str.h"
#include "when.h"

static void
misses(struct letter *l, const struct bulletin_of *of)
{
	const struct ledger *g = of->ledger;
	bool any = false;

	for (size_t i = 0; i < g->misses; i++) {
		const struct ledger_miss *m = &g->miss[i];
		char text[NUM_MAX];

		if (!str_eq(g->party[m->party].recipient, of->recipient) || m->time_us < of->since_us)
			continue;
		if (!any)
			letter_heading(l, STR("Alerts that were over before a mail could be sent"));
		any = true;
		letter_fact(l, (struct str){ text, (size_t)(when_put_iso(text, m->since_us) - text) },
		    m->text);
	}
}

void
bulletin_make(struct letter *l, const struct bulletin_of *of)
{
	struct buf b;

	letter_open(l, of->subject);
	letter_heading(l, of->subject);
	sheets_write(of->sheets, l);
	misses(l, of);
	if (of->link)
		letter_link(l, STR("See also"), str_of(of->link));
	buf_init(&b, MSG_MAX);
	buf_printf(&b, "Written by %s at ", msg_prog());
	letter_time(&b, of->now_us);
	letter_small(l, buf_str(&b));
	buf_free(&b);
	letter_close(l);
}
