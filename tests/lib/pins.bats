load ../helper

@test "pins: a file of keys, whatever else its rows say, and every mistake" { unit pins; }
