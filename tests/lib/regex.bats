load ../helper

@test "regex: groups, names, bytes, and a pattern that would run for ever gives up" { unit regex; }
