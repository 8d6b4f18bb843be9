load ../helper

@test "varint: numbers come back, in the bytes of DWARF, and only in their shortest form" {
	unit varint
}
