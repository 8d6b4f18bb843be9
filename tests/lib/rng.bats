load ../helper

@test "rng: the published vectors, no bias, never 1" {
	unit rng
}
