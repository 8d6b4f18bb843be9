load ../helper

@test "rules: every mistake in a rule is said with its line and what to write" { unit rules; }
