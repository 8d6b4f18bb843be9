load ../helper

@test "seq: the published bounds, and a null walked many times is seldom rejected" {
	unit seq
}
