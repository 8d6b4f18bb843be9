load ../helper

@test "json: values, escapes, paths; bad lines and where they break" { unit json; }

@test "json: Python's json reads the same from thousands of mutated lines" {
	command -v python3 >/dev/null || skip "no python3"
	python3 "$ROOT/tests/lib/json_truth.py" make >"$BATS_TEST_TMPDIR/in"
	"$CMON_UNIT/json" "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	python3 "$ROOT/tests/lib/json_truth.py" check "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}
