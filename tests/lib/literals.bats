load ../helper

@test "literals: in one walk, the same as comparing with each text" { unit literals; }
