load ../helper

@test "bulletin: a report has its tables, and what its reader missed since the last one, and nobody else" {
	"$CMON_UNIT/bulletin" "$BATS_TEST_TMPDIR"
}
