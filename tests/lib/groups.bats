load ../helper

@test "groups: each expected combination stands in every window, and beyond so many groups all is (other)" {
	unit groups
}
