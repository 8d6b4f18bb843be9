load ../helper

@test "ratio: one request a key is Welch, equal ratios have no variance, CUPED and crossover are their formulas" {
	unit ratio
}
