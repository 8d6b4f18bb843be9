/*
 * Any bytes as a line: the scan and the walk agree on it, values lie inside
 * the line, and text never grows when unescaped.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "scan.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
check_value(struct str line, const struct json_value *v, char *room)
{
	if (v->kind == JSON_ABSENT)
		return;
	must(v->raw.p >= line.p && v->raw.p + v->raw.n <= line.p + line.n);
	if (v->kind == JSON_STRING)
		must(json_unescape(v->raw, room) <= v->raw.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct json_paths want;	/* keeps what it learns from line to line */
	struct json_value out[JSON_PATHS_MAX], key;
	char *copy = malloc(n + SCAN_SLACK), *room = malloc(n + 1);
	struct str line = { copy, n };
	enum json_verdict verdict;
	struct json_walk w;
	const char *why;
	size_t at = 0;

	must(copy && room);
	if (want.npaths == 0)
		must(json_want(&want, STR("a.b[1]"), &why) == 0 && json_want(&want, STR("c"), &why) == 1);
	if (n)
		memcpy(copy, data, n);
	memset(copy + n, n % 2 ? '}' : '"', SCAN_SLACK);
	verdict = json_scan(&want, line, out, &at);
	must(at <= n);
	for (size_t i = 0; verdict == JSON_OK && i < want.npaths; i++)
		check_value(line, &out[i], room);
	for (json_walk_open(&w, line); json_next_key(&w, &key, &out[0]);) {
		check_value(line, &key, room);
		check_value(line, &out[0], room);
	}
	must(w.verdict == verdict && w.at == at);
	free(copy);
	free(room);
	return 0;
}
