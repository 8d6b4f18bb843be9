load ../helper

@test "limit: the first values stay, later ones are (other), and no byte too many" { unit limit; }
