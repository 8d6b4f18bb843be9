load ../helper

@test "judge: thousands of random lives agree with a reading that counts time" { unit judge; }
