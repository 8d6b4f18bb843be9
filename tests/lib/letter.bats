load ../helper

@test "letter: the same words twice; nothing of strangers' begins a line or a tag; every letter has an end" { unit letter; }
