load ../helper

@test "zone: windows of places and what their clocks show agree with libc and with Python's zoneinfo" {
	unit zone
}
