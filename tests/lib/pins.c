/* pins: which rows are keys, and every mistake with its line. */
#include "pins.h"

#include "msg.h"
#include "str.h"
#include "stream.h"

static char said[4096];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

/* The keys, each with a newline, and the complaints. */
static void
check(const char *text, const char *keys, const char *complaints)
{
	const struct hash_key any = { { 1, 2 } };
	char path[] = FILE_NAME, got[256] = "";
	struct map pins;

	file_write(path, text);
	map_init(&pins, &any);
	said[0] = '\0';
	CHECK(pins_read(&pins, path, say) == (*complaints == '\0'));
	for (uint32_t i = 0; i < pins.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s\n", STRF(map_key(&pins, i)));
	CHECK_STR(str_of(got), keys);
	CHECK_STR(str_of(said), complaints);
	map_free(&pins);
	unlink(path);
}

int
main(void)
{
	check("key\na\n\n# b\na\nc\n", "a\nc\n", "");
	check("key\ttime\twindow\trequests\na\t1\t60\t9\n\t1\t60\t9\n(none)\t1\t60\t9\n(other)\t1\t60\t9\n",
	    "a\n", "");
	check("n\tkey\n5\ta\\tb\\xFF\n", "a\tb\377\n", "");
	check("key\n", "", "");
	check("url\na\n", "", "1: the first line must name the columns, one of them \"key\"\n");
	check("", "", "0: the first line must name the columns, one of them \"key\"\n");
	check("n\tkey\n5\n6\ta\\q\n7\tok\n", "ok\n",
	    "2: no field under \"key\"\n3: a bad escape: a backslash is written \\\\\n");
	check("key\na\nb", "a\nb\n", "3: the last line has no newline: it was cut short\n");
	return test_end();
}
