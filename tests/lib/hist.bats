load ../helper

@test "hist: every bin edge agrees with 32nd powers, any quantile is within 1.09 %, any merge order gives the same counts, corrupt bytes are refused" {
	unit hist
}
