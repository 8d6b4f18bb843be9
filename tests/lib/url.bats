load ../helper

@test "url: targets of every form are taken apart, and their normal forms are their own" { unit url; }
