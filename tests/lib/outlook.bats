load ../helper

@test "outlook: rows before the start, keys that an experiment deals, days, reasons" { unit outlook; }
