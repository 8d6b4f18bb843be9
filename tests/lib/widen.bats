load ../helper

@test "widen: columns at the end of events, left of the time of metrics, or in place" { unit widen; }
