load ../helper

@test "cell: sums are those of brute force; parts merged in any order, as cells or as rows, are the whole; what does not fit is said" {
	unit cell
}
