load ../helper

@test "prices: what one of each costs, and every mistake" { unit prices; }
