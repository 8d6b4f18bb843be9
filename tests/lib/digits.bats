load ../helper

@test "digits: what it reads is what num reads; every number of 8 bytes and 3 decimals is read" {
	unit digits
}
