load ../helper

@test "template: places, what becomes of them, and every mistake" { unit template; }
