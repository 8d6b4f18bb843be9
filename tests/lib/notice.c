/* notice: subject, state, thread and letter of a message, from a table and what is due. */
#include "notice.h"

#include "made.h"
#include "msg.h"

#define OPS	STR("ops@example.test")

static struct due_table t;
static struct due_rule rule = { .now_us = T0 + 5 * MIN, .channel = { "mail", 4 } };

static void
table(const struct alert *a, size_t n)
{
	CHECK(!due_open(&t));
	for (size_t i = 0; i < n; i++)
		CHECK(!due_add(&t, &a[i]));
}

static struct ledger_item
item(const struct alert *a, enum ledger_sign sign)
{
	struct ledger_item it = { .sign = sign, .since_us = a->since_us };

	CHECK(ledger_key(&t.sha, a->rule, a->labels, &it.key));
	return it;
}

static void
make(struct notice *n, const struct ledger_item *it, size_t count, bool repeat)
{
	struct due d = { .what = DUE_SEND, .item = it, .n = count, .repeat = repeat };

	notice_make(n, &(struct notice_of){ .table = &t, .due = &d, .rule = &rule,
	    .link = "https://s.example.test/", .now_us = rule.now_us });
	CHECK(!n->subject.over && !n->thread.over && !n->rules.over && !n->letter.text.over);
}

static bool
says(const struct notice *n, const char *what)
{
	return made_has(buf_str(&n->letter.text), what);
}

static void
one(void)
{
	struct alert a[] = { made_alert(ALERT_FIRING, "miss", "tier=\"edge\",q=\"a b\"", T0),
	    made_alert(ALERT_FIRING, "other", "", T0 - MIN) };
	struct ledger_item it;
	struct notice n;

	a[0].summary = STR("Too many");
	a[0].causes = STR("x;y");
	a[0].runbook = STR("look");
	a[0].flags = STR("escalated,nodata");
	table(a, 2);
	it = item(&a[0], LEDGER_FIRING);
	make(&n, &it, 1, false);
	CHECK_STR(buf_str(&n.subject), "[FIRING] miss critical tier=edge q=a b");
	CHECK_STR(buf_str(&n.rules), "miss");
	CHECK_STR(str_of(n.state), "firing");
	CHECK(str_ends(buf_str(&n.thread), STR(".1795176000")) && n.thread.n == 32 + 11);
	CHECK_STR(buf_str(&n.letter.text), "[FIRING critical] miss tier=edge q=a b\n\nToo many\n\n"
	    "  Value now     17.2\n  Threshold     15\n  Since         2026-11-20 12:00:00 UTC, for 5 min\n"
	    "  Note          no fresh figure: the alert stays as it is until one comes\n"
	    "  Note          escalated\n\n"
	    "Possible causes\n  - x\n  - y\n\nWhat to do\n  look\n\n"
	    "Still firing, told before\n\n"
	    "  severity  alert  value  threshold  since\n"
	    "  critical  other   17.2         15  2026-11-20 11:59:00 UTC\n\n"
	    "See also\n  https://s.example.test/\n\n"
	    "-- \nWritten by cmon-test at 2026-11-20 12:05:00 UTC, of alerts as they were at 2026-11-20 12:00:00 UTC\n");
	notice_free(&n);
	make(&n, NULL, 0, true);	/* nothing new: all that fires, in full */
	CHECK_STR(buf_str(&n.subject), "[STILL FIRING 2] miss, other");
	CHECK(says(&n, "[FIRING critical] other") && !says(&n, "Still firing, told before"));
	notice_free(&n);
	due_close(&t);
}

/* Of which figure, where the table says so: in its words, with units. */
static void
figures(void)
{
	static const struct {
		const char *condition, *value, *flags, *subject, *says;
	} c[] = {
		{ "latency_ms_p99 > 500", "612.34", "", "[FIRING] r critical: latency_ms_p99 612.34 ms > 500 ms",
		    "  Value now     612.34 ms\n  Threshold     latency_ms_p99 > 500 ms\n" },
		{ "share_pct{tier=edge} < 75", "70", "gap", "[FIRING] r critical: share_pct 70 % < 75 %",
		    "  Value now     70 %\n  Threshold     share_pct{tier=edge} < 75 %\n" },
		{ "age(last_success{job=*}) > 72000", "93600", "", "[FIRING] r critical: age(last_success) 1d2h > 20h",
		    "  Value now     1d2h\n  Threshold     age(last_success{job=*}) > 20h\n" },
		{ "kv_bytes >= 1000000000", "1071000000", "", "[FIRING] r critical: kv_bytes 1.071 GB >= 1 GB", "kv_bytes >= 1 GB\n" },
		/* Between clear and threshold; not known now; no number. */
		{ "miss_pct > 15", "14", "", "[FIRING] r critical: miss_pct 14 %", "Value now     14 %\n" },
		{ "miss_pct > 15", "17.2", "nodata", "[FIRING] r critical", "Value now     17.2 %\n" },
		{ "miss_pct > 15", "17.2", "few", "[FIRING] r critical", "Threshold     miss_pct > 15 %\n" },
		{ "miss_pct > 15", "", "", "[FIRING] r critical", "Threshold     miss_pct > 15 %\n" },
		{ "miss_pct > 15", "many", "", "[FIRING] r critical", "Value now     many\n" },
		/* Nothing that cmon-rules.5 knows: as it stands. */
		{ "it is <bad>", "17.2", "", "[FIRING] r critical", "Value now     17.2\n  Threshold     it is <bad>\n" },
		{ "a > 1 & b > 2", "17.2", "", "[FIRING] r critical", "Threshold     a > 1 & b > 2\n" },
		{ "a >", "17.2", "", "[FIRING] r critical", "Threshold     a >\n" },
	};

	for (size_t i = 0; i < countof(c); i++) {
		struct alert a[] = { made_alert(ALERT_FIRING, "r", "", T0), made_alert(ALERT_FIRING, "q", "", T0) };
		struct ledger_item it;
		struct notice n;

		a[0].condition = str_of(c[i].condition);
		a[0].value = str_of(c[i].value);
		a[0].flags = str_of(c[i].flags);
		table(a, 2);
		it = item(&a[0], LEDGER_FIRING);
		make(&n, &it, 1, false);
		CHECK_STR(buf_str(&n.subject), c[i].subject);
		CHECK(says(&n, c[i].says));
		notice_free(&n);
		it.sign = LEDGER_OVER;
		make(&n, &it, 1, false);
		CHECK_STR(buf_str(&n.subject), "[RESOLVED] r critical");
		notice_free(&n);
		it = item(&a[1], LEDGER_FIRING);	/* beside what is told, in the table of the others */
		make(&n, &it, 1, false);
		CHECK(i != 1 || says(&n, "  critical  r      70 %   share_pct{tier=edge} < 75 %  2026-11-20"));
		notice_free(&n);
		due_close(&t);
	}
}

