load ../helper

@test "winners, decide: the newest verdict counts, it holds or says why not, and its row is right" { unit winners; }
