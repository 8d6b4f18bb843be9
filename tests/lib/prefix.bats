load ../helper

@test "prefix: what stands in front of a line is cut, and nothing else" { unit prefix; }
