load ../helper

@test "compare: each method finds what its formulas say; permutation where keys are few or skewed" { unit compare; }
