load ../helper

@test "definition: what decides which TTL a key has, and nothing else, makes another experiment" { unit definition; }
