load ../helper

@test "emit: the configuration of nginx and the module in JavaScript, word for word, and what nginx cannot do" { unit emit; }
