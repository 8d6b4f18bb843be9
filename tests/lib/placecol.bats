load ../helper

@test "placecol: every column says what the experiment and the key give" { unit placecol; }
