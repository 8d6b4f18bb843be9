load ../helper

@test "recent: the last windows, by time, and the rows of the last one; what is wrong is said" { "$CMON_UNIT/recent" "$BATS_TEST_TMPDIR/t"; }
