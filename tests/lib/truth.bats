load ../helper

@test "statistics: every known result is met at its own tolerance" {
	"$CMON_UNIT/truth" "$ROOT"/tests/data/stats/{cases,special}.tsv
}

@test "statistics: a table that disagrees, or asks for what is not computed, fails" {
	header=$(tsv case func inputs output expected rtol source)
	row() { printf '%s\n' "$header" "$(tsv "$@")" > "$BATS_TEST_TMPDIR/t.tsv"; }
	row X1 norm_quantile p=0.5 x 0 1e-9 none
	"$CMON_UNIT/truth" "$BATS_TEST_TMPDIR/t.tsv"
	row X2 norm_quantile p=0.5 x 0.001 1e-9 none
	run ! "$CMON_UNIT/truth" "$BATS_TEST_TMPDIR/t.tsv"
	[[ $output == *"X2 norm_quantile x: got 0, want 0.001"* ]]
	row X3 norm_quantile p=0.5 y 0 1e-9 none
	run ! "$CMON_UNIT/truth" "$BATS_TEST_TMPDIR/t.tsv"
	row X4 no_such_func p=0.5 x 0 1e-9 none
	run ! "$CMON_UNIT/truth" "$BATS_TEST_TMPDIR/t.tsv"
	[[ $output == *"X4: nothing computes x of no_such_func"* ]]
}
