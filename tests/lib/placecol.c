/* placecol: columns by name, their texts. */
#include "placecol.h"

#include "str.h"
#include "test.h"

static struct experiment e;

static void
says(const char *name, struct placed at, bool hashed, const char *want)
{
	char room[NUM_MAX];
	struct placecol c;

	CHECK(placecol_of(&c, str_of(name)));
	CHECK_STR(c.name, name);
	CHECK_STR(placecol_text(&c, &e, &at, hashed, room), want);
}

int
main(void)
{
	struct placed in = { 1, 1, UINT64_C(0x0123456789abcdef) }, pinned = { PLACE_PINNED, 0, 7 };
	struct placecol c;

	e.name = e.field[EXPERIMENT_NAME] = STR("x");
	e.field[EXPERIMENT_NOTE] = STR("a\\tb");
	e.assign.n = 2;
	e.cohort[0].ttl_s = EXPERIMENT_NO_TTL;
	e.cohort[1].name = STR("treatment");
	e.cohort[1].ttl = STR("10m");
	e.cohort[1].ttl_s = 600;
	says("experiment", in, true, "x");
	says("name", in, true, "x");
	says("note", in, true, "a\\tb");
	says("owner", in, true, "");
	says("cohort", in, true, "treatment");
	says("cohort", pinned, true, "(pinned)");
	says("ttl", in, true, "10m");
	says("ttl_s", in, true, "600");
	says("ttl_s", pinned, true, "");
	says("ttl", pinned, true, "");
	says("hash", in, true, "0123456789abcdef");
	says("hash", in, false, "");
	says("bucket", in, true, "0.004444444444444362");
	says("bucket", in, false, "");
	e.assign.scheme = ASSIGN_NGINX;
	says("hash", pinned, true, "7");
	e.assign.scheme = ASSIGN_DOC255_LE;
	says("hash", pinned, true, "07");
	says("bucket", (struct placed){ 0, 0, 255 }, true, "1");
	CHECK(!placecol_of(&c, STR("nobody")) && !placecol_of(&c, STR("")));
	return test_end();
}
