load ../helper

@test "event: columns, values and room of a row; formats by name" { unit event; }
