load ../helper

@test "sheet: rows are tables with dates and totals, and what is not shown is counted" { "$CMON_UNIT/sheet" "$BATS_TEST_TMPDIR/t"; }
