load ../helper

@test "verdict: a row is read as it was written, and what is no verdict is refused" { unit verdict; }
