load ../helper

@test "select: labels that are not named must be empty" { unit select; }
