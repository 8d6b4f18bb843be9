load ../helper

@test "in: the unit test holds" { unit in; }
