load ../helper

@test "cells: any budget of memory, any order of input: the cells, their order and totals are those of plain arrays" {
	unit cells
}
