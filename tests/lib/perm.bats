load ../helper

@test "perm: p is that of all relabellings, holds a skewed null at 5 %, and a seed gives it again" {
	unit perm
}
