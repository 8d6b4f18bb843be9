load ../helper

@test "tally: times, words, numbers, weights and labels of events are what they say, or said to be none" {
	unit tally
}
