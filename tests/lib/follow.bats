load ../helper

@test "follow: windows leave when they are over, again when they change, and are forgotten by halves" {
	unit follow
}
