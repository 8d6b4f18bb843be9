load ../helper

@test "csv: rows, faults and lines, wherever the blocks are cut" { unit csv; }

@test "csv: Python's csv reads the same rows from thousands of documents" {
	command -v python3 >/dev/null || skip "no python3"
	python3 "$ROOT/tests/lib/csv_truth.py" make >"$BATS_TEST_TMPDIR/in"
	"$CMON_UNIT/csv" "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	python3 "$ROOT/tests/lib/csv_truth.py" check "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}
