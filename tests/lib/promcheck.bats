load ../helper

@test "promcheck: the unit test holds" { unit promcheck; }
