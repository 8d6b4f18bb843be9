load ../helper

@test "place: a row's experiment by endpoint and time, its cohort with washouts and exchanges" { unit place; }
