load ../helper

@test "keyfields: what keys makes, escaped, whichever way it comes about" { unit keyfields; }
