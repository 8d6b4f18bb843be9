load ../helper

@test "table: a table by hand is read, and every mistake is said with its line" { unit table; }
