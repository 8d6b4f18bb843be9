load ../helper

@test "promset: the unit test holds" { unit promset; }
