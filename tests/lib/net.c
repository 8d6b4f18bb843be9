/*
 * net: without arguments, what can be judged without a server; with them, one
 * call, and on stdout its class, whether the server is down, the code, why.
 *
 *	net mail|post|get URL [user=U] [secret=S] [ca=FILE] [plain] [ms=N] [to=A]
 */
#include "net.h"

#include <sys/stat.h>
#include <unistd.h>

#include "num.h"
#include "str.h"
#include "test.h"
#include "when.h"

static const char *
check(const char *url, const char *user, const char *secret, bool plain)
{
	struct net n = { .url = url, .user = user, .secret = secret, .plain = plain };
	const char *why = net_check(&n);

	return why ? why : "";
}

static void
urls(void)
{
	static const char *const good[] = { "smtp://mail.example.test:587", "smtp://h/ehlo.name",
	    "smtps://h:465", "https://api.mailchannels.net/tx/v1/send", "http://127.0.0.1:8080/x",
	    "http://[::1]:80/", "smtp://[2001:db8::1]:25" };
	static const char *const bad[] = { "", "mail.example.test", "ftp://h/", "file:///etc/passwd",
	    "http://example.test/", "smtp://u:p@h", "smtp://u@h", "https://h/\r\nX: y",
	    "smtp://h /x", "smtp://", "http://localhost.example.test/", "smtp://h:99999",
	    "http://127.0.0.1@example.test/" };

	for (size_t i = 0; i < countof(good); i++)
		CHECK_STR(str_of(check(good[i], NULL, NULL, false)), "");
	for (size_t i = 0; i < countof(bad); i++)
		if (!*check(bad[i], NULL, NULL, false))
			CHECK_STR(str_of(bad[i]), "refused");
	CHECK(!*check("smtp://h", "u", "p", false));
	CHECK(*check("smtp://h", "u", NULL, false));
	CHECK(*check("smtp://h", "u", "p", true));	/* a password in the open */
	CHECK(!*check("smtp://localhost", "u", "p", true));
	CHECK(!*check("smtp://h", NULL, NULL, true));
	CHECK(*check("smtps://h", NULL, NULL, true));
	CHECK_STR(net_host("https://hooks.example.test/services/T0/B0/secret"),
	    "https://hooks.example.test");
	CHECK_STR(net_host("smtp://h:587"), "smtp://h:587");
	CHECK_STR(net_host("https://h?key=secret"), "https://h");
	CHECK_STR(net_host("smtp://u:p@h"), "smtp://");
}

static void
put(const char *path, struct str s, mode_t mode)
{
	FILE *f = fopen(path, "w");

	CHECK(f && fwrite(s.p, 1, s.n, f) == s.n && fclose(f) == 0 && chmod(path, mode) == 0);
}

static void
secrets(void)
{
	static char big[NET_SECRET_MAX + 10];
	char to[NET_SECRET_MAX];

	put("s", STR("s3cret\nand more\n"), 0600);
	CHECK(!net_secret("s", to));
	CHECK_STR(str_of(to), "s3cret");
	put("s", STR("s3cret"), 0400);
	CHECK(!net_secret("s", to));
	CHECK_STR(str_of(to), "s3cret");
	put("s", STR("s3cret\n"), 0640);
	CHECK(net_secret("s", to));
	put("s", STR("s3cret\n"), 0604);
	CHECK(net_secret("s", to));
	put("t", STR(""), 0600);
	CHECK(net_secret("t", to));
	put("t", STR("a\tb\n"), 0600);
	CHECK(net_secret("t", to));
	memset(big, 'x', sizeof(big));
	put("t", (struct str){ big, sizeof(big) }, 0600);
	CHECK(net_secret("t", to));
	CHECK(net_secret(".", to));
	CHECK(net_secret("not-there", to));
	remove("s");
	remove("t");
}

static int
call(int argc, char *argv[])
{
	static const char *const class[] = { "sent", "retry", "permanent", "config" };
	struct net n = { .url = argv[2], .timeout_us = 10 * WHEN_SEC };
	const char *to = "ops@example.test";
	struct net_reply r;
	uint64_t ms;

	for (int i = 3; i < argc; i++)
		if (strncmp(argv[i], "user=", 5) == 0)
			n.user = argv[i] + 5;
		else if (strncmp(argv[i], "secret=", 7) == 0)
			n.secret = argv[i] + 7;
		else if (strncmp(argv[i], "ca=", 3) == 0)
			n.ca = argv[i] + 3;
		else if (strncmp(argv[i], "to=", 3) == 0)
			to = argv[i] + 3;
		else if (strcmp(argv[i], "plain") == 0)
			n.plain = true;
		else if (strncmp(argv[i], "ms=", 3) == 0 && num_u64(str_of(argv[i] + 3), &ms))
			n.timeout_us = (int64_t)ms * 1000;
	if (strcmp(argv[1], "mail") == 0)
		net_mail(&n, "cmon@example.test", to,
		    STR("Subject: x\r\n\r\none\r\n.\r\n..two\r\n"), &r);
	else if (strcmp(argv[1], "post") == 0)
		net_post(&n, "X-Api-Key", STR("{\"a\":1}"), &r);
	else
		net_get(&n, &r);
	printf("%s %s %d %s\n", class[r.class], r.down ? "down" : "up", r.code, r.why);
	net_reply_free(&r);
	return 0;
}

int
main(int argc, char *argv[])
{
	if (argc > 2)
		return call(argc, argv);
	urls();
	secrets();
	return test_end();
}
