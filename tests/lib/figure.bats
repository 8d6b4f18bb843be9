load ../helper

@test "figure: roundings at their edges, quantiles against sorting, names that are none" {
	unit figure
}
