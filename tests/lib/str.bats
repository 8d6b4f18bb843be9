load ../helper

@test "str: the unit test holds" { unit str; }
