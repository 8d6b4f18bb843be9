load ../helper

@test "trial: Welch, Fieller, quantiles, sample ratio and adjusted p agree with brute force; undefined has a reason" {
	unit trial
}
