load ../helper

@test "out: the unit test holds" { unit out; }
