load ../helper

@test "when: every day from 1970 to 2200 and every log's time agree with other clocks" {
	unit when
}
