load ../helper

@test "promtext: the unit test holds" { unit promtext; }
