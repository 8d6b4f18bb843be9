load ../helper

@test "logvar: variables fill the columns they should" { unit logvar; }
