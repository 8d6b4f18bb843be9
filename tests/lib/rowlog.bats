load ../helper

@test "rowlog: a file that grows by whole runs, by one at a time, and keeps what it has" { unit rowlog; }
