/*
 * mime: without arguments, what is refused and a mail byte by byte; with
 * SUBJECT NAME TEXT HTML, that mail, for tests/lib/mime_truth.py.
 */
#include "mime.h"

#include "str.h"
#include "test.h"
#include "when.h"

#define NOW	(INT64_C(1795175091) * WHEN_SEC)

static const char *
why(const char *text)
{
	struct mailbox b;
	const char *w = mime_mailbox(str_of(text), &b);

	return w ? w : "";
}

static void
addresses(void)
{
	static const char *const bad[] = { "", "ops", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c",
	    "a@b,c@d", "ops@example.test\r\nBcc: x@y", "ops@example.test\n", "a\tb@c", "<a@b",
	    "a@b>", "x <a@b> y", "a..b@c", ".a@b", "a@b.", "a@.b", "\"a\"@b", "a@[127.0.0.1]",
	    "\xc3\xa9@b", "a@b\xc3\xa9", "a\\b <a@b>", "a\"b <a@b>", "(c)a@b", "a<b>@c",
	    "x\xc2\x85y <a@b>" };
	struct mailbox b;
	char big[300];

	for (size_t i = 0; i < countof(bad); i++)
		if (!*why(bad[i]))
			CHECK_STR(str_of(bad[i]), "refused");
	CHECK(!mime_mailbox(STR(" cmon <cmon@example.test> "), &b));
	CHECK_STR(b.name, "cmon");
	CHECK_STR(b.address, "cmon@example.test");
	CHECK(!mime_mailbox(STR("\"C. Mon\" <c+mon@example-2.test>"), &b));
	CHECK_STR(b.name, "C. Mon");
	CHECK_STR(b.address, "c+mon@example-2.test");
	CHECK(!mime_mailbox(STR("root@localhost"), &b));
	CHECK_STR(b.name, "");
	CHECK(!mime_mailbox(STR("<root@localhost>"), &b));
	CHECK_STR(b.address, "root@localhost");
	memset(big, 'a', sizeof(big));
	big[65] = '@';
	CHECK(mime_mailbox((struct str){ big, 80 }, &b));
	big[64] = '@';
	big[65] = 'a';
	CHECK(!mime_mailbox((struct str){ big, 80 }, &b));
	CHECK(mime_mailbox((struct str){ big, 255 }, &b));
}

static void
refusals(void)
{
	static const char *const bad[] = { "a\r\nBcc: x@y", "a\nb", "a\rb", "a\tb", "\x7f", "\x1b[31m",
	    "a\xc2\x9b" };
	struct mime m;

	for (size_t i = 0; i < countof(bad); i++) {
		mime_open(&m);
		mime_text(&m, "Subject", str_of(bad[i]));
		CHECK(m.why != NULL);
		mime_close(&m);
		mime_open(&m);
		mime_words(&m, "Message-ID", str_of(bad[i]));
		CHECK(m.why != NULL);
		mime_close(&m);
	}
	mime_open(&m);
	mime_text(&m, "Subject", (struct str){ "a\0b", 3 });
	CHECK(m.why != NULL);
	mime_close(&m);
	mime_open(&m);
	mime_words(&m, "X-Id", STR("\xc3\xa9"));
	CHECK(m.why != NULL);
	mime_close(&m);
	mime_open(&m);
	mime_mailboxes(&m, "To", &(struct mailbox){ STR(""), STR("a@b\r\nX: y") }, 1);
	CHECK(m.why != NULL);
	mime_close(&m);
	mime_open(&m);
	mime_mailboxes(&m, "To", &(struct mailbox){ STR("a\"b"), STR("a@b") }, 1);
	CHECK(m.why != NULL);
	mime_close(&m);
	mime_open(&m);
	mime_alternative(&m, STR("plain"), STR(""), STR(""));
	CHECK(m.why != NULL);
	mime_close(&m);
}

