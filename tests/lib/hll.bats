load ../helper

@test "hll: counts are within 4 standard errors, sparse or dense, in any merge order, and corrupt bytes are refused" {
	unit hll
}
