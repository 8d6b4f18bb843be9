load ../helper

@test "ttlfile, change, render: TTLs are read, changed, and written as caches read them" { unit ttlfile; }
