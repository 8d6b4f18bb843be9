load ../helper

@test "logfmt: formats compile, lines are cut where they should be" { unit logfmt; }
