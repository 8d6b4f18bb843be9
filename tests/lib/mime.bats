load ../helper

@test "mime: the unit test holds" { unit mime; }

@test "mime: Python's mail parser reads 300 random letters as they were meant, without a defect" {
	python3 "$ROOT/tests/lib/mime_truth.py" "$CMON_UNIT/mime" 300
}
