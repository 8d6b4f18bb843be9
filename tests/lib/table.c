/* table: columns by name, comments, short rows, and every mistake told. */
#include "table.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

static const char *const names[] = { "id", "what", "why", NULL };
enum { ID, WHAT, WHY };

static char said[8192];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

/* The rows as "id/what/why;", after which come the complaints. */
static void
check(const char *text, size_t n, const char *rows, const char *complaints)
{
	char path[] = "/tmp/cmon-table-XXXXXX", got[4096] = "";
	int fd = mkstemp(path);
	static struct table t;
	bool ok;

	CHECK(write(fd, text, n) == (ssize_t)n);
	close(fd);
	said[0] = '\0';
	table_open(&t, path, names, say);
	while (table_next(&t))
		for (size_t i = ID; i <= WHY; i++) {
			struct str f = table_field(&t, i);

			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s%c",
			    (int)f.n, f.p ? f.p : "", i == WHY ? ';' : '/');
		}
	ok = table_close(&t);
	unlink(path);
	CHECK(ok == (*complaints == '\0'));
	CHECK_STR(str_of(got), rows);
	CHECK_STR(str_of(said), complaints);
}

#define CHECK_TABLE(text, rows, complaints) check(text, sizeof(text) - 1, rows, complaints)

static void
test_long(void)
{
	size_t n = TABLE_LINE_MAX + 10;
	char *text = malloc(n);

	memset(text, 'x', n);
	memcpy(text, "id\n", 3);
	text[n - 1] = '\n';
	check(text, n, "", "2: a line is over 65536 bytes\n");
	free(text);
}

int
main(void)
{
	CHECK_TABLE("id\twhat\twhy\na\tb\tc\n", "a/b/c;", "");
	CHECK_TABLE("why\tid\r\n\n# a comment\n \t \nc\ta\r\n", "a//c;", "");
	CHECK_TABLE("what\tid\nb\n", "/b/;", "");	/* trailing empties */
	CHECK_TABLE("id\twhat\n a \t b\\tc\n", "a/b\\tc/;", "");
	CHECK_TABLE("id\na", "a//;", "");
	CHECK_TABLE("", "", "0: no header: the first line must name the columns\n");
	CHECK_TABLE("# nothing\n", "", "1: no header: the first line must name the columns\n");
	CHECK_TABLE("id\thwat\tid\na\tb\tc\n", "a//;",
	    "1: unknown column \"hwat\": none of id, what, why\n1: column \"id\" stands twice\n");
	CHECK_TABLE("id what\na\n", "//;", "1: unknown column \"id what\": one tab stands between two names\n");
	CHECK_TABLE("id\twhat\na\tb\tc\nd\te\nx\\y\t\nf\tg\n\xff\n", "d/e/;f/g/;",
	    "2: 3 fields under a header of 2 columns: one tab stands between two fields\n"
	    "4: field 1 is not UTF-8 or has a bad escape: a backslash is written \\\\\n"
	    "6: field 1 is not UTF-8 or has a bad escape: a backslash is written \\\\\n");
	CHECK_TABLE("id\na\0b\n", "", "2: field 1 is not UTF-8 or has a bad escape: a backslash is written \\\\\n");
	test_long();
	return test_end();
}
