load ../helper

@test "silence: matchers mute what they say, and the file goes there and back" { unit silence; }
