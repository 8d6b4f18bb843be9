load ../helper

@test "experiment: the file as the manual says, every mistake with its line" { unit experiment; }