/* Between the message and now things have changed. */
static void
late(void)
{
	struct alert a[] = { made_alert(ALERT_RESOLVED, "a", "", T0 - 9 * MIN),
	    made_alert(ALERT_FIRING, "b", "", T0 - 2 * MIN) };
	struct ledger_item it[3];
	struct notice n;

	a[1].flags = STR("prev_since=1795175400,prev_resolved=1795175700");	/* T0 - 10, - 5 min */
	table(a, 2);
	it[0] = item(&a[0], LEDGER_FIRING);		/* told late: it is over by now */
	it[1] = item(&a[1], LEDGER_OVER);		/* the episode before */
	it[1].since_us = T0 - 10 * MIN;
	it[2] = item(&a[1], LEDGER_FIRING);
	it[2].key.b[0] ^= 1;				/* no row any more */
	make(&n, it, 3, false);
	CHECK_STR(buf_str(&n.subject), "[FIRING 1, RESOLVED 2] a, b");
	CHECK_STR(str_of(n.state), "mixed");
	CHECK(says(&n, "[FIRING critical] a\n") && says(&n, "this mail is late: it is over by now"));
	CHECK(says(&n, "Over since    2026-11-20 11:52:00 UTC, after 1 min"));
	CHECK(says(&n, "[RESOLVED critical] b\n") && says(&n, "Over since    2026-11-20 11:55:00 UTC, after 5 min"));
	CHECK(says(&n, "1 more are no longer in the table."));
	notice_free(&n);
	make(&n, &it[1], 1, false);
	CHECK_STR(buf_str(&n.subject), "[RESOLVED] b critical");
	CHECK_STR(str_of(n.state), "resolved");
	notice_free(&n);
	due_close(&t);
}

static void
spans(void)
{
	static const struct {
		int64_t us;
		const char *want;
	} c[] = { { 59 * WHEN_SEC, "for 59 s\n" }, { 60 * WHEN_SEC, "for 1 min\n" },
	    { 3599 * WHEN_SEC, "for 59 min\n" }, { 3660 * WHEN_SEC, "for 1 h 1 min\n" },
	    { 90000 * WHEN_SEC, "for 1 d 1 h\n" }, { -5 * WHEN_SEC, "for 0 s\n" } };

	for (size_t i = 0; i < countof(c); i++) {
		struct alert a = made_alert(ALERT_FIRING, "a", "", rule.now_us - c[i].us);
		struct ledger_item it;
		struct notice n;

		table(&a, 1);
		it = item(&a, LEDGER_FIRING);
		make(&n, &it, 1, false);
		CHECK(says(&n, c[i].want));
		notice_free(&n);
		due_close(&t);
	}
}

/* Of 1,000: the gravest in full, in order of the table; the others counted, none lost. */
static void
many(void)
{
	static char name[1000][8];
	static struct ledger_item it[1000];
	struct notice n;
	size_t full = 0;

	CHECK(!due_open(&t));
	for (int i = 0; i < 1000; i++) {
		struct alert a = made_alert(ALERT_FIRING, "", "", T0);

		snprintf(name[i], sizeof(name[i]), "r%d", i);
		a.rule = str_of(name[i]);
		a.severity = i % 50 == 49 ? STR("critical") : i % 2 ? STR("warning") : STR("info");
		CHECK(!due_add(&t, &a));
		it[i] = item(&a, LEDGER_FIRING);
	}
	make(&n, it, 1000, false);
	CHECK_STR(buf_str(&n.subject), "[FIRING 1000] r49, r99, r149 and others");
	for (struct str s = buf_str(&n.letter.text), line; s.n && str_cut(&s, '\n', &line);)
		full += str_starts(line, STR("[FIRING "));
	CHECK_INT(full, NOTICE_FULL);
	CHECK(says(&n, "[FIRING critical] r999\n") && says(&n, "[FIRING warning] r1\n"));
	CHECK(says(&n, "And 960 more\n") && says(&n, "... of 930 more rules"));
	CHECK(n.thread.n == NOTICE_THREAD * 44 - 1);
	notice_free(&n);
	due_close(&t);
}

int
main(void)
{
	msg_init("cmon-test");
	one();
	figures();
	late();
	spans();
	many();
	return test_end();
}
