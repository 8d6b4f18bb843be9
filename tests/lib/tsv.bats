load ../helper

@test "tsv: the unit test holds" { unit tsv; }
