load ../helper

@test "mail: a message byte by byte, and the same as JSON; nothing begins a header; the longest letter fits" { unit mail; }
