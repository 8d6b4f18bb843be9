load ../helper

@test "when: every day from 1970 to 2200, every log's time and the windows of places agree with other clocks" {
	unit when
}
