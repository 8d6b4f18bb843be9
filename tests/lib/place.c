/* place: experiments by endpoint and time, keys to cohorts. */
#include "place.h"

#include <unistd.h>

#include "str.h"
#include "test.h"

#define HEAD	"name\tcohorts\tstatus\tstart\tduration\t"
#define HALF	"control:50:5m,treatment:50:10m\t"
#define RUNS	"running\t1000\t1d\t"
#define SEC	INT64_C(1000000)

static char said[16384];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

static void
write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool
load(struct experiments *x, const char *text)
{
	char path[] = "/tmp/cmon-experiments-XXXXXX";
	bool ok;

	write_file(path, text);
	said[0] = '\0';
	ok = experiments_read(x, path, say);
	CHECK(ok == (said[0] == '\0'));
	unlink(path);
	return ok;
}

static const struct experiment *
find(const struct places *p, const char *endpoint, int64_t at_s)
{
	return places_find(p, str_of(endpoint), at_s * SEC);
}

/* By endpoint, and the earliest that has not ended. */
static void
test_find(void)
{
	struct experiments x;
	struct places p;

	CHECK(load(&x, HEAD "endpoint\n"
	    "late\t" HALF "running\t2000\t1000s\te\n"
	    "early\t" HALF "running\t1000\t1000s\te\n"
	    "any\t" HALF "running\t5000\t100s\t\n"
	    "other\t" HALF "running\t1000\t1000s\tf\n"
	    "draft\t" HALF "draft\t\t\tg\n"));
	CHECK(places_open(&p, &x, NULL));
	CHECK_STR(find(&p, "e", 0)->name, "early");
	CHECK_STR(find(&p, "e", 1999)->name, "early");
	CHECK_STR(find(&p, "e", 2000)->name, "late");
	CHECK_STR(find(&p, "e", 3000)->name, "any");
	CHECK_STR(find(&p, "f", 1999)->name, "other");
	CHECK_STR(find(&p, "f", 2000)->name, "any");
	CHECK_STR(find(&p, "g", 0)->name, "any");
	CHECK_STR(find(&p, "", 5099)->name, "any");
	CHECK(find(&p, "g", 5100) == NULL);
	CHECK(places_have(&p, experiments_named(&x, STR("other"))));
	CHECK(!places_have(&p, experiments_named(&x, STR("draft"))));
	places_close(&p);
	CHECK(places_open(&p, &x, "draft"));
	CHECK_STR(find(&p, "g", 9000)->name, "draft");
	CHECK(!find(&p, "e", 0));
	places_close(&p);
	CHECK(!places_open(&p, &x, "nobody"));
	CHECK(!find(&p, "e", 0));
	places_close(&p);
	places_close(&p);
	experiments_free(&x);
}

static struct placed
place(struct places *p, const char *key, int64_t at_s)
{
	struct placed got = { 0 };

	CHECK(places_key(p, &p->x->e[0], str_of(key), at_s * SEC, &got));
	return got;
}

static void
test_place(void)
{
	struct experiments x;
	struct places p;

	CHECK(load(&x, HEAD "period\tsalt\n"
	    "x\tcontrol:50:10s,treatment:50:20s\trunning\t1000\t10000s\t1000s\tttl-items\n"));
	CHECK(places_open(&p, &x, NULL));
	/* product:42 is in the treatment; the phase is for sha256sum to say. */
	CHECK_INT(x.e[0].assign.phase, 1);
	CHECK(place(&p, "product:42", 0).arm == 0 && place(&p, "product:42", 0).ttl_of == 0);
	CHECK(place(&p, "product:42", 999).arm == 0 && place(&p, "product:42", 999).ttl_of == 0);
	CHECK(place(&p, "product:42", 1000).arm == PLACE_WASHOUT);
	CHECK(place(&p, "product:42", 1000).ttl_of == 1);
	CHECK(place(&p, "product:42", 1019).arm == PLACE_WASHOUT);
	CHECK(place(&p, "product:42", 1020).arm == 1 && place(&p, "product:42", 1020).ttl_of == 1);
	CHECK(place(&p, "product:42", 2019).arm == PLACE_WASHOUT);
	CHECK(place(&p, "product:42", 2020).arm == 0);
	CHECK(place(&p, "product:42", 10999).arm == 0 && place(&p, "product:42", 11000).ttl_of == 0);
	CHECK(place_washout(&p.x->e[0], 1, 999 * SEC) == 1 && place_washout(&p.x->e[0], 1, 1000 * SEC) == PLACE_WASHOUT);
	CHECK(place_washout(&p.x->e[0], PLACE_PINNED, 1000 * SEC) == PLACE_PINNED);
	CHECK(place_washout(&p.x->e[0], 0, 1020 * SEC) == 0);
	CHECK(place(&p, "product:42", 1020).hash == UINT64_C(0x84e210f2554dcf58));
	places_close(&p);
	experiments_free(&x);
}

/* No key's arm changes within a window that contains no change. */
static void
test_changes(void)
{
	struct experiments x;
	struct places p;
	int changes = 0;

	CHECK(load(&x, HEAD "period\nx\tcontrol:1:3s,treatment:1:5s\trunning\t95\t100s\t30s\n"));
	CHECK(places_open(&p, &x, NULL));
	for (int64_t s = 0; s < 200; s++) {
		int64_t next = place_next_change(&x.e[0], s * SEC);
		bool over = !find(&p, "", s + 1);

		CHECK(next > s * SEC && (next == INT64_MAX) == (s >= 195));
		if (next == INT64_MAX)
			continue;
		changes += next == (s + 1) * SEC;
		CHECK(over == (s + 1 >= 195));
		if (next > (s + 1) * SEC)
			CHECK(place(&p, "a", s).arm == place(&p, "a", s + 1).arm);
		else if (!over && s + 1 != 95)
			CHECK(place(&p, "a", s).arm != place(&p, "a", s + 1).arm);
	}
	/* Turns at 30, 60, ..., 180 and the ends of washouts from 95 on, start and end. */
	CHECK_INT(changes, 6 + 4 + 2);
	places_close(&p);
	experiments_free(&x);
}

static void
test_words(void)
{
	struct experiments x;
	static const int outside[] = { ASSIGN_UNEXPOSED, PLACE_PINNED, PLACE_WASHOUT, PLACE_UNKNOWN };

	CHECK(load(&x, HEAD "note\nx\t" HALF RUNS "\n"));
	CHECK_STR(place_word(&x.e[0], 1), "treatment");
	CHECK_STR(place_word(&x.e[0], ASSIGN_NONE), "");
	CHECK_STR(place_word(&x.e[0], PLACE_PINNED), "(pinned)");
	CHECK(place_arm(&x.e[0], STR("treatment")) == 1);
	CHECK(place_arm(&x.e[0], STR("nobody")) == PLACE_UNKNOWN);
	for (size_t i = 0; i < countof(outside); i++)
		CHECK(place_arm(&x.e[0], place_word(&x.e[0], outside[i])) == outside[i]);
	CHECK(place_arm(&x.e[0], STR("")) == ASSIGN_NONE);
	experiments_free(&x);
}

int
main(void)
{
	test_find();
	test_place();
	test_changes();
	test_words();
	return test_end();
}
