load ../helper

@test "prom: the unit test holds" { unit prom; }
