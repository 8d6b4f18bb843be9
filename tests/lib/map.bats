load ../helper

@test "map: the unit test holds" { unit map; }
