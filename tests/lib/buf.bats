load ../helper

@test "buf: the unit test holds" { unit buf; }
