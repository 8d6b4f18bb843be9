load ../helper

@test "decisions, batch: what was written down is read again; files are replaced together" { unit decisions; }
