load ../helper

@test "order: cells come as cell_cmp() has them, whatever their labels" {
	unit order
}
