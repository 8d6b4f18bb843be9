load ../helper

@test "keyrules: a file is read, and every mistake is said with its line" { unit keyrules; }
