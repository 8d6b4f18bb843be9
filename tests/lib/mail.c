/* mail: one mail as a message and as MailChannels' JSON. */
#include "mail.h"

#include "made.h"

static struct mailbox from = { { "c mon", 5 }, { "cmon@example.test", 17 } };
static struct mailbox to[] = { { { "", 0 }, { "ops@example.test", 16 } }, { { "B", 1 }, { "b@example.test", 14 } } };

static struct mail
a_mail(void)
{
	return (struct mail){ .from = from, .to = to, .nto = 2, .date_us = T0, .id = "4b1f",
	    .kind = "alerts", .state = "firing", .rules = STR("miss, caf\xc3\xa9"), .thread = STR("k1.1 k2.2"),
	    .subject = STR("[FIRING] miss"), .text = STR("t\n"), .html = STR("<p>h</p>\n") };
}

static void
message(void)
{
	struct mail m = a_mail();
	struct mime mime;

	CHECK(!mail_mime(&m, &mime));
	CHECK_STR(buf_str(&mime.out), "Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n"
	    "From: \"c mon\" <cmon@example.test>\r\n"
	    "To: <ops@example.test>, \"B\" <b@example.test>\r\n"
	    "Subject: [FIRING] miss\r\n"
	    "Message-ID: <4b1f@example.test>\r\n"
	    "In-Reply-To: <k1.1@example.test>\r\n"
	    "References: <k1.1@example.test> <k2.2@example.test>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "X-Auto-Response-Suppress: All\r\n"
	    "List-Id: cmon alerts <alerts.cmon.example.test>\r\n"
	    "X-Cmon-Rule: =?utf-8?Q?miss=2C_caf=C3=A9?=\r\n"
	    "X-Cmon-State: firing\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;\r\n boundary=\"=_cmon_4b1f\"\r\n\r\n"
	    "--=_cmon_4b1f\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\nt\r\n\r\n"
	    "--=_cmon_4b1f\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>h</p>\r\n\r\n"
	    "--=_cmon_4b1f--\r\n");
	mime_close(&mime);
	/* A report: no state, no rules, no thread. */
	m.state = NULL;
	m.kind = "reports";
	m.rules = m.thread = STR("");
	CHECK(!mail_mime(&m, &mime));
	CHECK(made_has(buf_str(&mime.out), "List-Id: cmon reports <reports.cmon.example.test>\r\nMIME-Version"));
	CHECK(!made_has(buf_str(&mime.out), "In-Reply-To") && !made_has(buf_str(&mime.out), "X-Cmon"));
	mime_close(&mime);
}

static void
subjects(void)
{
	static char big[5000];
	struct mail m = a_mail();
	struct mime mime;

	memset(big, 'x', sizeof(big));
	m.subject = (struct str){ big, sizeof(big) };
	CHECK(!mail_mime(&m, &mime));
	CHECK(!made_has(buf_str(&mime.out), "Subject: x") && made_has(buf_str(&mime.out), "Subject: =?utf-8?Q?x"));
	mime_close(&mime);
	m.subject = STR("a\\r\\nBcc: x@y \xe2\x80\xae");	/* as the stream has it: it stays to be seen */
	CHECK(!mail_mime(&m, &mime));
	CHECK(!made_has(buf_str(&mime.out), "\nBcc") && made_has(buf_str(&mime.out), "=5Cr=5CnBcc"));
	mime_close(&mime);
	m.subject = STR("a\r\nBcc: x@y");
	CHECK(mail_mime(&m, &mime) != NULL);
	mime_close(&mime);
	m = a_mail();
	m.rules = STR("a\nb");
	CHECK(mail_mime(&m, &mime) != NULL);
	mime_close(&mime);
}

static void
json(void)
{
	struct mail m = a_mail();
	struct buf b;

	m.subject = STR("q\" \xff");
	CHECK(!mail_json(&m, to[1].address, &b));
	CHECK_STR(buf_str(&b), "{\"personalizations\":[{\"to\":[{\"email\":\"b@example.test\"}]}],"
	    "\"from\":{\"email\":\"cmon@example.test\",\"name\":\"c mon\"},\"subject\":\"q\\\" \xef\xbf\xbd\","
	    "\"headers\":{\"Auto-Submitted\":\"auto-generated\",\"X-Auto-Response-Suppress\":\"All\","
	    "\"X-Cmon-Id\":\"4b1f\",\"X-Cmon-State\":\"firing\","
	    "\"References\":\"<k1.1@example.test> <k2.2@example.test>\"},"
	    "\"content\":[{\"type\":\"text/plain\",\"value\":\"t\\n\"},{\"type\":\"text/html\",\"value\":\"<p>h</p>\\n\"}]}");
	buf_free(&b);
}

/* The two longest letters there are, of bytes that take three each, fit into a message. */
static void
largest(void)
{
	size_t n = (size_t)1024 * (1024 + 128);	/* letter.h, and its room */
	char *big = malloc(n);
	struct mail m = a_mail();
	struct mime mime;
	struct buf b;

	CHECK(big != NULL);
	if (!big)
		return;
	memset(big, '=', n);
	m.text = m.html = (struct str){ big, n };
	CHECK(!mail_mime(&m, &mime));
	mime_close(&mime);
	memset(big, '"', n);
	CHECK(!mail_json(&m, to[0].address, &b));
	buf_free(&b);
	free(big);
}

int
main(void)
{
	message();
	subjects();
	json();
	largest();
	return test_end();
}
