load ../helper

@test "deal: sets have their size, and each of one size is as likely" { unit deal; }
