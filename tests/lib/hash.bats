load ../helper

@test "hash: SipHash-1-3 agrees with the paper's algorithm and with Python's hash, at every length" {
	unit hash
}
