load ../helper

@test "partial: text there and back; one changed byte of a row, and a cut at any byte, are found" {
	unit partial
}