static void
long_words(void)
{
	static char big[MIME_LINE_MAX];
	struct mime m;

	memset(big, 'x', sizeof(big));
	mime_open(&m);
	mime_words(&m, "X", (struct str){ big, MIME_LINE_MAX - 3 });
	CHECK(!m.why && m.out.n == MIME_LINE_MAX + 2);
	mime_words(&m, "X", (struct str){ big, MIME_LINE_MAX - 2 });
	CHECK(m.why != NULL);
	mime_close(&m);
}

static void
huge(void)
{
	static char big[MIME_MAX / 4];
	struct mime m;

	mime_open(&m);
	memset(big, '=', sizeof(big));
	mime_alternative(&m, STR("=_b"), (struct str){ big, sizeof(big) }, (struct str){ big, sizeof(big) });
	CHECK(m.why != NULL);
	mime_close(&m);
}

static void
bytes(void)
{
	static const char want[] =
	    "Date: Fri, 20 Nov 2026 11:44:51 +0000\r\n"
	    "From: \"cmon\" <cmon@example.test>\r\n"
	    "To: <ops@example.test>, =?utf-8?Q?J=C3=BCrgen?= <j@example.test>\r\n"
	    "Subject: [FIRING] edge_miss_rate critical tier=edge and more words until\r\n"
	    " this folds\r\n"
	    "Subject: =?utf-8?Q?caf=C3=A9_=3D=3F?=\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;\r\n"
	    " boundary=\"=_cmon_1\"\r\n"
	    "\r\n"
	    "--=_cmon_1\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "a=3Db =20\r\n"
	    "=2E\r\n"
	    "=46rom caf=C3=A9\r\n"
	    "\r\n"
	    "--=_cmon_1\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\r\n"
	    "xx\r\n"
	    "\r\n"
	    "--=_cmon_1--\r\n";
	const struct mailbox from = { STR("cmon"), STR("cmon@example.test") };
	const struct mailbox to[] = { { STR(""), STR("ops@example.test") },
	    { STR("J\xc3\xbcrgen"), STR("j@example.test") } };
	struct str html = STR(
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	struct mime m;

	mime_open(&m);
	mime_date(&m, NOW);
	mime_mailboxes(&m, "From", &from, 1);
	mime_mailboxes(&m, "To", to, 2);
	mime_text(&m, "Subject",
	    STR("[FIRING] edge_miss_rate critical tier=edge and more words until this folds"));
	mime_text(&m, "Subject", STR("caf\xc3\xa9 =?"));
	mime_alternative(&m, STR("=_cmon_1"), STR("a=b  \n.\nFrom caf\xc3\xa9"), html);
	CHECK(!m.why);
	CHECK_STR(buf_str(&m.out), want);
	mime_close(&m);
}

static int
letter(char *argv[])
{
	char addresses[9][32];
	struct mailbox to[9], from = { str_of(argv[2]), STR("cmon@example.test") };
	struct mime m;

	mime_open(&m);
	mime_date(&m, NOW);
	mime_mailboxes(&m, "From", &from, 1);
	for (size_t i = 0; i < countof(to); i++) {
		snprintf(addresses[i], sizeof(addresses[i]), "ops%zu@example.test", i);
		to[i] = (struct mailbox){ i % 2 ? STR("J. \xc3\xbc and others") : STR("Doe, John"),
		    str_of(addresses[i]) };
	}
	mime_mailboxes(&m, "To", to, countof(to));
	mime_text(&m, "Subject", str_of(argv[1]));
	mime_alternative(&m, STR("=_cmon_1"), str_of(argv[3]), str_of(argv[4]));
	if (m.why)
		fprintf(stderr, "%s\n", m.why);
	fwrite(m.out.p, 1, m.out.n, stdout);
	mime_close(&m);
	return m.why != NULL;
}

int
main(int argc, char *argv[])
{
	if (argc == 5)
		return letter(argv);
	addresses();
	refusals();
	long_words();
	huge();
	bytes();
	return test_end();
}
