/* account: reasons are counted, the sum is said, shares are right. */
#include "account.h"

#include "test.h"

int
main(void)
{
	struct account a = { .lines = 0 };
	struct buf b;
	char why[ACCOUNT_WHY_MAX * 2];

	buf_init(&b, 4096);
	CHECK(account_rejected_pct(&a) == 0);
	account_summary(&a, &b);
	CHECK_STR(buf_str(&b), "0 lines: 0 records");

	a = (struct account){ .lines = 1, .records = 1 };
	buf_reset(&b);
	account_summary(&a, &b);
	CHECK_STR(buf_str(&b), "1 line: 1 record");

	a = (struct account){ .lines = 20, .records = 9, .left_out = 3, .aside = 2, .incomplete = 1,
		.too_long = 1, .rejected = 0 };
	account_reject(&a, "x.log", 7, STR("a"), "no b");
	account_reject(&a, "x.log", 8, STR("a"), "no c");
	account_reject(&a, "y.log", 9, STR("a"), "no b");
	a.rejected++;
	buf_reset(&b);
	account_summary(&a, &b);
	CHECK_STR(buf_str(&b), "20 lines: 9 records, 3 left out, 2 blank or no record, "
	    "1 incomplete (no newline at the end), 4 rejected (no b: 2; no c: 1; "
	    "over --max-line: 1; first at x.log:7)");
	CHECK(account_rejected_pct(&a) == 25);

	/* More reasons than are told apart, and longer ones, are counted all the same. */
	for (unsigned i = 0; i < ACCOUNT_REASONS + 5; i++) {
		memset(why, 'x', sizeof(why) - 1);
		why[sizeof(why) - 1] = '\0';
		why[0] = (char)('a' + i);
		account_reject(&a, "x.log", i, STR("a"), why);
		account_reject(&a, "x.log", i, STR("a"), why);
	}
	buf_reset(&b);
	account_summary(&a, &b);
	CHECK_INT(a.rejected, 4 + 2 * (ACCOUNT_REASONS + 5));
	CHECK(strstr(b.p, "other reasons: 14") != NULL);
	buf_free(&b);
	return test_end();
}
