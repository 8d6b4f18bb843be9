load ../helper

@test "watch: the newest figures are those that looking through all rows finds" { unit watch; }
