load ../helper

@test "report: columns by name and by statistic; what cannot stand together is said" {
	unit report
}
