load ../helper

@test "ttl: the best ttl is the least on a grid, and its shares are what a simulation counts" {
	unit ttl
}
