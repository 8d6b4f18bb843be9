load ../helper

@test "assign: every published vector of the five schemes, hash, bucket and cohort" {
	"$CMON_UNIT/assign" "$ROOT/tests/data/cohort/vectors.tsv"
}
