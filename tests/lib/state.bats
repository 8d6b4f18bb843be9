load ../helper

@test "state: damage at any byte is seen, and the former file helps out" { unit state; }
