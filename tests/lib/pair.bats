load ../helper

@test "pair: the keys of control and treatment, and why they cannot be compared" { unit pair; }
