load ../helper

@test "num: every number read and written agrees with wide arithmetic, strtod and printf" {
	unit num
}
