#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "promcheck.h"

static char last[1024];
static unsigned told;

static void
hear(void *ctx, enum promcheck_kind kind, const char *path, uint64_t line, const char *text)
{
	(void)ctx;
	(void)path;
	told += kind == PROMCHECK_REJECT;
	if (kind == PROMCHECK_REJECT)
		snprintf(last, sizeof(last), "%" PRIu64 ": %s", line, text);
}

/* Findings in two files given together. */
static uint64_t
found(const char *one, const char *two)
{
	static const struct hash_key key = { { 1, 2 } };
	const char *body[] = { one, two };
	char paths[2][32];		/* kept by the check until its end */
	struct promcheck pc;

	told = 0;
	promcheck_init(&pc, &key, hear, NULL);
	for (size_t i = 0; i < countof(body); i++) {
		char *path = memcpy(paths[i], "/tmp/promcheck.XXXXXX", 22);
		int fd = mkstemp(path);
		FILE *f = fdopen(fd, "w");

		CHECK(f && fchmod(fd, 0644) == 0 && fputs(body[i], f) >= 0 && fclose(f) == 0);
		promcheck_file(&pc, path);
		remove(path);
	}
	promcheck_finish(&pc);
	promcheck_free(&pc);
	return pc.found;
}

int
main(void)
{
	char many[4096] = "";

	CHECK_INT(found("", ""), 0);
	CHECK_INT(found("# HELP m h\nm 1\n", "# HELP m h\nm{a=\"b\"} 1\n"), 0);
	CHECK_INT(found("# HELP m h\nm 1\n", "# HELP m h\nm{a=\"\"} 1\n"), 1);
	CHECK(strstr(last, "2: the same series as /tmp/promcheck.") != NULL);
	CHECK_INT(found("# HELP m h\nm 1\n", "# HELP m other\nm{a=\"b\"} 1\n"), 1);
	CHECK_INT(found("m 1\n", "m{a=\"b\"} 1\n"), 1);		/* no HELP: two HELPs */
	CHECK_INT(found("# HELP m h\n# TYPE m summary\nm_sum 1\nm_count 1\n",
	    "# HELP m_count h\n# TYPE m_count gauge\nm_count{a=\"b\"} 1\n"), 1);
	CHECK(strstr(last, "m_count is a line of the summary") != NULL);
	CHECK_INT(found("# HELP m h\n# TYPE m summary\nm_sum 1\nm_count 1\n", "m_bucket 1\n"), 0);
	CHECK_INT(found("", "m{__x=\"1\"} 1\n"), 1);
	CHECK_STR(((struct str){ last, 11 }), "1: label __");

	/* Not more than so many are told, and how many there are more. */
	for (int i = 0; i < 3 * PROMCHECK_SAY_MAX; i++)
		strncat(many, "?\n", sizeof(many) - strlen(many) - 1);
	CHECK_INT(found("", many), 3 * PROMCHECK_SAY_MAX);
	CHECK_INT(told, PROMCHECK_SAY_MAX + 1);
	CHECK_STR(((struct str){ last, strlen(last) }), "0: and 40 more");
	return test_end();
}
