load ../helper

@test "alerts: rows and labels go there and back" { unit alerts; }
