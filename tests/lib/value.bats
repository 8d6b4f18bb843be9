load ../helper

@test "value: requests, addresses, durations, redaction and escapes" { unit value; }
