/* prices: what one of each costs, and every mistake with its line. */
#include "prices.h"

#include "cell.h"
#include "figure.h"
#include "str.h"
#include "stream.h"

#define HEAD	"what\ttier\tprice_usd\tper\tnote\n"
#define BIT(k)	(UINT32_C(1) << (k))

static char said[4096];

static void
say(const char *text)
{
	strncat(said, strchr(text, ':') + 1, sizeof(said) - strlen(said) - 2);
	strncat(said, "\n", sizeof(said) - strlen(said) - 2);
}

static void
load(struct prices *p, const char *text, const char *complaints)
{
	char path[] = FILE_NAME;

	file_write(path, text);
	said[0] = '\0';
	CHECK(prices_read(p, path, say) == (*complaints == '\0'));
	CHECK_STR(str_of(said), complaints);
	unlink(path);
}

static void
test_prices(void)
{
	struct prices p;

	load(&p, HEAD "requests\t\t0.3\t1000000\n# none\nbytes\t\t0.08\t1GB\ttraffic\n"
	    "misses\torigin\t2\nhit_bytes\tkv\t0\t1\n", "");
	CHECK_INT(p.n, 4);
	CHECK(p.price[0].usd == 0.3 / 1e6 && p.price[0].counters == BIT(CELL_REQUESTS));
	CHECK(p.price[0].tier.n == 0 && p.price[0].from == 0);
	CHECK(p.price[1].usd == 0.08 / 1e9 && p.price[1].counters == BIT(CELL_BYTES));
	CHECK(p.price[1].from == FIGURE_BYTES);
	CHECK(p.price[2].usd == 2 && p.price[2].from == FIGURE_CACHE);
	CHECK_STR(p.price[2].tier, "origin");
	CHECK(p.price[3].usd == 0 && p.price[3].from == (FIGURE_BYTES | FIGURE_CACHE));
	prices_free(&p);
	prices_free(&p);
}

static void
test_wrong(void)
{
	struct prices p;

	load(&p, HEAD "storage\t\t1\n",
	    "2: column \"what\": not one of requests, hits, misses, passes, errors, bytes, hit_bytes, "
	    "miss_bytes: \"storage\"\n2: no price\n");
	prices_free(&p);
	load(&p, HEAD "requests\t\t-1\nrequests\t\tx\nrequests\t\t1\t0\nrequests\t\t1\t1e-320\nhits\t\t1\n",
	    "2: column \"price_usd\": not a number from 0 up: \"-1\"\n"
	    "3: column \"price_usd\": not a number from 0 up: \"x\"\n"
	    "4: column \"per\": not above 0: \"0\"\n"
	    "5: column \"per\": the price of one is beyond all numbers\n");
	CHECK_INT(p.n, 1);
	prices_free(&p);
}

int
main(void)
{
	test_prices();
	test_wrong();
	return test_end();
}
