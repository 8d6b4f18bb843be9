load ../helper

@test "metric: what events and totals by key add to each metric, and what a header lacks for it" { unit metric; }
