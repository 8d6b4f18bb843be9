load ../helper

@test "assess: each condition of a promotion by itself, guardrails, and what makes all invalid" { unit assess; }
