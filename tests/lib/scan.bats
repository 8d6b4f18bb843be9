load ../helper

@test "scan: the unit test holds" { unit scan; }
