/*
 * Any rules over any URLs: the first lines of the input, up to an empty one,
 * are a file of rules, each line of the rest a URL.  The key without rules is
 * its own key; fields are the same, escaped; the replay holds.
 */
#include <stdlib.h>
#include <unistd.h>

#include "keyfields.h"
#include "keys.h"
#include "mem.h"
#include "replay.h"
#include "scan.h"
#include "str.h"
#include "tsv.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
say(const char *text)
{
	must(*text != '\0');
}

static struct str
slack(struct buf *b, struct str s)
{
	buf_reset(b);
	buf_add(b, s);
	memset(buf_room(b, SCAN_SLACK), '/', SCAN_SLACK);
	return (struct str){ b->p, s.n };
}

static void
check_fields(struct keyfields *f, struct keys *k, const struct key_rule *rule, struct buf b[3], bool as_is)
{
	buf_reset(&b[1]);
	keys_key(k, rule, NULL, &b[1]);
	must(b[1].n <= KEYS_TEXT_MAX);
	must(str_eq(keyfields_key(f, rule, as_is), keyfields_escape(&b[2], buf_str(&b[1]))));
	must(tsv_is_escaped(buf_str(&b[2])));
	buf_reset(&b[1]);
	keys_endpoint(k, rule, &b[1]);
	must(str_eq(keyfields_endpoint(f, rule), keyfields_escape(&b[2], buf_str(&b[1]))));
}

static void
read_url(struct keys *k, struct keyfields *f, struct replay *r, struct buf b[3], struct str url)
{
	struct keys_event e = { slack(&b[0], url), STR("Host"), STR("GET") };
	struct replay_event event = { .logged = true, .outcome = OUTCOME_MISS, .comparable = true };
	const struct key_rule *rule;

	keys_take(k, &e);
	rule = keys_find(k);
	check_fields(f, k, rule, b, tsv_is_escaped(e.url) && str_chr(e.url, '\\') == e.url.n);
	event.endpoint = buf_str(&b[2]);
	must(replay_add(r, k, rule, &event));

	buf_reset(&b[1]);
	buf_reset(&b[2]);
	keys_key(k, NULL, NULL, &b[1]);
	e.url = slack(&b[0], buf_str(&b[1]));
	keys_take(k, &e);
	keys_key(k, NULL, NULL, &b[2]);
	must(str_eq(buf_str(&b[1]), buf_str(&b[2])));
}

static void
read_urls(const struct keyrules *rules, struct str urls)
{
	struct buf b[3];
	struct keyfields f;
	struct replay r;
	struct keys k;
	struct str url;

	for (size_t i = 0; i < 3; i++)
		buf_init(&b[i], SIZE_MAX);
	keys_open(&k, rules);
	keyfields_open(&f, &k);
	must(replay_open(&r, 10, SIZE_MAX));
	r.rules = true;
	while (str_cut(&urls, '\n', &url))
		read_url(&k, &f, &r, b, url);
	replay_sort(&r);
	replay_close(&r);
	keyfields_close(&f);
	keys_close(&k);
	for (size_t i = 0; i < 3; i++)
		buf_free(&b[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char path[] = "/tmp/cmon-fuzz-keys-XXXXXX";
	char name[sizeof(path)];
	struct str all = { (const char *)data, n };
	size_t end = str_find(all, STR("\n\n"));
	struct keyrules rules;
	int fd;

	memcpy(name, path, sizeof(path));
	fd = mkstemp(name);
	must(fd != -1 && write(fd, data, end) == (ssize_t)end);
	close(fd);
	if (keyrules_read(&rules, name, say))
		read_urls(&rules, end < n ? str_from(all, end + 2) : all);
	unlink(name);
	keyrules_free(&rules);
	return 0;
}
