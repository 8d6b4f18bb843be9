load ../helper

@test "prop: shares near 0 and 1 keep their digits, limits satisfy their definitions, undefined is NaN" {
	unit prop
}
