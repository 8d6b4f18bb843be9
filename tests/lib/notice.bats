load ../helper

@test "notice: a message says what is new, what is over, what is late and what fires besides; of many, none is lost" { unit notice; }
