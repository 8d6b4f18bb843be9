load ../helper

@test "armtab: totals by key, cohort and time; keys that moved are out; one order whatever came first" { unit armtab; }
