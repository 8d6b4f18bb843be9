load ../helper

@test "quote: every text means itself, or cannot be said" { unit quote; }
