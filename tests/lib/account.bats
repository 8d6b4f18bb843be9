load ../helper

@test "account: every line is accounted for" { unit account; }
