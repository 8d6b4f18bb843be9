load ../helper

@test "keyrow: the columns that rules ask for, and what stands behind their escapes" { unit keyrow; }
