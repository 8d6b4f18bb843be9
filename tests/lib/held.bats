load ../helper

@test "held: what has begun is kept, changes are told, a busy file is left alone" { unit held; }
