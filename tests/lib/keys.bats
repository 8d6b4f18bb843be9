load ../helper

@test "keys: the first rule that matches, its endpoint and its key" { unit keys; }
