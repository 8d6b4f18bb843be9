load ../helper

@test "mem: the unit test holds" { unit mem; }
