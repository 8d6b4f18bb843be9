load ../helper

@test "replay: a copy that is fresh is shared, one's own that is fresh is not missed twice" { unit replay; }
