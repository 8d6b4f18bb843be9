load ../helper

@test "outcome: words of every product, files of words, counts of unknown ones" { unit outcome; }
