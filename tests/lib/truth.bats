load ../helper

@test "statistics: every known result is met at its own tolerance" {
	"$CMON_UNIT/truth" "$ROOT/tests/data/stats/special.tsv"
}
