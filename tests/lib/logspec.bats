load ../helper

@test "logspec: specifications, tables, JSON keys" { unit logspec; }
