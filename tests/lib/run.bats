load ../helper

@test "run: up to 64 files of cells come back in order, equal ones merged, labels of any length" {
	unit run
}
