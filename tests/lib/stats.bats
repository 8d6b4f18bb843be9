load ../helper

@test "stats: small tails stay small, undefined is NaN, noise on a large offset keeps its variance" {
	unit stats
}
