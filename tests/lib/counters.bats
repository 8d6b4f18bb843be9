load ../helper

@test "counters: what a row has, what follows, what is missing or cannot be" { unit counters; }
