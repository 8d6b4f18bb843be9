load ../helper

@test "due: what is told for each thing known and each thing said; open messages, repeats, types, reports, clocks" {
	"$CMON_UNIT/due" "$BATS_TEST_TMPDIR"
}
